"""The store over a week of a district's use: growth, write amplification, checkpoint pauses, restarts, a backup."""
