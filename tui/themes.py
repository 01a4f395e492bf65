"""How the styles look: colors that color-blind eyes tell apart (Okabe and Ito), as Textual and Rich want them."""

from dataclasses import dataclass

from rich.theme import Theme as Styles
from textual.app import App
from textual.theme import Theme

INK = "#121212"
PAPER = "#D0D0D0"
BRIGHT = "#F2F2F2"
GREY = "#9E9E9E"
FAINT = "#6C6C6C"
LINE = "#3A3A3A"
CURSOR = "#303030"
SKY = "#56B4E9"
GREEN = "#009E73"
ORANGE = "#E69F00"
VERMILLION = "#D55E00"
PURPLE = "#CC79A7"


@dataclass(frozen=True, slots=True)
class Look:
    """A theme whole: what style sheets use, and what lines of text use."""

    theme: Theme
    styles: Styles


DARK = Look(
    Theme(
        name="callchain",
        primary=SKY,
        secondary=PURPLE,
        accent=SKY,
        foreground=PAPER,
        background=INK,
        surface=INK,
        panel="#1C1C1C",
        success=GREEN,
        warning=ORANGE,
        error=VERMILLION,
        dark=True,
        variables={"border": LINE, "input-cursor-background": PAPER, "input-selection-background": f"{SKY} 30%"},
    ),
    Styles(
        {
            "cc.paper": PAPER,
            "cc.bright": BRIGHT,
            "cc.grey": GREY,
            "cc.faint": FAINT,
            "cc.sky": SKY,
            "cc.green": GREEN,
            "cc.orange": ORANGE,
            "cc.purple": PURPLE,
            "cc.cursor": f"on {CURSOR}",
            "cc.strong": f"bold {BRIGHT}",
            "cc.title": f"bold {GREY}",
            "cc.hot": f"bold {ORANGE}",
            "cc.button": f"bold {INK} on {BRIGHT}",
            # Vermillion is too dark for letters on ink, so it is a background.
            "cc.alert": f"bold {INK} on {VERMILLION}",
            "cc.warn": f"bold {INK} on {ORANGE}",
            "cc.notice": f"bold {INK} on {SKY}",
            "cc.live": f"bold {INK} on {BRIGHT}",
            "cc.owed": f"bold {INK} on {PURPLE}",
        }
    ),
)


def put_on(app: App[None], look: Look) -> None:
    """Give the app a look; everything is painted anew by whoever calls."""
    app.register_theme(look.theme)
    app.theme = look.theme.name
    app.console.push_theme(look.styles)
