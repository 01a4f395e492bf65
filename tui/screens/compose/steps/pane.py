"""What every step of a wizard is: fields over the draft, and the answer to whether one may go on."""

from typing import ClassVar

from textual.containers import Vertical

from tui.screens.compose.draft import Draft
from tui.screens.compose.work import Work


class Pane(Vertical):
    """One step. The room shows one at a time."""

    WORD: ClassVar[str] = ""
    """In the breadcrumb."""
    FIRST: ClassVar[str] = ""
    """The field that takes the keys where no other has them, like `#find`."""
    KEYS: ClassVar[str] = ""
    KEYS_NARROW: ClassVar[str] = ""

    def __init__(self, work: Work, id: str) -> None:
        super().__init__(id=id)
        self._work = work

    @property
    def draft(self) -> Draft:
        """What was typed."""
        return self._work.draft

    def arrive(self) -> None:
        """Show the draft, and take the keys."""

    def why_not(self) -> str:
        """Why one cannot go on, empty where one can."""
        return ""

    def paint(self, width: int) -> None:
        """Show how things stand."""
