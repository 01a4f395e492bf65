"""Tests of events and the messages that tell of them."""
