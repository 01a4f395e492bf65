"""Glyphs that every terminal shows one cell wide: each sign of the screens in a letter of ASCII."""

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_SIGNS = {
    "…": "~", "·": ".", "▲": "^", "△": "^", "✓": "+", "✗": "x", "─": "-", "│": "|", "•": "*", "–": "-",
    "—": "-", "▸": ">", "▶": ">", "◂": "<", "›": ">", "‹": "<", "→": ">", "←": "<", "↑": "^", "↓": "v",
    "»": ">", "«": "<", "‖": "=", "◐": "o", "●": "*", "○": "o", "■": "#", "□": "o", "∅": "0", "⇥": ">",
    "“": '"', "”": '"', "‘": "'", "’": "'", "×": "x", "◆": "*", "◇": "*", "▽": "v", "▼": "v", "↻": "r",
    "≡": "=", "◼": "*", "◔": "o", "⏎": "<", "⌫": "<", "Δ": "d", "▌": ">", "█": "#", "▓": "%", "▒": ":",
    "░": ".", "▁": "_", "▄": "_", "▀": '"', "▐": "|", "┄": "-", "┌": "+", "┐": "+", "└": "+", "┘": "+",
    "├": "+", "┤": "+", "┬": "+", "┴": "+", "┼": "+", "╭": "+", "╮": "+", "╰": "+", "╯": "+", "═": "=",
    "║": "|", "━": "-", "┃": "|", "┏": "+", "┓": "+", "┗": "+", "┛": "+", "≤": "<", "≥": ">", "≈": "~", "±": "+",
    "\N{NO-BREAK SPACE}": " ", "▔": "-",
    "▏": "|", "▕": "|", "▎": "|", "▊": "#", "▂": "_", "▃": "_", "▅": "#", "▆": "#", "▇": "#", "◌": "o",
    "★": "*", "☐": "o", "☑": "+", "✔": "+", "✖": "x", "⚠": "!", "◀": "<", "⟳": "r", "⋯": "~",
}  # fmt: skip

_FILLED = " ..::oo##"
"""A cell of a chart by how many of its eight dots are set."""

ASCII = str.maketrans(_SIGNS | {chr(0x2800 + dots): _FILLED[dots.bit_count()] for dots in range(256)})


class AsciiGlyphs(LineFilter):
    """Every sign of the screens as one letter of ASCII; names keep theirs."""

    def apply(self, segments: list[Segment], _background: Color) -> list[Segment]:
        """Translate a line; its width stays."""
        return [Segment(text.translate(ASCII), style, control) for text, style, control in segments]
