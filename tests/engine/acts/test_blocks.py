"""Blocks in phone language: nobody calls a blocked number, whenever the block came."""

import pytest

from engine.acts.blocks import ADD, LIST, REMOVE, Adding, Listing, Removing
from engine.audience.gaps import GapReason
from engine.messaging.steps import number_id
from store import facts
from store.commands import Verb
from store.errors import InvalidInputError, NotFoundError
from store.records import Audience, DeviceKind, Message, Reason
from tests.engine.acts.asking import AUTHOR, ask, stopped
from tests.fakes import Phone, SteppedTown, one_contact, roster_of


def block(town: SteppedTown, phone: Phone, *, except_emergency: bool = False):
    return ask(town, ADD, Adding(number=phone.number, reason="asked us to", except_emergency=except_emergency))


def test_a_number_blocked_while_its_chain_walks_rings_no_more(tmp_path):
    family = one_contact(kinds=(DeviceKind.CELL, DeviceKind.WORK))
    family.mom.cell.rings_out()
    family.mom.work.rings_out().always()
    with SteppedTown(tmp_path, family) as town:
        job = town.send()
        town.run(minutes=1)
        assert len(town.rings(family.mom.cell)) == 1
        block(town, family.mom.cell)
        town.wait(job)
        assert len(town.rings(family.mom.cell)) == 1
        assert len(town.rings(family.mom.work)) == 3


def test_a_block_holds_over_a_restart_and_over_an_import_until_it_is_removed(tmp_path):
    family = one_contact()
    with SteppedTown(tmp_path, family) as town:
        block(town, family.mom.cell)
        town.restart()
        town.engine.replace_roster(roster_of(family))
        town.wait(town.send())
        assert not town.rings(family.mom.cell)

        ask(town, REMOVE, Removing(number=family.mom.cell.number))
        family.mom.cell.answers().presses("0")
        assert town.wait(town.send()).confirmed == 1


def test_a_block_but_for_emergencies_lets_emergencies_ring_and_nothing_else(tmp_path):
    family = one_contact()
    with SteppedTown(tmp_path, family) as town:
        block(town, family.mom.cell, except_emergency=True)
        town.wait(town.send())
        assert not town.rings(family.mom.cell)
        family.mom.cell.answers().presses("0")
        assert town.wait(town.send(Reason.EMERGENCY)).confirmed == 1


def test_a_full_block_stops_emergencies_too_and_may_be_changed_to_a_lesser_one(tmp_path):
    family = one_contact()
    with SteppedTown(tmp_path, family) as town:
        block(town, family.mom.cell)
        town.wait(town.send(Reason.EMERGENCY))
        assert not town.rings(family.mom.cell)
        block(town, family.mom.cell, except_emergency=True)
        family.mom.cell.answers().presses("0")
        assert town.wait(town.send(Reason.EMERGENCY)).confirmed == 1


def test_a_block_made_while_no_engine_runs_counts_from_its_start_on(tmp_path):
    family = one_contact()
    with SteppedTown(tmp_path, family) as town:
        with stopped(town) as ask_store:
            ask_store(ADD, Adding(number=family.mom.cell.number, reason="asked us to"))
        town.wait(town.send())
        assert not town.rings(family.mom.cell)


def test_blocked_numbers_are_listed_as_gaps_before_anything_is_sent(tmp_path):
    family, other = one_contact(kinds=(DeviceKind.CELL, DeviceKind.WORK)), one_contact("Baker")
    with SteppedTown(tmp_path, family, other) as town:
        block(town, family.mom.cell, except_emergency=True)
        block(town, other.mom.cell)
        gaps = town.engine.prepare(Message(Reason.GENERAL, "Snow", "Snow."), Audience()).gaps
        assert [(gap.contact_key, gap.reason, gap.device) for gap in gaps] == [
            ("p:Baker-Mom", GapReason.BLOCKED, ""),
            ("p:Lopez-Mom", GapReason.BLOCKED, "cell"),
        ]
        gaps = town.engine.prepare(Message(Reason.EMERGENCY, "Snow", "Snow."), Audience()).gaps
        assert [(gap.contact_key, gap.device) for gap in gaps] == [("p:Baker-Mom", "")]


def test_who_blocked_what_and_why_is_on_record_and_numbers_are_masked(tmp_path):
    family = one_contact()
    with SteppedTown(tmp_path, family) as town:
        block(town, family.mom.cell)
        (listed,) = ask(town, LIST, Listing())
        assert (listed.reason, listed.author, listed.at) == ("asked us to", AUTHOR, town.now)
        assert listed.number == f"•••-•••-{family.mom.cell.number[-4:]}"
        assert [fact.verb for fact in town.facts(facts.CommandTaken)] == [Verb.BLOCK]
        with town.database.read() as txn:
            (kept,) = [one for _, one in town.database.blocks.scan(txn)]
            key = town.engine.station.vault.number_key(txn)
        assert kept.number_id == number_id(family.mom.cell.number, key)


@pytest.mark.parametrize("number", ["555-0123", "none", "612-555-0123 x4"])
def test_what_is_no_number_is_not_blocked(tmp_path, number):
    with SteppedTown(tmp_path, one_contact()) as town:
        with pytest.raises(InvalidInputError):
            ask(town, ADD, Adding(number=number, reason="asked"))
        with pytest.raises(InvalidInputError, match="Say why"):
            ask(town, ADD, Adding(number="612-555-0123", reason="  "))


def test_a_number_that_is_not_blocked_cannot_be_unblocked(tmp_path):
    with SteppedTown(tmp_path, one_contact()) as town, pytest.raises(NotFoundError, match="is not blocked"):
        ask(town, REMOVE, Removing(number="612-555-0123"))
