"""A make-believe district of any size, written as a OneRoster 1.2 bundle: for demos, drills, measurements and tests."""

from engine.roster.sample.district import SampleSummary, write_sample

__all__ = ["SampleSummary", "write_sample"]
