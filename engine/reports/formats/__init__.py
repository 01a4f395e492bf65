"""How a report is written: one file a format, every one streamed to a text file."""
