"""Utilization: how many calls and e-mails each school made on each day."""

import csv
import io
import json
import re
from html.parser import HTMLParser

import pytest

from engine.messaging.windows import Window
from engine.reports.formats.catalog import FORMATS, writer_of
from engine.reports.source.local_time import Days, past_days
from engine.reports.utilization import ANSWERED, NOT_ON_THE_NETWORK, read_medium, utilization
from store.dispositions import Disposition
from store.documents import Mail
from store.errors import InvalidInputError, NotFoundError
from store.keys import id_key
from store.records import Audience
from tests.engine.reports.conftest import records_of
from tests.engine.reports.reading import rows, totals
from tests.engine.reports.two_days import day
from tests.fakes import MINUTE, SECOND, SteppedTown, at, one_contact, two_families

MONDAY, TUESDAY = day("2026-03-02"), day("2026-03-03")
BOTH = Days(MONDAY, TUESDAY)


def written(report, form: str) -> str:
    out = io.StringIO()
    FORMATS[form](report, out)
    return out.getvalue()


@pytest.mark.row("C160")
def test_it_counts_calls_by_day_and_school(life, records):
    """C160: Total phone calls and e-mails sent by the district."""
    report = utilization(records, BOTH, "phone")
    assert [(row["day"], row["school"], row["dials"], row["answered"], row["confirmed"]) for row in rows(report)] == [
        ("2026-03-02", "elm", 1, 1, 0),
        ("2026-03-02", "oak", 10, 3, 3),
        ("2026-03-03", "oak", 7, 1, 1),
    ]
    summed = totals(report)
    rung = life.town.ring_entries()
    assert (summed["dials"], summed["answered"], summed["confirmed"]) == (18, 5, 4)
    # Of the calls that reached the network all rang, but for the busy one.
    assert summed["dials"] == len(rung)
    assert (summed["texts"], summed["segments"]) == (0, 0)


def test_minutes_are_those_of_the_lines_ringing_included_and_add_up_as_they_are_shown(life, records):
    report = utilization(records, BOTH, "phone")
    listed, summed = rows(report), totals(report)
    assert summed["minutes"] == round(sum(row["minutes"] for row in listed), 2)
    lasted = sum((entry.ended_at or 0) - (entry.ringing_at or 0) for entry in life.town.ring_entries()) / MINUTE
    assert summed["minutes"] == pytest.approx(lasted, abs=0.05)


@pytest.mark.row("C162")
def test_a_call_counts_on_the_day_it_was_dialed_as_the_records_say(tmp_path):
    """C162: Dates come from stored messenger records."""
    family = one_contact()
    family.mom.cell.answers().presses("0")
    with SteppedTown(tmp_path, family, now=at("2026-03-02 21:00")) as town:
        window = Window(opens_at=at("2026-03-03 09:00"), closes_at=at("2026-03-03 10:00"))
        job = town.send(window=window)
        town.wait(job)
        town.run(until=at("2026-03-05 10:00"))
        with records_of(town) as records:
            assert [row["day"] for row in rows(utilization(records, Days(MONDAY, MONDAY + 3), "phone"))] == [
                "2026-03-03"
            ]
            with pytest.raises(NotFoundError, match="No phone call was made on 2026-03-02"):
                utilization(records, Days(MONDAY, MONDAY), "phone")


def test_what_never_reached_the_network_is_no_phone_call(tmp_path):
    family = one_contact()
    family.mom.cell.network_fails().answers().presses("0")
    with SteppedTown(tmp_path, family) as town:
        job = town.send()
        town.wait(job)
        assert town.job(job).attempts == 2
        with records_of(town) as records:
            assert totals(utilization(records, Days(MONDAY, MONDAY), "phone"))["dials"] == 1


def test_a_phone_that_rang_when_its_window_ended_is_a_phone_call_and_one_that_had_no_line_yet_is_none(tmp_path):
    adams, baker = two_families()
    adams.mom.cell.rings_out()
    with SteppedTown(tmp_path, adams, baker, lines=1, ahead_max=1) as town:
        town.run(until=at("2026-03-02 10:19") + 45 * SECOND)
        job = town.send(window=Window(opens_minute=10 * 60, closes_minute=10 * 60 + 20))
        assert town.wait(job).state == "sent"
        assert [chain.outcome for chain in town.chains_of(job)] == ["expired", "expired"]
        with records_of(town) as records:
            shown = totals(utilization(records, Days(MONDAY, MONDAY), "phone"))
        assert (shown["dials"], shown["answered"]) == (1, 0)
        assert shown["minutes"] == 0.25


def test_a_number_the_carrier_takes_for_none_is_no_phone_call(tmp_path, monkeypatch):
    family = one_contact()
    with SteppedTown(tmp_path, family) as town:
        monkeypatch.setattr("engine.gateways.stand_in.carrier.NANP", re.compile("none"))
        job = town.send()
        town.wait(job)
        assert town.only_chain(job).walked == ["cell invalid_number"]
        with records_of(town) as records, pytest.raises(NotFoundError, match="No phone call was made"):
            utilization(records, Days(MONDAY, MONDAY), "phone")


