"""What the doctor says while the engine is silent: the store, the disk, who holds the lock, and what to do."""

import textwrap

from rich.text import Text

from engine.doctor.finding import Finding, Grade
from tui.dialogs.box import Box
from tui.look.palette import GREEN, GREY, HOT, ORANGE, PAPER, STRONG

FINDINGS_MAX = 8
"""The worst; `callchain doctor` tells all."""

WIDTH = 66

_SIGNS = {Grade.OK: ("✓", GREEN), Grade.NOTE: ("·", GREY), Grade.WARNING: ("▲", ORANGE), Grade.PROBLEM: ("!", HOT)}


class Diagnosis(Box):
    """Opened at once, filled when the examination is done."""

    def __init__(self) -> None:
        super().__init__()
        self._findings: list[Finding] | None = None
        self._trouble = ""

    def show(self, findings: list[Finding], trouble: str = "") -> None:
        """The examination is done."""
        worst = list(Grade)[::-1]
        self._findings = sorted(findings, key=lambda finding: worst.index(finding.grade))
        self._trouble = trouble
        if self.is_mounted:
            self.paint()

    def lines(self) -> list[Text]:
        """The worst first."""
        lines = [Text("Diagnosis", STRONG), Text()]
        if self._trouble:
            lines.append(Text(self._trouble, ORANGE))
        elif self._findings is None:
            lines.append(Text("looking at folder, disk, store and engine …", GREY))
        for finding in (self._findings or [])[:FINDINGS_MAX]:
            lines += _finding(finding)
        hidden = len(self._findings or []) - FINDINGS_MAX
        if hidden > 0:
            lines.append(Text(f"and {hidden} more; `callchain doctor` tells all", GREY))
        return [*lines, Text(), Text.assemble(("Esc", HOT), (" closes this", GREY))]


def _finding(finding: Finding) -> list[Text]:
    glyph, style = _SIGNS[finding.grade]
    said = textwrap.wrap(f"{finding.topic}: {finding.says}", WIDTH)
    todo = textwrap.wrap(finding.todo, WIDTH) if finding.grade in (Grade.WARNING, Grade.PROBLEM) else []
    return [
        Text.assemble((f"{glyph} ", style), (said[0], PAPER)),
        *(Text(f"  {line}", PAPER) for line in said[1:]),
        *(Text(f"  {line}", GREY) for line in todo),
    ]
