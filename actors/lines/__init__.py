"""The line pool and its parts: lines, jobs, results."""
