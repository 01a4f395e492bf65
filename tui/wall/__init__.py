"""The wallboard: big figures without names, on a screen or in a browser."""
