"""Schedules: when templates are sent by themselves, and the one scheduler that does it."""
