"""The status poller: the call log page by page, and a stored cursor that lags the facts and never leads them."""

from collections.abc import Sequence
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.gateway import CallEnd, CallRow, Failure, LineStatus, LogPage
from actors.messages import (
    AlarmChanged,
    CallsEnded,
    CarrierCounted,
    LogRead,
    PageSettled,
    PollDue,
    PollSooner,
    PollWhileOpen,
    Write,
)
from actors.poller import FAILED_POLL_MAX_MS, POLL_MS, StatusPoller
from actors.runtime.actor import PooledRef
from store.alarms import Alarm
from tests.actors.doubles import BUSY, LOGIN_REFUSED, UNREACHABLE, ScriptedGateway, listener, run_for, stepped


def row(ref: str) -> CallRow:
    return CallRow(ref, "p", "+15125550100", CallEnd.BUSY, 1, 2)


class Watch:
    """A poller beside a line pool and a writer that only listen, and a carrier that answers when told to."""

    def __init__(self, cursor: str = "", soonest_ms: int = POLL_MS) -> None:
        self.dispatcher = stepped()
        self.carrier = ScriptedGateway()
        self.pool, pool_ref = listener(self.dispatcher, "pool")
        self.writer, writer_ref = listener(self.dispatcher, "writer")
        self.saved: list[str] = []
        actor = StatusPoller(
            self.dispatcher, self.dispatcher.clock, self.carrier, cursor,
            lambda cursor, _txn: self.saved.append(cursor), soonest_ms=soonest_ms,
        )  # fmt: skip
        actor.furnish(pool_ref, writer_ref)
        actor._start_actor_loop()
        self.actor = actor
        self.ref: PooledRef = actor.ref

    def opens(self, is_open: bool = True) -> "Watch":
        self.ref.tell(PollWhileOpen(is_open))
        self.settle()
        return self

    def settle(self) -> None:
        self.dispatcher.run_until_idle()

    def pass_time(self, ms: int) -> None:
        run_for(self.dispatcher, ms)

    def page(self, next_cursor: str, refs: Sequence[str] = (), more: bool = False) -> None:
        """The carrier answers the reading that is out."""
        self.carrier.next("results").reply(LogPage([row(ref) for ref in refs], next_cursor, more))
        self.settle()

    def fails(self, failure: Failure) -> None:
        self.carrier.next("results").reply(failure)
        self.settle()

    def sooner(self, delay_ms: int) -> None:
        """The line pool says when it will be worth reading again."""
        self.ref.tell(PollSooner(delay_ms))
        self.settle()

    def reads_in(self, horizon_ms: int = 2 * FAILED_POLL_MAX_MS) -> int:
        """How long it is from now until the log is read."""
        started_at, readings = self.dispatcher.clock.now(), len(self.carrier.cursors)
        while len(self.carrier.cursors) == readings:
            assert self.dispatcher.step_time(started_at + horizon_ms), "the log is not read any more"
            self.settle()
        return self.dispatcher.clock.now() - started_at

    def settled(self, page: int) -> None:
        self.ref.tell(PageSettled(page))
        self.settle()

    def cursors_saved(self) -> list[str]:
        """The cursors that were handed to the writer, in order."""
        for letter in self.writer.heard(Write):
            assert isinstance(letter.apply, partial)
            letter.apply(None)
        saved, self.saved[:], self.writer.letters[:] = list(self.saved), [], []
        return saved


@pytest.fixture
def watch() -> Watch:
    return Watch().opens()


@pytest.mark.row("C050")
def test_while_a_job_is_open_the_call_log_is_read_every_15_seconds(watch: Watch):
    """Client polls the call log every 15 seconds."""
    assert POLL_MS == 15_000
    for reading in range(1, 6):
        watch.pass_time(POLL_MS - 1)
        assert len(watch.carrier.cursors) == reading - 1
        watch.pass_time(1)
        assert len(watch.carrier.cursors) == reading
        watch.page("")


def test_nothing_is_read_while_no_job_is_open():
    """Strictly one-way: … results are polled."""
    watch = Watch()
    watch.pass_time(10 * POLL_MS)
    assert watch.carrier.asked == []
    watch.opens()
    watch.pass_time(POLL_MS)
    watch.page("c1")
    watch.opens(False)
    watch.pass_time(10 * POLL_MS)
    assert len(watch.carrier.cursors) == 1
    watch.opens()
    watch.pass_time(POLL_MS)
    assert watch.carrier.cursors == ["", "c1"]


