"""Commands that send: plan, send, emergency, notify, resend, followup, approve, recall, releases, test-call."""
