"""A file that is written whole or not at all, and that only its owner may read."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from store.errors import InvalidInputError


@contextmanager
def new_file(path: Path) -> Iterator[TextIO]:
    """The file under another name, in place when it is whole and not before.

    Raises InvalidInputError for what is no file, such as a folder or a device: it would be replaced by one.
    """
    if not path.name or (path.exists() and not path.is_file()):
        raise InvalidInputError(f'--out is "{path}", which is no file; name one, like report.csv.')
    part = path.with_name(f".{path.name}.part")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError as error:
        raise InvalidInputError(f"{path} cannot be written: {(error.strerror or str(error)).lower()}.") from None
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as out:
            yield out
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
