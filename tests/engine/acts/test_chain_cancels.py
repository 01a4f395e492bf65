"""Single chains canceled in phone language: they ring no more, and everybody else is called as before."""

import pytest

from engine.acts.catalog import ACTS
from engine.acts.chain_cancels import CANCEL, CHAINS_MAX, CancelChains
from engine.acts.desk import LiveDesk
from store import facts
from store.access import Role
from store.commands import Verb
from store.errors import InvalidInputError, NotFoundError, RefusedError
from store.journal import Journal
from store.keys import chain_id
from store.records import Reason
from tests.engine.acts.asking import ask, stopped
from tests.fakes import SteppedTown, one_contact


def test_a_canceled_chain_rings_no_more_and_its_job_ends_without_it(tmp_path):
    family = one_contact()
    family.mom.cell.rings_out().always()
    with SteppedTown(tmp_path, family) as town:
        job = town.send()
        town.run(minutes=1)
        rung = len(town.rings(family.mom.cell))
        answer = ask(town, CANCEL, CancelChains(chain_ids=(chain_id(job, 0),)))
        assert (answer.canceled, answer.ended_before) == (1, 0)
        view = town.wait(job)
        assert view.canceled == 1
        assert len(town.rings(family.mom.cell)) == rung
        assert verbs(town) == [Verb.CANCEL]


def test_chains_that_have_ended_are_counted_and_left_alone(tmp_path):
    family = one_contact()
    family.mom.cell.answers().presses("0")
    with SteppedTown(tmp_path, family) as town:
        job = town.send()
        town.wait(job)
        answer = ask(town, CANCEL, CancelChains(chain_ids=(chain_id(job, 0), chain_id(job, 0))))
        assert (answer.canceled, answer.ended_before) == (0, 1)
        assert verbs(town) == []


def test_chains_there_are_not_are_refused_and_so_are_too_many(tmp_path):
    with SteppedTown(tmp_path, one_contact()) as town:
        job = town.send()
        for chains, error in (
            ((chain_id(job + 7, 0),), NotFoundError),
            ((chain_id(job, 5),), NotFoundError),
            ((), InvalidInputError),
            (tuple(range(1, CHAINS_MAX + 2)), InvalidInputError),
        ):
            with pytest.raises(error):
                ask(town, CANCEL, CancelChains(chain_ids=chains))


def test_without_an_engine_no_chain_is_canceled(tmp_path):
    with SteppedTown(tmp_path, one_contact()) as town:
        job = town.send()
        with stopped(town) as ask_store, pytest.raises(RefusedError):
            ask_store(CANCEL, CancelChains(chain_ids=(chain_id(job, 0),)))


def test_an_emergency_s_chains_take_the_right_to_emergencies(tmp_path):
    with SteppedTown(tmp_path, one_contact()) as town:
        ordinary, urgent = town.send(), town.send(Reason.EMERGENCY)
        assert CANCEL.needs is not None
        desk = LiveDesk(town.engine)
        assert CANCEL.needs(desk, CancelChains(chain_ids=(chain_id(ordinary, 0),))) is Role.SENDER
        assert CANCEL.needs(desk, CancelChains(chain_ids=(chain_id(urgent, 0),))) is Role.EMERGENCY_SENDER
    assert ACTS["chains.cancel"] is CANCEL


def verbs(town: SteppedTown) -> list[Verb]:
    """The cancels that the journal tells of."""
    database = town.engine.station.database
    with database.read() as txn:
        found = [fact for block in Journal(database).since(txn, 0) for fact in block.facts]
    return [Verb(fact.verb) for fact in found if isinstance(fact, facts.CommandTaken) and fact.verb == Verb.CANCEL]
