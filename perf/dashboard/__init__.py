"""What the dashboard costs beside a live engine, in a real terminal."""
