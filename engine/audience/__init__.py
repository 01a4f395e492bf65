"""Whom a message is about or for: who passes its filters, who may send to them, and who was told already."""
