"""Every figure of every report, in lives a seed decides, against a recount of the journal the slow way."""

import io
import random
import re
from collections import defaultdict
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest

from actors.gateway import CallEnd
from engine.gateways.stand_in.phone_network import SeededNetwork
from engine.reports.delivery import delivery_report
from engine.reports.dialer import day_activity, dialer_report
from engine.reports.formats.catalog import FORMATS
from engine.reports.recipient import recipient_log
from engine.reports.sent import sent_messages
from engine.reports.source.local_time import Days
from engine.reports.source.records import Records
from engine.reports.utilization import utilization
from store.errors import NotFoundError, RefusedError
from store.people import School
from store.records import DeviceKind, Reason
from tests.engine.reports.conftest import records_of
from tests.engine.reports.reading import rows, summary, totals
from tests.engine.reports.recount import Recount, is_call
from tests.engine.test_stepped import Simulation
from tests.fakes import HOUR, ZONE, Family, SteppedTown, at, hours_of, roster_of
from tests.invariants import all_is_over

SEEDS = (*range(20), 191)

NIGHTS = ("2026-03-07 21:30", "2026-11-01 00:10", "2026-03-02 23:00", "2026-03-02 18:40")
"""Before each clock change, before midnight, and before the district's end."""

SILENT = (CallEnd.INVALID_NUMBER, CallEnd.DISCONNECTED)
"""Ends of calls that were dialed and rang nowhere."""

EVER = Days(700_000, 800_000)


class Life(Simulation):
    """A town of two schools with shared phones, whose nights are long."""

    def __init__(self, home: Path, seed: int) -> None:
        self.chance = random.Random(seed)
        self.families = [Family(f"Family{n}", school=("oak", "elm")[n % 2], household=n % 3 > 0) for n in range(6)]
        self.silent = Family("Silent", kinds=(), household=False)
        for n in (1, 2):
            self.families[n].mom.shares(DeviceKind.CELL, self.families[0].mom.cell)
        self.town = SteppedTown(
            home,
            *self.families,
            self.silent,
            seed=seed,
            now=at(NIGHTS[seed % len(NIGHTS)]),
            network=SeededNetwork(seed),
            lines=self.chance.randrange(2, 9),
            emergency_lines=2,
            hours=("00:00", "24:00"),
            voice={"grouping": seed % 3 == 0},
            redial={"call_delay_minutes": 2, "busy_delay_minutes": 1, "number_redials_per_day": 2},
        )
        roster = roster_of(*self.families, self.silent)
        schools = (*roster.schools, School("elm", "Elm High", "+16125550101"))
        self.town.engine.replace_roster(msgspec.structs.replace(roster, schools=schools), accept_loss_percent=100)
        self.jobs: list[int] = []
        self.blocked: dict[str, int] = {}
        self.hours, self.moved = hours_of(self.town.settings), []

    def release(self, reason: Reason) -> None:
        about = self.chance.sample(self.families, self.chance.randrange(1, len(self.families)))
        with suppress(RefusedError):
            self.jobs.append(self.town.send(reason, *about, self.silent))

    def live(self) -> None:
        acts = (
            self.crash, self.pause, self.resume, self.cancel, self.send, self.emergency, self.hide, self.late_rows,
            self.pass_time, self.pass_time, self.pass_time, self.block, self.stop_chain, self.move_district,
        )  # fmt: skip
        self.send()
        for turn in range(24):
            self.chance.choice(acts)()
            self.town.step(self.chance.randrange(60))
            if turn % 6 == 5:
                self.check()

    def check(self) -> Recount:
        with records_of(self.town) as records:
            truth = Recount(records.database, records.txn, ZONE)
            check_jobs(records, truth)
            check_chains(records, truth)
            check_use(records, truth)
            check_people(records, truth, [*self.families, self.silent])
            return truth


def check_jobs(records: Records, truth: Recount) -> None:
    """Sent Messages, Dialer Activity and the head of each Delivery Report."""
    sent = {row["job_id"]: row for row in rows(sent_messages(records, EVER))}
    listed: dict[int, dict[str, Any]] = {}
    for day in range(records.today - 3, records.today + 3):
        listed |= {row["job_id"]: row for row in rows(dialer_report(records, day_activity(records, day), ""))}
    assert sent.keys() == listed.keys() == truth.planned.keys()
    for job_id in truth.planned:
        expected = truth.of_job(job_id)
        for shown, other in (
            (summary(delivery_report(records, job_id)), {}),
            (sent[job_id], {"attempted": "calls"}),
            (listed[job_id], {}),
        ):
            wrong = {
                name: (shown[name], expected[other.get(name, name)])
                for name in shown.keys() & expected.keys()
                if shown[name] != expected[other.get(name, name)]
            }
            assert not wrong, f"job {job_id}: shown, counted"
    shown = totals(sent_messages(records, EVER))
    assert shown["confirmed"] == sum(truth.of_job(job_id)["confirmed"] for job_id in truth.planned)
    assert shown["attempted"] == sum(truth.of_job(job_id)["calls"] for job_id in truth.planned)


