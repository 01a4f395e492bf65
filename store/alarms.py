"""What can need a human while the engine runs."""

from enum import IntEnum


class Alarm(IntEnum):
    """The numbers are stored: append only."""

    CARRIER_UNREACHABLE = 1
    CARRIER_REFUSES_LOGIN = 2
    CARRIER_OUTSIDE_CONTRACT = 3
    CARRIER_CLOCK_FAR = 4
    CLOCK_JUMPED = 5
    STORE_FULL = 6
    CHAIN_FAILED = 7
    RESULTS_OVERDUE = 8

    @property
    def word(self) -> str:
        """How it is written on screens."""
        return self.name.lower()

    @property
    def meaning(self) -> str:
        """What it means and what to do."""
        return _MEANINGS[self]


_MEANINGS = {
    Alarm.CARRIER_UNREACHABLE: "No call center answers. Calls wait and go out as soon as one does; check the network.",
    Alarm.CARRIER_REFUSES_LOGIN: "The carrier refuses user name or password. Nothing is dialed; correct them.",
    Alarm.CARRIER_OUTSIDE_CONTRACT: "The carrier answers outside its contract. Call the carrier with the engine's log.",
    Alarm.CARRIER_CLOCK_FAR: "The carrier's clock is far from ours. Only emergencies are dialed; set our clock.",
    Alarm.CLOCK_JUMPED: "This machine's clock jumped. Only emergencies are dialed until it agrees with the carrier's.",
    Alarm.STORE_FULL: "The disk of the store is full. Only emergencies are dialed; make room.",
    Alarm.CHAIN_FAILED: "A chain ended by an error in the program. The others go on; send the engine's log to support.",
    Alarm.RESULTS_OVERDUE: "The carrier has not reported all results in time. Refresh the job later.",
}
