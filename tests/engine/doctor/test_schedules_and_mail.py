"""The doctor about schedules that do not fire and e-mail that does not leave."""

import asyncio
import os
from datetime import date
from pathlib import Path

import msgspec
import pytest
from aiosmtpd.controller import Controller

from engine.config import Email, Settings
from engine.doctor.finding import Grade
from engine.home import STORE_FOLDER, make_home
from engine.mail.outbox import new_mail
from engine.mail.smtp import SmtpServer
from engine.messaging.templates import template_key
from engine.schedules.presence import Presence
from store.database import Database
from store.documents import Fire, Frequency, Mail, Schedule, Template
from store.keys import id_key
from store.records import Message, Reason
from tests.engine.doctor.districts import bad, engine_runs, findings, sound_district, the_problem
from tests.fakes import HOUR, MINUTE, MONDAY_TEN, at

FIRES_AT = at("2026-03-02 09:00")


@pytest.fixture
def home(tmp_path) -> Path:
    return sound_district(tmp_path / "district")


def put(home: Path, table: str, key: bytes, record: object) -> None:
    database = Database(home / STORE_FOLDER)
    with database.write() as txn:
        getattr(database, table).put(txn, key, record)
    database.close()


def attendance(**more) -> Schedule:
    """Every day at nine, since Sunday."""
    return Schedule(7, "Absences", "absent", Frequency.DAILY, date(2026, 3, 1).toordinal(), 9 * 60, **more)


def scheduled(home: Path, **more) -> None:
    put(
        home,
        "templates",
        template_key("absent"),
        Template("absent", Message(Reason.ATTENDANCE, "Absent", "Your child is absent.")),
    )
    put(home, "schedules", id_key(7), attendance(changed_at=FIRES_AT - HOUR, **more))


# ---------------------------------------------------------------- schedules


@pytest.fixture
def scheduler(home):
    """One is at work, in this process."""
    presence = Presence(home)
    presence.show(incarnation=1)
    presence.beat()
    yield
    presence.hide()


@pytest.mark.row("C102", "C178")
def test_a_schedule_that_fired_is_active_and_the_scheduler_enabled(home, scheduler):
    """C102: Shows whether the scheduler is enabled (health message). C178: Green light next to a task = active (one app
    server).
    """
    scheduled(home)
    put(home, "fires", b"7", Fire(7, FIRES_AT, job_id=3, done_at=FIRES_AT))
    said = [finding.says for finding in findings(home, "schedules")]
    assert said == [
        f"The scheduler is enabled: it is at work in process {os.getpid()}, and nowhere else.",
        'Schedule 7 "Absences" is active; it fires next at 2026-03-03 09:00.',
    ]


@pytest.mark.row("C102", "C177")
def test_without_an_engine_the_scheduler_is_off_and_the_firing_missed(home):
    """C102: Shows whether the scheduler is enabled (health message). C177: Not going out as scheduled → scheduler may
    be off.
    """
    scheduled(home)
    off, missed = bad(findings(home, "schedules"))
    assert off == "The scheduler is not enabled: no scheduled message goes out."
    assert missed == 'Schedule 7 "Absences" should have fired at 2026-03-02 09:00 and did not.'


def test_a_zone_that_was_put_right_after_a_firing_is_no_missed_one(home, scheduler):
    scheduled(home)
    put(home, "fires", b"7", Fire(7, FIRES_AT - 15 * MINUTE, job_id=3, done_at=FIRES_AT))
    assert not bad(findings(home, "schedules"))


def test_a_firing_that_was_canceled_is_told_and_the_next_one_is_that_of_the_day_after(home, scheduler):
    scheduled(home)
    put(home, "fires", b"7", Fire(7, FIRES_AT, note="Canceled by kim.", done_at=FIRES_AT))
    put(home, "fires", b"8", Fire(7, at("2026-03-03 09:00"), note="Canceled by kim.", done_at=FIRES_AT))
    assert [finding.says for finding in findings(home, "schedules")][1:] == [
        'Schedule 7 "Absences" fired at 2026-03-02 09:00 and sent nothing: Canceled by kim.',
        'Schedule 7 "Absences" is active; it fires next at 2026-03-04 09:00.',
    ]


