"""A job's chains at the door: a page of them, or one in full, with its cause and its next ring."""

from typing import Annotated

import msgspec

from engine.acts.desk import LiveDesk
from engine.door.endpoint import Asked, Crew, Endpoint
from engine.door.routes.jobs import JOB
from engine.service import Engine
from engine.why.chains import PAGE_MAX, ChainInFull, ChainPage, chain_in_full, chain_page
from store.access import Role

First = Annotated[int, msgspec.Meta(ge=0, le=2**31)]
PageSize = Annotated[int, msgspec.Meta(ge=1, le=PAGE_MAX)]


class ChainsQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which chains."""

    first: First = 0
    """The index the page begins at."""
    count: PageSize = 100
    state: str = ""
    """Only those in this state, like waiting or confirmed; empty: all."""


def routes(engine: Engine) -> list[Endpoint]:
    """The rows of this matter."""

    def page(asked: Asked) -> ChainPage:
        query: ChainsQuery = asked.query
        return chain_page(
            LiveDesk(engine), asked.number("job_id"), first=query.first, count=query.count, state=query.state,
            names=asked.caller.may(Role.SENDER),
        )  # fmt: skip

    def one(asked: Asked) -> ChainInFull:
        named = asked.caller.may(Role.SENDER)
        return chain_in_full(LiveDesk(engine), asked.number("job_id"), asked.number("index"), names=named)

    return [
        Endpoint(
            method="GET", path=f"{JOB}/chains", summary="A page of a job's chains, in the order of their plans.",
            role=Role.VIEWER, query=ChainsQuery, answers=ChainPage, crew=Crew.WORK, carry_out=page,
        ),
        Endpoint(
            method="GET", path=f"{JOB}/chains/{{index}}", summary="One chain in full: its cause, and its next ring.",
            role=Role.VIEWER, answers=ChainInFull, crew=Crew.WORK, carry_out=one,
        ),
    ]  # fmt: skip
