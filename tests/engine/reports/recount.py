"""Reports counted again the slow way: from the journal's facts and the plans, one after another, without the fold."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from store import facts
from store.database import Database
from store.journal import Journal
from store.keys import chain_id, job_of, pair_key
from store.records import Job, Plan
from store.tables import Txn

NO_CALL = {
    "network_failure", "canceled", "expired", "withdrawn", "result_overdue", "blocked", "retry_budget",
    "recipient_hours",
}  # fmt: skip
"""Attempts that never reached the network (decision 40)."""

TAKEN = {"confirmed", "live_no_confirm", "hangup_early", "machine_message_left", "machine_no_message"}
FAMILY_KNOWS = {"confirmed": 3, "delivered_unconfirmed": 2, "": 1}
STATES = {
    "waiting": "Waiting", "in_progress": "In-Progress", "paused": "Paused", "sent": "Sent", "canceled": "Canceled",
    "canceled_in_progress": "Canceled IP", "error": "Error",
}  # fmt: skip


class Dial(msgspec.Struct):
    """One line of a chain's history: an attempt, or a step that was passed over."""

    step: int
    round: int
    at: int
    result: str = "at_carrier"
    dialed_at: int = 0
    ms: int = 0
    attempt: bool = True


class Recount:
    """What a store's facts come to."""

    def __init__(self, database: Database, txn: Txn, zone: str) -> None:
        self.jobs: dict[int, Job] = {job.job_id: job for _, job in database.jobs.scan(txn)}
        self.planned: dict[int, facts.JobPlanned] = {}
        self.state: dict[int, str] = {}
        self.ended_at: dict[int, int] = defaultdict(int)
        self.dials: dict[int, list[Dial]] = defaultdict(list)
        self.outcome: dict[int, str] = defaultdict(str)
        self.expiry: dict[int, str] = defaultdict(str)
        self.owed: dict[int, set[int]] = defaultdict(set)
        self.plans: dict[int, list[Plan]] = {}
        self._by_id: dict[int, Dial] = {}
        self._opened: set[int] = set()
        self._zone = ZoneInfo(zone)
        for block in Journal(database).since(txn, 0):
            for fact in block.facts:
                self._note(fact, block.at)
        decode = msgspec.msgpack.Decoder(Plan).decode
        for job_id in self.planned:
            stored = database.plans.scan_raw(txn, pair_key(job_id, 0), pair_key(job_id + 1, 0))
            self.plans[job_id] = [decode(data) for _, data in stored]

    def _note(self, fact: facts.Fact, at: int) -> None:
        match fact:
            case facts.JobPlanned():
                self.planned[fact.job_id], self.state[fact.job_id] = fact, "waiting"
            case facts.JobOpened():
                self._opened.add(fact.job_id)
                if self.state[fact.job_id] == "waiting":
                    self.state[fact.job_id] = "in_progress"
            case facts.JobPaused():
                self.state[fact.job_id] = "paused"
            case facts.JobResumed():
                self.state[fact.job_id] = "in_progress" if fact.job_id in self._opened else "waiting"
            case facts.JobEnded():
                self.state[fact.job_id], self.ended_at[fact.job_id] = fact.state.word, at
            case facts.AttemptOpened():
                dial = self._by_id[fact.attempt_id] = Dial(fact.step, fact.round, at)
                self.dials[fact.chain_id].append(dial)
            case facts.AttemptClosed() | facts.AttemptCorrected():
                self._close(fact)
            case facts.StepBarred():
                barred = Dial(fact.step, fact.round, at, fact.disposition.word, attempt=False)
                self.dials[fact.chain_id].append(barred)
            case facts.ChainClosed():
                self.outcome[fact.chain_id] = fact.outcome.word
                self.expiry[fact.chain_id] = fact.expiry.word if fact.expiry else ""
            case facts.ChainCorrected():
                self.outcome[fact.chain_id] = fact.outcome.word

    def _close(self, fact: facts.AttemptClosed | facts.AttemptCorrected) -> None:
        dial, job_id = self._by_id[fact.attempt_id], job_of(fact.chain_id)
        dial.result, dial.dialed_at, dial.ms = fact.disposition.word, fact.dialed_at, fact.duration_ms
        (self.owed[job_id].add if dial.result == "result_overdue" else self.owed[job_id].discard)(fact.attempt_id)

    # -- one job

    def of_job(self, job_id: int) -> dict[str, Any]:
        """Its figures, under the names the reports give them."""
        planned, plans = self.planned[job_id], self.plans[job_id]
        ids = [chain_id(job_id, index) for index in range(planned.chains)]
        ends = Counter(self.outcome[chain] for chain in ids)
        knows: dict[str, int] = {}
        for index, plan in enumerate(plans):
            for student in plan.student_ids:
                knows[student] = max(knows.get(student, 0), FAMILY_KNOWS.get(self._end(job_id, index), 0))
        students = Counter(knows.values())
        not_reached = ends["exhausted"] + ends["expired"] + ends["error"]
        return {
            "state": STATES[self.state[job_id]],
            "ended_at": self.ended_at[job_id],
            "chains": planned.chains,
            "completed": ends["confirmed"] + ends["delivered_unconfirmed"] + not_reached,
            "attempted": sum(any(dial.attempt for dial in self.dials[chain]) for chain in ids),
            "canceled": ends["canceled"],
            "in_queue": ends[""],
            "calls": sum(dial.attempt for chain in ids for dial in self.dials[chain]),
            "confirmed": ends["confirmed"],
            "delivered_unconfirmed": ends["delivered_unconfirmed"],
            "not_reached": not_reached,
            "exhausted": ends["exhausted"],
            "expired": ends["expired"],
            "errors": ends["error"],
            "unreachable": sum(plan.owner < 0 for plan in plans[planned.chains :]),
            "covered": sum(plan.owner >= 0 for plan in plans[planned.chains :]),
            "overdue": len(self.owed[job_id]),
            "students": len(knows),
            "students_covered": students[3],
            "students_told": students[2],
            "students_waiting": students[1],
            "students_missed": students[0],
        }

    def _end(self, job_id: int, index: int) -> str:
        """What a chain came to: its owner's outcome where it is covered, `unreachable` where it has nothing to dial."""
        if index < self.planned[job_id].chains:
            return self.outcome[chain_id(job_id, index)]
        owner = self.plans[job_id][index].owner
        return self.outcome[chain_id(job_id, owner)] if owner >= 0 else "unreachable"

    def lines(self, job_id: int, index: int) -> list[tuple[Any, ...]]:
        """Step, round, instant, result and seconds of each line that tells of an own device that was tried."""
        return [
            (
                dial.step + 1,
                dial.round + 1,
                dial.dialed_at or dial.at,
                dial.result,
                None if dial.result == "at_carrier" else round(dial.ms / 1000),
            )
            for dial in self.dials[chain_id(job_id, index)]
        ]

    def outcome_shown(self, job_id: int, index: int) -> str:
        if index < self.planned[job_id].chains:
            return self.outcome[chain_id(job_id, index)] or "in_queue"
        return "covered" if self.plans[job_id][index].owner >= 0 else "unreachable"

    def not_reached(self, job_id: int) -> set[int]:
        """Chains that have ended, or never began, and whose message nobody heard."""
        ends = {index: self._end(job_id, index) for index in range(len(self.plans[job_id]))}
        return {index for index, end in ends.items() if not FAMILY_KNOWS.get(end)}

    # -- all jobs

    def day(self, at: int) -> str:
        return datetime.fromtimestamp(at / 1000, UTC).astimezone(self._zone).date().isoformat()

    def use(self) -> dict[tuple[str, str], tuple[int, int, int, float]]:
        """(day, school) → phone calls, answered, confirmed, minutes."""
        found: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
        for plan, dial in self._calls():
            sums = found[self.day(dial.dialed_at or dial.at), plan.school_id or "(district)"]
            sums[0] += 1
            sums[1] += dial.result in TAKEN
            sums[2] += dial.result == "confirmed"
            sums[3] += dial.ms
        return {key: (a, b, c, round(ms / 60_000, 2)) for key, (a, b, c, ms) in found.items()}

    def _calls(self) -> Iterator[tuple[Plan, Dial]]:
        for job_id, plans in self.plans.items():
            for index, plan in enumerate(plans):
                for dial in self.dials[chain_id(job_id, index)]:
                    if is_call(dial):
                        yield plan, dial


def is_call(dial: Dial) -> bool:
    """Whether a phone network heard of it."""
    if dial.result == "expired":
        return dial.ms > 0
    return dial.result not in NO_CALL and dial.result != "at_carrier"
