"""The commands of `callchain --help` in panels, a heading over each kind."""

from enum import StrEnum
from typing import Any

from typer.core import TyperGroup

SENTENCE_MAX = 200
"""Characters of what is said of a command: its first sentence, whole."""


class Panel(StrEnum):
    """The headings, in the order in which they are shown."""

    SEND = "Send a message"
    PREPARE = "Prepare messages"
    WATCH = "Watch and steer"
    PEOPLE = "People"
    DISTRICT = "Run a district"
    TRY = "Try it"


class PanelGroup(TyperGroup):
    """A group whose help lists its commands panel by panel; every one of them names its panel."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401, ARG002 - private to typer
        """Write each panel's commands with the first sentence of their help."""
        rows: dict[str, list[tuple[str, str]]] = {panel: [] for panel in Panel}
        for name, command in self.commands.items():
            rows[command.rich_help_panel].append((name, command.get_short_help_str(SENTENCE_MAX)))  # type: ignore[attr-defined]
        for panel, commands in rows.items():
            with formatter.section(panel):
                formatter.write_dl(commands)
