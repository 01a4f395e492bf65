"""Where the door stands, and who lets connections in."""
