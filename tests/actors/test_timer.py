"""The timer: letters at an instant of the wall clock, or after a while of the monotonic one."""

from actors.runtime.clock import VirtualClock
from actors.runtime.timer import Timer


class TwoClocks:
    """A wall clock that can be set, beside a monotonic one that cannot."""

    def __init__(self) -> None:
        self.wall = 1_000_000
        self.passed = 50

    def now(self) -> int:
        return self.wall

    def monotonic(self) -> int:
        return self.passed

    def pass_time(self, ms: int) -> None:
        self.wall += ms
        self.passed += ms


class Letterbox:
    def __init__(self) -> None:
        self.letters: list[str] = []

    def tell(self, message: str) -> None:
        self.letters.append(message)


def test_letters_come_when_they_are_due_and_in_that_order():
    clock, box = VirtualClock(1_000), Letterbox()
    timer = Timer(clock)
    for instant in (1_030, 1_010, 1_020):
        timer.at(instant, box, f"at {instant}")
    timer.fire()
    assert box.letters == []
    clock.move_to(1_020)
    timer.fire()
    assert box.letters == ["at 1010", "at 1020"]
    clock.move_to(1_030)
    timer.fire()
    timer.fire()
    assert box.letters == ["at 1010", "at 1020", "at 1030"]


def test_letters_of_one_instant_come_in_the_order_they_were_set():
    clock, box = VirtualClock(), Letterbox()
    timer = Timer(clock)
    for name in "abcdef":
        timer.after(10, box, name)
    clock.move_to(10)
    timer.fire()
    assert box.letters == list("abcdef")


def test_an_instant_that_has_passed_is_due_at_once():
    clock, box = VirtualClock(500), Letterbox()
    timer = Timer(clock)
    timer.at(100, box, "late")
    assert timer.next_at() == 500
    timer.fire()
    assert box.letters == ["late"]


def test_a_letter_that_was_canceled_never_comes_and_is_not_waited_for():
    clock, box = VirtualClock(), Letterbox()
    timer = Timer(clock)
    soon = timer.after(10, box, "soon")
    timer.after(20, box, "later")
    soon.cancel()
    assert timer.next_in() == 20
    clock.move_to(30)
    timer.fire()
    soon.cancel()
    assert box.letters == ["later"]
    assert (timer.next_in(), timer.next_at()) == (None, None)


def test_setting_the_wall_clock_breaks_no_time_out_and_an_instant_follows_it():
    clock, box = TwoClocks(), Letterbox()
    timer = Timer(clock)
    timer.after(100, box, "time-out")
    timer.at(1_000_100, box, "instant")
    clock.wall -= 500_000
    clock.pass_time(100)
    timer.fire()
    assert box.letters == ["time-out"]
    clock.wall += 500_000
    timer.fire()
    assert box.letters == ["time-out", "instant"]


def test_the_timer_says_how_long_nothing_is_due():
    clock, box = TwoClocks(), Letterbox()
    timer = Timer(clock)
    assert timer.next_in() is None
    timer.after(100, box, "time-out")
    timer.at(1_000_030, box, "instant")
    assert timer.next_in() == 30
    clock.pass_time(60)
    timer.fire()
    assert timer.next_in() == 40


def test_a_letter_set_while_others_are_sent_comes_too():
    clock = VirtualClock()
    timer = Timer(clock)

    class Again(Letterbox):
        def tell(self, message: str) -> None:
            super().tell(message)
            if len(self.letters) < 3:
                timer.at(clock.now(), self, message)

    box = Again()
    timer.at(0, box, "again")
    timer.fire()
    assert box.letters == ["again"] * 3
