"""Programs are told what happens: every event, signed, in order, again until heard, and never two ids for one."""

import json
import random
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.acts.desk import LiveDesk
from engine.acts.settings import Nothing
from engine.hooks import crier as crier_module
from engine.hooks.acts import AddWebhook, WebhookId, WebhookMade, WebhookView, add, list_hooks, pause, remove, resume
from engine.hooks.crier import Crier
from engine.hooks.happenings import EVENTS
from engine.hooks.posting import Answer
from engine.hooks.retelling import GIVEN_UP_AFTER_MS, LONGEST_WAIT_MS
from engine.running.station import Station
from store.alarms import Alarm
from store.commands import Verb
from store.errors import StoreError
from store.facts import AlarmCleared, AlarmRaised, ChainClosed, CommandTaken
from store.records import Reason
from tests.engine.hooks.receiver import DOWN, GONE, HEARD, REFUSED, Receiver, signed_by
from tests.fakes import HOUR, MINUTE, SECOND, SteppedTown, two_families

URL = "https://hooks.oak.example/calls?key=1"


class ToldTown(SteppedTown):
    """A town whose engine has a crier that is worked by hand."""

    def add(self, *events: str, url: str = URL) -> WebhookMade:
        return add(LiveDesk(self.engine), AddWebhook(url=url, events=events), "anna")

    def crier(self, receiver: Receiver) -> Crier:
        return Crier(self.engine, receiver, random.Random(1))

    def view(self) -> WebhookView:
        (view,) = list_hooks(LiveDesk(self.engine), Nothing(), "")
        return view

    def call(self) -> int:
        job_id = self.send(Reason.GENERAL)
        self.wait(job_id)
        return job_id


def work(crier: Crier) -> None:
    while crier.gather():
        pass
    crier.deliver()


@pytest.fixture
def town(tmp_path: Path) -> Iterator[ToldTown]:
    adams, baker = two_families()
    adams.mom.cell.answers().presses("0").always()
    baker.mom.cell.rings_out().always()
    with ToldTown(tmp_path, adams, baker) as town:
        yield town


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


def test_a_program_is_told_of_a_jobs_life_with_counts_and_subject_but_no_name_and_no_number(town, receiver):
    town.add()
    job_id = town.call()
    work(town.crier(receiver))
    assert receiver.events() == ["job.released", "job.opened", "job.ended"]
    data = receiver.heard[-1][1]["data"]
    assert data["job_id"] == job_id
    assert data["subject"] == "Snow day"
    assert (data["state"], data["chains"], data["outcomes"]) == ("sent", 2, {"confirmed": 1, "exhausted": 1})
    said = b"".join(receiver.bodies).decode()
    for phone in (part.mom.cell for part in town.parts):
        assert phone.number[2:] not in said
    assert "Mom" not in said
    assert "author" not in said


def test_every_delivery_is_signed_with_the_secret_that_was_told_once(town, receiver):
    made = town.add()
    town.call()
    work(town.crier(receiver))
    assert all(signed_by(made.secret, *pair) for pair in zip(receiver.headers, receiver.bodies, strict=True))
    assert not signed_by(made.secret, receiver.headers[0], receiver.bodies[0] + b" ")
    assert int(receiver.headers[0]["webhook-timestamp"]) == town.now // 1000
    assert made.secret not in repr(made)
    with town.database.read() as txn:
        stored = b"".join(bytes(data) for _, data in txn.cursor(db=town.database._meta))
    assert made.secret.removeprefix("whsec_").encode() not in stored


def test_single_chains_are_told_to_who_names_them_and_share_a_body(town, receiver):
    town.add("chain.ended", "job.ended")
    job_id = town.call()
    work(town.crier(receiver))
    assert receiver.events() == ["chain.ended", "job.ended"]
    data = receiver.heard[0][1]["data"]
    assert (data["job_id"], data["subject"]) == (job_id, "Snow day")
    assert sorted(chain["outcome"] for chain in data["ended_chains"]) == ["confirmed", "exhausted"]


def test_thousands_of_ended_chains_make_few_bodies_of_few_hundred_each(town, receiver):
    town.add("chain.ended")
    job_id = town.call()
    outcome = town.facts(ChainClosed)[0].outcome
    town.engine.station.record(*(ChainClosed(job_id << 24, outcome) for _ in range(1_200)))
    town.engine.station.flush_tables()
    work(town.crier(receiver))
    counts = [len(body["data"]["ended_chains"]) for _, body in receiver.heard]
    assert sum(counts) == 1_202
    assert max(counts) == 500
    assert len(set(receiver.event_ids())) == 1_202


