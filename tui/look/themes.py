"""How the styles look: dark, light, in sixteen colors, and without any; color-blind eyes tell them apart."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from rich.theme import Theme as Styles
from textual.app import App
from textual.theme import BUILTIN_THEMES, Theme


@dataclass(frozen=True, slots=True)
class Inks:
    """The colors of one theme: hues of Okabe and Ito, each as light or dark as its background needs.

    Everything that is read has a contrast of 4.5 to 1 or more on `ground`, `panel` and `cursor` (WCAG 2.2 AA).
    """

    ground: str
    panel: str
    cursor: str
    """Behind the selected row."""
    line: str
    paper: str
    bright: str
    grey: str
    faint: str
    sky: str
    green: str
    orange: str
    purple: str
    alert: str
    """Behind what is critical."""
    warn: str
    """Behind what is at risk."""
    notice: str
    """Behind what is not the usual."""
    owed: str
    """Behind what waits for a human."""
    on_alert: str
    on_warn: str
    on_notice: str
    on_owed: str


DARK_INKS = Inks(
    ground="#121212", panel="#1C1C1C", cursor="#222222", line="#6C6C6C",
    paper="#D0D0D0", bright="#F2F2F2", grey="#A4A4A4", faint="#8A8A8A",
    sky="#56B4E9", green="#12AA7F", orange="#E69F00", purple="#CC79A7",
    # Vermillion is too dark for letters on ink, so it is a background.
    alert="#D55E00", warn="#E69F00", notice="#56B4E9", owed="#CC79A7",
    on_alert="#0A0A0A", on_warn="#121212", on_notice="#121212", on_owed="#121212",
)  # fmt: skip

LIGHT_INKS = Inks(
    ground="#FAFAF7", panel="#EFEFEA", cursor="#D9E4EC", line="#8A8A8A",
    paper="#262626", bright="#000000", grey="#545454", faint="#5E5E5E",
    sky="#005A8C", green="#00634A", orange="#7D4F00", purple="#8A3A70",
    alert="#B34700", warn="#F0B429", notice="#005A8C", owed="#8A3A70",
    on_alert="#FFFFFF", on_warn="#000000", on_notice="#FFFFFF", on_owed="#FFFFFF",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Look:
    """A theme whole: what style sheets use, and what lines of text use."""

    theme: Theme
    styles: Styles


def _look(name: str, inks: Inks, *, dark: bool) -> Look:
    theme = Theme(
        name=name, primary=inks.sky, secondary=inks.purple, accent=inks.sky, foreground=inks.paper,
        background=inks.ground, surface=inks.ground, panel=inks.panel, success=inks.green, warning=inks.orange,
        error=inks.alert, dark=dark,
        variables={
            "border": inks.line, "input-cursor-background": inks.paper, "input-cursor-foreground": inks.ground,
            "input-selection-background": f"{inks.sky} 30%",
        },
    )  # fmt: skip
    styles = {
        "cc.paper": inks.paper,
        "cc.bright": inks.bright,
        "cc.grey": inks.grey,
        "cc.faint": inks.faint,
        "cc.sky": inks.sky,
        "cc.green": inks.green,
        "cc.orange": inks.orange,
        "cc.purple": inks.purple,
        "cc.cursor": f"on {inks.cursor}",
        "cc.strong": f"bold {inks.bright}",
        "cc.title": f"bold {inks.grey}",
        "cc.hot": f"bold {inks.orange}",
        "cc.mark": f"bold {inks.purple}",
        "cc.button": f"bold {inks.ground} on {inks.bright}",
        "cc.alert": f"bold {inks.on_alert} on {inks.alert}",
        "cc.alert.turned": f"bold {inks.bright} on {inks.ground}",
        "cc.warn": f"bold {inks.on_warn} on {inks.warn}",
        "cc.notice": f"bold {inks.on_notice} on {inks.notice}",
        "cc.live": f"bold {inks.ground} on {inks.bright}",
        "cc.owed": f"bold {inks.on_owed} on {inks.owed}",
    }
    return Look(theme, Styles(styles))


def _plain_look(name: str, styles: Mapping[str, str]) -> Look:
    """A theme of the terminal's own colors."""
    known = BUILTIN_THEMES["ansi-dark"].variables
    own = {
        "border": "ansi_default",
        "input-cursor-background": "ansi_default",
        "input-cursor-foreground": "ansi_default",
        "input-cursor-text-style": "reverse",
    }
    theme = Theme(
        name=name, ansi=True, primary="ansi_cyan", secondary="ansi_magenta", accent="ansi_cyan",
        foreground="ansi_default", background="ansi_default", surface="ansi_default", panel="ansi_default",
        boost="ansi_default", success="ansi_green", warning="ansi_yellow", error="ansi_red", variables=known | own,
    )  # fmt: skip
    return Look(theme, Styles(dict(styles)))


