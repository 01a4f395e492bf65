"""The door: the engine's acts over HTTP, for people and programs, each with a role."""
