"""The commands of `callchain`, one file for each kind, and the drill behind the demonstration."""