def test_a_second_job_that_opens_does_not_double_the_readings(watch: Watch):
    for _ in range(5):
        watch.opens()
    watch.pass_time(POLL_MS)
    assert len(watch.carrier.cursors) == 1
    watch.opens()
    watch.page("c1")
    watch.pass_time(POLL_MS - 1)
    assert len(watch.carrier.cursors) == 1


def test_there_is_never_more_than_one_reading_out(watch: Watch):
    watch.pass_time(POLL_MS)
    watch.pass_time(10 * POLL_MS)
    watch.ref.tell(PollDue())
    watch.settle()
    assert watch.carrier.waiting("results") == 1


def test_a_reading_can_be_asked_for_at_once(watch: Watch):
    watch.ref.tell(PollDue())
    watch.settle()
    assert len(watch.carrier.cursors) == 1
    watch.page("c1")
    watch.pass_time(POLL_MS - 1)
    assert len(watch.carrier.cursors) == 1, "and the next is a whole interval later"
    watch.pass_time(1)
    assert len(watch.carrier.cursors) == 2


def test_a_page_goes_to_the_line_pool_with_a_number_and_the_next_reading_goes_on_behind_it(watch: Watch):
    watch.pass_time(POLL_MS)
    watch.page("c1", ["r1", "r2"])
    assert watch.pool.heard(CallsEnded) == [CallsEnded([row("r1"), row("r2")], 1)]
    watch.pass_time(POLL_MS)
    assert watch.carrier.cursors == ["", "c1"]


def test_pages_are_read_one_after_another_until_there_are_no_more(watch: Watch):
    watch.pass_time(POLL_MS)
    watch.page("c1", ["r1"], more=True)
    assert watch.pool.heard(LogRead) == []
    watch.page("c2", ["r2"], more=True)
    watch.page("c3", ["r3"])
    assert watch.carrier.cursors == ["", "c1", "c2"]
    assert [letter.page for letter in watch.pool.heard(CallsEnded)] == [1, 2, 3]
    assert watch.pool.heard(LogRead) == [LogRead()], "the line pool hears that the log has been read to its end"


def test_the_cursor_is_saved_when_the_results_before_it_are_on_disk_and_not_earlier(watch: Watch):
    watch.pass_time(POLL_MS)
    watch.page("c1", ["r1"])
    watch.pass_time(POLL_MS)
    watch.page("c2", ["r2"])
    assert watch.cursors_saved() == []
    watch.settled(1)
    assert watch.cursors_saved() == ["c1"]
    watch.settled(2)
    assert watch.cursors_saved() == ["c2"]


def test_a_page_settled_before_an_earlier_one_waits_for_it(watch: Watch):
    watch.pass_time(POLL_MS)
    for n in (1, 2, 3):
        watch.page(f"c{n}", [f"r{n}"], more=n < 3)
    watch.settled(3)
    watch.settled(2)
    assert watch.cursors_saved() == []
    watch.settled(1)
    assert watch.cursors_saved() == ["c3"]


def test_a_cursor_that_does_not_move_brings_no_page(watch: Watch):
    watch.pass_time(POLL_MS)
    watch.page("")
    assert (watch.pool.heard(CallsEnded), watch.cursors_saved()) == ([], [])


def test_after_a_restart_reading_goes_on_at_the_stored_cursor():
    watch = Watch(cursor="c17").opens()
    watch.pass_time(POLL_MS)
    assert watch.carrier.cursors == ["c17"]


def test_the_log_can_be_read_before_any_job_is_open():
    watch = Watch(cursor="c17")
    watch.actor.read_now()
    assert watch.carrier.cursors == ["c17"]
    watch.page("c18", more=True)
    watch.page("c19")
    assert watch.pool.heard(LogRead) == [LogRead()]
    watch.pass_time(10 * POLL_MS)
    assert len(watch.carrier.cursors) == 2


