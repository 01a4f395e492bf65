"""What the tests of the command line share."""

import pytest

from tests.tui.callchain import Callchain


@pytest.fixture
def callchain(monkeypatch, capsys):
    """Types commands."""
    return Callchain(monkeypatch, capsys)


@pytest.fixture(autouse=True)
def signals_stay_with_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """`serve` in this very process neither takes the signals of whoever runs the tests, nor sets how it collects."""
    monkeypatch.setattr("tui.commands.keeping.serve.Told.listen", lambda _told: None)
    monkeypatch.setattr("tui.commands.keeping.serve.settle_in", lambda: None)
