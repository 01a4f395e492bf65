"""Which screens there are: their keys, their names, and the files they are fetched from when first shown."""

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tui.screens.room import Place, Room


class Entry(NamedTuple):
    """A screen that a number key shows."""

    key: str
    name: str
    module: str
    kind: str

    @property
    def is_there(self) -> bool:
        """Whether this program has it."""
        return find_spec(self.module) is not None

    def make(self, place: "Place") -> "Room":
        """A new one; its file is read only now, so that the first screen is there sooner."""
        room: Room = getattr(import_module(self.module), self.kind)(place)
        return room


LIVE = "Live"

CATALOG: tuple[Entry, ...] = (
    Entry("1", LIVE, "tui.screens.live", "LiveScreen"),
    Entry("2", "Emergency", "tui.screens.emergency", "EmergencyRoom"),
    Entry("3", "Log", "tui.screens.log", "LogRoom"),
    Entry("4", "Report", "tui.screens.report", "ReportRoom"),
    Entry("5", "Jobs", "tui.screens.jobs", "JobsRoom"),
    Entry("6", "Health", "tui.screens.health", "HealthRoom"),
)

SHOWN: tuple[Entry, ...] = tuple(entry for entry in CATALOG if entry.is_there)


def entry_of(name: str) -> Entry | None:
    """The screen of a name, or of its key."""
    return next((entry for entry in SHOWN if name in (entry.name, entry.key)), None)
