"""Tests of messages: who is called about whom, when, and in which words."""
