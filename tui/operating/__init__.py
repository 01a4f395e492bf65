"""What the operator does with the dashboard: the way through the screens, commands, and what the palette offers."""
