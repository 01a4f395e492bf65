"""What several screens are made of: a list of rows, the hand on jobs, files that are written beside the screen."""
