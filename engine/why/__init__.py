"""Why somebody was or was not called, from the facts and the plans."""
