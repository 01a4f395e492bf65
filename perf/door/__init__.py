"""How the door answers while the engine is busy."""
