"""How soon an emergency is dialed: from the command at the door to the bytes on the socket."""
