"""What the door tells of the running engine: facts in words, pages of events, figures."""
