"""SOAP libraries of other people on either side of the contract; each is skipped where it is not installed."""
