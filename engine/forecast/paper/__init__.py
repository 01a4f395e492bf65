"""The engine on paper: the real actors on a virtual clock, a store that keeps nothing, phones that are drawn."""
