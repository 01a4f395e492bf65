"""Commands about what is said: say, recordings, templates."""
