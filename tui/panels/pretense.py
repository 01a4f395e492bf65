"""The words that nobody is really called, in front of everything that is asked."""

from rich.text import Text

from tui.look.palette import NOTICE


def pretense(words: str) -> list[Text]:
    """The first line of a dialog in a drill, nothing otherwise; the app's subtitle holds the words."""
    return [Text(f" {words} ", NOTICE), Text()] if words else []
