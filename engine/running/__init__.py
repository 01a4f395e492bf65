"""An engine at work: its store opened, its actors alive, its jobs found again."""
