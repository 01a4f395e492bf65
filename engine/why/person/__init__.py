"""One person: who is meant, their messages, and why there is none."""
