"""`callchain plan … --forecast`: when how many would be reached, and what would be if."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from engine.config import Settings
from engine.forecast.question import Question, WhatIf, checked
from engine.forecast.study import Study
from engine.forecast.views import Forecast
from engine.forecast.words import basis_words, clock_words, sentence, verdict_words
from engine.home import STORE_FOLDER, read_store
from engine.job_record import make_job
from engine.messaging.planner import EncodedPlans, PlanRequest
from store.vault import Vault
from tui.commands import say

RUNS = 4
"""Whole runs on paper of each forecast: some five seconds for 20,000 chains."""


@dataclass(frozen=True, kw_only=True)
class Foreseen:
    """Whether to forecast, and what would be otherwise."""

    forecast: Annotated[
        bool, typer.Option("--forecast", help="When how many would be reached, if it was sent now.")
    ] = False
    lines: Annotated[str, typer.Option("--lines", help="Forecast also with other lines: +10, -10 or 60.")] = ""
    message_seconds: Annotated[
        float, typer.Option("--message-seconds", min=0, help="Forecast also with a message as long.")
    ] = 0.0
    grouping: Annotated[
        bool | None,
        typer.Option("--grouping/--no-grouping", help="Forecast also with one call for all students of a contact."),
    ] = None
    until: Annotated[str, typer.Option("--until", help="Forecast also with a window that ends so, like 18:30.")] = ""

    @property
    def what_if(self) -> WhatIf:
        """What would be otherwise. Raises InvalidInputError."""
        return checked(
            WhatIf(lines=self.lines, message_seconds=self.message_seconds, grouping=self.grouping, until=self.until)
        )

    @property
    def is_asked(self) -> bool:
        """Whether there is anything to forecast."""
        return self.forecast or self.what_if.is_asked


class Foretold(msgspec.Struct, frozen=True):
    """The forecast as it is, and as it would be."""

    forecast: Forecast
    what_if: Forecast | None
    asked: WhatIf
    schools: dict[str, str]
    """Id → name."""


def foretell(
    home: Path, settings: Settings, request: PlanRequest, planned: EncodedPlans, foreseen: Foreseen
) -> Foretold:
    """Forecast what was planned. On a terminal the first answer is shown at once, and better ones in its place."""
    database = read_store(home)
    try:
        with database.read() as txn:
            vault = Vault(database)
            job = make_job(settings, vault, txn, request, planned)
            schools = {school.school_id: school.name for school in vault.schools(txn)}
    finally:
        database.close()
    asked = foreseen.what_if
    as_is = Question(
        store_path=str(home / STORE_FOLDER), settings=settings, now=request.now, job=job, plans=planned.plans,
        seeds=RUNS,
    )  # fmt: skip
    zone = settings.district.time_zone
    with ThreadPoolExecutor(1) as beside:
        other = beside.submit(_best, msgspec.structs.replace(as_is, what_if=asked)) if asked.is_asked else None
        best = _best_shown(as_is, zone)
        return Foretold(best, other.result() if other is not None else None, asked, schools)


def _best(question: Question) -> Forecast:
    *_, best = _answers(question)
    return best


def _best_shown(question: Question, zone: str) -> Forecast:
    with say.err.status("Forecasting …") as status:
        for answer in _answers(question):
            status.update(f"{sentence(answer, zone)} Looking closer …")
    return answer


def _answers(question: Question) -> Iterator[Forecast]:
    with Study(question) as study:
        yield from study.answers()


def show_foretold(foretold: Foretold, zone: str) -> None:
    """Sentences, what they rest on, every school; beside it what would be if."""
    forecast = foretold.forecast
    say.line("")
    say.line(sentence(forecast, zone))
    say.line(verdict_words(forecast, zone))
    say.line(basis_words(forecast.basis))
    _show_schools(foretold, zone)
    if foretold.what_if is not None:
        _show_what_if(foretold, foretold.what_if, zone)


def _show_schools(foretold: Foretold, zone: str) -> None:
    made_at = foretold.forecast.made_at
    say.table(
        "By school, P90 in brackets:",
        ("SCHOOL", "CHAINS#", "REACHED#", "HALF!", "NINE IN TEN!", "LAST CALL!"),
        (
            (
                foretold.schools.get(one.school_id, one.school_id) or "(several)", f"{one.chains:,}",
                f"{one.reached:,}", clock_words(one.half_at, made_at, zone),
                clock_words(one.nine_in_ten_at, made_at, zone), clock_words(one.last_call_at, made_at, zone),
            )
            for one in foretold.forecast.schools
        ),
    )  # fmt: skip


def _show_what_if(foretold: Foretold, other: Forecast, zone: str) -> None:
    """Both, side by side."""
    rows = (("as it is", foretold.forecast), (_asked_words(foretold.asked), other))
    say.table(
        "What if, P90 in brackets:",
        ("", "LINES#", "CHAINS#", "REACHED#", "HALF!", "NINE IN TEN!", "LAST CALL!", "VERDICT!"),
        (
            (
                name, f"{one.basis.lines:,}", f"{one.chains:,}", f"{one.reached:,}",
                *(clock_words(at, one.made_at, zone) for at in (one.half_at, one.nine_in_ten_at, one.last_call_at)),
                one.verdict.shown,
            )
            for name, one in rows
        ),
    )  # fmt: skip


def _asked_words(asked: WhatIf) -> str:
    grouping = {None: "", True: "--grouping", False: "--no-grouping"}[asked.grouping]
    parts = (
        f"--lines {asked.lines}" if asked.lines else "",
        f"--message-seconds {asked.message_seconds:g}" if asked.message_seconds else "",
        grouping,
        f"--until {asked.until}" if asked.until else "",
    )
    return " ".join(part for part in parts if part)
