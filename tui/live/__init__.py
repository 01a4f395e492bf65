"""The live list of chains: which are shown, in which order, and what stands beside them."""
