"""The Delivery Report: what became of every chain of a job, attempt by attempt."""

from typing import Any

import pytest

from engine.reports.delivery import delivery_report
from engine.reports.source.plan_parts import decode_body, decode_head
from store.errors import NotFoundError
from tests.engine.reports.conftest import records_of
from tests.engine.reports.reading import rows, summary
from tests.fakes import SteppedTown, one_contact, two_families


def of(records, job_id: int, **more) -> dict[str, list[dict[str, Any]]]:
    """The lines of a job by contact."""
    by_contact: dict[str, list[dict[str, Any]]] = {}
    for row in rows(delivery_report(records, job_id, **more)):
        by_contact.setdefault(row["contact"].split()[-1], []).append(row)
    return by_contact


@pytest.mark.row("C017", "C127")
def test_it_says_of_every_chain_whether_its_message_was_delivered(life, records):
    """C017: Returns a report saying whether each message was delivered. C127: View Delivery Report button."""
    lines = of(records, life.snow)
    assert {contact: {row["outcome"] for row in mine} for contact, mine in lines.items()} == {
        "Adams": {"confirmed"},
        "Baker": {"delivered_unconfirmed"},
        "Cole": {"exhausted"},
        "Dunn": {"unreachable"},
        "Evans": {"confirmed"},
        "Ford": {"confirmed"},
    }


@pytest.mark.row("C051")
def test_each_line_says_who_was_called_and_how_the_call_was_received(life, records):
    """C051: Each entry gives recipient and delivery status = how the call was received."""
    lines = of(records, life.snow)
    assert [(row["device"], row["result"], row["round"]) for row in lines["Adams"]] == [
        ("cell", "busy", 1),
        ("cell", "confirmed", 2),
    ]
    assert [row["result"] for row in lines["Baker"]] == ["machine_message_left"]
    assert [(row["device"], row["round"], row["step"]) for row in lines["Cole"]] == [
        (device, round_, step) for round_ in (1, 2, 3) for device, step in (("cell", 1), ("work", 2))
    ]
    assert {row["result"] for row in lines["Cole"]} == {"no_answer"}
    (unreachable,) = lines["Dunn"]
    assert (unreachable["result"], unreachable["device"], unreachable["at"]) == ("no_device", "", 0)
    assert lines["Adams"][1]["seconds"] == 30
    assert [row["at"] for row in lines["Adams"]] == life.town.rings(life.adams.mom.cell)


def test_a_grouped_chain_names_all_its_students(life, records):
    assert {row["students"] for row in of(records, life.snow)["Cole"]} == {"Cole-Ann Cole-Ben"}


@pytest.mark.row("C128")
def test_its_figures_count_what_is_completed_attempted_canceled_and_in_queue(life, records):
    """C128: Report counts: jobs completed, total attempted, canceled, in queue (e-mail shown; same shape for voice)."""
    figures = summary(delivery_report(records, life.snow))
    assert (figures["completed"], figures["attempted"], figures["canceled"], figures["in_queue"]) == (5, 5, 0, 0)
    assert figures["calls"] == 11
    assert (figures["confirmed"], figures["delivered_unconfirmed"], figures["not_reached"]) == (3, 1, 1)
    assert (figures["unreachable"], figures["covered"], figures["overdue"]) == (1, 0, 0)
    assert (figures["students"], figures["students_covered"]) == (7, 3)
    assert (figures["students_told"], figures["students_missed"], figures["students_waiting"]) == (1, 3, 0)
    trip = summary(delivery_report(records, life.trip))
    assert (trip["completed"], trip["attempted"], trip["canceled"], trip["in_queue"]) == (0, 1, 1, 0)


@pytest.mark.row("C185")
def test_it_shows_why_somebody_was_not_reached(life, records):
    """C185: Delivery report is the first tool for diagnosing non-delivery."""
    lines = of(records, life.snow, not_reached=True)
    assert set(lines) == {"Cole", "Dunn"}
    assert {row["result"] for mine in lines.values() for row in mine} == {"no_answer", "no_device"}
    (*tried, _last) = of(records, life.absent, not_reached=True)["Cole"]
    assert {(row["outcome"], row["expired_by"]) for row in tried} == {("expired", "message_window")}


def test_an_emergency_shows_a_shared_number_where_it_was_taken_away_with_its_owners_result(life, records):
    lines = of(records, life.alarm)
    (owner,) = lines["Evans"]
    (shared,) = lines["Ford"]
    assert shared["result"] == "Duplicate – see owner"
    assert (shared["owner"], shared["owner_result"], shared["outcome"]) == (owner["chain"], "confirmed", "covered")
    assert shared["number"] == owner["number"]
    assert summary(delivery_report(records, life.alarm))["students_covered"] == 2
    assert of(records, life.alarm, not_reached=True) == {}


