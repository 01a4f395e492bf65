"""What operators want to see again: filter and order under a name, in a file of their own."""

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

from store.errors import StoreError

FILE_NAME = "views.json"

VIEWS_MAX = 200
"""Views kept; more than anybody can tell apart."""


class View(msgspec.Struct, frozen=True, kw_only=True):
    """A filter, an order, and whether only faults are shown."""

    filter: str = ""
    sort: str = "urgency"
    faults_only: bool = False


class SavedViews:
    """Read from `path` whenever asked, so that two dashboards of one operator agree."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def all(self) -> dict[str, View]:
        """Every view by its name; none where the file is missing or is not one of ours."""
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=dict[str, View])
        except (OSError, msgspec.DecodeError):
            return {}

    def keep(self, name: str, view: View) -> None:
        """Keep a view under a name, in place of what was there. Raises StoreError where it cannot be written."""
        kept = {**self.all(), name: view}
        self._write(dict(list(kept.items())[-VIEWS_MAX:]))

    def forget(self, name: str) -> bool:
        """Keep it no longer; false where there was none."""
        views = self.all()
        if views.pop(name, None) is None:
            return False
        self._write(views)
        return True

    def _write(self, views: dict[str, View]) -> None:
        fresh = self._path.with_suffix(".new")
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            fresh.write_bytes(msgspec.json.format(msgspec.json.encode(views)))
            fresh.replace(self._path)
        except OSError as error:
            raise StoreError(f"The view cannot be kept in {self._path} ({error.strerror}); make it writable.") from None


def views_path(environ: Mapping[str, str] = os.environ) -> Path:
    """Where an operator's views are kept."""
    base = environ.get("XDG_CONFIG_HOME") or str(Path(environ.get("HOME", "~")).expanduser() / ".config")
    return Path(base) / "callchain" / FILE_NAME
