"""Commands at the door: once by their id, never late, never to another engine, and by two people at once."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.acts.roster import RESTORE
from engine.acts.settings import Nothing
from engine.orders import Order
from engine.reports.asked import SentAsked
from store.commands import Verb
from store.errors import EngineUnreachableError, RefusedError, StoreError
from store.facts import CommandTaken
from store.records import Reason
from tests.engine.door.knocking import at_socket, facts_of, open_door
from tests.fakes import SoapTown, at, one_contact, soap_town
from tui.acts import ask
from tui.door import DoorClient

EARLY = at("2026-03-02 07:00")
"""Before the district's hours: jobs wait."""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoapTown]:
    home = tmp_path_factory.mktemp("town")
    with soap_town(home, one_contact("Lopez"), now=EARLY, speed=1) as town, open_door(town.engine):
        yield town


def test_a_job_goes_from_prepared_to_canceled_through_a_client(town):
    door, job = DoorClient(town.home), town.prepare()
    view = door.send(job, 1)
    assert (view.job_id, view.state) == (job, "waiting")
    assert door.job(job) == view
    assert view in door.jobs()
    assert door.command(Verb.PAUSE, job).state == "paused"
    door.command(Verb.CANCEL, job)
    assert town.engine.wait(job, 10).state == "canceled"
    assert door.lines().out == 0
    assert door.releases() == []


def test_the_same_command_twice_acts_once_and_says_what_became_of_it(town):
    door, job = DoorClient(town.home), town.send()
    order = door.order()
    assert door.give(Verb.PAUSE, job, order) == door.give(Verb.PAUSE, job, order)
    assert len([one for one in facts_of(town.engine, CommandTaken) if one.command_id == order.command_id]) == 1
    became = door.what_became(order.command_id)
    assert (became.state, became.verb, became.job_id) == ("applied", "pause", job)


def test_a_command_that_comes_late_never_acts_and_says_so(town):
    door, job = DoorClient(town.home), town.send()
    late = Order(command_id=8_801, expires_at=town.engine.clock.now() - 1, incarnation=town.engine.incarnation)
    for _ in range(2):
        with pytest.raises(RefusedError, match="came too late"):
            door.give(Verb.CANCEL, job, late)
    assert door.what_became(8_801).state == "expired"
    assert door.job(job).state == "waiting"


def test_a_command_given_while_the_engine_is_down_never_fires_later(tmp_path):
    with soap_town(tmp_path / "town", one_contact("Lopez"), now=EARLY, speed=1) as town:
        job = town.send()
        with open_door(town.engine):
            door = DoorClient(town.home)
            order = door.order()
        with pytest.raises(EngineUnreachableError):
            door.give(Verb.CANCEL, job, order)
        town.engine.stop()
        town.engine.start()
        with open_door(town.engine):
            assert door.job(job).state == "waiting"
            with pytest.raises(RefusedError, match="started anew"):
                door.give(Verb.CANCEL, job, order)
            assert door.job(job).state == "waiting"


def test_of_two_people_who_cancel_at_once_both_are_told_how_it_is_and_it_happens_once(town):
    job, answers = town.send(), list[tuple[int, object]]()
    caller = at_socket(town.engine)

    def cancel() -> None:
        answers.append(caller.ask("POST", f"/jobs/{job}/cancel", caller.order()))

    threads = [threading.Thread(target=cancel) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    statuses = sorted(status for status, _ in answers)
    assert statuses[0] == 200
    assert set(statuses) <= {200, 409}
    assert town.engine.wait(job, 10).state == "canceled"


def test_of_two_people_who_send_at_once_one_sends_and_it_goes_out_once(town):
    job = town.prepare(Reason.GENERAL)
    caller, answers = at_socket(town.engine), list[int]()

    def send() -> None:
        answers.append(caller.raw("POST", f"/jobs/{job}/send", json.dumps(caller.order(expect=1)).encode())[0])

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(answers) == [200] + [409] * 5
    town.engine.cancel(job)


def test_the_roster_goes_back_through_the_door_while_an_engine_runs(town):
    with pytest.raises(RefusedError, match="no earlier roster"):
        ask(town.home, RESTORE, Nothing())
    with town.engine.station.database.read() as txn:
        roster = town.engine.station.vault.roster(txn)
    DoorClient(town.home).replace_roster(roster)
    assert ask(town.home, RESTORE, Nothing()) == 1


def test_a_report_comes_through_the_door_as_it_would_be_made_here(town, tmp_path):
    job = town.send()
    with (tmp_path / "report.csv").open("wb") as out:
        rows = DoorClient(town.home).report("sent", SentAsked(), "csv", False, out)
    lines = (tmp_path / "report.csv").read_text().splitlines()
    assert rows >= 1
    assert any(line.startswith(f"{job},") for line in lines)


def test_where_no_district_is_nothing_is_asked(tmp_path: Path):
    with pytest.raises(StoreError, match="callchain init"):
        DoorClient(tmp_path).health()
