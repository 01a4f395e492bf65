"""What the screens of jobs, of the log and of the engine's health say, line by line: pure functions."""
