"""What is asked before something is done, and what is asked for by name."""