@pytest.mark.row("C177")
def test_a_disabled_schedule_says_that_it_sends_nothing(home):
    """C177: Not going out as scheduled → scheduler may be off."""
    scheduled(home, disabled=True)
    notes = [finding.says for finding in findings(home, "schedules") if finding.grade is Grade.NOTE]
    assert notes == ['Schedule 7 "Absences" is disabled: it sends nothing.']


@pytest.mark.parametrize(
    ("fire", "grade", "says"),
    [
        (Fire(7, FIRES_AT, note="Nobody is absent.", done_at=FIRES_AT), Grade.NOTE, "sent nothing: Nobody is absent."),
        (Fire(7, FIRES_AT, note="Missed: no engine ran.", done_at=1), Grade.WARNING, "sent nothing: Missed: no engine"),
        (Fire(7, FIRES_AT, note="No such file.", done_at=1, failed=True), Grade.PROBLEM, "failed: No such file."),
        (Fire(7, FIRES_AT), Grade.PROBLEM, "did not come to an end."),
    ],
)
def test_a_firing_that_made_no_job_says_why(home, scheduler, fire: Fire, grade: Grade, says: str):
    scheduled(home)
    put(home, "fires", b"7", fire)
    (found,) = [one for one in findings(home, "schedules") if "2026-03-02 09:00 and" in one.says]
    assert found.grade is grade
    assert says in found.says


def test_a_schedule_without_its_template_or_its_file_is_told_before_it_fires(home, scheduler):
    put(home, "schedules", id_key(7), attendance(changed_at=FIRES_AT + MINUTE, events_file="absences.csv"))
    template, file = bad(findings(home, "schedules"))
    assert 'sends the template "absent", which is not there' in template
    assert "reads absences.csv, which is not there now" in file


@pytest.mark.row("C103")
def test_two_schedules_that_fire_within_the_same_minutes_are_told(home, scheduler):
    """C103: Admin checks scheduled times for conflict with other tasks."""
    scheduled(home)
    other = msgspec.structs.replace(
        attendance(changed_at=MONDAY_TEN), schedule_id=8, name="Balances", minute=9 * 60 + 1
    )
    put(home, "schedules", id_key(8), other)
    notes = [finding.says for finding in findings(home, "schedules") if finding.grade is Grade.NOTE]
    assert any('"Absences" and "Balances" both fire about' in said for said in notes)


@pytest.mark.row("C096", "C097")
def test_what_was_never_configured_is_told_before_anything_is_sent(tmp_path):
    """C096: Should be configured before voice messaging is tried. C097: One of five tools to configure."""
    bare = tmp_path / "bare"
    make_home(bare, Settings())
    said = [finding.says for finding in findings(bare, "set-up")]
    assert "The district has no name" in said[0]
    assert "No call-back number is spoken" in said[1]
    assert said[2] == "Still as delivered: voice settings, prompts, e-mail, caller IDs, pronunciations."
    sound = findings(sound_district(tmp_path / "sound", "http://127.0.0.1:1/ca/soap"), "set-up")
    assert sound[-1].says == "Still as delivered: prompts, e-mail, pronunciations."


# ---------------------------------------------------------------- mail


class Server:
    """A mail server on loopback that answers as it is told."""

    def __init__(self, rcpt: str = "250 OK") -> None:
        self.taken = 0
        self._rcpt = rcpt

    async def handle_RCPT(self, _server, _session, envelope, address, _options) -> str:
        if self._rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self._rcpt

    async def handle_DATA(self, _server, _session, _envelope) -> str:
        self.taken += 1
        return "250 OK"


