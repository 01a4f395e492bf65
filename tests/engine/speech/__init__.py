"""Tests of `engine.speech`."""