def check_chains(records: Records, truth: Recount) -> None:
    """The lines of each Delivery Report, and which of them tell of nobody reached."""
    for job_id, plans in truth.plans.items():
        of_chain: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for row in rows(delivery_report(records, job_id, full_numbers=True)):
            of_chain[row["chain"]].append(row)
        assert sorted(of_chain) == list(range(len(plans)))
        for index, lines in of_chain.items():
            tried = [row for row in lines if row["step"] is not None]
            names = ("step", "round", "at", "result", "seconds")
            assert [tuple(row[name] for name in names) for row in tried] == truth.lines(job_id, index)
            assert all(row["number"] == plans[index].steps[row["step"] - 1].number for row in tried)
            assert {row["outcome"] for row in lines} == {truth.outcome_shown(job_id, index)}
            moved = [row for row in lines if row["owner"] is not None]
            assert [row["owner"] for row in moved] == [owner for _, owner in plans[index].moved]
            for row in moved:
                assert row["number"] in {step.number for step in plans[row["owner"]].steps}
        missed = {row["chain"] for row in rows(delivery_report(records, job_id, not_reached=True))}
        assert missed == truth.not_reached(job_id)


def check_use(records: Records, truth: Recount) -> None:
    """Utilization of all days, of each day alone and of each school; the same in every format."""
    expected = truth.use()
    if not expected:
        with pytest.raises(NotFoundError):
            utilization(records, EVER, "phone")
        return
    names = ("dials", "answered", "confirmed", "minutes")
    found = {
        (row["day"], row["school"]): tuple(row[name] for name in names)
        for row in rows(utilization(records, EVER, "phone"))
    }
    assert found == expected
    alone: dict[tuple[str, str], tuple[Any, ...]] = {}
    for day in range(records.today - 3, records.today + 3):
        try:
            report = utilization(records, Days(day, day), "phone")
        except NotFoundError:
            continue
        alone |= {(row["day"], row["school"]): tuple(row[name] for name in names) for row in rows(report)}
    assert alone == expected
    total = sum(dials for dials, *_ in expected.values())
    for form, write in FORMATS.items():
        out = io.StringIO()
        write(utilization(records, EVER, "phone"), out)
        last = out.getvalue()[out.getvalue().index("total" if form == "json" else "Total") :]
        assert str(total) in re.findall(r"\d+", last), form


def check_people(records: Records, truth: Recount, families: list[Family]) -> None:
    """Each contact's log: every chain of theirs, their household's included."""
    for family in families:
        for who, keys in (
            (family.mom.person_id, {f"p:{family.mom.person_id}", f"h:{family.name}-home"}),
            (next(iter(family.students.values())), {f"h:{family.name}-home"}),
        ):
            expected = {
                (job_id, index)
                for job_id, plans in truth.plans.items()
                for index, plan in enumerate(plans)
                if plan.contact_key in keys or who in plan.student_ids
            }
            try:
                log = rows(recipient_log(records, who))
            except NotFoundError:
                log = []
            assert {(row["job_id"], row["chain"]) for row in log} == expected


@pytest.mark.parametrize("seed", SEEDS)
def test_every_figure_of_every_report_is_that_of_a_recount_while_jobs_run_and_after(tmp_path: Path, seed: int):
    life = Life(tmp_path, seed)
    with life.town as town:
        life.live()
        life.end()
        assert all_is_over(town.history())
        assert town.now < at(NIGHTS[seed % len(NIGHTS)]) + 30 * HOUR
        truth = life.check()
        calls = [dial for dials in truth.dials.values() for dial in dials if is_call(dial)]
        dialed = [entry for entry in town.ledger() if entry.ringing_at or entry.end in SILENT]
        known = [dial for dial in calls if dial.dialed_at]
        assert len(known) <= len(dialed) <= len(calls), "what the carrier dialed is what is counted as phone calls"
        assert all(dial.result == "ring_withdrawn" for dial in calls if not dial.dialed_at), (
            "nobody said whether it rang"
        )
