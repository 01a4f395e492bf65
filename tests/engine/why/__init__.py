"""Why somebody was or was not called."""
