"""What the district's calls were like so far, and what is taken for granted where there were none."""
