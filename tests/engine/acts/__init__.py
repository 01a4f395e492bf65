"""Proofs about what can be asked of a district."""
