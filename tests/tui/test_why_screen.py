"""Why has she not been called: every message of one contact, on a stage."""

from typing import Any

import pytest

from engine.why.view import Match, WhyChain, WhyMessage, WhyPerson
from store.keys import chain_id
from tests.engine.board_store import HOUR, MORNING
from tests.tui.stage import Stage, play
from tui.screens.why import WhyRoom

GAS_LEAK = 3


def chain(job: int, index: int, **fields: Any) -> WhyChain:
    return WhyChain(
        chain_id=chain_id(job, index), job_id=job, index=index, contact_key="p:Cem Yılmaz", contact_name="Cem Yılmaz",
        student_ids=("s2", "s3"), device="cell", number="•••-•••-2139", **fields,
    )  # fmt: skip


def message(job: int, subject: str, **fields: Any) -> WhyMessage:
    said: dict[str, Any] = {
        "reason": "general",
        "state": "in_progress",
        "author": "anna",
        "prepared_at": MORNING,
        **fields,
    }
    return WhyMessage(job_id=job, subject=subject, opens_at=MORNING, closes_at=MORNING + 4 * HOUR, **said)


FOUND = WhyPerson(
    at=MORNING,
    running=True,
    person=Match(person_id="Cem Yılmaz", name="Cem Yılmaz", roles=("contact",)),
    messages=(
        message(
            4, "Bus 12 is late", state="prepared", cause="waits_for_second",
            sentence="It waits for a second person to agree: `callchain approve 4`.", next_ring_basis="send",
        ),
        message(
            3, "Gas leak at Lincoln Elementary",
            chains=(
                chain(
                    3, 2, state="at_carrier", cause="at_carrier", next_ring_basis="result",
                    sentence="A call to the other is with the carrier since 14:01:24 (1 s); "
                    "how it went is known when it has ended.",
                ),
            ),
        ),
        message(
            2, "Absent today",
            chains=(
                chain(
                    2, 2, state="waiting", cause="waiting_for_line", next_ring_at=MORNING + 15 * 60_000,
                    next_ring_basis="queue", position=13,
                    sentence="It waits for a line: 12 chains are before it, 3 of them emergencies; 24 calls are out on "
                    "24 ordinary lines.",
                ),
            ),
        ),
        message(
            1, "Picture day is on Friday", cause="not_in_audience",
            sentence="The message is for grade 5; Son Yılmaz is in grade 3.",
        ),
    ),
)  # fmt: skip


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
def test_every_message_has_its_cause_and_its_next_ring(size: tuple[int, int]) -> None:
    async def scene(stage: Stage) -> None:
        stage.door.answers["why.person"] = FOUND
        stage.app.live.chains.select(chain_id(GAS_LEAK, 2))
        await stage.press("w")
        assert isinstance(stage.app.screen, WhyRoom)
        await stage.passes()
        stage.looks_like(f"why_{size[0]}x{size[1]}")
        (asked,) = [asked for name, asked in stage.door.acted if name == "why.person"]
        assert asked.who == "p:Cem Yılmaz"

    play(scene, size)


def test_until_the_engine_has_answered_the_board_tells_of_its_own_chains() -> None:
    async def scene(stage: Stage) -> None:
        stage.app.live.chains.select(chain_id(GAS_LEAK, 2))
        await stage.press("w")
        await stage.passes()
        assert "On the board" in stage.text
        assert "3-2 Cem Yılmaz" in stage.text
        assert "2-2 Cem Yılmaz" in stage.text

    play(scene, door=False)


def test_what_has_no_room_is_scrolled_to() -> None:
    async def scene(stage: Stage) -> None:
        many = WhyPerson(at=MORNING, running=True, person=FOUND.person, messages=FOUND.messages * 6)
        stage.door.answers["why.person"] = many
        stage.app.live.chains.select(chain_id(GAS_LEAK, 2))
        await stage.press("w")
        await stage.passes()
        assert "lines below" in stage.text
        top = stage.lines[5]
        await stage.press("down")
        assert stage.lines[5] != top
        await stage.press("G")
        assert "lines below" not in stage.text
        assert "grade 5" in stage.text
        await stage.press("g")
        assert stage.lines[5] == top

    play(scene, (80, 24))


def test_r_asks_again_and_a_refusal_is_said() -> None:
    async def scene(stage: Stage) -> None:
        stage.app.live.chains.select(chain_id(GAS_LEAK, 2))
        await stage.press("w")
        await stage.passes()
        assert "Nobody taught this door" in stage.text
        stage.door.answers["why.person"] = FOUND
        await stage.press("r")
        assert "Bus 12 is late" in stage.text

    play(scene)
