"""From a message and a roster to frozen plans."""
