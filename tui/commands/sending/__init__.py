"""Commands that send: plan, send, emergency, notify, resend, followup, test-call."""
