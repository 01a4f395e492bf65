"""Commands that set a district up and keep it running."""
