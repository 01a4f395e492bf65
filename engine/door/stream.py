"""Live updates: the journal's blocks as server-sent events, to any number of readers, each from where it left off."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Annotated, TypeVar

import msgspec
from aiohttp import web

from engine.door.access.identity import Caller, Identities
from engine.door.endpoint import Endpoint, query_of
from engine.door.telling.stream_pages import Event, StreamPages, Wish
from engine.door.telling.told_facts import KINDS, Sight, sight_of
from engine.orders import NUMBER_MAX
from engine.service import Engine
from store.access import Role
from store.errors import InvalidInputError, RefusedError
from store.facts import AnyFact

LOOK_SECONDS = 0.25
"""Between two looks for blocks that tell of single chains only; all others are told at once."""

BEAT_SECONDS = 10.0
"""After so long without an event a comment is sent: who hears nothing for longer has lost the engine.

As often it is asked again who reads: a token that was revoked meanwhile, or has ended, hears nothing more.
"""

SLOW_SECONDS = 15.0
"""A reader that takes nothing for so long is dropped; it may resume."""

LINGER_SECONDS = 5.0
"""So long a dropped reader may still take what was on its way."""

READERS_MAX = 200
"""At once: each costs a wake-up for each look."""

WRITE_BYTES_MAX = 64 << 10
"""Written at once before the reader is waited for: what is held for one that is slow."""

RETRY_MS = 2_000
"""After so long a browser that lost the engine comes back."""

T = TypeVar("T")
Who = Callable[[web.Request], Awaitable[Caller]]
"""Tells who sends a request, as things are now."""


class StreamQuery(msgspec.Struct, frozen=True, kw_only=True):
    """From where on, and what of."""

    since: Annotated[int, msgspec.Meta(ge=0, le=NUMBER_MAX)] | None = None
    """Blocks behind this one; 0: all there are. Left out: what `Last-Event-ID` says, else from now on."""
    job: Annotated[int, msgspec.Meta(ge=0, le=NUMBER_MAX)] = 0
    """Only what is of this job; 0: everything."""
    kinds: str = ""
    """Only these, like `job_ended,chain_closed`; empty: everything."""


class _SlowError(Exception):
    """A reader does not take what it is sent."""


@dataclass(frozen=True, slots=True)
class _Reader:
    """Who follows, and what they are told."""

    request: web.Request
    response: web.StreamResponse
    caller: Caller
    sight: Sight
    wish: Wish


class EventStream:
    """One of a door. Readers wait on the door's own loop; the journal is read on a thread of its own."""

    def __init__(
        self,
        engine: Engine,
        *,
        look_seconds: float = LOOK_SECONDS,
        beat_seconds: float = BEAT_SECONDS,
        slow_seconds: float = SLOW_SECONDS,
        who: Who | None = None,
    ) -> None:
        self._engine = engine
        self._who: Who = who or self._identified
        self._look_seconds, self._beat_seconds, self._slow_seconds = look_seconds, beat_seconds, slow_seconds
        self._made: StreamPages | None = None
        self._identities: Identities | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="door-events")
        self._readers = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        """The door's, while anybody reads."""
        self._news = asyncio.Event()
        self._nudged = False
        self._watching: asyncio.Task[None] | None = None

    async def answer(self, request: web.Request, caller: Caller) -> web.StreamResponse:
        """Stream until the reader leaves, is too slow, or the door closes."""
        query, sight = query_of(request, StreamQuery), sight_of(caller.role or Role.VIEWER)
        wish, since = wish_of(query), since_of(query, request)
        if self._readers >= READERS_MAX:
            raise RefusedError(f"{READERS_MAX} readers follow the events already; try again later.")
        response = web.StreamResponse(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        response.content_type = "text/event-stream"
        response.force_close()
        self._enter()
        try:
            await response.prepare(request)
            seq = await self._greet(response, sight, since)
            await self._follow(_Reader(request, response, caller, sight, wish), seq)
        except _SlowError:
            await self._drop(request, response)
        except ConnectionResetError:
            pass
        finally:
            self._leave()
        return response

    # -- one reader

    async def _greet(self, response: web.StreamResponse, sight: Sight, since: int | None) -> int:
        """Say where the journal stands, and what of the asked is not there; returns where to go on."""
        first, last = await self._in_thread(self._pages.bounds)
        seq = last if since is None else since
        lost = not first - 1 <= seq <= last
        if lost:
            seq = last if seq > last else first - 1
        rest = self._engine.station.fold.rest
        about: dict[str, object] = {"incarnation": self._engine.incarnation, "generation": rest.generation}
        about |= {"seq": last, "sight": sight.name.lower()}
        await self._write(response, b"retry: %d\n" % RETRY_MS + _event("open", about, None if lost else seq))
        if lost:
            await self._write(response, _event("gap", {"asked": since, "first": first, "last": last}, seq))
        return seq

    async def _follow(self, reader: _Reader, seq: int) -> None:
        """Until the reader leaves, or is no longer who they were."""
        told, now = seq, asyncio.get_running_loop().time
        beat_at = known_until = now() + self._beat_seconds
        while True:
            news = self._news
            events = self._pages.ready(reader.sight, seq)
            if not events and self._engine.station.fold.seq > seq:
                events = await self._in_thread(lambda: self._pages.after(reader.sight, seq))  # noqa: B023 - awaited here
            if events:
                seq = events[-1].seq
                if last := await self._tell(reader.response, events, reader.wish):
                    told, beat_at = last, now() + self._beat_seconds
            if now() >= known_until:
                known_until = now() + self._beat_seconds
                if await self._who(reader.request) != reader.caller:
                    return
            if now() >= beat_at:
                # The id alone: who resumes need not be sent again what told them nothing.
                await self._write(reader.response, b": beat\n" + (b"id: %d\n\n" % seq if seq > told else b"\n"))
                told, beat_at = seq, now() + self._beat_seconds
            if not events:
                with suppress(TimeoutError):
                    async with asyncio.timeout_at(min(beat_at, known_until)):
                        await news.wait()

    async def _tell(self, response: web.StreamResponse, events: Iterable[Event], wish: Wish) -> int:
        """Write events in handy pieces; the last block that was told, 0 where none told them anything."""
        piece, size, told = list[bytes](), 0, 0
        for event in events:
            if data := event.for_wish(wish):
                piece.append(data)
                size += len(data)
                told = event.seq
            if size >= WRITE_BYTES_MAX:
                await self._write(response, b"".join(piece))
                piece, size = [], 0
        if piece:
            await self._write(response, b"".join(piece))
        return told

    async def _write(self, response: web.StreamResponse, data: bytes) -> None:
        try:
            async with asyncio.timeout(self._slow_seconds):
                await response.write(data)
        except TimeoutError:
            raise _SlowError from None

    async def _drop(self, request: web.Request, response: web.StreamResponse) -> None:
        """Say why, behind all that is on its way; whoever does not even take that is cut off."""
        transport = request.transport
        if transport is None:
            return
        asyncio.get_running_loop().call_later(LINGER_SECONDS, transport.abort)
        with suppress(TimeoutError, ConnectionResetError):
            async with asyncio.timeout(LINGER_SECONDS):
                await response.write(_event("slow", {"seconds": self._slow_seconds}))

    # -- all readers

    def _enter(self) -> None:
        self._readers += 1
        if self._watching is None:
            self._loop = asyncio.get_running_loop()
            self._watching = self._loop.create_task(self._watch())

    def _leave(self) -> None:
        self._readers -= 1
        if not self._readers and self._watching is not None:
            self._watching.cancel()
            self._watching = self._loop = None

    async def _watch(self) -> None:
        """Notice blocks of which nobody is told by a nudge."""
        seen = 0
        while True:
            await asyncio.sleep(self._look_seconds)
            seq = self._engine.station.fold.seq
            if seq != seen:
                seen = seq
                self._wake()

    def _observe(self, _fact: AnyFact) -> None:
        """On the engine's loop: only a nudge, and one at a time."""
        loop = self._loop
        if loop is not None and not self._nudged:
            self._nudged = True
            with suppress(RuntimeError):  # the door has closed meanwhile
                loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        self._nudged = False
        news, self._news = self._news, asyncio.Event()
        news.set()

    @property
    def _pages(self) -> StreamPages:
        """Made when the first reader comes."""
        if self._made is None:
            self._made = StreamPages(self._engine.station.database)
            self._engine.station.observers.append(self._observe)
        return self._made

    async def _identified(self, request: web.Request) -> Caller:
        """Who reads, as tokens and settings are now."""
        engine = self._engine
        if self._identities is None:
            self._identities = Identities(lambda: engine.settings, engine.station.database, engine.clock)
        found = self._identities
        if (uid := found.peer(request)) is None:
            return found.bearer(request)
        known = found.known(uid)
        return await self._in_thread(partial(found.look_up, uid)) if known is None else known

    async def _in_thread(self, act: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, act)


def wish_of(query: StreamQuery) -> Wish:
    """What a reader wants. Raises InvalidInputError for a kind there is not."""
    kinds = frozenset(filter(None, query.kinds.split(",")))
    if unknown := sorted(kinds - KINDS):
        raise InvalidInputError(f"There is no kind of event {unknown[0][:50]}; known are {', '.join(sorted(KINDS))}.")
    return Wish(query.job, kinds)


def since_of(query: StreamQuery, request: web.Request) -> int | None:
    """Where a reader left off: what a browser says when it comes back goes before what its page first asked for.

    Raises InvalidInputError for a `Last-Event-ID` that is none.
    """
    last = request.headers.get("Last-Event-ID", "").strip()
    if not last:
        return query.since
    if not (last.isascii() and last.isdigit() and len(last) < 20):
        raise InvalidInputError("Last-Event-ID is no block's number.")
    return min(int(last), NUMBER_MAX)


def _event(name: str, data: dict[str, object], seq: int | None = None) -> bytes:
    head = b"" if seq is None else b"id: %d\n" % seq
    return head + b"event: %b\ndata: %b\n\n" % (name.encode(), msgspec.json.encode(data))


def routes(engine: Engine) -> list[Endpoint]:
    """The door's part of this."""
    return [
        Endpoint(
            method="GET",
            path="/events",
            summary="What happens, as server-sent events: one for each block of the journal. Resumes by its number.",
            role=Role.VIEWER,
            raw=EventStream(engine).answer,
            query=StreamQuery,
            media="text/event-stream",
            endless=True,
        )
    ]
