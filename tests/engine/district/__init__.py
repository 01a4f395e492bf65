"""Tests of what a district sets and is allowed."""
