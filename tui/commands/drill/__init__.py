"""The demonstration: a whole make-believe district, its carrier and its engine."""
