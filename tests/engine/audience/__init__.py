"""Tests of `engine.audience`."""