def test_a_reading_that_fails_is_repeated_later_and_later_with_the_same_cursor_up_to_two_minutes(watch: Watch):
    waits = []
    watch.pass_time(POLL_MS)
    for _ in range(6):
        failed_at = watch.dispatcher.clock.now()
        watch.fails(UNREACHABLE)
        while not watch.carrier.waiting("results"):
            assert watch.dispatcher.step_time()
            watch.settle()
        waits.append(watch.dispatcher.clock.now() - failed_at)
    assert waits == [2 * POLL_MS, 4 * POLL_MS, *[FAILED_POLL_MAX_MS] * 4]
    assert watch.carrier.cursors == [""] * 7
    watch.page("c1")
    watch.pass_time(POLL_MS)
    assert watch.carrier.waiting("results") == 1, "it backs off only on errors"


def test_a_carrier_that_asks_for_a_longer_pause_gets_it(watch: Watch):
    watch.pass_time(POLL_MS)
    watch.fails(Failure(BUSY.kind, True, "come back later", retry_after_ms=200_000))
    watch.pass_time(199_999)
    assert watch.carrier.waiting("results") == 0
    watch.pass_time(1)
    assert watch.carrier.waiting("results") == 1


@pytest.mark.parametrize(
    ("failure", "alarm"),
    [(UNREACHABLE, Alarm.CARRIER_UNREACHABLE), (LOGIN_REFUSED, Alarm.CARRIER_REFUSES_LOGIN)],
)
def test_a_log_that_cannot_be_read_raises_an_alarm_that_is_cleared_when_it_can(
    watch: Watch, failure: Failure, alarm: Alarm
):
    watch.pass_time(POLL_MS)
    watch.fails(failure)
    assert watch.pool.heard(AlarmChanged) == [AlarmChanged(alarm, True)]
    watch.pass_time(FAILED_POLL_MAX_MS)
    watch.page("c1")
    assert AlarmChanged(alarm, False) in watch.pool.heard(AlarmChanged)[1:]


def test_the_carriers_clock_is_compared_with_ours_at_every_reading(watch: Watch):
    watch.pass_time(POLL_MS)
    server_time_at = watch.dispatcher.clock.now() + 4_000
    watch.carrier.next("line_status").reply(LineStatus(4, 0, 0, 0, server_time_at))
    watch.settle()
    assert [news.skew_ms for news in watch.pool.heard(CarrierCounted)] == [4_000]


def test_a_line_status_that_fails_says_nothing(watch: Watch):
    watch.pass_time(POLL_MS)
    watch.carrier.next("line_status").reply(UNREACHABLE)
    watch.settle()
    assert watch.pool.letters == []


# -- sooner

SOONEST_MS = 3_000


@pytest.fixture
def hasty() -> Watch:
    """A poller that may read every three seconds, and has just read the log."""
    watch = Watch(soonest_ms=SOONEST_MS).opens()
    watch.pass_time(POLL_MS)
    watch.page("c1")
    return watch


@pytest.mark.parametrize(
    ("asked_ms", "waits_ms"),
    [(5_000, 5_000), (SOONEST_MS, SOONEST_MS), (1, SOONEST_MS), (0, SOONEST_MS), (POLL_MS - 1, POLL_MS - 1)],
)
def test_the_log_is_read_sooner_when_that_is_worth_it_but_never_sooner_than_the_soonest(
    hasty: Watch, asked_ms: int, waits_ms: int
):
    hasty.sooner(asked_ms)
    assert hasty.reads_in() == waits_ms


@pytest.mark.row("C050")
@pytest.mark.parametrize("asked_ms", [POLL_MS, POLL_MS + 1, 10 * POLL_MS])
def test_nobody_can_make_the_log_be_read_later_than_its_regular_time(hasty: Watch, asked_ms: int):
    """Client polls the call log every 15 seconds."""
    hasty.sooner(asked_ms)
    assert hasty.reads_in() == POLL_MS


def test_after_a_sooner_reading_the_next_is_at_its_regular_time_again(hasty: Watch):
    hasty.sooner(SOONEST_MS)
    hasty.reads_in()
    hasty.page("c2")
    assert hasty.reads_in() == POLL_MS


