"""Who wants to be called where about what: marks set here, one by one or in a batch, blocks and stopped contacts."""
