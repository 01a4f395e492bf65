"""What screens show of reports: jobs group by group, rows of the log; worked out apart from the screen."""
