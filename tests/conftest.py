"""Teaches the tests to print the checklist, and to try out that printing itself."""

pytest_plugins = ("tests.checklist", "pytester")
