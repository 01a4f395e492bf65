"""What a filter may go on with: the rest of a field's name, or of a value."""

from engine.board import Board
from tui.live.chain_filter import schools, subjects
from tui.live.filter_words import CODES, MEASURED, Field


def completed(text: str, board: Board) -> str:
    """The text with its last word completed, empty where there is nothing to add."""
    before, word = _last_word(text)
    if not word:
        return ""
    minus = "-" if word.startswith("-") else ""
    field, colon, value = word.removeprefix("-").partition(":")
    if not colon:
        found = next((one for one in Field if one and one.startswith(field) and one != field), None)
        return f"{before}{minus}{found}{':' if found not in MEASURED else '>'}" if found else ""
    if field not in list(Field):
        return ""
    listed, comma, start = value.rpartition(",")
    rest = _value(Field(field), start, board)
    return f"{before}{minus}{field}:{listed}{comma}{rest}" if rest else ""


def _last_word(text: str) -> tuple[str, str]:
    cut = max(text.rfind(" "), text.rfind("|")) + 1
    return text[:cut], text[cut:]


def _value(field: Field, start: str, board: Board) -> str:
    folded = start.strip('"').casefold()
    if not folded:
        return ""
    for known in _values(field, board):
        if known.casefold().startswith(folded) and known.casefold() != folded:
            return f'"{known}"' if " " in known else known
    return ""


def _values(field: Field, board: Board) -> list[str]:
    if field in CODES:
        return list(CODES[field])
    if field is Field.JOB:
        return subjects(board)
    return list(schools(board)) if field is Field.SCHOOL else []
