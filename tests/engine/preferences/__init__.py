"""Proofs about contact preferences, blocks and stopped contacts."""