def test_numbers_are_masked_unless_they_are_asked_for(life, records):
    number = life.adams.mom.cell.number
    assert {row["number"] for row in of(records, life.snow)["Adams"]} == {f"•••-•••-{number[-4:]}"}
    assert {row["number"] for row in of(records, life.snow, full_numbers=True)["Adams"]} == {number}


def test_only_one_school_may_be_asked_for(life, records):
    assert set(of(records, life.snow, school_id="elm")) == {"Baker"}
    assert "Baker" not in of(records, life.snow, school_id="oak")
    assert of(records, life.snow, school_id="ash") == {}


@pytest.mark.parametrize(
    ("job_id", "school", "sentence"),
    [(99, "", "There is no job 99"), (1, "fir", "There is no school fir; the roster in force knows oak, elm, ash")],
)
def test_what_there_is_not_is_refused(records, job_id, school, sentence):
    with pytest.raises(NotFoundError, match=sentence):
        delivery_report(records, job_id, school_id=school)


def test_a_prepared_message_that_was_never_sent_has_no_report(tmp_path):
    with SteppedTown(tmp_path, one_contact()) as town:
        job = town.prepare()
        with records_of(town) as records, pytest.raises(NotFoundError, match=f"There is no job {job}"):
            delivery_report(records, job)


def test_while_a_job_runs_its_report_shows_what_is_under_way_and_what_waits(tmp_path):
    adams, baker = two_families()
    adams.mom.cell.answers().presses("0")
    baker.mom.cell.answers().presses("0")
    with SteppedTown(tmp_path, adams, baker, lines=1) as town:
        job = town.send()
        town.run(seconds=2)
        with records_of(town) as records:
            report = delivery_report(records, job)
            figures, lines = summary(report), rows(report)
        assert [(row["result"], row["outcome"]) for row in lines] == [
            ("at_carrier", "in_queue"),
            ("not_tried", "in_queue"),
        ]
        assert (figures["in_queue"], figures["completed"], figures["attempted"]) == (2, 0, 1)
        assert figures["students_waiting"] == 2
        town.wait(job)
        with records_of(town) as records:
            assert [row["outcome"] for row in rows(delivery_report(records, job))] == ["confirmed", "confirmed"]


def test_rows_the_tables_do_not_hold_yet_are_read_from_the_journal(tmp_path):
    adams, baker = two_families()
    adams.mom.cell.answers().presses("0")
    baker.mom.cell.is_dead()
    with SteppedTown(tmp_path, adams, baker) as town:
        job = town.send()
        town.engine.wait(job, 3_600)
        with records_of(town) as records:
            before = rows(delivery_report(records, job))
        town.engine.station.flush_tables()
        with records_of(town) as records:
            assert rows(delivery_report(records, job)) == before
        assert [row["result"] for row in before] == ["confirmed", "disconnected"]


def test_an_overdue_result_is_told_and_how_to_ask_for_it(tmp_path):
    family = one_contact()
    family.mom.cell.answers().presses("0")
    with SteppedTown(tmp_path, family) as town:
        town.faults.hide_rows_of(family.mom.cell)
        job = town.send()
        town.wait(job)
        with records_of(town) as records:
            report = delivery_report(records, job)
            assert report.notes == (f"Results overdue: 1; `callchain refresh {job}` asks for them.",)
            assert summary(report)["state"] == "Error"
            assert [row["result"] for row in rows(report)] == ["result_overdue"]


def test_the_parts_of_a_plan_are_those_of_the_plan(life, records):
    for job in (life.snow, life.alarm):
        for data, plan in zip(records.plans(job), life.town.plans(job), strict=True):
            head, body = decode_head(data), decode_body(data)
            for part in (head, body):
                assert (part.contact_key, part.contact_name) == (plan.contact_key, plan.contact_name)
                assert (part.student_ids, part.school_id, part.owner) == (plan.student_ids, plan.school_id, plan.owner)
            assert body.moved == plan.moved
            assert [(step.kind, step.number, step.number_id) for step in body.steps] == [
                (step.kind, step.number, step.number_id) for step in plan.steps
            ]


def test_a_chain_whose_number_was_blocked_before_it_was_called_was_not_attempted(tmp_path):
    adams, baker = two_families()
    baker.mom.cell.answers().presses("0")
    with SteppedTown(tmp_path, adams, baker) as town:
        job = town.prepare()
        town.block_number(adams.mom.cell)
        town.engine.send(job)
        town.wait(job)
        with records_of(town) as records:
            shown = summary(delivery_report(records, job))
            assert of(records, job)["Adams"][0]["result"] == "blocked"
        assert (shown["chains"], shown["attempted"], shown["calls"], shown["completed"]) == (2, 1, 1, 2)
