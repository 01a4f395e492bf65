"""The life: chains, the line pool, the dialer, the poller and the writer, on few threads or on none."""
