"""What happens, told live: every block once and in order, however often the line breaks, as much as a role may know."""

import asyncio
import json
import socket
from collections.abc import Coroutine, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.acts.desk import LiveDesk
from engine.acts.tokens import REVOKE, TokenId
from engine.door import stream as stream_module
from engine.door.access.identity import NOBODY, Caller
from engine.door.door import Door
from engine.door.stream import EventStream, Who, routes
from engine.door.telling import stream_pages
from engine.door.telling.stream_pages import StreamPages, Wish
from engine.door.telling.told_facts import KINDS, Sight, kind_of, told
from engine.orders import SOCKET_NAME
from store import facts
from store.access import Role
from store.alarms import Alarm
from store.commands import Verb
from store.dispositions import Disposition, JobState, Outcome
from store.keys import chain_id
from store.records import Reason
from tests.engine.door.knocking import token_for
from tests.engine.door.small_door import Hall, caller_of, small_door
from tests.fakes import SteppedTown, one_contact, soap_town

CHAIN = chain_id(3, 5)
QUICK = {"look_seconds": 0.005, "beat_seconds": 0.02}


@pytest.fixture
def town(tmp_path: Path) -> Iterator[SteppedTown]:
    family = one_contact("Adams")
    family.mom.cell.answers().presses("0").always()
    with SteppedTown(tmp_path, family) as town:
        yield town


def commit(town: SteppedTown, *committed: facts.AnyFact) -> int:
    """Have a block of these facts; its seq."""
    town.engine.station.record(*committed)
    town.engine.station.flush_tables()
    return town.engine.station.fold.seq


def alarm() -> facts.AlarmRaised:
    return facts.AlarmRaised(Alarm.STORE_FULL)


def run(scene: Coroutine[Any, Any, None]) -> None:
    """Play a scene; nothing in it takes long."""

    async def bounded() -> None:
        async with asyncio.timeout(30):
            await scene

    asyncio.run(bounded())


async def as_asked(request: web.Request) -> Caller:
    """Who the small door lets in."""
    return caller_of(request)


def stream_of(town: SteppedTown, who: Who = as_asked, **more: float):
    stream = EventStream(town.engine, who=who, **{**QUICK, **more})
    return small_door(routes(town.engine), events=stream.answer)


# ---------------------------------------------------------------- resuming


def test_a_reader_who_asks_for_nothing_older_is_told_from_now_on(town):
    async def scene() -> None:
        before = commit(town, alarm())
        async with stream_of(town) as hall, hall.listen() as listener:
            opened = await listener.event("open")
            assert opened.data == {
                "incarnation": 1, "generation": 0, "seq": before, "sight": "all",
            }  # fmt: skip
            assert opened.seq == before
            seq = commit(town, alarm())
            (block,) = await listener.blocks_until(seq)
            assert block.seq == seq
            assert block.data == {
                "seq": seq, "at": town.now, "facts": [{"type": "alarm_raised", "code": "store_full"}],
            }  # fmt: skip

    run(scene())


def test_a_reader_from_the_beginning_hears_every_block_of_a_call(town):
    async def scene() -> None:
        job_id = town.send(Reason.GENERAL)
        town.wait(job_id)
        last = town.engine.station.fold.seq
        async with stream_of(town) as hall, hall.listen("/events?since=0") as listener:
            blocks = await listener.blocks_until(last)
        assert [block.data["seq"] for block in blocks] == list(range(1, last + 1))
        said = {one["type"]: one for block in blocks for one in block.data["facts"]}
        assert said["attempt_closed"]["disposition"] == "confirmed"
        assert said["attempt_closed"]["chain_id"] == chain_id(job_id, 0)
        assert (said["attempt_closed"]["job_id"], said["attempt_closed"]["index"]) == (job_id, 0)
        assert said["job_ended"]["state"] == "sent"
        assert said["command_taken"]["verb"] == "send"
        assert "token" not in said["store_opened"]

    run(scene())


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    visits=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 8)), min_size=1, max_size=8),
    page=st.sampled_from([1, 3, 64]),
    kept=st.sampled_from([0, 1 << 20]),
    only=st.sampled_from(["", "alarm_raised"]),
)
def test_nothing_is_lost_and_nothing_doubled_wherever_the_line_breaks(town, visits, page, kept, only):
    """Each visit hears some blocks and is broken off; meanwhile, and between, others are committed."""

    async def scene() -> None:
        heard: list[int] = []
        told: list[int] = []
        last_id = town.engine.station.fold.seq
        async with stream_of(town) as hall:
            for more, reads in [*visits, (1, 1_000)]:
                for n in range(more):
                    seq = commit(town, alarm() if n % 2 else facts.DayBegan(1))
                    told += [seq] if n % 2 or not only else []
                async with hall.listen(f"/events?kinds={only}", last_id) as listener:
                    while reads and heard != told:
                        block = await listener.event("block")
                        heard.append(block.data["seq"])
                        last_id = block.seq
                        reads -= 1
        assert heard == told

    with (
        patch.object(stream_pages, "PAGE_BLOCKS", page),
        patch.object(stream_module, "StreamPages", partial(StreamPages, bytes_kept=kept)),
    ):
        run(scene())