def test_alarms_and_the_rungs_of_the_ladder_are_told(town, receiver):
    town.add()
    town.engine.station.record(
        AlarmRaised(Alarm.STORE_FULL), CommandTaken(7, Verb.ASK, 1), CommandTaken(8, Verb.APPROVE, 1),
        CommandTaken(9, Verb.RECALL, 1), CommandTaken(9, Verb.SETTINGS), AlarmCleared(Alarm.STORE_FULL),
    )  # fmt: skip
    town.engine.station.flush_tables()
    work(town.crier(receiver))
    expected = ["alarm.raised", "release.asked", "release.approved", "release.recalled", "alarm.cleared"]
    assert receiver.events() == expected
    assert set(expected) <= set(EVENTS)
    assert receiver.heard[0][1]["data"]["alarm"] == "store_full"


def test_what_happened_before_a_webhook_was_added_is_not_told(town, receiver):
    town.call()
    town.add()
    work(town.crier(receiver))
    assert receiver.heard == []


# ---------------------------------------------------------------- when it is not heard


def test_a_receiver_that_is_down_is_tried_again_later_and_later_and_hears_all_in_order(town, receiver):
    town.add()
    town.call()
    receiver.always = DOWN
    crier = town.crier(receiver)
    work(crier)
    assert len(receiver.bodies) == 1
    waits = []
    for _ in range(14):
        next_at = town.view().next_at
        waits.append(next_at - town.now)
        town.run(until=next_at - SECOND // 10)
        assert crier.deliver() == 0
        town.run(until=next_at)
        assert crier.deliver() == 1
    assert 4 * SECOND <= waits[0] <= 5 * SECOND
    assert 0.8 * LONGEST_WAIT_MS <= waits[-1] <= LONGEST_WAIT_MS
    assert "ConnectionRefused" in town.view().note
    receiver.always = HEARD
    town.run(until=town.view().next_at)
    crier.deliver()
    assert receiver.events() == ["job.released", "job.opened", "job.ended"]
    assert town.view().waiting == 0
    assert town.view().heard_at == town.now


def test_a_delivery_refused_for_its_own_sake_holds_back_no_other(town, receiver):
    town.add()
    town.call()
    receiver.answers.append(REFUSED)
    crier = town.crier(receiver)
    work(crier)
    assert receiver.events() == ["job.opened", "job.ended"]
    town.run(minutes=1)
    crier.deliver()
    assert receiver.events() == ["job.opened", "job.ended", "job.released"]


def test_a_receiver_that_asks_for_rest_gets_it(town, receiver):
    town.add()
    town.call()
    receiver.answers.append(Answer(of_receiver=True, rest_ms=10 * MINUTE))
    crier = town.crier(receiver)
    work(crier)
    assert town.view().next_at == town.now + 10 * MINUTE


def test_what_is_three_days_old_is_given_up_all_at_once(town, receiver):
    town.add()
    town.call()
    receiver.always = DOWN
    crier = town.crier(receiver)
    work(crier)
    town.run(until=town.now + GIVEN_UP_AFTER_MS + HOUR)
    crier.deliver()
    view = town.view()
    assert (view.waiting, view.given_up) == (0, 3)
    assert len(receiver.bodies) == 2
    receiver.always = HEARD
    town.send(Reason.EMERGENCY)
    work(crier)
    assert receiver.events()[0] == "job.released"


def test_who_says_that_it_is_gone_is_paused_and_told_the_rest_when_resumed(town, receiver):
    made = town.add()
    town.call()
    receiver.answers.append(GONE)
    crier = town.crier(receiver)
    work(crier)
    assert town.view().state == "paused"
    town.run(minutes=10)
    work(crier)
    assert receiver.heard == []
    resume(LiveDesk(town.engine), WebhookId(webhook_id=made.webhook_id), "anna")
    work(crier)
    assert sorted(receiver.events()) == ["job.ended", "job.opened", "job.released"]


def test_a_dead_receiver_keeps_a_bounded_backlog_and_loses_nothing_of_the_rest(town, receiver):
    town.add("alarm.raised")
    crier = town.crier(receiver)
    for _ in range(30):
        town.engine.station.record(AlarmRaised(Alarm.STORE_FULL))
        town.engine.station.flush_tables()
    receiver.always = DOWN
    with patch.object(crier_module, "BACKLOG_MAX", 10), patch("engine.hooks.unfolding.FACTS_MAX", 4):
        work(crier)
        assert 10 <= town.view().waiting < 14
        receiver.always = HEARD
        while town.view().waiting or crier.gather():
            town.run(minutes=1)
            work(crier)
    assert len(receiver.heard) == 30
    assert len(set(receiver.event_ids())) == 30


def test_two_webhooks_do_not_wait_for_each_other(town, receiver):
    town.add()
    town.add(url="https://other.oak.example/")
    town.call()

    def answer(url: str, headers: dict[str, str], body: bytes):
        return DOWN if "hooks" in url else receiver(url, headers, body)

    work(Crier(town.engine, answer))
    assert receiver.events() == ["job.released", "job.opened", "job.ended"]


def test_a_removed_webhook_is_told_nothing_and_its_number_is_never_given_again(town, receiver):
    made = town.add()
    town.call()
    receiver.always = DOWN
    crier = town.crier(receiver)
    work(crier)
    remove(LiveDesk(town.engine), WebhookId(webhook_id=made.webhook_id), "anna")
    receiver.always = HEARD
    town.run(minutes=1)
    work(crier)
    assert receiver.heard == []
    assert town.add().webhook_id == made.webhook_id + 1
    with town.database.read() as txn:
        assert town.database.deliveries.count(txn) == 0


def test_pausing_loses_nothing(town, receiver):
    made = town.add()
    pause(LiveDesk(town.engine), WebhookId(webhook_id=made.webhook_id), "anna")
    crier = town.crier(receiver)
    town.call()
    work(crier)
    resume(LiveDesk(town.engine), WebhookId(webhook_id=made.webhook_id), "anna")
    work(crier)
    assert receiver.events() == ["job.released", "job.opened", "job.ended"]


# ---------------------------------------------------------------- crashes


class _CrashError(Exception):
    pass


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(crashes=st.lists(st.tuples(st.integers(0, 4), st.booleans()), max_size=4), down=st.integers(0, 2))
def test_a_crash_between_any_two_writes_loses_nothing_and_doubles_only_under_the_same_id(
    tmp_path_factory, crashes, down
):
    """Before or after the n-th write of a crier's life the engine is gone, again and again."""
    family = two_families()
    for part in family:
        part.mom.cell.answers().presses("0").always()
    receiver = Receiver()
    receiver.answers.extend([DOWN] * down)
    with ToldTown(tmp_path_factory.mktemp("town"), *family) as town:
        town.add("job.released", "job.opened", "job.ended", "chain.ended")
        town.call()
        for nth, after in crashes:
            with suppress(_CrashError), patch.object(Station, "write", _failing(Station.write, nth, after)):
                for _ in range(6):
                    work(town.crier(receiver))
                    town.run(minutes=1)
            town.restart()
        for _ in range(12):
            work(town.crier(receiver))
            town.run(until=max(town.now, town.view().next_at))
        assert town.view().waiting == 0
    bodies = {given: json.dumps(body) for given, body in receiver.heard}
    assert all(bodies[given] == json.dumps(body) for given, body in receiver.heard)
    assert len(bodies) == 4 or {body["type"] for _, body in receiver.heard} == {
        "job.released", "job.opened", "job.ended", "chain.ended",
    }  # fmt: skip
    once = {one for given in bodies for one in _ids(json.loads(bodies[given]))}
    assert len(once) == 5, "three of the job and one of each chain"
    assert sum(len(_ids(json.loads(body))) for body in bodies.values()) == 5, "no event has two deliveries"


def _ids(body) -> list[str]:
    data = body["data"]
    return [one["id"] for one in data.get("ended_chains", [data])]


def _failing(write, nth: int, after: bool):
    left = [nth]

    def failing(station, apply):
        left[0] -= 1
        if left[0] >= 0:
            return write(station, apply)
        if after:
            write(station, apply)
        raise _CrashError

    return failing


def test_what_cannot_be_written_down_is_not_posted_again(town, receiver):
    town.add("job.ended")
    town.call()
    crier = town.crier(receiver)
    crier.gather()
    with patch.object(Station, "write", side_effect=StoreError("The disk is full.")), pytest.raises(StoreError):
        crier.deliver()
    crier.deliver()
    assert receiver.events() == ["job.ended"]
    assert town.view().waiting == 0
