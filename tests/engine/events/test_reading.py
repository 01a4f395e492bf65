"""Events files: every bad row reported with its place, every good one read; broken files refused in one sentence."""

from datetime import date

import pytest

from engine.events import reading
from engine.events.event import Event
from engine.events.kinds import EventKind
from engine.events.reading import EventFile, read_events
from store.errors import CallchainError, InvalidInputError

ATTENDANCE = "studentSourcedId,schoolSourcedId,date,status,excuse,periods\n"
BEHAVIOR = "eventId,studentSourcedId,date,eventType,role,status\n"
RESOLUTIONS = "eventId,staffSourcedId,studentSourcedId,resolution,date\n"
BALANCES = "studentSourcedId,account,balance,date\n"
DAY = date(2026, 3, 2).toordinal()


@pytest.fixture
def read(tmp_path):
    """Writes a file of a kind and reads it."""

    def write_and_read(kind: EventKind, text: str | bytes) -> EventFile:
        path = tmp_path / f"{kind}.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_events(kind, path)

    return write_and_read


def told(found: EventFile) -> list[str]:
    return [str(problem) for problem in found.problems]


def test_attendance_is_read_with_its_optional_columns(read):
    found = read(
        EventKind.ATTENDANCE, ATTENDANCE + "S1,oak,2026-03-02,Early Release,,\nS2,,2026-03-02,absent,unexcused,3\n"
    )
    assert found.problems == ()
    assert found.events == (
        Event(person_id="S1", day=DAY, line=2, school_id="oak", status="early_release", excuse="unknown"),
        Event(person_id="S2", day=DAY, line=3, status="absent", excuse="unexcused", periods=3),
    )


def test_behavior_resolutions_and_balances_are_read(read):
    (incident,) = read(EventKind.BEHAVIOR, BEHAVIOR + "EV7,S1,2026-03-02,Fighting,Offender,In Progress\n").events
    assert (incident.event_id, incident.event_type, incident.role, incident.status) == (
        "EV7", "Fighting", "Offender", "in_progress",
    )  # fmt: skip
    (resolution,) = read(EventKind.RESOLUTIONS, RESOLUTIONS + "EV7,t1,S1,Detention,2026-03-02\n").events
    assert (resolution.person_id, resolution.student_id, resolution.resolution) == ("t1", "S1", "Detention")
    balances = read(EventKind.BALANCES, BALANCES + "S1,lunch,-12.5,2026-03-02\nS2,,$3,2026-03-02\n").events
    assert [(one.account, one.balance_cents) for one in balances] == [("lunch", -1250), ("meal", 300)]


def test_every_bad_row_is_reported_with_line_and_column_and_the_good_ones_are_read(read):
    found = read(
        EventKind.ATTENDANCE,
        ATTENDANCE
        + ",oak,2026-03-02,absent,,\n"
        + "S1,oak,3/2/2026,absent,,\n"
        + "S1,oak,,absent,,\n"
        + "S1,oak,2026-03-02,away,,\n"
        + "S1,oak,2026-03-02,absent,maybe,\n"
        + "S1,oak,2026-03-02,absent,,many\n"
        + "S1,oak,2026-03-02\n"
        + "S9,oak,2026-03-02,tardy,,1\n",
    )
    assert [event.person_id for event in found.events] == ["S9"]
    assert found.rows == 8
    assert told(found) == [
        "attendance.csv line 2, studentSourcedId: is blank",
        "attendance.csv line 3, date: '3/2/2026' is not a date like 2026-08-31",
        "attendance.csv line 4, date: is blank",
        "attendance.csv line 5, status: 'away' is none of absent, tardy, early_release",
        "attendance.csv line 6, excuse: 'maybe' is none of excused, unexcused, unknown",
        "attendance.csv line 7, periods: 'many' is not a number from 0 to 24",
        "attendance.csv line 8: has 3 fields, the header has 6",
    ]


@pytest.mark.parametrize("balance", ["", "twelve", "1.234", "--3", "-$-3", "1,000", "9" * 10, "∞"])
def test_a_balance_that_is_no_amount_is_reported(read, balance):
    found = read(EventKind.BALANCES, BALANCES + f'S1,lunch,"{balance}",2026-03-02\n')
    assert found.events == ()
    assert told(found)[0].startswith("balances.csv line 2, balance: ")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_byte_order_mark_and_utf_16_are_understood(read, encoding):
    found = read(EventKind.BEHAVIOR, (BEHAVIOR + "EV1,S1,2026-03-02,Störung,,\n").encode(encoding))
    assert [event.event_type for event in found.events] == ["Störung"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"name,day\nAnna,Monday\n", "has no header"),
        (b"studentSourcedId,date\nS1,2026-03-02\n", "lacks the column status"),
        (ATTENDANCE.encode() + "S1,oak,2026-03-02,absent,,1\nMüller".encode("latin-1"), "is not UTF-8 at byte"),
    ],
)
def test_a_file_that_cannot_be_read_at_all_is_refused_in_one_sentence(read, content, sentence):
    with pytest.raises(CallchainError, match=sentence):
        read(EventKind.ATTENDANCE, content)


def test_a_header_without_rows_holds_no_events(read):
    assert read(EventKind.ATTENDANCE, ATTENDANCE) == EventFile((), (), 0)


def test_what_is_no_file_or_too_large_is_refused(tmp_path, monkeypatch):
    with pytest.raises(InvalidInputError, match="There is no file"):
        read_events(EventKind.ATTENDANCE, tmp_path / "nowhere.csv")
    with pytest.raises(InvalidInputError, match="There is no file"):
        read_events(EventKind.ATTENDANCE, tmp_path)
    monkeypatch.setattr(reading, "BYTES_MAX", 10)
    (tmp_path / "huge.csv").write_text(ATTENDANCE)
    with pytest.raises(InvalidInputError, match="at most 0 MiB are read"):
        read_events(EventKind.ATTENDANCE, tmp_path / "huge.csv")
