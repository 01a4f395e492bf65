"""Reports written in every format."""
