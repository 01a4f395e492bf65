"""Who stands at the door, what they may, what they are shown, and what they were refused."""
