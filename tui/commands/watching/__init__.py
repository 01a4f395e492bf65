"""Commands that watch and steer: jobs, reports, schedules, mails."""
