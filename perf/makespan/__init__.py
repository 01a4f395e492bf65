"""A day of calls on a virtual clock: how near the lines come to never being idle."""
