"""Webhooks: programs elsewhere are told of what happened, signed, again and again until they heard."""
