"""The engine's health in detail, asked of a running engine."""

from pathlib import Path

from engine.acts.health import DETAILS, AskHealth
from store.access import Role
from store.records import Audience, Message, Reason
from tests.engine.acts.asking import ask
from tests.fakes import SteppedTown, at, one_contact


def test_a_running_engine_tells_of_store_lines_gate_and_what_waits(tmp_path: Path) -> None:
    adams = one_contact("Adams")
    adams.mom.cell.answers(after_s=5, talks_s=25).presses("0").always()
    with SteppedTown(tmp_path, adams, now=at("2026-03-02 10:00")) as town:
        before = ask(town, DETAILS, AskHealth())
        prepared = town.engine.prepare(Message(Reason.GENERAL, "Snow day", "School is closed tomorrow."), Audience())
        town.engine.send(prepared.job_id)
        told = ask(town, DETAILS, AskHealth())
    assert told.store.seq > before.store.seq
    assert told.store.bytes > 0
    assert told.ledger.lines == before.ledger.lines > 0
    assert told.ledger.out == 1
    assert told.gate.in_use == 1
    assert told.gate.clock_is_sound
    assert told.gate.opens_at <= told.now < told.gate.closes_at
    assert told.telling.mails == told.telling.webhooks == 0


def test_whoever_may_look_may_ask_and_no_secret_is_told() -> None:
    assert DETAILS.role is Role.VIEWER
