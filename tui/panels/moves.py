"""The keys that move through any list, the same everywhere."""

from textual.binding import Binding

MOVES = (
    Binding("up,k", "move(-1)", show=False),
    Binding("down,j", "move(1)", show=False),
    Binding("pageup", "page(-1)", show=False),
    Binding("pagedown", "page(1)", show=False),
    Binding("home,g", "edge(-1)", show=False),
    Binding("end,G", "edge(1)", show=False),
    Binding("enter", "open", show=False),
)
"""Of a widget with the actions `move`, `page`, `edge` and `open`."""
