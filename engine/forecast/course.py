"""How a job went or would go: when how many were reached, by school, and what the lines were busy with."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from engine.forecast.happened import Happened

PARTS = 200
"""A course keeps the instants at which each two-hundredth of its chains was reached."""


class SchoolCourse(msgspec.Struct, array_like=True, frozen=True):
    """The part of one school; empty: chains about several. Instants are ms UTC, 0 where it never came to that."""

    school_id: str
    chains: int
    reached: int
    half_at: int
    nine_in_ten_at: int
    last_call_at: int
    usual: bool
    """As in `Course`."""


class Use(msgspec.Struct, array_like=True, frozen=True):
    """What lines and chains spent their time with, between the first call and the last."""

    calls: int = 0
    people: int = 0
    """Calls a person took."""
    line_ms: int = 0
    vain_ms: int = 0
    """Of that, with calls nobody heard."""
    short_ms: int = 0
    """Time in which chains waited for a line."""
    waiting_ms: int = 0
    """Time in which lines were free and chains waited for their next round."""
    expired: int = 0
    """Chains the window ended before all was tried."""


class Course(msgspec.Struct, array_like=True, frozen=True):
    """One run on paper, or what really happened. Reached is who heard the message or has it on a machine."""

    share: float
    """Of the chains that were walked; the lines were as many fewer."""
    chains: int
    """Walked."""
    reached: int
    parts_at: tuple[int, ...]
    """When 1/PARTS of the chains were reached, 2/PARTS and so on, as far as it came."""
    last_call_at: int
    """When the last call ended, 0 without any."""
    use: Use
    schools: tuple[SchoolCourse, ...] = ()
    usual: bool = True
    """It was a day as most are; else one that may be."""

    def at(self, part: int) -> int:
        """When `part` of PARTS were reached, 0: never."""
        return self.parts_at[part - 1] if part <= len(self.parts_at) else 0

    @property
    def half_at(self) -> int:
        """When half of the chains were reached."""
        return self.at(PARTS // 2)

    @property
    def nine_in_ten_at(self) -> int:
        """When nine in ten were."""
        return self.at(PARTS * 9 // 10)

    def reached_by(self, at: int) -> float:
        """Which share of the chains was reached by an instant, ms UTC."""
        low, high = 0, len(self.parts_at)
        while low < high:
            middle = (low + high) // 2
            if self.parts_at[middle] <= at:
                low = middle + 1
            else:
                high = middle
        return low / PARTS if low < len(self.parts_at) else self.reached / max(1, self.chains)


def course_of(
    happened: Happened, schools: Mapping[int, str], use: Use, share: float = 1.0, *, usual: bool = True
) -> Course:
    """A course of chains: what came of them, and of which school all are, by index."""
    times = sorted(happened.reached.values())
    return Course(
        share,
        len(schools),
        len(times),
        _parts_at(times, len(schools)),
        max(happened.last_calls.values(), default=0),
        use,
        tuple(_by_school(happened, schools, usual)),
        usual,
    )


def _parts_at(times: Sequence[int], chains: int) -> tuple[int, ...]:
    """The instants; a part is reached with the chain that completes it."""
    places = (-(-chains * part // PARTS) for part in range(1, PARTS + 1))
    return tuple(times[max(0, place - 1)] for place in places if chains and place <= len(times))


def _by_school(happened: Happened, schools: Mapping[int, str], usual: bool) -> Iterable[SchoolCourse]:
    members: dict[str, list[int]] = {}
    for index, school in schools.items():
        members.setdefault(school, []).append(index)
    for school, indexes in sorted(members.items()):
        times = sorted(happened.reached[index] for index in indexes if index in happened.reached)
        ends = (happened.last_calls.get(index, 0) for index in indexes)
        half_at, nine_in_ten_at = _when(times, len(indexes), 50), _when(times, len(indexes), 90)
        yield SchoolCourse(school, len(indexes), len(times), half_at, nine_in_ten_at, max(ends), usual)


def _when(times: Sequence[int], chains: int, percent: int) -> int:
    place = -(-chains * percent // 100)
    return times[place - 1] if place <= len(times) else 0
