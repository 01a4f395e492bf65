"""What the tests of the command line share."""

import pytest

from tests.tui.callchain import Callchain


@pytest.fixture
def callchain(monkeypatch, capsys):
    """Types commands."""
    return Callchain(monkeypatch, capsys)
