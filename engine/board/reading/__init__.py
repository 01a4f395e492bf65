"""What is read from the store when somebody asks for it, and not kept on the board."""
