"""One chain: its situation, its one cause in words, and its next ring."""
