"""The workload other systems are measured by, on the real engine."""
