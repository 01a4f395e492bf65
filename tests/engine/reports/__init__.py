"""What a district can ask afterwards."""
