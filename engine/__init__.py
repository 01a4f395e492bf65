"""The decisions: roster to plans; start, pause, cancel, recover, report; the carriers; the door."""