def test_what_browsers_say_when_they_come_back_goes_before_what_the_page_first_asked_for(town):
    async def scene() -> None:
        seq = commit(town, alarm())
        async with stream_of(town) as hall, hall.listen("/events?since=0", last_id=seq - 1) as listener:
            assert (await listener.event("block")).data["seq"] == seq

    run(scene())


def test_a_seq_that_is_not_there_is_a_gap_and_the_stream_goes_on_behind_it(town):
    """A store put back from a backup is shorter than what a reader has heard."""

    async def scene() -> None:
        last = commit(town, alarm())
        async with stream_of(town) as hall, hall.listen("/events?since=999999") as listener:
            gap = await listener.event("gap", "block")
            assert (gap.event, gap.seq) == ("gap", last)
            assert gap.data == {"asked": 999_999, "first": 1, "last": last}
            seq = commit(town, alarm())
            assert (await listener.event("block")).data["seq"] == seq

    run(scene())


def test_a_journal_whose_beginning_is_gone_is_a_gap(town):
    async def scene() -> None:
        last = commit(town, alarm())
        with town.database.write() as txn:
            for seq in (1, 2):
                town.database.journal.delete(txn, seq.to_bytes(8, "big"))
        async with stream_of(town) as hall, hall.listen("/events?since=0") as listener:
            gap = await listener.event("gap")
            assert gap.data == {"asked": 0, "first": 3, "last": last}
            assert (await listener.event("block")).data["seq"] == 3

    run(scene())


def test_in_silence_a_beat_comes_and_moves_the_id_past_what_told_nothing(town):
    async def scene() -> None:
        async with stream_of(town) as hall, hall.listen("/events?job=77") as listener:
            await listener.event("open")
            seq = commit(town, facts.DayBegan(1))
            while listener.last_id != seq:
                heard = await listener.next()
                assert heard.comment == "beat"
                assert heard.event == ""

    run(scene())


def test_a_reader_hears_beats_also_while_much_happens_that_tells_them_nothing(town):
    """Whoever hears nothing for longer than a beat has lost the engine; being busy with others is no silence."""

    async def scene() -> None:
        async with stream_of(town, beat_seconds=0.1) as hall, hall.listen("/events?job=77") as listener:
            await listener.event("open")
            busy = asyncio.create_task(_keep_busy(town))
            try:
                assert (await asyncio.wait_for(listener.next(), 5)).comment == "beat"
            finally:
                busy.cancel()

    run(scene())


async def _keep_busy(town: SteppedTown) -> None:
    while True:
        commit(town, alarm())
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("busy", [True, False])
def test_whoever_loses_their_right_while_they_read_hears_nothing_more(town, busy):
    """A token is asked for at the door once; a stream stays open for days."""
    revoked = False

    async def who(request: web.Request) -> Caller:
        return NOBODY if revoked else caller_of(request)

    async def scene() -> None:
        nonlocal revoked
        async with stream_of(town, who=who) as hall, hall.listen() as listener:
            await listener.event("open")
            others = asyncio.create_task(_keep_busy(town)) if busy else None
            await listener.next()
            revoked = True
            while not listener.is_over:
                await listener.next()
            if others is not None:
                others.cancel()

    run(scene())


def test_a_reader_with_a_token_is_asked_for_it_again(town):
    async def scene() -> None:
        stream, made = EventStream(town.engine), token_for(town.engine, Role.SENDER, "follower")
        request = make_mocked_request("GET", "/events", {"Authorization": f"Bearer {made.token}"})
        assert await stream._identified(request) == Caller("token:follower", Role.SENDER)
        REVOKE.carry_out(LiveDesk(town.engine), TokenId(token_id=made.view.token_id), "tests")
        assert await stream._identified(request) == NOBODY

    run(scene())


