"""An engine killed in the middle of its work, and the next one on the same store."""
