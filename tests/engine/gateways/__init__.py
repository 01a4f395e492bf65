"""Tests of the gateways and of the make-believe carrier."""
