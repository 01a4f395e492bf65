"""The contract with pykka, seam by seam, and what pooled actors add to it: turns, urgency, seeds, no threads."""

import gc
import random
import threading
import weakref
from collections.abc import Callable, Iterator
from importlib.metadata import version
from typing import Any

import pykka
import pytest

from actors.runtime.actor import PooledActor, PooledRef
from actors.runtime.clock import WallClock
from actors.runtime.dispatcher import Dispatcher
from actors.runtime.mailbox import TURN_LETTERS_MAX
from tests.actors.doubles import Listener, listener, run_for, stepped


class Clerk(PooledActor):
    """Notes what happens to it, and does as it is told."""

    def __init__(self, dispatcher: Dispatcher, notes: list[Any] | None = None, name: str = "clerk") -> None:
        super().__init__(dispatcher, name)
        self.notes: list[Any] = [] if notes is None else notes
        self.at_work = False
        self.title = "clerk"

    def on_start(self) -> None:
        self.notes.append("started")

    def on_stop(self) -> None:
        self.notes.append("stopped")

    def on_failure(self, kind: Any, value: Any, _trace: Any) -> None:
        self.notes.append(f"failed: {value}")

    def on_receive(self, message: Any) -> Any:
        assert not self.at_work, "one letter at a time"
        self.at_work = True
        try:
            self.notes.append(message)
            return self._do(message)
        finally:
            self.at_work = False

    def _do(self, message: Any) -> Any:
        if message == "die":
            raise ValueError("of this letter")
        if message == "stop":
            self.stop()
        if callable(message):
            message(self)
        return f"did {message}"

    def add(self, one: int, other: int) -> int:
        return one + other

    def note(self, what: str) -> None:
        self.notes.append(what)


class Urgent(Listener):
    urgent = True


class Noting(Urgent):
    """Notes among the others when its turn came."""

    def __init__(self, dispatcher: Dispatcher, order: list[Any]) -> None:
        super().__init__(dispatcher)
        self._order = order

    def on_receive(self, message: Any) -> None:
        super().on_receive(message)
        self._order.append(message)


class Vital(Clerk):
    vital = True


@pytest.fixture
def dispatcher() -> Dispatcher:
    return stepped()


def clerk(dispatcher: Dispatcher) -> tuple[Clerk, PooledRef]:
    actor = Clerk(dispatcher)
    actor._start_actor_loop()
    return actor, actor.ref


# -- the contract with pykka


def test_the_seams_of_pykka_the_dispatcher_stands_on_are_there():
    for seam in ("_create_actor_inbox", "_create_future", "_start_actor_loop", "_actor_loop_setup", "_handle_receive",
                 "_handle_failure", "_stop"):  # fmt: skip
        assert callable(getattr(pykka.Actor, seam))
    assert version("pykka").startswith("4.5.")


def test_start_runs_on_start_and_gives_a_ref(dispatcher: Dispatcher):
    notes: list[Any] = []
    ref = Clerk.start(dispatcher, notes)
    assert notes == ["started"]
    assert isinstance(ref, PooledRef)
    assert isinstance(ref, pykka.ActorRef)
    assert ref.is_alive()
    assert (ref.actor_urn, ref.actor_class) == ("clerk", Clerk)


def test_letters_of_one_sender_are_handled_in_the_order_they_were_sent(dispatcher: Dispatcher):
    actor, ref = clerk(dispatcher)
    for letter in range(1_000):
        ref.tell(letter)
    dispatcher.run_until_idle()
    assert actor.notes[1:] == list(range(1_000))


def test_nothing_is_handled_before_the_dispatcher_gives_a_turn(dispatcher: Dispatcher):
    actor, ref = clerk(dispatcher)
    ref.tell("letter")
    assert actor.notes == ["started"]
    assert dispatcher.run_until_idle() == 1


def test_an_actor_that_tells_itself_handles_one_letter_at_a_time(dispatcher: Dispatcher):
    actor, ref = clerk(dispatcher)
    ref.tell(lambda me: (me.ref.tell("second"), me.notes.append("still the first")))
    dispatcher.run_until_idle()
    assert actor.notes[2:] == ["still the first", "second"]


