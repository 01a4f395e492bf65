"""What ails a district: checks of its folder, store, engine, carrier, jobs, people, schedules and mail."""