DARK = _look("callchain", DARK_INKS, dark=True)

LIGHT = _look("callchain-light", LIGHT_INKS, dark=False)

ANSI = _plain_look(
    "callchain-ansi",
    {
        "cc.paper": "default",
        "cc.bright": "bold default",
        "cc.grey": "default",
        "cc.faint": "default",
        "cc.sky": "cyan",
        "cc.green": "green",
        "cc.orange": "yellow",
        "cc.purple": "magenta",
        "cc.cursor": "reverse",
        "cc.strong": "bold default",
        "cc.title": "bold default",
        "cc.hot": "bold yellow",
        "cc.mark": "bold magenta",
        "cc.button": "bold reverse",
        "cc.alert": "bold white on red",
        "cc.alert.turned": "bold red",
        "cc.warn": "bold black on yellow",
        "cc.notice": "bold black on cyan",
        "cc.live": "bold reverse",
        "cc.owed": "bold black on magenta",
    },
)
"""The sixteen colors every terminal has, as its user set them."""

MONO = _plain_look(
    "callchain-mono",
    {
        "cc.paper": "none",
        "cc.bright": "none",
        "cc.grey": "none",
        "cc.faint": "none",
        "cc.sky": "none",
        "cc.green": "none",
        "cc.orange": "bold",
        "cc.purple": "underline",
        "cc.cursor": "reverse",
        "cc.strong": "bold",
        "cc.title": "bold",
        "cc.hot": "bold",
        "cc.mark": "bold",
        "cc.button": "bold reverse",
        "cc.alert": "bold reverse",
        "cc.alert.turned": "bold underline",
        "cc.warn": "bold reverse",
        "cc.notice": "reverse",
        "cc.live": "bold reverse",
        "cc.owed": "bold underline reverse",
    },
)
"""No color at all, not even grey: bold, underlined and reversed letters."""


class Taste(StrEnum):
    """What the operator asked for."""

    AUTO = "auto"
    """Dark, or what the terminal can do."""
    DARK = "dark"
    LIGHT = "light"
    ANSI = "ansi"


def look_for(taste: Taste, environ: Mapping[str, str]) -> Look:
    """The look for a terminal as its environment describes it."""
    if environ.get("NO_COLOR"):
        return MONO
    if taste is Taste.AUTO:
        return ANSI if _sixteen_colors(environ) else DARK
    return {Taste.DARK: DARK, Taste.LIGHT: LIGHT, Taste.ANSI: ANSI}[taste]


def _sixteen_colors(environ: Mapping[str, str]) -> bool:
    asked = environ.get("TEXTUAL_COLOR_SYSTEM", "")
    if asked:
        return asked == "standard"
    term, rich = environ.get("TERM", ""), environ.get("COLORTERM", "")
    return not rich and term in ("linux", "xterm", "screen", "vt220", "xterm-16color", "ansi")


def other(look: Look) -> Look | None:
    """The look to change to; None where the terminal's own colors are all there is."""
    return {DARK.theme.name: LIGHT, LIGHT.theme.name: DARK}.get(look.theme.name)


def put_on(app: App[None], look: Look) -> None:
    """Give the app a look; everything is painted anew by whoever calls."""
    app.register_theme(look.theme)
    app.theme = look.theme.name
    app.console.push_theme(look.styles)