def test_only_one_school_may_be_asked_for(records):
    assert totals(utilization(records, BOTH, "phone", school_id="elm"))["dials"] == 1
    with pytest.raises(NotFoundError, match=r"No phone call was made .* for the school ash"):
        utilization(records, BOTH, "phone", school_id="ash")


class Cells(HTMLParser):
    """The cells of a page's rows."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.lines: list[list[str]] = []
        self._in_cell = False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if tag == "tr":
            self.lines.append([])
        elif tag in ("td", "th"):
            self.lines[-1].append("")
            self._in_cell = True

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self._in_cell = False

    def handle_data(self, data):
        if self._in_cell:
            self.lines[-1][-1] += data


@pytest.fixture
def town_with_mails(tmp_path):
    """Two calls on Monday, and confirmations: two taken by a server on Tuesday, one that still waits."""
    oak, district = one_contact("Oak"), one_contact("District")
    for family in (oak, district):
        family.mom.cell.answers(after_s=5, talks_s=22).presses("0")
    with SteppedTown(tmp_path, oak, district) as town:
        job = town.send(audience=Audience(school_ids=("oak",)))
        town.wait(job)
        town.run(until=at("2026-03-03 09:00"))
        with town.database.write() as txn:
            for mail in (
                Mail(1, ("kim@oak.example",), "Done", "…", job, sent_at=at("2026-03-03 08:00")),
                Mail(2, ("a@oak.example", "b@oak.example"), "Error", "…", sent_at=at("2026-03-03 08:30")),
                Mail(3, ("kim@oak.example",), "Done", "…", job),
            ):
                town.database.mails.put(txn, id_key(mail.mail_id), mail)
        yield town


@pytest.mark.row("C161", "C163", "C164")
@pytest.mark.parametrize(
    ("medium", "expected"),
    [
        ("phone", {"dials": 2, "answered": 2, "confirmed": 2, "minutes": 0.9, "texts": 0, "segments": 0}),
        ("email", {"emails": 3}),
    ],
)
def test_csv_and_html_and_json_show_the_same_totals_of_calls_and_of_mails(town_with_mails, medium, expected):
    """C161: CSV or HTML. C163: Inputs: Start Date, End Date, Messages Sent To (email or phone).
    C164: Format input CSV or HTML. Golden 15."""
    with records_of(town_with_mails) as records:
        days = past_days(MONDAY, TUESDAY, records.today)
        pages = {form: written(utilization(records, days, read_medium(medium)), form) for form in FORMATS}
    head, *lines = csv.reader(io.StringIO(pages["csv"]))
    assert lines[-1][0] == "Total"
    assert dict(zip(head[3:], map(float, lines[-1][3:]), strict=True)) == expected
    for place, name in enumerate(head[3:], 3):
        assert sum(float(line[place]) for line in lines[:-1]) == pytest.approx(expected[name])
    cells = Cells(pages["html"]).lines
    assert [float(cell) for cell in cells[-1][3:]] == list(expected.values())
    assert cells[1:] == [[f"{float(cell):.2f}" if "." in cell else cell for cell in line] for line in lines]
    answer = json.loads(pages["json"])
    assert {name: answer["totals"][name] for name in expected} == expected
    assert [line.split()[-len(expected) :] for line in pages["table"].splitlines()[-1:]] == [cells[-1][3:]]


def test_mails_count_by_address_on_the_day_a_server_took_them_for_the_one_school_of_their_job(town_with_mails):
    with records_of(town_with_mails) as records:
        listed = rows(utilization(records, BOTH, "email"))
        assert [(row["day"], row["school"], row["emails"]) for row in listed] == [
            ("2026-03-03", "(district)", 2),
            ("2026-03-03", "oak", 1),
        ]
        with pytest.raises(NotFoundError, match="No e-mail was sent on 2026-03-02"):
            utilization(records, Days(MONDAY, MONDAY), "email")


@pytest.mark.parametrize(
    ("first", "last", "sentence"),
    [
        (TUESDAY, MONDAY, "The range ends on 2026-03-02, before it begins on 2026-03-03"),
        (TUESDAY + 1, TUESDAY + 5, "2026-03-04 is yet to come"),
    ],
)
def test_a_range_that_ends_before_it_begins_or_lies_ahead_is_refused(first, last, sentence):
    with pytest.raises(InvalidInputError, match=sentence):
        past_days(first, last, TUESDAY)


@pytest.mark.parametrize(
    ("read", "sentence"), [(read_medium, '"fax" is nothing messages'), (writer_of, 'There is no format "fax"')]
)
def test_another_medium_or_format_is_refused(read, sentence):
    with pytest.raises(InvalidInputError, match=sentence):
        read("fax")


def test_every_way_a_call_can_end_is_counted_on_purpose():
    dialed_in_vain = {
        Disposition.BUSY,
        Disposition.NO_ANSWER,
        Disposition.REJECTED,
        Disposition.INVALID_NUMBER,
        Disposition.DISCONNECTED,
        Disposition.FAX,
        Disposition.UNKNOWN,
        Disposition.RING_WITHDRAWN,
    }
    assert not ANSWERED & NOT_ON_THE_NETWORK
    assert set(Disposition) == ANSWERED | NOT_ON_THE_NETWORK | dialed_in_vain
