"""Big figures, made of blocks: to be read across a room."""

_PIXELS = {
    "0": ("###", "# #", "# #", "# #", "###"),
    "1": (" # ", "## ", " # ", " # ", "###"),
    "2": ("###", "  #", "###", "#  ", "###"),
    "3": ("###", "  #", "###", "  #", "###"),
    "4": ("# #", "# #", "###", "  #", "  #"),
    "5": ("###", "#  ", "###", "  #", "###"),
    "6": ("###", "#  ", "###", "# #", "###"),
    "7": ("###", "  #", "  #", "  #", "  #"),
    "8": ("###", "# #", "###", "# #", "###"),
    "9": ("###", "# #", "###", "  #", "###"),
    "%": ("# #", "  #", " # ", "#  ", "# #"),
    "–": ("   ", "   ", "###", "   ", "   "),
}
"""Three pixels wide, five high."""

_WIDE = 2
"""Cells to a pixel: two make it square. At half size two pixels share a cell, one above the other."""

WIDE_ROWS, HALF_ROWS = 5, 3

_HALVES = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}


def big(text: str, wide: bool) -> list[str]:
    """Figures as lines, `WIDE_ROWS` or `HALF_ROWS` high. Signs there are no pixels for are blank."""
    glyphs = [_PIXELS.get(sign, ("   ",) * WIDE_ROWS) for sign in text]
    if wide:
        gap, rows = " " * _WIDE, range(WIDE_ROWS)
        return [
            gap.join("".join("██" if dot == "#" else "  " for dot in glyph[row]) for glyph in glyphs) for row in rows
        ]
    return [" ".join(_halved(glyph, row) for glyph in glyphs) for row in range(0, WIDE_ROWS, 2)]


def _squared(pixels: str) -> str:
    return "".join(("█" if dot == "#" else " ") * _WIDE for dot in pixels)


def _halved(glyph: tuple[str, ...], row: int) -> str:
    below = glyph[row + 1] if row + 1 < WIDE_ROWS else "   "
    return "".join(_HALVES[over == "#", under == "#"] for over, under in zip(glyph[row], below, strict=True))
