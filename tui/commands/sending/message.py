"""`callchain plan`, `send` and `emergency`: see who would be called, and call them."""

from pathlib import Path

import msgspec

from actors.runtime.clock import WallClock
from engine.config import FILE_NAME, Settings, load_settings
from engine.doctor.finding import amount
from engine.home import STORE_FOLDER, read_store, require_store, settings_in_force
from engine.messaging.legal import legal_class
from engine.messaging.planner import EncodedPlans, PlanRequest, plan_message
from engine.orders import PrepareRequest
from engine.plan_settings import plan_settings
from engine.views import gap_view
from store.errors import InvalidInputError
from store.records import Plan, Reason
from store.vault import Vault
from tui.commands import say
from tui.commands.option_groups import with_groups
from tui.commands.options import HOME, ClockSpec, Home, Json, clock_of
from tui.commands.sending.confirming import SHOWN, send_prepared, show_effort, show_gaps
from tui.commands.sending.forecast_options import Foreseen, foretell, show_foretold
from tui.commands.sending.message_options import (
    Expect,
    Follow,
    Notify,
    ReasonWord,
    Recipients,
    Sending,
    TemplateName,
    Text,
    WindowText,
    Words,
    request_of,
)
from tui.door import door_of


@with_groups
def plan(
    *,
    text: Text = "",
    template: TemplateName = "",
    reason: ReasonWord = "",
    words: Words,
    recipients: Recipients,
    window: WindowText = "",
    foreseen: Foreseen,
    home: Home = HOME,
    clock: ClockSpec = "",
    json: Json = False,
) -> None:
    """Dry run: print the chains a message would start and who cannot be reached. Nothing is kept, nobody is called.

    With --forecast also when how many would be reached if it was sent now, from what this district's calls were like.
    """
    request = request_of(home, text, words, recipients, template=template, reason=reason, window=window)
    require_store(home)
    if (home / FILE_NAME).exists():
        load_settings(home)  # a broken file is said at once, though an engine would go on with what it has
    settings = settings_in_force(home)
    asked, planned = _plan(home, settings, request, clock)
    foretold = foretell(home, settings, asked, planned, foreseen) if foreseen.is_asked else None
    if json:
        say.json(_as_json(planned, request) | (msgspec.structs.asdict(foretold) if foretold else {}))
        return
    _show_planned(planned, request, settings.district.time_zone)
    if foretold is not None:
        show_foretold(foretold, settings.district.time_zone)


@with_groups
def send(
    *,
    text: Text = "",
    template: TemplateName = "",
    reason: ReasonWord = "",
    words: Words,
    recipients: Recipients,
    sending: Sending,
) -> None:
    """Send a message through the running engine, after its audience was shown and its count confirmed."""
    home, window, notify = sending.home, sending.window, sending.notify
    request = request_of(home, text, words, recipients, template=template, reason=reason, window=window, notify=notify)
    if request.reason == Reason.EMERGENCY.word:
        raise InvalidInputError("An emergency is sent with `callchain emergency`.")
    send_prepared(home, door_of(home).prepare(request), sending.expect, sending.json, sending.follow)


@with_groups
def emergency(
    *,
    text: Text = "",
    template: TemplateName = "",
    words: Words,
    recipients: Recipients,
    notify: Notify = "",
    expect: Expect = None,
    follow: Follow = False,
    home: Home = HOME,
    json: Json = False,
) -> None:
    """Send an emergency: at once, at any hour, ahead of everything else, after its count was confirmed."""
    word = Reason.EMERGENCY.word
    request = request_of(home, text, words, recipients, template=template, reason=word, notify=notify)
    send_prepared(home, door_of(home).prepare(request), expect, json, follow)


def _plan(home: Path, settings: Settings, request: PrepareRequest, clock: str) -> tuple[PlanRequest, EncodedPlans]:
    database = read_store(home)
    try:
        with database.read() as txn:
            vault = Vault(database)
            resolved = plan_settings(settings, vault.number_key(txn))
            people = vault.people_count(txn)
        now = clock_of(clock).now() if clock else WallClock().now()
        asked = PlanRequest(
            str(home / STORE_FOLDER), request.message(), request.whom(), request.window(), resolved, now
        )
        return asked, plan_message(asked, database, people)
    finally:
        database.close()


def _as_json(planned: EncodedPlans, request: PrepareRequest) -> dict[str, object]:
    legal = legal_class(request.message().reason, request.whom())
    return {
        "chains": planned.chains, "covered": planned.covered, "unreachable": planned.unreachable,
        "students": planned.students, "opens_at": planned.opens_at, "closes_at": planned.closes_at,
        "legal_class": legal, "legal_meaning": legal.meaning,
        "speech_ms": dict(planned.speech), "line_minutes": planned.line_minutes.least,
        "line_minutes_most": planned.line_minutes.most,
        "plans": [_plan_row(index, one) for index, one in enumerate(_decoded(planned))],
        "gaps": [gap_view(gap) for gap in planned.gaps],
    }  # fmt: skip


def _show_planned(planned: EncodedPlans, request: PrepareRequest, zone: str) -> None:
    plans = _decoded(planned)
    say.table(
        f"{amount(planned.chains, 'chain')} about {amount(planned.students, 'student')}; "
        f"{planned.covered:,} covered by another chain, {planned.unreachable:,} unreachable; "
        f"{say.clock(planned.opens_at, zone)} to {say.clock(planned.closes_at, zone)}",
        ("CHAIN#", "CONTACT", "DEVICES", "ABOUT"),
        (
            (index, one.contact_name, _devices(one), ", ".join(one.student_ids))
            for index, one in enumerate(plans[:SHOWN])
        ),
    )
    if len(plans) > SHOWN:
        say.line(f"… and {len(plans) - SHOWN:,} more; --json lists them all.")
    legal = legal_class(request.message().reason, request.whom())
    show_effort(legal, dict(planned.speech), *planned.line_minutes)
    show_gaps([gap_view(gap) for gap in planned.gaps])


def _decoded(planned: EncodedPlans) -> list[Plan]:
    return [msgspec.msgpack.decode(data, type=Plan) for data in planned.plans]


def _plan_row(index: int, one: Plan) -> dict[str, object]:
    devices = [{"device": step.kind.word, "number": say.masked(step.number)} for step in one.steps]
    state = "dial" if one.steps else "covered" if one.owner >= 0 else "unreachable"
    return {"chain": index, "contact": one.contact_key, "name": one.contact_name, "students": one.student_ids,
            "devices": devices, "state": state, "owner": one.owner if one.owner >= 0 else None}  # fmt: skip


def _devices(one: Plan) -> str:
    if one.steps:
        return ", ".join(f"{step.kind.word} {say.masked(step.number)}" for step in one.steps)
    return f"covered by chain {one.owner}" if one.owner >= 0 else "unreachable"