def test_an_asked_letter_is_answered(dispatcher: Dispatcher):
    _, ref = clerk(dispatcher)
    future = ref.ask("sum", block=False)
    dispatcher.run_until_idle()
    assert future.get(timeout=0) == "did sum"


def test_an_error_in_an_asked_letter_goes_to_who_asked_and_the_actor_lives_on(dispatcher: Dispatcher):
    actor, ref = clerk(dispatcher)
    future = ref.ask("die", block=False)
    ref.tell("next")
    dispatcher.run_until_idle()
    with pytest.raises(ValueError, match="of this letter"):
        future.get(timeout=0)
    assert ref.is_alive()
    assert actor.notes[-1] == "next"


def test_asking_and_waiting_on_the_actors_own_thread_is_an_error_and_not_a_wait_for_ever(dispatcher: Dispatcher):
    actor, ref = clerk(dispatcher)
    with pytest.raises(RuntimeError, match="ask with block=False"):
        ref.ask("sum", timeout=0)
    assert actor.notes == ["started"]


def test_a_proxy_calls_and_reads(dispatcher: Dispatcher):
    actor, ref = clerk(dispatcher)
    proxy = ref.proxy()
    total, title = proxy.add(2, 3), proxy.title
    proxy.note.defer("told through the proxy")
    dispatcher.run_until_idle()
    assert (total.get(timeout=0), title.get(timeout=0)) == (5, "clerk")
    assert actor.notes == ["started", "told through the proxy"]


def test_stop_handles_what_was_sent_before_and_refuses_what_came_after(dispatcher: Dispatcher):
    actor, ref = clerk(dispatcher)
    ref.tell("before")
    stopped = ref.stop(block=False)
    after = ref.ask("after", block=False)
    dispatcher.run_until_idle()
    assert stopped.get(timeout=0) is True
    assert actor.notes == ["started", "before", "stopped"]
    with pytest.raises(pykka.ActorDeadError):
        after.get(timeout=0)


def test_stopping_twice_at_once_is_no_error_and_stopping_the_dead_says_so(dispatcher: Dispatcher):
    _, ref = clerk(dispatcher)
    first, second = ref.stop(block=False), ref.stop(block=False)
    dispatcher.run_until_idle()
    assert (first.get(timeout=0), second.get(timeout=0)) == (True, True)
    assert ref.stop(block=False).get(timeout=0) is False


def test_an_actor_may_stop_itself(dispatcher: Dispatcher):
    actor, ref = clerk(dispatcher)
    ref.tell("stop")
    ref.tell("too late")
    dispatcher.run_until_idle()
    assert "too late" in actor.notes, "`stop` is a letter like others and waits its turn"
    assert not ref.is_alive()
    assert actor.notes[-1] == "stopped"


def test_telling_the_dead_raises_unless_it_was_foreseen(dispatcher: Dispatcher):
    _, ref = clerk(dispatcher)
    ref.stop(block=False)
    dispatcher.run_until_idle()
    with pytest.raises(pykka.ActorDeadError):
        ref.tell("letter")
    with pytest.raises(pykka.ActorDeadError):
        ref.ask("letter", block=False).get(timeout=0)
    ref.actor_inbox.put("letter")
    ref.tell_urgently("letter")
    assert dispatcher.run_until_idle() == 0


# -- an actor that dies


