"""Who may what: every endpoint and every act has a role, and below it is refused, written down and logged."""

import json
import logging
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.acts.catalog import ACTS
from engine.acts.desk import LiveDesk
from engine.acts.notices import ResendRequest
from engine.acts.tokens import REVOKE, TokenId
from engine.door.access import identity
from engine.door.access.identity import User, role_of
from engine.door.access.redaction import MASKED, redacted
from engine.door.access.refusals import KINDS_MAX
from engine.door.endpoint import Crew
from engine.door.front import Front
from engine.door.routes import acts
from engine.identities import name_of
from engine.release import author_id
from engine.service_settings import DoorRole, LadderSettings
from engine.views import GapView, Prepared
from store.access import Role
from store.commands import Verb
from store.facts import CommandRefused
from store.keys import chain_id
from store.records import Audience, Message, Reason
from tests.engine.door.knocking import TcpDoor, at_socket, facts_of, token_for

DOCUMENT = json.loads((Path(__file__).parents[3] / "docs" / "openapi.json").read_text())

ROWS = [
    (method.upper(), path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]
WORDS = {role.word: role for role in Role}


@pytest.fixture(scope="module")
def callers(tcp: TcpDoor) -> dict[Role, Any]:
    return {role: tcp.as_role(role, f"matrix-{role.word}") for role in Role}


def filled(path: str) -> str:
    return path.replace("{job_id}", "1").replace("{index}", "0").replace("{command_id}", "1")


@pytest.mark.parametrize(("method", "path", "operation"), ROWS, ids=[f"{row[0]} {row[1]}" for row in ROWS])
def test_every_endpoint_has_a_role_and_below_it_is_refused(tcp, callers, method, path, operation):
    least, body = WORDS.get(operation["x-role"]), b"7" if method != "GET" else None
    if least is None:
        assert path in ("/healthz", "/readyz")
        assert tcp.with_token("").raw(method, path)[0] in (200, 503)
        return
    assert tcp.with_token("").refused(method, filled(path), body)[0] == 401
    for role in Role:
        if role < least:
            status, refusal = callers[role].refused(method, filled(path), body)
            assert (status, refusal.kind) == (403, "RefusedError"), role
            assert least.word.replace("_", " ") in refusal.error
    if "text/event-stream" not in operation["responses"]["200"]["content"]:
        status, _ = callers[least].raw(method, filled(path), body)
        assert status not in (401, 403, 500)


def test_every_act_is_at_the_door_with_its_own_role():
    for name, act in ACTS.items():
        assert DOCUMENT["paths"][f"/acts/{name}"]["post"]["x-role"] == act.role.word


@pytest.mark.parametrize("verb", ["send", "approve", "recall", "pause", "resume", "cancel", "refresh"])
def test_what_has_to_do_with_an_emergency_takes_an_emergency_sender(tcp, callers, verb):
    emergency = tcp.engine.prepare(Message(Reason.EMERGENCY, "Gas", "Leave the building."), Audience()).job_id
    general = tcp.engine.prepare(Message(Reason.GENERAL, "Snow", "School is closed."), Audience()).job_id
    sender, order = callers[Role.SENDER], callers[Role.SENDER].order()
    assert sender.refused("POST", f"/jobs/{emergency}/{verb}", order)[0] == 403
    if verb != "send":
        for caller, job in ((sender, general), (callers[Role.EMERGENCY_SENDER], emergency)):
            assert caller.refused("POST", f"/jobs/{job}/{verb}", caller.order())[0] in (404, 409)


def test_preparing_an_emergency_takes_an_emergency_sender_whatever_the_way(tcp, callers):
    request = {"reason": "Emergency", "subject": "Gas", "text": "Leave the building."}
    job = tcp.engine.prepare(Message(Reason.EMERGENCY, "Gas", "Leave the building."), Audience()).job_id
    asked = [
        ("/jobs", request),
        ("/acts/notices.prepare", {"kind": "attendance", "events": [], "request": request}),
        ("/acts/jobs.resend", {"job_id": job}),
        ("/acts/jobs.followup", {"job_id": job, "whom": "not_reached", "request": {**request, "reason": ""}}),
        ("/acts/templates.save", {"name": "Gas leak", "request": request}),
    ]
    for path, body in asked:
        status, refusal = callers[Role.SENDER].refused("POST", path, body)
        assert status == 403, (path, refusal)
        status, _ = callers[Role.EMERGENCY_SENDER].ask("POST", path, body)
        assert status not in (401, 403, 500), path
    general = {"name": "Gas leak", "request": {**request, "reason": "general"}}
    assert callers[Role.SENDER].refused("POST", "/acts/templates.save", general)[0] == 403
    assert callers[Role.SENDER].refused("POST", "/acts/templates.remove", {"name": "GAS LEAK"})[0] == 403
    assert ACTS["jobs.resend"].needs is not None
    assert ACTS["jobs.resend"].needs(LiveDesk(tcp.engine), ResendRequest(job_id=job)) is Role.EMERGENCY_SENDER


def test_which_file_of_the_machine_the_engine_reads_is_the_administrators_to_say(callers):
    asked = {"name": "Absences", "template": "Gone", "every": "daily", "minute": 600, "events_file": "/etc/passwd"}
    assert callers[Role.SENDER].refused("POST", "/acts/schedules.add", asked)[0] == 403
    assert callers[Role.ADMINISTRATOR].refused("POST", "/acts/schedules.add", asked)[0] in (404, 422)


def test_nothing_a_viewer_may_ask_names_anybody(tcp, callers):
    sender, viewer = callers[Role.SENDER], callers[Role.VIEWER]
    words = {"reason": "general", "subject": "Snow", "text": "School is closed.", "person_ids": ["Family0-Son"]}
    job = sender.ask("POST", "/jobs", words)[1]["job_id"]
    assert sender.ask("POST", f"/jobs/{job}/send", sender.order(expect=1))[0] == 200
    for method, path, operation in ROWS:
        if operation["x-role"] == Role.VIEWER.word and path != "/events":
            asked = json.dumps({"job_id": job} if path in ("/acts/forecast.job", "/reports/forecast") else {}).encode()
            _, said = viewer.raw(method, path.replace("{job_id}", str(job)).replace("{index}", "0"), asked)
            assert b"Family" not in said, path
            assert not re.search(rb"\+1[0-9]{10}", said), path
    sender.ask("POST", f"/jobs/{job}/cancel", sender.order())


def test_studies_hold_back_no_other_act(tcp):
    crews = {endpoint.path: endpoint.crew for endpoint in acts.routes(tcp.engine)}
    assert {path for path, crew in crews.items() if crew is Crew.STUDY} == {"/acts/forecast.job", "/acts/audit.list"}
    assert crews["/acts/chains.cancel"] is Crew.ACT


@pytest.fixture
def second_person(tcp):
    """Somebody else must always agree, while a test lasts."""
    before = tcp.engine.settings
    tcp.engine.apply_settings(msgspec.structs.replace(before, ladder=LadderSettings(second_person="always")))
    yield
    tcp.engine.apply_settings(before)


def test_where_a_second_person_must_always_agree_only_administrators_have_schedules_send(tcp, callers, second_person):
    sender, administrator = callers[Role.SENDER], callers[Role.ADMINISTRATOR]
    words = {"reason": "general", "subject": "Snow", "text": "School is closed."}
    template = {"name": "Snow day", "request": words}
    schedule = {"name": "Every day", "template": "Snow day", "every": "daily", "minute": 600}
    assert sender.ask("POST", "/acts/templates.save", template)[0] == 200, "nothing sends it yet"
    assert sender.refused("POST", "/acts/schedules.add", schedule)[0] == 403
    assert administrator.ask("POST", "/acts/schedules.add", schedule)[0] == 200
    for path, asked in (
        ("/acts/schedules.change", {"name": "Every day", "minute": 660}),
        ("/acts/schedules.enable", {"name": "Every day"}),
        ("/acts/templates.save", {**template, "name": "SNOW DAY"}),
    ):
        assert sender.refused("POST", path, asked)[0] == 403, path
        assert administrator.ask("POST", path, asked)[0] == 200, path
    for path in ("/acts/schedules.disable", "/acts/schedules.remove"):
        assert sender.ask("POST", path, {"name": "Every day"})[0] == 200, path


@pytest.mark.parametrize(
    ("path", "body"),
    [
        *((f"/jobs/%d/{verb}", {}) for verb in ("send", "approve", "recall", "cancel")),
        ("/acts/jobs.resend", {"job_id": "%d"}),
        ("/acts/jobs.followup", {"job_id": "%d", "whom": "not_reached", "request": {
            "reason": "", "subject": "Gas", "text": "Leave."}}),
        ("/acts/chains.cancel", {"chain_ids": ["%d"]}),
    ],
)  # fmt: skip
def test_a_number_without_a_job_is_refused_before_it_may_become_an_emergencys(tcp, callers, monkeypatch, path, body):
    """What waits for a thread would else be carried out under a right that was asked of another job, or of none."""
    with tcp.engine.station.database.read() as txn:
        job = 1 + max((one.job_id for one in tcp.engine.station.vault.jobs(txn)), default=0)
    sender, number = callers[Role.SENDER], chain_id(job, 0) if "chains" in path else job
    carried_out: list[object] = []
    monkeypatch.setattr(Front, "_carry_out", lambda *asked: carried_out.append(asked))
    asked = json.loads(json.dumps(body).replace('"%d"', str(number))) or sender.order(expect=3)
    status, _ = sender.refused("POST", path % job if "%" in path else path, asked)
    assert (status, carried_out) == (404, [])


# ---------------------------------------------------------------- refused and audited


def test_a_refused_command_is_a_fact_with_its_author_and_shown_by_name(tcp, caplog):
    caller = tcp.as_role(Role.VIEWER, "curious")
    job = tcp.engine.prepare(Message(Reason.GENERAL, "Snow", "School is closed."), Audience()).job_id
    station = tcp.engine.station
    with caplog.at_level(logging.WARNING, "callchain"):
        caller.refused("POST", f"/jobs/{job}/cancel", caller.order())
        station.wait_for(
            lambda: any(fact.job_id == job for fact in facts_of(tcp.engine, CommandRefused)), 10, of_chains=True
        )
    (fact,) = [fact for fact in facts_of(tcp.engine, CommandRefused) if fact.job_id == job]
    assert fact == CommandRefused(Verb.CANCEL, job, author_id("token:curious"), Role.VIEWER, Role.SENDER, 1)
    with station.database.read() as txn:
        assert name_of(station.database, txn, fact.author) == "token:curious"
    assert "refused: cancel takes the role sender" in caplog.text
    shown = at_socket(tcp.engine).ask("POST", "/acts/audit.list", {"refused_only": True, "count": 5})[1]
    assert next(one for one in shown if one["job_id"] == job) == {
        **next(one for one in shown if one["job_id"] == job),
        "author": "token:curious", "verb": "cancel", "refused": True, "role": "viewer", "needed": "sender", "times": 1,
    }  # fmt: skip


def test_the_trail_names_who_gave_a_command_newest_first_and_goes_on_where_it_stopped(tcp):
    admin = tcp.as_role(Role.ADMINISTRATOR, "boss")
    for name in ("one", "two"):
        assert admin.ask("POST", "/acts/tokens.add", {"name": name, "role": "viewer"})[0] == 200
    first, second = admin.ask("POST", "/acts/audit.list", {"count": 2})[1]
    assert (first["verb"], first["author"], first["refused"]) == ("token", "token:boss", False)
    assert first["seq"] > second["seq"]
    on = admin.ask("POST", "/acts/audit.list", {"count": 1, "before": first["seq"]})[1]
    assert on == [second]


def test_a_flood_of_refusals_is_one_commit_a_second_and_counted(tcp):
    caller, before = tcp.as_role(Role.VIEWER, "flood"), tcp.engine.station.fold.seq
    for _ in range(60):
        assert caller.refused("PUT", "/roster", b"")[0] == 403

    def of_flood() -> list[CommandRefused]:
        return [fact for fact in facts_of(tcp.engine, CommandRefused) if fact.author == author_id("token:flood")]

    tcp.engine.station.wait_for(lambda: sum(fact.times for fact in of_flood()) == 60, 10, of_chains=True)
    assert len(of_flood()) < 10
    assert {(fact.verb, fact.needed) for fact in of_flood()} == {(Verb.ROSTER, Role.ADMINISTRATOR)}
    assert tcp.engine.station.fold.seq - before < 30


def test_a_flood_of_different_refusals_is_bounded_too(tcp):
    caller = tcp.as_role(Role.VIEWER, "wide")
    connection = caller._connect()
    for job in range(5_000, 5_000 + 3 * KINDS_MAX):
        connection.request("POST", f"/jobs/{job}/cancel", b"{}", caller._headers)
        assert connection.getresponse().read()
    connection.close()

    def counted() -> int:
        found = facts_of(tcp.engine, CommandRefused)
        return sum(fact.times for fact in found if fact.job_id >= 5_000 or not (fact.job_id or fact.author))

    tcp.engine.station.wait_for(lambda: counted() >= 3 * KINDS_MAX, 10, of_chains=True)
    assert not tcp.engine.failed


def test_somebody_without_a_token_is_told_nothing_and_written_down(tcp):
    status, refusal = tcp.with_token("cc_1_" + "x" * 43).refused("GET", "/jobs")
    assert (status, refusal.error) == (401, "This takes a token that holds.")
    tcp.engine.station.wait_for(
        lambda: any(fact.author == 0 for fact in facts_of(tcp.engine, CommandRefused)), 10, of_chains=True
    )


# ---------------------------------------------------------------- at the socket


def stranger(monkeypatch: pytest.MonkeyPatch, name: str, *groups: str) -> None:
    """Whoever asks at the socket from now on is another user of the system."""
    monkeypatch.setattr(identity.Identities, "peer", lambda _self, _request: 4_242)
    monkeypatch.setattr(identity, "_user", lambda _uid: User(name, frozenset(groups), float("inf")))
    monkeypatch.setattr(identity.Identities, "known", _ask_again)


def _ask_again(self: identity.Identities, uid: int) -> identity.Caller:
    user = identity._user(uid)
    return identity.Caller(user.name, role_of(user, self._settings().door_roles))


def test_the_engines_own_user_may_everything_at_the_socket(tcp):
    assert at_socket(tcp.engine).ask("POST", "/acts/tokens.list", {})[0] == 200


def test_an_unknown_user_is_refused_and_roles_follow_the_settings_at_once(tcp, monkeypatch):
    stranger(monkeypatch, "anna", "office")
    caller = at_socket(tcp.engine)
    status, refusal = caller.refused("GET", "/health")
    assert status == 403
    assert "anna may do nothing here" in refusal.error
    before = tcp.engine.settings
    try:
        rows: tuple[DoorRole, ...] = (DoorRole(who="@office", role="viewer"),)
        tcp.engine.settings = msgspec.structs.replace(before, door_roles=rows)
        assert caller.ask("GET", "/health")[0] == 200
        assert caller.refused("POST", "/jobs", {})[0] == 403
        rows = (*rows, DoorRole(who="anna", role="sender"))
        tcp.engine.settings = msgspec.structs.replace(before, door_roles=rows)
        assert caller.refused("POST", "/jobs", {})[0] == 422
    finally:
        tcp.engine.settings = before
    assert caller.refused("GET", "/health")[0] == 403


def test_a_users_own_row_goes_before_those_of_groups_of_which_the_greatest_counts():
    rows = (
        DoorRole(who="@office", role="viewer"), DoorRole(who="@heads", role="emergency_sender"),
        DoorRole(who="ben", role="viewer"),
    )  # fmt: skip
    assert role_of(User("ben", frozenset({"heads"}), 0), rows) is Role.VIEWER
    assert role_of(User("anna", frozenset({"office", "heads"}), 0), rows) is Role.EMERGENCY_SENDER
    assert role_of(User("@office", frozenset(), 0), rows) is Role.VIEWER
    assert role_of(User("carl", frozenset({"ben"}), 0), rows) is None


def test_a_user_of_the_system_is_asked_for_with_all_groups():
    assert "root" in identity._user(0).groups
    unknown = identity._user(3_999_999)
    assert (unknown.name, unknown.groups) == ("3999999", frozenset())


# ---------------------------------------------------------------- what a viewer sees

GAP = GapView(contact_key="p:mom", contact_name="Mom Lopez", reason="blocked", device="cell", student_ids=("S1",))


def test_a_viewer_is_shown_nobody_and_the_type_stays():
    prepared = Prepared(
        job_id=1, reason="general", subject="Snow", count=1, covered=0, unreachable=1, students=1, opens_at=0,
        closes_at=1, gaps=(GAP,),
    )  # fmt: skip
    seen = redacted([prepared, GAP])
    assert seen == [
        msgspec.structs.replace(prepared, gaps=()),
        msgspec.structs.replace(GAP, contact_key=MASKED, contact_name=MASKED, student_ids=()),
    ]
    assert redacted(seen) == seen


def test_a_viewer_sees_chains_without_names_and_a_sender_with_them(tcp, callers):
    job = tcp.engine.prepare(Message(Reason.EMERGENCY, "Gas", "Leave the building."), Audience())
    tcp.engine.send(job)
    try:
        path = f"/jobs/{job.job_id}/chains"
        for page in (path, f"{path}/0"):
            seen, known = (callers[role].raw("GET", page) for role in (Role.VIEWER, Role.SENDER))
            assert (seen[0], known[0]) == (200, 200)
            assert b"Family" in known[1]
            assert b"Family" not in seen[1]
    finally:
        tcp.engine.cancel(job.job_id)


def test_a_revoked_role_counts_at_once(tcp):
    made = token_for(tcp.engine, Role.VIEWER, "shortly")
    caller = tcp.with_token(made.token)
    assert caller.ask("GET", "/health")[0] == 200
    REVOKE.carry_out(LiveDesk(tcp.engine), TokenId(token_id=made.view.token_id), "tests")
    assert caller.refused("GET", "/health")[0] == 401