def test_only_the_facts_of_one_job_and_kind_come_to_who_asked_for_them(town):
    async def scene() -> None:
        async with stream_of(town) as hall, hall.listen("/events?job=3&kinds=chain_closed,alarm_raised") as listener:
            await listener.event("open")
            commit(town, alarm())
            commit(
                town,
                facts.AttemptOpened(9, CHAIN, 0, 1, 42),
                facts.ChainClosed(CHAIN, Outcome.CONFIRMED),
                facts.ChainClosed(chain_id(4, 1), Outcome.CONFIRMED),
            )
            block = await listener.event("block")
            assert [one["chain_id"] for one in block.data["facts"]] == [CHAIN]

    with patch("store.fold.Fold.apply", _only_counted):
        run(scene())


def _only_counted(fold, block: facts.Block) -> None:
    """Facts of jobs there are not: the fold only counts the block."""
    fold.rest.seq, fold.rest.at = block.seq, block.at


@pytest.mark.parametrize("path", ["/events?since=-1", "/events?since=x", "/events?kinds=nothing", "/events?job=x"])
def test_a_stream_nobody_can_mean_is_refused(town, path):
    async def scene() -> None:
        async with stream_of(town) as hall:
            status, said = await hall.get(path)
            assert status == 422, said
            async with hall.session.get("/events", headers={"Last-Event-ID": "x"}) as response:
                assert response.status == 422

    run(scene())


# ---------------------------------------------------------------- who may know what

BLOCK = facts.Block(
    7,
    1_000,
    [
        facts.AttemptOpened(9, CHAIN, 0, 1, 4242),
        facts.AttemptClosed(9, CHAIN, Disposition.CONFIRMED, 900, 50),
        facts.StepBarred(CHAIN, 1, 1, Disposition.BLOCKED),
        facts.ChainClosed(CHAIN, Outcome.CONFIRMED),
        facts.CommandTaken(11, Verb.PAUSE, 3, 777_777),
        facts.CommandRefused(Verb.SEND, 3, 777_777, Role.VIEWER, Role.SENDER),
        facts.JobEnded(3, JobState.SENT),
        facts.StoreOpened(1, 999_999, 0),
        facts.JobPlanned(3, Reason.GENERAL, 1, 2, 1, 0, 0, 1, b"\xff" * 16),
    ],
)


def said_at(sight: Sight) -> dict[str, Any]:
    return {kind: words for kind, _, words in told(BLOCK, sight)}


def test_a_viewer_is_told_of_jobs_and_counts_and_of_no_chain_number_or_author():
    said = said_at(Sight.COUNTS)
    assert said["counts"] == {
        "type": "counts", "job_id": 3, "attempts_opened": 1, "attempts_closed": {"confirmed": 1, "blocked": 1},
        "chains_closed": {"confirmed": 1}, "corrected": 0,
    }  # fmt: skip
    assert said["job_ended"] == {"type": "job_ended", "job_id": 3, "state": "sent"}
    assert said["command_taken"] == {"type": "command_taken", "command_id": 11, "verb": "pause", "job_id": 3}
    assert not {"attempt_opened", "attempt_closed", "chain_closed", "command_refused"} & said.keys()
    text = json.dumps(said)
    assert not any(hidden in text for hidden in (str(CHAIN), "4242", "777777", "999999"))


def test_a_sender_is_told_of_chains_without_numbers_and_authors():
    said = said_at(Sight.CHAINS)
    assert said["attempt_opened"] == {
        "type": "attempt_opened", "attempt_id": 9, "chain_id": CHAIN, "step": 0, "round": 1, "job_id": 3, "index": 5,
    }  # fmt: skip
    text = json.dumps(said)
    assert not any(hidden in text for hidden in ("4242", "777777", "999999", "command_refused", "counts"))


def test_an_administrator_is_told_everything_but_the_token_of_references():
    said = said_at(Sight.ALL)
    assert said["attempt_opened"]["number_id"] == 4242
    assert said["command_refused"]["needed"] == "sender"
    assert said["command_refused"]["author"] == said["command_taken"]["author_id"] == 777_777
    assert "999999" not in json.dumps(said)


@pytest.mark.parametrize("sight", Sight)
def test_every_kind_of_fact_can_be_told(sight):
    kinds = {kind for kind, _, _ in told(BLOCK, sight)}
    assert kinds <= KINDS
    assert kind_of(facts.AttemptClosed) == "attempt_closed"


