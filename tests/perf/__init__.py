"""Tests of the performance harness."""
