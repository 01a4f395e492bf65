"""An endpoint: one typed row of the door's table; its route and its part of the OpenAPI document are made from it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeVar

import msgspec
from aiohttp import web

from engine.acts.act import BODY_BYTES_MAX
from engine.door.access.identity import Caller
from store.access import Role
from store.commands import Verb
from store.errors import InvalidInputError, NotFoundError

T = TypeVar("T")

JSON = "application/json"

NUMBERS = {"job_id": 9, "index": 8, "command_id": 19}
"""Numbers in paths, and the most digits each may have: no job, chain or command has a longer one."""


class Crew(Enum):
    """The threads that carry a request out, so that what waits long holds back nothing else."""

    LOOP = "loop"
    """None: a pure read, done where the request arrived."""
    WORK = "work"
    """Plannings, imports and counts."""
    ACT = "act"
    """Acts, which may wait for a silent carrier."""
    STUDY = "study"
    """What takes long and a processor each, like forecasts: who asks for many waits, and nobody else does."""
    COMMAND = "command"
    """They mostly wait for a commit; some that wait long must not hold back a cancel."""
    URGENT = "urgent"
    """Plannings of emergencies, which wait for nobody else."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, understood."""

    caller: Caller
    body: Any = None
    """Of the endpoint's `asks`; bytes where it reads them as they are."""
    query: Any = None
    """Of the endpoint's `query`."""
    path: Mapping[str, str] = field(default_factory=dict)
    media: str = JSON
    """What the body is said to be."""

    def number(self, name: str) -> int:
        """A number in the path. Raises NotFoundError for one no id can be."""
        number = int(self.path[name])
        if number >= 2**63:
            raise NotFoundError(f"There is nothing of the number {number}.")
        return number


Raw = Callable[[web.Request, Caller], Awaitable[web.StreamResponse]]
"""Answers by itself, as streams and files do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """`carry_out` answers a value of the type `answers`, or `raw` answers bytes of the kind `media`."""

    method: str
    path: str
    """`/jobs/{job_id}`; what stands in braces is in NUMBERS, or one word."""
    summary: str
    role: Role | None
    """The least role that may ask. None: anybody, without any identity."""
    carry_out: Callable[[Asked], Any] | None = None
    raw: Raw | None = None
    asks: Any = None
    """Type of the JSON in the body. None: there is no body; `bytes`: one that is read as it is."""
    query: type[msgspec.Struct] | None = None
    """What may be said behind the question mark, all of it with defaults."""
    answers: Any = None
    """Type of the JSON in the answer."""
    media: str = JSON
    """Of the answer, where it is no JSON."""
    takes: str = JSON
    """Of the body, where it is no JSON."""
    crew: Crew | Callable[[Asked], Crew] = Crew.LOOP
    needs: Callable[[Asked], Role] | None = None
    """The role this very request takes, where that depends on more than the path."""
    verb: Verb | None = None
    """The command it gives, as a refusal is written down."""
    body_max: int = BODY_BYTES_MAX
    """Bytes."""
    endless: bool = False
    """It ends only when its reader leaves or the door closes."""

    def read(self, body: bytes) -> Any:  # noqa: ANN401
        """The body as the type it is asked for. Raises InvalidInputError."""
        return body if self.asks is bytes else decoded(body, self.asks)


def decoded(body: bytes, kind: type[T]) -> T:
    """JSON as a type. Raises InvalidInputError."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidInputError(f"The request is not understood: {error}.") from None


def query_of(request: web.Request, kind: type[T]) -> T:
    """What was said behind the question mark. Raises InvalidInputError."""
    try:
        return msgspec.convert(dict(request.query), kind, strict=False)
    except msgspec.ValidationError as error:
        raise InvalidInputError(f"The request is not understood: {error}.") from None
