"""Orders at the door: each acts once, and says what became of it, also after a restart."""
