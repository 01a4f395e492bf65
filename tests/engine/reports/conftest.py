"""Two days of a small town, lived once, and what its reports read."""

from contextlib import contextmanager

import pytest

from engine.reports.source.records import Records
from tests.engine.reports.two_days import TwoDays
from tests.fakes import ZONE


@contextmanager
def records_of(town):
    """A town's records as they are now."""
    town.engine.station.dispatcher.run_until_idle()
    with town.database.read() as txn:
        yield Records(town.database, txn, ZONE, town.now)


@pytest.fixture(scope="package")
def life(tmp_path_factory):
    """The town after its two days."""
    with TwoDays(tmp_path_factory.mktemp("life")) as life:
        yield life


@pytest.fixture
def records(life):
    """What is stored of it."""
    with records_of(life.town) as records:
        yield records
