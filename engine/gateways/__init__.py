"""Ways to the carrier: Shoutpoint over SOAP, and a make-believe phone network with a server in front of it."""
