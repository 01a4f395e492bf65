"""The plain line mode: what happens, a line each, for screen readers and logs."""
