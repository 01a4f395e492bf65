"""A town whose district has a confirmation ladder, and what may be said of it."""

from pathlib import Path
from typing import Any

import msgspec

from engine.service_settings import LadderSettings
from engine.views import ReleaseView
from store import facts
from store.commands import Verb
from tests.fakes import Family, SteppedTown, Town, one_contact

TWO_PEOPLE = {"second_person": "always"}
COUNTDOWN = {"recall_seconds": 30}
BOTH = {**TWO_PEOPLE, **COUNTDOWN}


def set_ladder(town: Town, **ladder: Any) -> None:
    """From now on the ladder has these rungs."""
    town.settings = msgspec.structs.replace(town.settings, ladder=LadderSettings(**ladder))
    town.engine.apply_settings(town.settings)


def ladder_town(home: Path, *families: Family, **ladder: Any) -> SteppedTown:
    """A stepped town with a ladder; everybody confirms at the first ring."""
    families = families or (one_contact(),)
    town = SteppedTown(home, *families)
    for family in families:
        for phone in family.phones:
            phone.answers().presses("0").always()
    set_ladder(town, **ladder)
    return town


def verbs(town: Town, job_id: int) -> list[Verb]:
    """What the journal says was asked about a job, in order."""
    return [Verb(fact.verb) for fact in town.facts(facts.CommandTaken) if fact.job_id == job_id]


def rung(town: Town, job_id: int) -> str:
    """Where a job stands."""
    view: ReleaseView = town.engine.release(job_id)
    return view.rung


def is_out(town: Town, job_id: int) -> bool:
    """Whether the journal has it released; never twice."""
    planned = [fact.job_id for fact in town.facts(facts.JobPlanned)]
    assert len(planned) == len(set(planned)), "a job went out twice"
    return job_id in planned
