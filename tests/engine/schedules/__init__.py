"""Tests of the schedules and of the lease."""
