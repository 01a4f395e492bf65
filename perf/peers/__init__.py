"""The workload in what a Python team would pick instead of callchain."""
