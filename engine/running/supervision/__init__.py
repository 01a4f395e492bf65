"""What those outside see of an engine, and do when it falls silent: heartbeat, pulse, standby, systemd."""