class OnAnyPort(Controller):
    """Listens where the system has room."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


def mail_server(answers: Server) -> Controller:
    controller = OnAnyPort(answers, hostname="127.0.0.1", port=0)
    controller.start()
    return controller


def email(port: int) -> Email:
    return Email(
        smtp_host="127.0.0.1", smtp_port=port, starttls=False, sender="oak@oak.example", error_list=("it@oak.example",)
    )


def test_a_mail_server_that_would_take_our_mail_is_well_and_gets_none(tmp_path):
    answers = Server()
    controller = mail_server(answers)
    try:
        found = findings(sound_district(tmp_path / "d", email=email(controller.port)), "e-mail", network=True)
    finally:
        controller.stop()
    assert found[-1].says == f"The mail server 127.0.0.1:{controller.port} would take an e-mail of ours."
    assert not answers.taken


@pytest.mark.row("C184", "C186")
def test_a_mail_server_that_does_not_relay_for_us_is_told_in_its_own_words(tmp_path):
    """C184: E-mails always in error → check SMTP host and relay. C186: District keeps its own SMTP servers and relay
    rules.
    """
    controller = mail_server(Server("554 5.7.1 Relay access denied"))
    try:
        found = findings(sound_district(tmp_path / "d", email=email(controller.port)), "e-mail", network=True)
    finally:
        controller.stop()
    problem = the_problem(found)
    assert "would not take an e-mail of ours: 554 5.7.1 Relay access denied" in problem.says
    assert "it may not allow relay from this machine" in problem.todo


@pytest.mark.row("C188")
def test_a_relay_that_knows_this_machine_by_its_address_asks_for_no_login(tmp_path):
    """C188: Generic relay for small districts, by approved IP."""
    answers = Server()
    controller = mail_server(answers)
    try:
        mail = new_mail("job/1/done", "it@oak.example", "Job 1", "It is done.", MONDAY_TEN)
        assert SmtpServer(email(controller.port)).deliver(mail).taken
    finally:
        controller.stop()
    assert answers.taken == 1


@pytest.mark.row("C184")
def test_a_mail_server_that_is_not_there_is_told(tmp_path):
    """C184: E-mails always in error → check SMTP host and relay."""
    controller = mail_server(Server())
    controller.stop()
    found = findings(sound_district(tmp_path / "d", email=email(controller.port)), "e-mail", network=True)
    assert "cannot be used" in the_problem(found).says
    assert "Check email.smtp_host" in the_problem(found).todo


@pytest.mark.row("C184", "C187")
def test_mail_that_waits_or_was_given_up_is_told_with_the_hosts_reason(home, monkeypatch):
    """C184: E-mails always in error → check SMTP host and relay. C187: Queued for more than a few minutes → the service
    is not running (health check).
    """
    put(
        home,
        "mails",
        id_key(1),
        Mail(1, ("it@oak.example",), "Job 1", "…", made_at=MONDAY_TEN - HOUR, trouble="450 later"),
    )
    put(home, "mails", id_key(2), Mail(2, ("it@oak.example",), "Job 1", "…", made_at=MONDAY_TEN - MINUTE))
    failed = Mail(3, ("it@oak.example",), "Job 1", "…", made_at=MONDAY_TEN - HOUR, failed="554 Relay access denied")
    put(home, "mails", id_key(3), failed)
    waiting, given_up = (finding for finding in findings(home, "e-mail") if finding.todo)
    assert waiting.says == "1 e-mail queued since 2026-03-02 09:00. The last try: 450 later"
    assert "Start an engine" in waiting.todo
    assert given_up.says == "1 e-mail given up this week; the last because: 554 Relay access denied"
    engine_runs(monkeypatch, MONDAY_TEN)
    assert "SMTP" in next(finding.todo for finding in findings(home, "e-mail"))


def test_a_sender_that_is_no_address_is_told_before_any_mail_waits(tmp_path):
    answers = Server()
    controller = mail_server(answers)
    try:
        settings = msgspec.structs.replace(email(controller.port), sender="")
        found = findings(sound_district(tmp_path / "d", email=settings), "e-mail", network=True)
    finally:
        controller.stop()
    assert the_problem(found).says == "email.sender is no e-mail address: no e-mail can be sent."
