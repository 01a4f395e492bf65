"""A day of messages that makes history, and the next day's message: foreseen, then really sent, with more lines too."""

import copy
import shutil
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from actors.runtime.clock import VirtualClock
from actors.runtime.dispatcher import Dispatcher
from engine.config import CarrierSettings, Lines, Settings
from engine.forecast.course import Course
from engine.forecast.keeper import Keeper
from engine.forecast.question import Question, WhatIf
from engine.forecast.study import Study
from engine.forecast.views import Forecast
from engine.gateways.stand_in.carrier import Carrier
from engine.gateways.stand_in.in_process import InProcessGateway
from engine.home import STORE_FOLDER
from engine.reports.forecast import what_happened
from engine.reports.source.records import read_records
from engine.roster.importer import import_bundle
from engine.roster.sample import write_sample
from engine.service import Engine
from perf.district import CHAINS_PER_FAMILY, STARTS_AT
from perf.forecast.town import TownPhones
from perf.rig import ACTS
from store.records import Message, Reason

HOUR_MS = 3_600_000
MONDAY = STARTS_AT - 10 * HOUR_MS
"""00:00 in Chicago."""

DAY_ONE = (8.5, 12.0, 15.5)
"""When the messages of the first day go out, in hours: morning, noon and after school."""

SECOND_AT = MONDAY + int(33.25 * HOUR_MS)
"""09:15 of the second day."""

FIRST_TEXT = "School is closed on Monday because of snow."
SECOND_TEXT = (
    "All buses run thirty minutes late this afternoon because of the road works at the corner of Main Street. "
    "Please pick up younger children at the main entrance."
)
"""Of another length than what history is made of."""

EMERGENCY_LINES = 8


class Foreseen(NamedTuple):
    """A forecast with the seconds it took: to the first answer, and to the last."""

    first: Forecast
    best: Forecast
    first_s: float
    best_s: float


class Second(NamedTuple):
    """The second message: foreseen and happened, as it is and with more lines."""

    chains: int
    foreseen: Foreseen
    foreseen_if: Foreseen
    happened: Course
    happened_if: Course
    priors: Forecast
    """Of the first message of all, with no history."""
    happened_first: Course


class Town:
    """A district, its carrier, and its engine whenever one runs."""

    def __init__(self, home: Path, carrier: Carrier, clock: VirtualClock, lines: int, seed: int) -> None:
        self.home, self.carrier, self.clock, self.lines, self.seed = home, carrier, clock, lines, seed

    @property
    def settings(self) -> Settings:
        """So many lines, everything else as a district has it."""
        return Settings(
            carrier=CarrierSettings(stand_in=True), lines=Lines(ordinary=self.lines, emergency=EMERGENCY_LINES)
        )

    def engine(self) -> Engine:
        """An engine for the town, stepped; its turns in the order a live loop has."""
        return Engine(
            self.home, settings=self.settings, gateway=self._gateway, clock=self.clock, seed=self.seed, sync=False
        )

    def _gateway(self, dispatcher: Dispatcher) -> InProcessGateway:
        def later(at: int, act: Callable[[], None]) -> None:
            dispatcher.timer.at(at, ACTS, act)

        dispatcher._shuffle = None
        return InProcessGateway(self.carrier, self.clock, later)

    def twin(self, home: Path, more: int) -> "Town":
        """The same district at the same moment, with more lines."""
        shutil.copytree(self.home / STORE_FOLDER, home / STORE_FOLDER)
        carrier = copy.deepcopy(self.carrier)
        carrier._exchange.lines += more
        carrier._exchange.lines_free += more
        return Town(home, carrier, VirtualClock(self.clock.now()), self.lines + more, self.seed)

    def foresee(self, job_id: int, what_if: WhatIf, runs: int) -> Foreseen:
        """Ask the helper process, as everybody does."""
        question = Question(
            store_path=str(self.home / STORE_FOLDER), settings=self.settings, now=self.clock.now(), job_id=job_id,
            what_if=what_if, seeds=runs,
        )  # fmt: skip
        begun, answers = perf_counter(), list[tuple[Forecast, float]]()
        with Study(question) as study:
            for answer in study.answers():
                answers.append((answer, perf_counter() - begun))
        return Foreseen(answers[0][0], answers[-1][0], answers[0][1], answers[-1][1])

    def send(self, job_id: int) -> Course:
        """Really send a job, walk it to its end, and say how it went."""
        with self.engine() as engine:
            engine.send(job_id)
            engine.wait(job_id)
        return self.happened(job_id)

    def happened(self, job_id: int) -> Course:
        """How a job went."""
        with read_records(self.home, self.settings.district.time_zone, self.clock.now()) as records:
            return what_happened(records, records.job(job_id)[0])


def two_days(home: Path, chains: int, lines: int, more: int, runs: int, seed: int) -> Second:
    """History, then the second message in both ways."""
    town = _new_town(home / "town", chains, lines, seed)
    first_id = _prepare(town, FIRST_TEXT)
    priors = town.foresee(first_id, WhatIf(), 0).best
    with town.engine() as engine:
        engine.send(first_id)
        for hour in DAY_ONE[1:]:
            engine.run(until=MONDAY + int(hour * HOUR_MS))
            engine.send(engine.prepare(Message(Reason.GENERAL, "Snow", FIRST_TEXT)))
        engine.run(until=SECOND_AT - HOUR_MS)
        Keeper(engine).look()
    happened_first = town.happened(first_id)
    town.clock.move_to(SECOND_AT)
    job_id = _prepare(town, SECOND_TEXT)
    foreseen, foreseen_if = (town.foresee(job_id, what_if, runs) for what_if in (WhatIf(), WhatIf(lines=f"+{more}")))
    twin = town.twin(home / "twin", more)
    happened, happened_if = town.send(job_id), twin.send(job_id)
    return Second(happened.chains, foreseen, foreseen_if, happened, happened_if, priors, happened_first)


def _prepare(town: Town, text: str) -> int:
    with town.engine() as engine:
        return engine.prepare(Message(Reason.GENERAL, "News", text)).job_id


def _new_town(home: Path, chains: int, lines: int, seed: int) -> Town:
    write_sample(home / "sample", max(1, round(chains / CHAINS_PER_FAMILY)), seed)
    clock = VirtualClock(MONDAY + int(DAY_ONE[0] * HOUR_MS))
    town = Town(home, Carrier(TownPhones(seed), lines=lines, emergency_lines=EMERGENCY_LINES), clock, lines, seed)
    with town.engine() as engine:
        engine.replace_roster(import_bundle(home / "sample").roster)
    return town
