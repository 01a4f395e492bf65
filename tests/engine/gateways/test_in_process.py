"""The gateway without SOAP answers later, pushes each row once, and never talks back inside a call."""

import heapq
from collections.abc import Callable, Sequence

from actors.gateway import (
    CALLS_MAX,
    CallEnd,
    CallRow,
    CancelOutcome,
    Failure,
    FailureKind,
    Gateway,
    LineStatus,
    LogPage,
    SubmitStatus,
    Submitted,
)
from actors.runtime.clock import VirtualClock
from engine.gateways.stand_in.carrier import Carrier
from engine.gateways.stand_in.in_process import InProcessGateway
from engine.gateways.stand_in.phone_network import Pickup
from tests.engine.gateways.scripted_phones import (
    HOUR,
    MONDAY_9AM,
    SCRIPT,
    ScriptedPhones,
    a_call,
    answers,
    busy,
    number_of,
    rings_out,
)

T = MONDAY_9AM


class Agenda:
    """Callbacks by instant on a virtual clock; those of one instant in the order they were given."""

    def __init__(self) -> None:
        self.clock = VirtualClock(T)
        self.waiting: list[tuple[int, int, Callable[[], None]]] = []
        self.given = 0

    def later(self, at: int, callback: Callable[[], None]) -> None:
        self.given += 1
        heapq.heappush(self.waiting, (at, self.given, callback))

    def run_until(self, at: int) -> None:
        while self.waiting and self.waiting[0][0] <= at:
            due, _, callback = heapq.heappop(self.waiting)
            self.clock.move_to(due)
            callback()
        self.clock.move_to(at)


class Desk:
    """A gateway, its agenda and what came back."""

    def __init__(self, *pickups: Pickup, pushes: bool, lines: int = 4) -> None:
        phones = ScriptedPhones()
        for index, pickup in enumerate(pickups):
            phones.expect(number_of(index), pickup)
        self.agenda = Agenda()
        self.carrier = Carrier(phones, lines=lines, emergency_lines=0)
        self.gateway = InProcessGateway(self.carrier, self.agenda.clock, self.agenda.later, pushes=pushes)
        self.batches: list[tuple[int, list[str]]] = []
        self.got: list[object] = []

    def sink(self, rows: Sequence[CallRow]) -> None:
        self.batches.append((self.agenda.clock.now() - T, [row.ref for row in rows]))

    def submit(self, *indexes: int) -> None:
        self.gateway.submit([a_call(index) for index in indexes], [SCRIPT], self.got.append)


def test_it_is_a_gateway():
    gateway: Gateway = Desk(pushes=True).gateway
    assert gateway.pushes


def test_a_reply_is_a_later_event_never_part_of_the_call():
    desk = Desk(busy(), pushes=False)
    desk.submit(0)
    assert desk.got == []
    desk.agenda.run_until(T)
    assert desk.got == [[Submitted("r0", SubmitStatus.ACCEPTED, "SP000000001")]]


def test_a_polled_gateway_never_wakes_itself_and_gives_rows_by_cursor():
    desk = Desk(busy(), pushes=False)
    desk.submit(0)
    desk.agenda.run_until(T + HOUR)
    desk.gateway.results("", desk.got.append)
    desk.agenda.run_until(T + HOUR)
    page = desk.got[-1]
    assert isinstance(page, LogPage)
    assert [(row.ref, row.end) for row in page.rows] == [("r0", CallEnd.BUSY)]
    assert desk.agenda.waiting == []


def test_a_pushing_gateway_delivers_rows_at_the_instant_calls_end_together_if_they_end_together():
    desk = Desk(busy(), answers(after_s=5, talks_s=10), busy(), pushes=True)
    desk.gateway.on_rows(desk.sink)
    desk.submit(0, 1, 2)
    desk.agenda.run_until(T + HOUR)
    assert desk.batches == [(1_200, ["r0", "r2"]), (15_200, ["r1"])]


def test_a_canceled_call_is_pushed_after_the_answer_to_the_cancel():
    desk = Desk(rings_out(30), pushes=True)
    desk.gateway.on_rows(desk.sink)
    desk.submit(0)
    desk.agenda.run_until(T + 3_000)
    order: list[str] = []
    desk.gateway.on_rows(lambda rows: order.append(rows[0].end.value))
    desk.gateway.cancel(["r0"], lambda answer: order.append(type(answer).__name__))
    assert order == []
    desk.agenda.run_until(T + 3_000)
    assert order == ["list", "CANCELED"]


