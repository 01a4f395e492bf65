"""People who do things at the same time, on an engine with a thread of its own."""

import random
import threading
from collections.abc import Callable
from functools import partial

import pytest

from engine.views import ReleaseView
from store.commands import Verb
from store.errors import RefusedError
from tests.engine.ladder.town import is_out, set_ladder, verbs
from tests.fakes import at, one_contact, soap_town


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """Before the district's hours, so that what is sent waits and no phone rings."""
    with soap_town(
        tmp_path_factory.mktemp("town"), one_contact(), now=at("2026-03-02 06:00"), speed=1, deadline_s=10
    ) as town:
        yield town


def at_once(*acts: Callable[[], ReleaseView]) -> list[ReleaseView | RefusedError]:
    """What becomes of acts that begin in the same moment."""
    start, became = threading.Barrier(len(acts)), dict[int, ReleaseView | RefusedError]()

    def carry_out(place: int) -> None:
        start.wait()
        try:
            became[place] = acts[place]()
        except RefusedError as error:
            became[place] = error

    threads = [threading.Thread(target=carry_out, args=[place]) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [became[place] for place in range(len(acts))]


@pytest.mark.parametrize("recall_seconds", [0.0, 60.0])
def test_of_two_who_agree_at_once_one_does_and_it_goes_out_once(town, recall_seconds):
    set_ladder(town, second_person="always", recall_seconds=recall_seconds)
    for _ in range(10):
        job = town.prepare()
        town.engine.ask_to_send(job, expect=1, author="anna")
        became = at_once(*(partial(town.engine.approve, job, expect=1, author=who) for who in ("ben", "cleo")))
        assert sorted(isinstance(one, RefusedError) for one in became) == [False, True]
        assert verbs(town, job).count(Verb.APPROVE) == 1
        assert is_out(town, job) == (not recall_seconds)
        if recall_seconds:
            town.engine.recall(job)


@pytest.mark.parametrize("seam", ["bring", "_stopped_since", "_tell"])
def test_a_recall_in_the_last_moment_wins_or_comes_too_late_but_never_both(town, monkeypatch, seam):
    sending, chance = town.engine._sending, random.Random(seam)
    really, going = getattr(sending, seam), threading.Event()

    def on_its_way(*given):
        going.set()
        return really(*given)

    monkeypatch.setattr(sending, seam, on_its_way)
    for _ in range(10):
        going.clear()
        set_ladder(town, recall_seconds=chance.choice((0.001, 0.005, 0.01)))
        job = town.prepare()
        town.engine.ask_to_send(job, expect=1, author="anna")
        assert going.wait(10)
        try:
            town.engine.recall(job, author="ben")
        except RefusedError as error:
            too_late = str(error)
        else:
            too_late = ""
        town.engine.station.write(lambda _txn: None)  # whatever was told before is on disk
        assert is_out(town, job) == bool(too_late)
        assert town.engine.release(job).rung == ("released" if too_late else "recalled")
        assert (Verb.RECALL in verbs(town, job)) != (Verb.SEND in verbs(town, job))
        assert "gone out already" in too_late or not too_late
        assert too_late or seam != "_tell"


def test_what_is_due_goes_out_by_itself_and_what_nobody_agrees_to_expires(town):
    set_ladder(town, recall_seconds=0.05)
    job = town.prepare()
    town.engine.ask_to_send(job, expect=1, author="anna")
    town.until(lambda: job in town.engine.station.fold.jobs)
    set_ladder(town, second_person="always", approval_minutes=0.001)
    late = town.prepare()
    view = town.engine.ask_to_send(late, expect=1, author="anna")
    town.until(lambda: town.engine.release(late).rung == "expired")
    assert view.needs_second


def test_an_engine_that_stops_leaves_the_countdown_to_the_next_one(tmp_path):
    with soap_town(tmp_path, one_contact(), now=at("2026-03-02 06:00"), speed=1, deadline_s=10) as town:
        set_ladder(town, recall_seconds=60)
        job = town.prepare()
        town.engine.ask_to_send(job, expect=1, author="anna")
        town.engine.stop()
        with town.engine as again:
            assert again.release(job).rung == "counting"
            assert again.recall(job).rung == "recalled"
