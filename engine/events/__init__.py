"""Events of a school day, read from files, and the messages that tell families and staff of them."""
