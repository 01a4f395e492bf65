"""The compose wizards: a message from whom it is for to its first call."""
