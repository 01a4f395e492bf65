"""Asks a stepped town why, and what the engine answers."""

from engine.acts.desk import LiveDesk, at_store
from engine.district.settings_store import write_file
from engine.why.acts import CHAIN, PERSON, ChainAsked, PersonAsked
from engine.why.view import WhyChain, WhyPerson
from tests.fakes import SteppedTown


def why(town: SteppedTown, job: int, index: int = 0) -> WhyChain:
    """The one cause of a chain, as a sender asks for it."""
    return CHAIN.carry_out(LiveDesk(town.engine), ChainAsked(job_id=job, index=index), "anna")


def why_person(town: SteppedTown, who: str) -> WhyPerson:
    return PERSON.carry_out(LiveDesk(town.engine), PersonAsked(who=who), "anna")


def why_stopped(town: SteppedTown, job: int, index: int = 0) -> WhyChain:
    """The same on the store, once the engine has stopped."""
    town.engine.stop()
    write_file(town.home, town.settings)
    with at_store(town.home) as desk:
        desk.clock = town.clock
        return CHAIN.carry_out(desk, ChainAsked(job_id=job, index=index), "anna")
