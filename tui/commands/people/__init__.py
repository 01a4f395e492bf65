"""Commands about people: rosters, preferences, blocked numbers, stopped contacts."""
