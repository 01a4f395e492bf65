"""The confirmation ladder, in phone language."""
