"""Forecasts: what they rest on, the run on paper, what is said of it, and how it is scored."""
