"""The whole SOAP path, over HTTPS on loopback."""
