"""Webhooks: programs of the district that are told what happens to jobs and chains, signed, durable and in batches."""