def test_the_stream_shows_each_role_its_sight(town):
    async def scene() -> None:
        async with stream_of(town) as hall:
            for role, sight in ((Role.VIEWER, "counts"), (Role.SENDER, "chains"), (Role.EMERGENCY_SENDER, "chains"),
                                (Role.ADMINISTRATOR, "all")):  # fmt: skip
                hall.role = role
                async with hall.listen() as listener:
                    assert (await listener.event("open")).data["sight"] == sight

    run(scene())


# ---------------------------------------------------------------- many readers, slow readers


def test_a_hundred_readers_share_one_reading_and_one_encoding_of_each_block(town):
    encoded: list[int] = []
    real = stream_pages._event_of

    def counted(block: facts.Block, sight: Sight) -> stream_pages.Event:
        encoded.append(block.seq)
        return real(block, sight)

    async def scene() -> None:
        async with stream_of(town, beat_seconds=5) as hall:
            await asyncio.gather(*(_hears_all(hall) for _ in range(100)), _commits(town))

    async def _commits(town: SteppedTown) -> None:
        for _ in range(20):
            commit(town, alarm())
            await asyncio.sleep(0)

    first = town.engine.station.fold.seq

    async def _hears_all(hall: Hall) -> None:
        async with hall.listen(f"/events?since={first}") as listener:
            seqs = [block.data["seq"] for block in await listener.blocks_until(first + 20)]
            assert seqs == list(range(first + 1, first + 21))

    with patch.object(stream_pages, "_event_of", counted):
        run(scene())
    assert len(encoded) == len(set(encoded))


def test_pages_in_memory_are_bounded_and_read_anew(town):
    for _ in range(200):
        town.engine.station.record(alarm())
        town.engine.station.flush_tables()
    pages = StreamPages(town.database, bytes_kept=1)
    seq, seqs = 0, []
    while events := pages.after(Sight.ALL, seq):
        seqs += [event.seq for event in events]
        seq = events[-1].seq
        assert len(pages._pages) == 1
    assert seqs == list(range(1, town.engine.station.fold.seq + 1))
    assert pages.after(Sight.ALL, 0)[0].for_wish(Wish(kinds=frozenset({"job_ended"}))) == b""


def test_a_reader_who_takes_nothing_is_dropped_told_so_and_may_resume(town):
    async def scene() -> None:
        first = town.engine.station.fold.seq
        for _ in range(40):
            commit(town, *[alarm()] * 200)
        last = town.engine.station.fold.seq
        async with stream_of(town, slow_seconds=0.05) as hall:
            url = hall.session._base_url
            assert url is not None
            loop = asyncio.get_running_loop()
            sock = socket.socket()
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            sock.setblocking(False)
            await loop.sock_connect(sock, ("127.0.0.1", url.port))
            await loop.sock_sendall(
                sock, f"GET /events?since={first} HTTP/1.1\r\nHost: x\r\nX-Role: viewer\r\n\r\n".encode()
            )
            await _dropped(hall)
            data = b""
            while piece := await loop.sock_recv(sock, 1 << 20):
                data += piece
            sock.close()
            assert b"event: slow" in data[-200:]
            told = data.split(b"\nid: ")[-1]
            async with hall.listen(last_id=int(told[: told.index(b"\n")])) as listener:
                blocks = await listener.blocks_until(last)
            assert blocks[0].data["seq"] == int(told[: told.index(b"\n")]) + 1

    dropped = asyncio.Event()
    real = EventStream._drop

    async def dropping(self, request, response) -> None:
        dropped.set()
        await real(self, request, response)

    async def _dropped(_hall: Hall) -> None:
        await dropped.wait()

    with patch.object(EventStream, "_drop", dropping):
        run(scene())


def test_more_readers_than_there_may_be_are_refused_and_the_others_go_on(town):
    async def scene() -> None:
        async with stream_of(town) as hall, hall.listen() as listener:
            await listener.event("open")
            with patch.object(stream_module, "READERS_MAX", 1):
                assert (await hall.get("/events"))[0] == 409
            seq = commit(town, alarm())
            assert (await listener.event("block")).data["seq"] == seq

    run(scene())


def test_a_door_that_closes_ends_its_streams_at_once(tmp_path):
    with soap_town(tmp_path, one_contact("Adams")) as town:
        door = Door(town.engine)
        door.open()
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(20)
            sock.connect(str(town.home / SOCKET_NAME))
            sock.sendall(b"GET /events?since=0 HTTP/1.1\r\nHost: x\r\n\r\n")
            heard = b""
            while b"event: block" not in heard:
                heard += sock.recv(1 << 16)
            door.close()
            while piece := sock.recv(1 << 16):
                heard += piece
    assert b'"sight":"all"' in heard
