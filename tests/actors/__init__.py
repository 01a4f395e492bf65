"""Tests of the life."""
