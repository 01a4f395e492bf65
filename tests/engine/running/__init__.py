"""An engine at work: its log, its pulse, its supervisor."""