@pytest.fixture
def quiet(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Errors are expected: they are logged, with their trace."""
    caplog.set_level("CRITICAL")
    return caplog


@pytest.mark.usefixtures("quiet")
def test_an_actor_that_dies_tells_through_on_failure_and_disturbs_nobody(dispatcher: Dispatcher):
    boss, boss_ref = listener(dispatcher)

    class Doomed(Clerk):
        def on_failure(self, *failure: Any) -> None:
            boss_ref.tell(f"{self.actor_urn} died {failure[1]}")

    doomed = Doomed.start(dispatcher, None, "doomed")
    other, other_ref = clerk(dispatcher)
    doomed.tell("die")
    asked = doomed.ask("never", block=False)
    other_ref.tell("goes on")
    dispatcher.run_until_idle()
    assert boss.letters == ["doomed died of this letter"]
    assert not doomed.is_alive()
    assert other.notes == ["started", "goes on"]
    with pytest.raises(pykka.ActorDeadError):
        asked.get(timeout=0)


@pytest.mark.usefixtures("quiet")
def test_a_dead_actor_is_not_stopped_as_well(dispatcher: Dispatcher):
    actor, ref = clerk(dispatcher)
    ref.tell("die")
    ref.tell("never")
    dispatcher.run_until_idle()
    assert actor.notes == ["started", "die", "failed: of this letter"]


@pytest.mark.usefixtures("quiet")
def test_an_actor_that_fails_while_reporting_its_failure_disturbs_nobody(dispatcher: Dispatcher):
    class Hopeless(Clerk):
        def on_failure(self, *_failure: Any) -> None:
            raise KeyError("again")

    ref = Hopeless.start(dispatcher)
    other, other_ref = clerk(dispatcher)
    ref.tell("die")
    other_ref.tell("goes on")
    dispatcher.run_until_idle()
    assert not ref.is_alive()
    assert other.notes[-1] == "goes on"


@pytest.mark.usefixtures("quiet")
def test_an_actor_that_fails_at_its_start_is_dead(dispatcher: Dispatcher):
    class Stillborn(Clerk):
        def on_start(self) -> None:
            raise KeyError("no desk")

    ref = Stillborn.start(dispatcher)
    assert not ref.is_alive()


def test_the_error_of_a_vital_actor_stops_stepping(dispatcher: Dispatcher):
    ref = Vital.start(dispatcher)
    ref.tell("die")
    with pytest.raises(ValueError, match="of this letter"):
        dispatcher.run_until_idle()


# -- memory


def test_a_stopped_actor_is_let_go_though_its_ref_is_kept(dispatcher: Dispatcher):
    actor, ref = clerk(dispatcher)
    gone = weakref.ref(actor)
    del actor
    gc.collect()
    assert gone() is not None, "its mailbox owns it while it lives"
    ref.stop(block=False)
    dispatcher.run_until_idle()
    gc.collect()
    assert gone() is None
    assert not ref.is_alive()


@pytest.mark.usefixtures("quiet")
def test_a_dead_actor_is_let_go_too(dispatcher: Dispatcher):
    actor, ref = clerk(dispatcher)
    gone = weakref.ref(actor)
    del actor
    ref.tell("die")
    dispatcher.run_until_idle()
    gc.collect()
    assert gone() is None


def test_pooled_actors_are_not_in_pykkas_registry(dispatcher: Dispatcher):
    _, ref = clerk(dispatcher)
    assert ref not in pykka.ActorRegistry.get_all()


# -- turns


def test_an_actor_with_many_letters_lets_others_have_their_turn(dispatcher: Dispatcher):
    order: list[str] = []
    busy = Clerk.start(dispatcher, order, "busy")
    idle = Clerk.start(dispatcher, order, "idle")
    order.clear()
    for _ in range(TURN_LETTERS_MAX * 2 + 1):
        busy.tell("b")
    idle.tell("i")
    dispatcher.run_until_idle()
    assert order.index("i") == TURN_LETTERS_MAX
    assert order.count("b") == TURN_LETTERS_MAX * 2 + 1


def test_letters_that_come_during_a_long_turn_keep_their_order(dispatcher: Dispatcher):
    actor, ref = clerk(dispatcher)
    ref.tell(lambda me: [me.ref.tell(n) for n in range(1_000, 1_005)])
    for n in range(1, TURN_LETTERS_MAX * 2):
        ref.tell(n)
    dispatcher.run_until_idle()
    assert actor.notes[2:] == [*range(1, TURN_LETTERS_MAX * 2), *range(1_000, 1_005)]


def test_an_actor_that_stops_in_a_long_turn_refuses_all_that_waited(dispatcher: Dispatcher):
    actor, ref = clerk(dispatcher)
    ref.stop(block=False)
    waiting = [ref.ask("late", block=False) for _ in range(TURN_LETTERS_MAX * 2)]
    dispatcher.run_until_idle()
    for future in waiting:
        with pytest.raises(pykka.ActorDeadError):
            future.get(timeout=0)
    assert "late" not in actor.notes


def test_urgent_actors_have_their_turns_before_all_others(dispatcher: Dispatcher):
    order: list[str] = []
    ordinary = [Clerk.start(dispatcher, order, f"clerk {n}") for n in range(5)]
    urgent = Noting.start(dispatcher, order)
    order.clear()
    for n, ref in enumerate(ordinary):
        ref.tell(f"ordinary {n}")
    urgent.tell("urgent")
    dispatcher.run_until_idle()
    assert order == ["urgent", *(f"ordinary {n}" for n in range(5))]


def test_an_urgent_letter_goes_before_everything_ordinary_that_waits_its_own_actors_letters_included(
    dispatcher: Dispatcher,
):
    order: list[str] = []
    first, second = Clerk.start(dispatcher, order, "first"), Clerk.start(dispatcher, order, "second")
    order.clear()
    first.tell("first")
    second.tell("second, ordinary")
    second.tell_urgently("second, urgent")
    dispatcher.run_until_idle()
    assert order == ["second, urgent", "first", "second, ordinary"]


def test_a_patient_letter_to_an_urgent_actor_waits_its_turn_among_the_ordinary_ones(dispatcher: Dispatcher):
    order: list[str] = []
    ordinary, urgent = Clerk.start(dispatcher, order), Noting.start(dispatcher, order)
    order.clear()
    ordinary.tell("ordinary")
    urgent.tell_patiently("patient")
    urgent.tell("urgent")
    dispatcher.run_until_idle()
    assert order == ["urgent", "ordinary", "patient"]


def test_a_letter_for_each_of_many_actors_takes_few_turns_and_goes_before_what_they_are_told_later(
    dispatcher: Dispatcher,
):
    order: list[str] = []
    refs = [Clerk.start(dispatcher, order, f"clerk {n}") for n in range(TURN_LETTERS_MAX + 1)]
    order.clear()
    dispatcher.tell_each([(ref.actor_inbox, f"letter {n}") for n, ref in enumerate(refs)], urgent=False)
    refs[0].tell("later")
    assert dispatcher.run_until_idle() == 3
    assert order == [*(f"letter {n}" for n in range(TURN_LETTERS_MAX + 1)), "later"]


def test_of_a_letter_for_each_those_to_the_dead_are_refused_and_a_failure_disturbs_nobody(dispatcher: Dispatcher):
    order: list[str] = []
    dead, failing, alive = (Clerk.start(dispatcher, order, name) for name in ("dead", "failing", "alive"))
    dead.stop(block=False)
    dispatcher.run_until_idle()
    order.clear()
    letters = [(dead.actor_inbox, "late"), (failing.actor_inbox, "die"), (alive.actor_inbox, "hello")]
    dispatcher.tell_each(letters, urgent=False)
    dispatcher.run_until_idle()
    assert order == ["die", "failed: of this letter", "hello"]
    assert not failing.is_alive()
    assert alive.is_alive()


def test_shuffled_each_of_many_actors_has_a_turn_of_its_own():
    orders = set()
    for seed in range(20):
        dispatcher, order = stepped(seed), list[str]()
        refs = [Clerk.start(dispatcher, order, f"clerk {n}") for n in range(4)]
        order.clear()
        dispatcher.tell_each([(ref.actor_inbox, str(n)) for n, ref in enumerate(refs)], urgent=False)
        dispatcher.run_until_idle()
        orders.add("".join(order))
    assert len(orders) > 5


def test_an_actor_with_letters_of_both_levels_is_given_each_once(dispatcher: Dispatcher):
    actor, ref = clerk(dispatcher)
    other, other_ref = clerk(dispatcher)
    for n in range(3 * TURN_LETTERS_MAX):
        ref.tell(n)
        ref.tell_urgently(-n)
        other_ref.tell(n)
    dispatcher.run_until_idle()
    assert sorted(actor.notes[1:]) == sorted([*range(3 * TURN_LETTERS_MAX), *(-n for n in range(3 * TURN_LETTERS_MAX))])
    assert other.notes[1:] == list(range(3 * TURN_LETTERS_MAX))
    ref.tell("afterwards")
    dispatcher.run_until_idle()
    assert actor.notes[-1] == "afterwards"


def test_turns_can_be_counted_out(dispatcher: Dispatcher):
    refs = [Clerk.start(dispatcher) for _ in range(5)]
    for ref in refs:
        ref.tell("letter")
    assert dispatcher.run_until_idle(turns_max=2) == 2
    assert dispatcher.run_until_idle() == 3


# -- stepped, under a seed


def interleaving(seed: int | None) -> list[str]:
    """Twelve actors that tell each other, in the order their letters are handled."""
    dispatcher, order = stepped(seed), list[str]()
    refs = [Clerk.start(dispatcher, order, f"clerk {n}") for n in range(12)]
    order.clear()

    def passes_on(hops: int, name: str) -> Callable[[Clerk], None]:
        def act(me: Clerk) -> None:
            me.notes[-1] = f"{name} at {me.actor_urn}"
            if hops:
                refs[(hops * 5 + int(me.actor_urn.split()[1])) % 12].tell(passes_on(hops - 1, name))

        return act

    for n, ref in enumerate(refs):
        ref.tell(passes_on(6, f"letter {n}"))
    dispatcher.run_until_idle()
    return order


def test_the_same_seed_gives_the_same_order_again():
    for seed in (1, 2, 3):
        assert interleaving(seed) == interleaving(seed)


def test_another_seed_gives_another_order_of_the_same_letters():
    orders = [interleaving(seed) for seed in range(6)]
    assert len({tuple(order) for order in orders}) == 6
    assert len({tuple(sorted(order)) for order in orders}) == 1


def test_without_a_seed_turns_are_given_in_the_order_they_were_asked_for():
    dispatcher, order = stepped(), list[int]()
    refs = [Clerk.start(dispatcher, order, f"clerk {n}") for n in range(12)]
    order.clear()
    for n in (3, 1, 2, 3, 0):
        refs[n].tell(n)
    dispatcher.run_until_idle()
    assert order == [3, 3, 1, 2, 0]


def test_whatever_the_seed_letters_of_one_sender_keep_their_order_and_urgent_ones_go_first():
    for seed in range(20):
        dispatcher, order = stepped(seed), list[Any]()
        refs = [Clerk.start(dispatcher, order, f"clerk {n}") for n in range(6)]
        urgent = Noting.start(dispatcher, order)
        order.clear()
        chance = random.Random(seed)
        for n in range(60):
            chance.choice(refs).tell((chance.randrange(6), n))
        urgent.tell("urgent")
        dispatcher.run_until_idle()
        assert order[0] == "urgent"
        assert len(order) == 61


def test_time_stands_while_turns_are_given_and_moves_from_one_timer_to_the_next(dispatcher: Dispatcher):
    actor, ref = listener(dispatcher)
    start = dispatcher.clock.now()
    for delay in (300, 100, 200):
        dispatcher.timer.after(delay, ref, delay)
    assert dispatcher.step_time()
    dispatcher.run_until_idle()
    assert (dispatcher.clock.now() - start, actor.letters) == (100, [100])
    assert not dispatcher.step_time(until=start + 150)
    assert dispatcher.clock.now() - start == 150
    run_for(dispatcher, 1_000)
    assert actor.letters == [100, 200, 300]
    assert not dispatcher.step_time()


# -- live


@pytest.fixture
def live() -> Iterator[Dispatcher]:
    """A dispatcher with its thread."""
    dispatcher = Dispatcher(WallClock())
    dispatcher.start()
    yield dispatcher
    dispatcher.stop()


LONG_S = 20
"""Longer than anything here takes."""


def test_letters_from_many_foreign_threads_all_arrive_each_threads_in_order(live: Dispatcher):
    actor, ref = clerk(live)
    threads = [threading.Thread(target=_tell_many, args=(ref, name)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ref.ask("all before this", timeout=LONG_S)
    for name in range(4):
        assert [note for note in actor.notes if isinstance(note, tuple) and note[0] == name] == [
            (name, n) for n in range(200)
        ]


def _tell_many(ref: PooledRef, name: int) -> None:
    for n in range(200):
        ref.tell((name, n))


def test_every_letter_is_handled_on_the_dispatchers_thread(live: Dispatcher):
    _, ref = clerk(live)
    seen: list[int] = []
    ref.tell(lambda _me: seen.append(threading.get_ident()))
    ref.ask("all before this", timeout=LONG_S)
    assert seen == [live.thread_id]
    assert seen != [threading.get_ident()]


def test_a_foreign_thread_may_ask_and_wait(live: Dispatcher):
    _, ref = clerk(live)
    assert ref.ask("sum", timeout=LONG_S) == "did sum"
    proxy = ref.proxy()
    proxy.title = "head clerk"
    assert (proxy.add(2, 3).get(timeout=LONG_S), proxy.title.get(timeout=LONG_S)) == (5, "head clerk")
    assert ref.stop(timeout=LONG_S) is True


def test_an_actor_that_asks_another_and_waits_is_told_so_instead_of_stopping_the_world(live: Dispatcher):
    _, ref = clerk(live)
    _, other = clerk(live)
    with pytest.raises(RuntimeError, match="ask with block=False"):
        ref.ask(lambda _me: other.ask("sum"), timeout=LONG_S)


def test_a_letter_handed_over_to_an_actor_that_stops_meanwhile_is_refused_and_its_future_does_not_hang(
    dispatcher: Dispatcher,
):
    _, ref = clerk(dispatcher)
    futures: list[pykka.Future[Any]] = []
    ref.stop(block=False)
    thread = threading.Thread(target=lambda: futures.append(ref.ask("late", block=False)))
    thread.start()
    thread.join()
    dispatcher.run_until_idle()
    with pytest.raises(pykka.ActorDeadError):
        futures[0].get(timeout=LONG_S)


def test_an_urgent_letter_from_a_foreign_thread_is_urgent(dispatcher: Dispatcher):
    order: list[str] = []
    first, second = Clerk.start(dispatcher, order, "first"), Clerk.start(dispatcher, order, "second")
    order.clear()
    first.tell("first")
    thread = threading.Thread(target=second.tell_urgently, args=("second",))
    thread.start()
    thread.join()
    dispatcher.run_until_idle()
    assert order == ["second", "first"]


def test_a_sleeping_loop_wakes_for_a_letter_and_for_its_timers(live: Dispatcher):
    rang = threading.Event()
    _, ref = clerk(live)
    ref.tell(lambda me: live.timer.after(5, me.ref, lambda _me: rang.set()))
    assert rang.wait(LONG_S)


def test_after_stop_no_letter_is_delivered_and_stepping_may_go_on_where_the_loop_ended():
    live = Dispatcher(WallClock())
    live.start()
    actor, ref = clerk(live)
    ref.ask("first", timeout=LONG_S)
    live.stop()
    ref.tell("second")
    assert actor.notes == ["started", "first"]
    live.run_until_idle()
    assert actor.notes == ["started", "first", "second"]


@pytest.mark.usefixtures("quiet")
def test_the_error_of_a_vital_actor_ends_the_loop_and_is_told():
    live, told = Dispatcher(WallClock()), threading.Event()
    live.on_failure = told.set
    ref = Vital.start(live)
    live.start()
    ref.tell("die")
    assert told.wait(LONG_S)
    live.stop()
    assert isinstance(live.failure, ValueError)


@pytest.mark.usefixtures("quiet")
def test_the_error_of_any_other_actor_does_not_end_the_loop(live: Dispatcher):
    _, doomed = clerk(live)
    _, other = clerk(live)
    doomed.tell("die")
    assert other.ask("sum", timeout=LONG_S) == "did sum"
    assert live.failure is None


def test_a_loop_that_has_just_slept_keeps_up_and_a_stepped_one_is_never_said_to(live: Dispatcher):
    assert not stepped().keeps_up
    _, ref = clerk(live)
    ref.ask("letter", timeout=LONG_S)
    rested = [ref.ask(lambda _clerk: None, timeout=LONG_S) and live.keeps_up for _ in range(20)]
    assert any(rested)
