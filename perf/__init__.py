"""The performance harness: every figure the project claims, measured again."""
