"""Proofs of the roster import and of the make-believe district."""
