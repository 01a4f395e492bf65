"""The command line, typed by a test."""

import json
import sys

import pytest

from tui.cli import main


class Callchain:
    """Types commands and keeps what they print."""

    out: str
    err: str

    def __init__(self, monkeypatch, capsys) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, *words: object) -> int:
        """Run a command; its exit code. What it printed is in `out` and `err`."""
        self._monkeypatch.setattr(sys, "argv", ["callchain", *map(str, words)])
        with pytest.raises(SystemExit) as exit_:
            main()
        printed = self._capsys.readouterr()
        self.out, self.err = printed.out, printed.err
        return int(exit_.value.code or 0)

    def json(self, *words: object):
        """Run a command with --json; what it answered."""
        assert self(*words, "--json") == 0, self.err
        return json.loads(self.out)
