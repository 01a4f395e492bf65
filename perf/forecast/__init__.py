"""How far forecasts are off: a make-believe district's second message, foreseen and then really sent."""