@pytest.mark.row("C050")
@pytest.mark.parametrize("asked_ms", [0, 1, SOONEST_MS, POLL_MS - 1])
def test_where_the_soonest_is_the_regular_time_it_is_read_exactly_then(asked_ms: int):
    """Client polls the call log every 15 seconds."""
    watch = Watch(soonest_ms=POLL_MS).opens()
    for _ in range(3):
        watch.sooner(asked_ms)
        assert watch.reads_in() == POLL_MS
        watch.page("")


def test_while_a_reading_is_out_no_other_is_begun_sooner(hasty: Watch):
    hasty.reads_in()
    hasty.sooner(SOONEST_MS)
    hasty.pass_time(10 * POLL_MS)
    assert hasty.carrier.waiting("results") == 1
    hasty.page("c2")
    assert hasty.reads_in() == POLL_MS


def test_a_carrier_that_fails_is_not_asked_sooner(hasty: Watch):
    hasty.reads_in()
    hasty.fails(UNREACHABLE)
    hasty.sooner(SOONEST_MS)
    assert hasty.reads_in() == 2 * POLL_MS
    hasty.page("c2")
    hasty.sooner(SOONEST_MS)
    assert hasty.reads_in() == SOONEST_MS, "it has answered again"


def test_with_no_job_open_the_log_is_not_read_sooner(hasty: Watch):
    hasty.opens(False)
    hasty.sooner(SOONEST_MS)
    hasty.pass_time(10 * POLL_MS)
    assert not hasty.carrier.waiting("results")


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, POLL_MS - 1), st.integers(0, 2 * POLL_MS)), max_size=6))
def test_however_often_it_is_asked_for_the_next_reading_is_never_put_off(asked: list[tuple[int, int]]):
    watch = Watch(soonest_ms=SOONEST_MS).opens()
    watch.pass_time(POLL_MS)
    watch.page("c1")
    for later_ms, delay_ms in asked:
        due = watch.actor._due
        if due is None:
            break
        before = watch.dispatcher.timer.next_at()
        assert before is not None
        watch.sooner(delay_ms)
        after = watch.dispatcher.timer.next_at()
        assert after is not None
        assert after <= before
        watch.pass_time(min(later_ms, after - watch.dispatcher.clock.now() - 1))


acts = st.lists(st.sampled_from(["page", "more", "same", "fail", "settle", "settle", "time"]), max_size=60)


@settings(max_examples=150, deadline=None)
@given(acts, st.randoms(use_true_random=False))
def test_the_stored_cursor_never_leads_the_settled_pages_nor_goes_back(told: list[str], chance):
    watch, count, unsettled, done = Watch().opens(), 0, set[int](), set[int]()
    stored = 0
    for act in told:
        if act == "settle" and unsettled:
            page = chance.choice(sorted(unsettled))
            unsettled.discard(page)
            done.add(page)
            watch.settled(page)
        elif act == "time" or not watch.carrier.waiting("results"):
            watch.pass_time(FAILED_POLL_MAX_MS)
        elif act == "fail":
            watch.fails(UNREACHABLE)
        elif act == "same":
            watch.page(str(count) if count else "")
        elif act in ("page", "more"):
            count += 1
            unsettled.add(count)
            watch.page(str(count), [f"r{count}"], more=act == "more")
        level = next(page for page in range(1, count + 2) if page not in done) - 1
        for cursor in watch.cursors_saved():
            assert stored < int(cursor) <= level
            stored = int(cursor)
        assert stored == level
    assert [letter.page for letter in watch.pool.heard(CallsEnded)] == list(range(1, count + 1))


def test_a_reading_that_is_asked_for_while_one_is_under_way_follows_it_at_once(watch: Watch):
    watch.pass_time(POLL_MS)
    watch.ref.tell(PollDue())
    watch.settle()
    assert len(watch.carrier.cursors) == 1
    watch.page("1")
    assert watch.carrier.cursors[1:] == ["1"]
    watch.page("1")
    assert len(watch.carrier.cursors) == 2, "once"


def test_a_reading_that_was_asked_for_during_one_that_failed_waits_as_all_do_after_a_failure(watch: Watch):
    watch.pass_time(POLL_MS)
    watch.ref.tell(PollDue())
    watch.settle()
    watch.fails(UNREACHABLE)
    assert len(watch.carrier.cursors) == 1
    assert watch.reads_in() >= POLL_MS
