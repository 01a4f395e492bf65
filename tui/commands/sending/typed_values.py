"""Reads what is typed as the value of an option: words of a list, windows, lists of ids, sayings in other languages."""

from pathlib import Path

from engine.config import minute_of_day
from engine.mail.addresses import checked_address
from store.errors import AudienceError, InvalidInputError
from store.records import AudienceKind, Reason, Saying

FILE_BYTES_MAX = 64 << 20
"""Of a list of people: some four million ids."""

RECORDING = "recording:"
"""How a recording is named where a text could stand."""


def known(word: str, kind: type[Reason] | type[AudienceKind], option: str) -> str:
    """The word. Raises InvalidInputError for one that is no member of the kind."""
    words = [member.name.lower() for member in kind]
    if word not in words:
        raise InvalidInputError(f'{option} is "{word}"; known are {", ".join(words)}.')
    return word


def read_window(text: str) -> tuple[int, int]:
    """Two minutes of the day, -1 where no window is given."""
    if not text:
        return -1, -1
    opens, dash, closes = text.partition("-")
    if not dash:
        raise InvalidInputError(f'--window is "{text}"; write it like 09:00-17:00.')
    return minute_of_day(opens.strip(), "--window"), minute_of_day(closes.strip(), "--window")


def read_notify(text: str) -> str:
    """An address to tell when a job is done, empty for none."""
    return checked_address(text, "--notify") if text else ""


def read_ids(path: Path) -> tuple[str, ...]:
    """The ids of a file, one a line; a comma ends an id, `#` begins a remark.

    Raises InvalidInputError where it cannot be read, AudienceError where it is empty: an empty list must never mean
    everybody.
    """
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            raise InvalidInputError(f"{path} is larger than {FILE_BYTES_MAX >> 20} MiB: not a list of people.")
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise InvalidInputError(f"{path} cannot be read: {(error.strerror or str(error)).lower()}.") from None
    except UnicodeDecodeError as error:
        raise InvalidInputError(f"{path} is not UTF-8 at byte {error.start}: save it as UTF-8.") from None
    typed = (line.partition("#")[0].partition(",")[0].strip() for line in lines)
    ids = tuple(dict.fromkeys(some_id for some_id in typed if some_id))
    if not ids:
        raise AudienceError(f"{path} names nobody; write one id a line.")
    return ids


def saying_of(text: str) -> Saying:
    """What `--say es="No hay clases."` or `--say es=recording:ID` means."""
    language, equals, said = text.partition("=")
    if not equals or not language.strip() or not said.strip():
        raise InvalidInputError(f'--say is "{text}"; write it like es="No hay clases." or es=recording:ID.')
    if said.startswith(RECORDING):
        return Saying(language.strip(), recording_id=said.removeprefix(RECORDING).strip())
    return Saying(language.strip(), said)
