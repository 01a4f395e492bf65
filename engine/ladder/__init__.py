"""The confirmation ladder: what lies between wanting to send and sending, the same for every door."""
