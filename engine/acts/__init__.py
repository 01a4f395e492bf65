"""What can be asked of a district beside sending: one file a matter, the same at the door and on the command line."""
