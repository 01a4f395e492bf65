"""The acts that say why: of a person, all their messages; of a chain, its one cause and its next ring."""

from typing import Annotated

import msgspec

from engine.acts.act import Act
from engine.acts.desk import Desk
from engine.orders import Count, Id
from engine.why.chain.explain import explain
from engine.why.person.messages import why_person
from engine.why.source import Source
from engine.why.view import WhyChain, WhyPerson
from store.access import Role

WHO_CHARS_MAX = 200
"""Of an id or a name: longer than any."""


class PersonAsked(msgspec.Struct, kw_only=True, frozen=True):
    """An id (with `p:` or `h:` where it could be either), or a part of a name."""

    who: Annotated[str, msgspec.Meta(min_length=1, max_length=WHO_CHARS_MAX)]


class ChainAsked(msgspec.Struct, kw_only=True, frozen=True):
    """One chain of a released job."""

    job_id: Id
    index: Count


def _person(desk: Desk, asked: PersonAsked, _author: str) -> WhyPerson:
    return why_person(Source(desk), asked.who)


def _chain(desk: Desk, asked: ChainAsked, _author: str) -> WhyChain:
    source = Source(desk)
    job = source.released(asked.job_id)
    case = source.case(job, asked.index)
    return explain(case, source.of_job(source.around([case]), job))


PERSON = Act("why.person", PersonAsked, WhyPerson, _person, role=Role.SENDER)
CHAIN = Act("why.chain", ChainAsked, WhyChain, _chain, role=Role.SENDER)
ACTS = (PERSON, CHAIN)