def test_rows_wait_for_a_sink_and_each_is_pushed_once():
    desk = Desk(busy(), busy(), pushes=True)
    desk.submit(0)
    desk.agenda.run_until(T + 10_000)
    desk.gateway.on_rows(desk.sink)
    desk.agenda.run_until(T + 10_000)
    desk.submit(1)
    desk.agenda.run_until(T + HOUR)
    assert desk.batches == [(10_000, ["r0"]), (11_200, ["r1"])]


def test_more_rows_than_a_page_holds_are_pushed_in_one_list():
    count = CALLS_MAX + 100
    desk = Desk(*[busy()] * count, pushes=True, lines=count)
    desk.gateway.on_rows(desk.sink)
    desk.submit(*range(CALLS_MAX))
    desk.submit(*range(CALLS_MAX, count))
    desk.agenda.run_until(T + HOUR)
    assert [len(refs) for _, refs in desk.batches] == [count]


def test_no_more_than_one_wake_up_is_outstanding_while_calls_run():
    desk = Desk(answers(), answers(), pushes=True)
    desk.gateway.on_rows(desk.sink)
    desk.submit(0, 1)
    desk.agenda.run_until(T + 1_000)
    assert len(desk.agenda.waiting) == 1
    desk.gateway.line_status(desk.got.append)
    desk.agenda.run_until(T + 1_000)
    assert len(desk.agenda.waiting) == 1
    desk.agenda.run_until(T + 10 * HOUR)
    assert desk.agenda.waiting == []


def test_a_wake_up_overtaken_by_an_earlier_one_does_nothing():
    desk = Desk(rings_out(30), busy(), answers(after_s=5, talks_s=60), pushes=True)
    desk.gateway.on_rows(desk.sink)
    desk.submit(0, 2)
    desk.agenda.run_until(T + 5_000)
    desk.submit(1)
    desk.agenda.run_until(T + HOUR)
    assert desk.batches == [(6_200, ["r1"]), (30_200, ["r0"]), (65_200, ["r2"])]
    replies, rings, ends, overtaken = 2, 2, 3, 1
    assert desk.agenda.given == replies + rings + ends + overtaken


def test_status_lookup_and_cancel_are_answered_at_the_clocks_time():
    desk = Desk(rings_out(30), pushes=True)
    desk.submit(0)
    desk.agenda.run_until(T + 5_000)
    desk.gateway.line_status(desk.got.append)
    desk.gateway.lookup(["r0"], desk.got.append)
    desk.gateway.cancel(["r0", "r9"], desk.got.append)
    desk.agenda.run_until(T + 5_000)
    _, status, found, canceled = desk.got
    assert isinstance(status, LineStatus)
    assert (status.server_time_at, status.lines_in_use) == (T + 5_000, 1)
    assert isinstance(found, list)
    assert found[0].state.value == "IN_PROGRESS"
    assert isinstance(canceled, list)
    assert [answer.outcome for answer in canceled] == [CancelOutcome.CANCELED, CancelOutcome.UNKNOWN]


def test_a_broken_rule_comes_back_as_a_refusal_and_nothing_is_raised():
    desk = Desk(busy(), pushes=False)
    desk.submit(0)
    desk.gateway.submit([a_call(1, ref="r0")], [SCRIPT], desk.got.append)
    desk.gateway.results("never given", desk.got.append)
    desk.agenda.run_until(T)
    _, reused, cursor = desk.got
    for failure in (reused, cursor):
        assert isinstance(failure, Failure)
        assert (failure.kind, failure.retryable, failure.maybe_done) == (FailureKind.REFUSED, False, False)


def test_closing_answers_what_is_out_with_a_failure_once_and_ends_the_pushing():
    desk = Desk(busy(), pushes=True)
    desk.gateway.on_rows(desk.sink)
    desk.submit(0)
    desk.gateway.close()
    desk.gateway.line_status(desk.got.append)
    desk.agenda.run_until(T + HOUR)
    assert [answer.kind for answer in desk.got if isinstance(answer, Failure)] == [FailureKind.UNREACHABLE] * 2
    assert len(desk.got) == 2
    assert desk.batches == []
