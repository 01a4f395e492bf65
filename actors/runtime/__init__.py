"""How actors run: clocks, mailboxes, the timer and the dispatcher that gives turns."""
