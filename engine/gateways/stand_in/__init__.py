"""A make-believe Shoutpoint: a seeded phone network, and its side of the SOAP contract."""
