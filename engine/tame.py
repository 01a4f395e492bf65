"""Text that was typed or imported by others, as it may be shown on a terminal."""


def tame(text: str) -> str:
    """Nothing a terminal would obey: a name or a subject may hold anything."""
    return text if text.isprintable() else "".join(char if char.isprintable() else "�" for char in text)


def tame_lines(text: str) -> str:
    """The same of a text of one line or several."""
    return text if text.isprintable() else "\n".join(map(tame, text.split("\n")))
