"""What reports are made from: a store at one moment, its plans in parts, its places and its days."""
