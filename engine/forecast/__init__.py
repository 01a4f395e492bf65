"""Forecasts: when a message will have reached how many, from the real parts on a virtual clock."""
