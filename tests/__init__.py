"""Tests mirror the tree; `fakes.py` speaks phone language."""
