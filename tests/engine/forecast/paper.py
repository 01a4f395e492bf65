"""A town whose messages are walked on paper: what is asked, and phones that leave nothing to chance."""

from actors.gateway import CallEnd, Script
from engine.forecast.course import Course, Use, course_of
from engine.forecast.happened import Happened
from engine.forecast.paper.run import walk
from engine.forecast.paper.scene import Scene, set_scene
from engine.forecast.question import Question, WhatIf
from engine.gateways.stand_in.phone_network import PhoneNetwork, Pickup
from store.keys import index_of, job_of
from tests.fakes import Family, SteppedTown, one_contact

CONFIRMS = Pickup(CallEnd.ANSWERED, 8_000, 12_000, 12_000, "0")
RINGS_OUT = Pickup(CallEnd.NO_ANSWER, 30_000)


class SamePhones:
    """Every call goes alike; with `first` each phone's first one differently."""

    def __init__(self, always: Pickup = CONFIRMS, first: Pickup | None = None) -> None:
        self._always, self._first = always, first

    def ring(self, number: str, emergency: bool, at: int, call_index: int, script: Script, text: str | None) -> Pickup:
        return self._first if self._first is not None and not call_index else self._always


def families(count: int) -> list[Family]:
    return [one_contact(f"Family{number}") for number in range(count)]


def question(town: SteppedTown, job_id: int, **more) -> Question:
    what_if = WhatIf(**more)
    return Question(
        store_path=str(town.database.path), settings=town.settings, now=town.now, job_id=job_id,
        lines=(town.lines, town.emergency_lines), what_if=what_if,
    )  # fmt: skip


def scene(town: SteppedTown, job_id: int, **more) -> Scene:
    return set_scene(question(town, job_id, **more), town.database)


def on_paper(town: SteppedTown, job_id: int, phones: PhoneNetwork | None = None, seed: int = 1, **more) -> Course:
    return walk(scene(town, job_id, **more), seed, phones=phones)


def happened(town: SteppedTown, job_id: int) -> Course:
    """How a job of the town really went."""
    town.engine.station.flush_tables()
    so_far, schools = Happened(), {index: plan.school_id for index, plan in enumerate(town.plans(job_id))}
    with town.database.read() as txn:
        for table in (town.database.ended_chains, town.database.open_chains):
            for _, row in table.scan(txn):
                if job_of(row.chain_id) == job_id:
                    so_far.note(index_of(row.chain_id), row)
    return course_of(so_far, schools, Use())
