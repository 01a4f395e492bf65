"""The district's own e-mail: confirmations to senders and errors to the error list, by way of its SMTP server."""
