"""An empty store for whoever asks for `database`."""

from collections.abc import Iterator

import pytest

from store.database import Database
from tests.store.stores import fresh_store


@pytest.fixture
def database() -> Iterator[Database]:
    with fresh_store() as opened:
        yield opened
