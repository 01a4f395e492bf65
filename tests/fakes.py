"""Phone language for tests: families with phones that do what they are told, and a town with an engine to call them.

`mom.cell.busy(); mom.work.answers().presses("0")`, then `town.send(Reason.GENERAL)`, and ask `town.rings(mom.cell)`.
A ring nobody told a phone about fails the test when its town is left.
"""

import random
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar
from unittest.mock import patch
from zoneinfo import ZoneInfo

import msgspec

from actors.district import DistrictHours
from actors.gateway import (
    Call,
    CallEnd,
    CallRow,
    Cancellation,
    Failure,
    FailureKind,
    Gateway,
    LineStatus,
    LogPage,
    Lookup,
    LookupState,
    Reply,
    Script,
    Submitted,
)
from actors.messages import BlockNumber, Letter
from actors.runtime.clock import Clock, FastClock, VirtualClock
from actors.runtime.dispatcher import Dispatcher
from engine.audit import Audit, audit_store
from engine.config import CarrierSettings, District, Lines, Redial, Settings, Voice, lines_for, minute_of_day
from engine.district.beginning import keep_password
from engine.district.secret_box import Secret
from engine.gateways.stand_in.carrier import Carrier
from engine.gateways.stand_in.in_process import InProcessGateway
from engine.gateways.stand_in.ledger import LedgerEntry
from engine.gateways.stand_in.phone_network import PhoneNetwork, Pickup
from engine.gateways.stand_in.soap_server import SoapServer
from engine.messaging.steps import number_id
from engine.messaging.windows import Window
from engine.service import Engine
from engine.views import JobView
from store import facts
from store.checkpoint import ended_chains_of
from store.database import Database
from store.dispositions import Disposition, Expiry, Outcome
from store.documents import NumberBlock
from store.journal import Journal
from store.keys import chain_id, job_of, seq_key
from store.people import Device, Enrollment, Household, Member, Person, Relationship, Role, Roster, School
from store.records import ALL_REASONS, Audience, DeviceKind, Message, Plan, Reason, Step
from store.vault import Vault
from tests.invariants import History

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
ZONE = "America/Chicago"
PASSWORD = "open sesame"
SNOW = "School is closed on Monday because of heavy snow, and all buses stay in their garages until further notice."
"""Twenty words, about 10 s with what is said before it."""


def at(text: str) -> int:
    """A local time of the town, `2026-03-02 10:00`, as ms UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE)).timestamp()) * 1000


MONDAY_TEN = at("2026-03-02 10:00")


# ---------------------------------------------------------------- phones


class Phone:
    """One number and what it does at each ring, in the order told; the last thing told `always` goes on for ever."""

    def __init__(self, label: str, number: str = "") -> None:
        self.label = label
        self.number = number
        """Given by the town unless the test has its own."""
        self._script: deque[Pickup] = deque()
        self._always: Pickup | None = None

    def __repr__(self) -> str:
        return self.label

    def busy(self, times: int = 1) -> Self:
        return self._does(Pickup(CallEnd.BUSY, 1_000, sip_code=486), times)

    def rings_out(self, times: int = 1) -> Self:
        return self._does(Pickup(CallEnd.NO_ANSWER, 30_000, sip_code=480), times)

    def declines(self, times: int = 1) -> Self:
        return self._does(Pickup(CallEnd.REJECTED, 4_000, sip_code=603), times)

    def is_dead(self) -> Self:
        return self._does(Pickup(CallEnd.DISCONNECTED, 2_000, sip_code=404), 1)

    def is_invalid(self) -> Self:
        return self._does(Pickup(CallEnd.INVALID_NUMBER, 600, sip_code=484), 1)

    def is_a_fax(self) -> Self:
        return self._does(Pickup(CallEnd.FAX, 6_000, 4_000, played_ms=0), 1)

    def network_fails(self, times: int = 1) -> Self:
        return self._does(Pickup(CallEnd.NETWORK_FAILURE, 1_000, sip_code=503), times)

    def answers(self, after_s: float = 5, talks_s: float = 20) -> Self:
        """Somebody takes the call and listens; they press nothing unless told `presses`."""
        talk = int(talks_s * SECOND)
        return self._does(Pickup(CallEnd.ANSWERED, int(after_s * SECOND), talk, talk, "", sip_code=200), 1)

    def presses(self, keys: str) -> Self:
        """Whoever answers presses these keys."""
        self._script.append(msgspec.structs.replace(self._script.pop(), keys=keys))
        return self

    def hangs_up_early(self) -> Self:
        return self._does(Pickup(CallEnd.ANSWERED, 4_000, 1_000, 1_000, "", sip_code=200), 1)

    def machine(self) -> Self:
        """An answering machine takes the call; it records whatever is played to it."""
        return self._does(Pickup(CallEnd.MACHINE, 20_000, 25_000, 12_000, "", message_left=True, sip_code=200), 1)

    def always(self) -> Self:
        """Does the last thing told at every later ring, too."""
        self._always = self._script[-1]
        return self

    def picks_up(self, script: Script) -> Pickup | None:
        """What it does now; None when it was told nothing."""
        pickup = self._script.popleft() if self._script else self._always
        if pickup is not None and pickup.end is CallEnd.MACHINE and script.machine_text is None:
            return Pickup(CallEnd.MACHINE, pickup.ring_ms, 5_000, 0, "", message_left=False, sip_code=200)
        return pickup

    def _does(self, pickup: Pickup, times: int) -> Self:
        self._script.extend([pickup] * times)
        return self


class ScriptedPhones:
    """All phones of a town; rings that nobody told a phone about are kept in `unexpected`."""

    def __init__(self) -> None:
        self.unexpected: list[str] = []
        self._phones: dict[str, Phone] = {}

    def add(self, phone: Phone) -> None:
        """Connect a phone; a fictional number nobody else has is found for it."""
        if not phone.number:
            n = len(self._phones)
            phone.number = f"+1{201 + n // 100}55501{n % 100:02d}"
        self._phones[phone.number] = phone

    def label(self, number: str) -> str:
        return self._phones[number].label

    def ring(self, number: str, emergency: bool, at: int, call_index: int, script: Script, text: str | None) -> Pickup:
        """See PhoneNetwork."""
        assert "{" not in f"{script.text}{script.machine_text}{text}", "somebody would hear a field instead of a name"
        phone = self._phones.get(number)
        pickup = phone.picks_up(script) if phone is not None else None
        if pickup is None:
            self.unexpected.append(f"{phone or number}, ring {call_index + 1}")
            return Pickup(CallEnd.NO_ANSWER, 30_000)
        return pickup


# ---------------------------------------------------------------- families and staff


class Contact:
    """A parent or a member of staff and their phones, each None when they have none of that kind."""

    def __init__(self, person_id: str, name: str, family: str, kinds: Sequence[DeviceKind]) -> None:
        self.person_id = person_id
        self.name = name
        self._family = family
        self._phones = {kind: Phone(f"{name}'s {kind.word}") for kind in kinds}

    @property
    def cell(self) -> Phone:
        return self._phones[DeviceKind.CELL]

    @property
    def work(self) -> Phone:
        return self._phones[DeviceKind.WORK]

    @property
    def other(self) -> Phone:
        return self._phones[DeviceKind.OTHER]

    @property
    def phones(self) -> list[Phone]:
        """In the order in which they are walked."""
        return list(self._phones.values())

    def shares(self, kind: DeviceKind, phone: Phone) -> Self:
        """Has somebody else's phone for this kind."""
        self._phones[kind] = phone
        return self

    def person(self, role: Role, **fields: Any) -> Person:
        devices = tuple(Device(kind, phone.number, "", ALL_REASONS) for kind, phone in self._phones.items())
        return Person(self.person_id, self.name, self._family, role, devices, **fields)


WALK = (DeviceKind.CELL, DeviceKind.WORK, DeviceKind.OTHER)


class Family:
    """Messenger parents with cell, work and other each, students without phones, one household number for all."""

    def __init__(
        self,
        name: str = "Lopez",
        parents: Sequence[str] = ("Dad", "Mom"),
        students: Sequence[str] = ("Daughter", "Son"),
        kinds: Sequence[DeviceKind] = WALK,
        household: bool = True,
        school: str = "oak",
    ) -> None:
        self.name = name
        self.school = school
        self.students = {student: f"{name}-{student}" for student in students}
        self.contacts = {parent: Contact(f"{name}-{parent}", parent, name, kinds) for parent in parents}
        self.household = Phone(f"{name} household") if household else None

    @property
    def mom(self) -> Contact:
        return self.contacts["Mom"]

    @property
    def dad(self) -> Contact:
        return self.contacts["Dad"]

    @property
    def home(self) -> Phone:
        """The household's phone."""
        assert self.household is not None
        return self.household

    @property
    def phones(self) -> list[Phone]:
        own = [phone for contact in self.contacts.values() for phone in contact.phones]
        return own if self.household is None else [*own, self.household]

    def people(self) -> list[Person]:
        enrolled = (Enrollment(self.school),)
        parents = [contact.person(Role.CONTACT) for contact in self.contacts.values()]
        return parents + [
            Person(person_id, student, self.name, Role.STUDENT, enrollments=enrolled, grade="3")
            for student, person_id in self.students.items()
        ]

    def links(self) -> list[Relationship]:
        return [
            Relationship(student, contact.person_id, "parent", messenger=True, guardian=True)
            for student in self.students.values()
            for contact in self.contacts.values()
        ]

    def home_record(self) -> Household:
        number = "" if self.household is None else self.household.number
        members = tuple(Member(person.person_id) for person in self.people())
        return Household(f"{self.name}-home", f"{self.name} household", number, "", ALL_REASONS, members)


def one_contact(name: str = "Lopez", parent: str = "Mom", kinds: Sequence[DeviceKind] = (DeviceKind.CELL,)) -> Family:
    """A family of one parent and one student, without a household number: one chain."""
    return Family(name, (parent,), ("Son",), kinds, household=False)


def two_families(*kinds: DeviceKind) -> tuple[Family, Family]:
    """Two such families, Adams and Baker."""
    return one_contact("Adams", kinds=kinds or (DeviceKind.CELL,)), one_contact(
        "Baker", kinds=kinds or (DeviceKind.CELL,)
    )


class StaffMember(Contact):
    """A teacher with a cell and a desk phone."""

    def __init__(self, person_id: str, name: str, desk: Phone | None = None) -> None:
        super().__init__(person_id, name, "Staff", (DeviceKind.CELL, DeviceKind.WORK))
        if desk is not None:
            self.shares(DeviceKind.WORK, desk)

    def record(self) -> Person:
        return self.person(Role.STAFF, school_ids=("oak",), staff_types=("teacher",))


Part = Family | StaffMember


def roster_of(*parts: Part, fictional: bool = False) -> Roster:
    """A roster of these families and members of staff."""
    families = [part for part in parts if isinstance(part, Family)]
    staff = [part for part in parts if isinstance(part, StaffMember)]
    return Roster(
        schools=(School("oak", "Oak Elementary", "+16125550100"),),
        people=(*[person for family in families for person in family.people()], *[one.record() for one in staff]),
        households=tuple(family.home_record() for family in families),
        relationships=tuple(link for family in families for link in family.links()),
        fictional=fictional,
    )


# ---------------------------------------------------------------- faults between engine and carrier


class Faults:
    """What goes wrong on the way to the carrier. It outlives engines, as the carrier does."""

    def __init__(self) -> None:
        self.unreachable = False
        """Requests get lost on the way to the carrier."""
        self.submit_unreachable = False
        """Only submissions do."""
        self.log_unreachable = False
        """Only readings of the call log do."""
        self.refuses_login = False
        self.loses_answers = False
        """Requests are carried out and their answers get lost."""
        self.chance: random.Random | None = None
        """With one, each request draws its fate."""
        self.loss_percent = 0
        self.latency_ms = 0
        """Requests and answers take up to this long, each its own time, so that they overtake each other."""
        self.polls = 0
        """Readings of the call log that reached the carrier."""
        self.repeats_rows = False
        """Every page of the log brings all rows again."""
        self._hidden: set[str] = set()
        self._withheld: list[CallRow] = []
        self._visible: list[CallRow] = []
        self._carrier_cursor = ""
        self._repeated = 0

    def hide_rows_of(self, *phones: Phone) -> None:
        """The call log is silent about these phones, and look-ups say that their calls are under way."""
        self._hidden.update(phone.number for phone in phones)

    def show_rows(self) -> None:
        """What was hidden comes at the end of the log."""
        self._hidden.clear()
        self._visible.extend(self._withheld)
        self._withheld.clear()

    def withheld(self) -> list[CallRow]:
        """The rows that are hidden."""
        return list(self._withheld)

    def hides(self, row: CallRow | None) -> bool:
        return row is not None and row.number in self._hidden

    def delay(self) -> int:
        """How long one message takes."""
        return self.chance.randrange(self.latency_ms + 1) if self.chance is not None and self.latency_ms else 0

    def page(self, carrier: Carrier, cursor: str, now: int) -> LogPage:
        """The log as the engine may see it, under cursors of its own."""
        self.polls += 1
        more = True
        while more:
            page = carrier.log(self._carrier_cursor, 1_000, now)
            for row in page.rows:
                (self._withheld if self.hides(row) else self._visible).append(row)
            self._carrier_cursor, more = page.next_cursor, page.more
        begin = int(cursor.partition("/")[0] or 0)
        end = min(begin + 1_000, len(self._visible))
        if not self.repeats_rows:
            return LogPage(self._visible[begin:end], str(end), end < len(self._visible))
        self._repeated += 1
        return LogPage(self._visible[:end], f"{end}/{self._repeated}", end < len(self._visible))

    def fate(self, act: str) -> str:
        """What becomes of one request: `lost`, `refused`, `unanswered` or `fine`."""
        if self.refuses_login:
            return "refused"
        if self.unreachable or (self.submit_unreachable and act == "submit"):
            return "lost"
        if self.log_unreachable and act == "results":
            return "lost"
        if self.loses_answers:
            return "unanswered"
        if self.chance is not None and self.chance.randrange(100) < self.loss_percent:
            return self.chance.choice(("lost", "unanswered"))
        return "fine"


class FlakyGateway:
    """A gateway straight to the carrier through `faults`."""

    pushes = False

    def __init__(self, carrier: Carrier, clock: Clock, dispatcher: Dispatcher, faults: Faults) -> None:
        self._carrier = carrier
        self._clock = clock
        self._faults = faults
        self._dispatcher = dispatcher
        self._direct = InProcessGateway(carrier, clock, self._later)

    def submit(self, calls: Sequence[Call], scripts: Sequence[Script], reply: Reply[Sequence[Submitted]]) -> None:
        self._through(lambda answer: self._direct.submit(calls, scripts, answer), reply, "submit")

    def cancel(self, refs: Sequence[str], reply: Reply[Sequence[Cancellation]]) -> None:
        self._through(lambda answer: self._direct.cancel(refs, answer), reply)

    def lookup(self, refs: Sequence[str], reply: Reply[Sequence[Lookup]]) -> None:
        def shown(answer: Sequence[Lookup] | Failure) -> None:
            reply(answer if isinstance(answer, Failure) else [self._shown(lookup) for lookup in answer])

        self._through(lambda answer: self._direct.lookup(refs, answer), shown)

    def results(self, cursor: str, reply: Reply[LogPage]) -> None:
        self._through(
            lambda answer: answer(self._faults.page(self._carrier, cursor, self._clock.now())),
            reply,
            "results",
        )

    def line_status(self, reply: Reply[LineStatus]) -> None:
        self._through(self._direct.line_status, reply)

    def on_rows(self, sink: Callable[[Sequence[CallRow]], None]) -> None:
        pass

    def close(self) -> None:
        self._direct.close()

    def _shown(self, lookup: Lookup) -> Lookup:
        return Lookup(lookup.ref, LookupState.IN_PROGRESS) if self._faults.hides(lookup.row) else lookup

    def _through(self, act: Callable[[Callable[[Any], None]], None], reply: Reply[Any], what: str = "") -> None:
        fate = self._faults.fate(what)

        def answer_later(answer: object) -> None:
            self._later(self._clock.now() + self._faults.delay(), lambda: reply(answer))

        if fate == "fine":
            self._later(self._clock.now() + self._faults.delay(), lambda: act(answer_later))
        elif fate == "unanswered":
            lost = Failure(FailureKind.UNREACHABLE, True, "The answer got lost.")
            self._later(self._clock.now() + self._faults.delay(), lambda: act(lambda _answer: answer_later(lost)))
        else:
            kind = FailureKind.AUTH if fate == "refused" else FailureKind.UNREACHABLE
            failure = Failure(kind, kind is FailureKind.UNREACHABLE, "The request got lost.")
            self._later(self._clock.now(), lambda: reply(failure))

    def _later(self, instant: int, act: Callable[[], None]) -> None:
        _later(self._dispatcher, instant, act)


def _later(dispatcher: Dispatcher, instant: int, act: Callable[[], None]) -> None:
    dispatcher.timer.at(instant, _Caller(), act)


class _Caller:
    """Lets the timer call what it is given."""

    def tell(self, message: Callable[[], None]) -> None:
        message()


# ---------------------------------------------------------------- a town


class Tried(msgspec.Struct, frozen=True):
    """One attempt of a chain, as its history tells it."""

    device: str
    disposition: str
    dialed_at: int


class Chain(msgspec.Struct, frozen=True):
    """A chain and what it came to; `outcome` is empty while it walks."""

    label: str
    outcome: str
    expiry: str
    tries: tuple[Tried, ...]

    @property
    def walked(self) -> list[str]:
        """`cell busy`, `work confirmed` …, in order."""
        return [f"{tried.device} {tried.disposition}" for tried in self.tries]


def settings_of(
    *,
    lines: int = 10,
    emergency_lines: int | None = 4,
    ahead_max: int | None = 0,
    number_gap_s: int = 30,
    soonest_s: float = 3,
    hours: tuple[str, str] = ("08:00", "20:00"),
    carrier: CarrierSettings | None = None,
    voice: Mapping[str, Any] | None = None,
    redial: Mapping[str, Any] | None = None,
) -> Settings:
    """The settings of a small district."""
    return Settings(
        district=District(name="Oak District", time_zone=ZONE, start_time=hours[0], end_time=hours[1]),
        carrier=carrier or CarrierSettings(stand_in=True, poll_soonest_seconds=soonest_s),
        lines=Lines(ordinary=lines, emergency=emergency_lines, ahead_max=ahead_max, number_gap_seconds=number_gap_s),
        voice=Voice(**(voice or {})),
        redial=Redial(**(redial or {})),
    )


F = TypeVar("F", bound=facts.Fact)


def hours_of(settings: Settings) -> DistrictHours:
    """The district's hours as settings have them."""
    district = settings.district
    return DistrictHours(
        ZONE,
        minute_of_day(district.start_time, "district.start_time"),
        minute_of_day(district.end_time, "district.end_time"),
    )


class Town:
    """An engine, its carrier and the phones of everybody. Leaving it checks that no phone rang unexpectedly."""

    def __init__(self, home: Path, parts: Sequence[Part], network: PhoneNetwork | None, settings: Settings) -> None:
        self.home = home
        self.settings = settings
        self.parts = parts
        self.phones = ScriptedPhones()
        self.network: PhoneNetwork = network or self.phones
        for phone in _phones_of(parts):
            self.phones.add(phone)
        self.lines, self.emergency_lines = lines_for(settings, len(parts))
        self.carrier = Carrier(self.network, lines=self.lines, emergency_lines=self.emergency_lines)
        self.engine: Engine

    # -- sending

    def prepare(
        self,
        reason: Reason = Reason.GENERAL,
        *about: Family,
        window: Window | None = None,
        audience: Audience | None = None,
        names_recipient: bool = False,
        text: str = SNOW,
    ) -> int:
        """Prepare a message about the students of some families, by default of all; the job's id."""
        students = tuple(student for family in about for student in family.students.values())
        message = Message(reason, "Snow day", text, names_recipient=names_recipient)
        return self.engine.prepare(message, audience or Audience(person_ids=students), window).job_id

    def send(self, reason: Reason = Reason.GENERAL, *about: Family, **more: Any) -> int:
        """Prepare and send; the job's id."""
        job_id = self.prepare(reason, *about, **more)
        self.engine.send(job_id)
        return job_id

    def job(self, job_id: int) -> JobView:
        return self.engine.job(job_id)

    # -- what rang

    def rings(self, phone: Phone) -> list[int]:
        """When a phone rang, ms UTC."""
        return [entry.ringing_at or 0 for entry in self.ring_entries() if entry.number == phone.number]

    def ring_times(self) -> list[int]:
        """When any phone rang, in order."""
        return [entry.ringing_at or 0 for entry in self.ring_entries()]

    def rest_between_calls(self, phone: Phone) -> int:
        """Milliseconds from the end of a phone's first call to the ring of its second, and last."""
        first, second = (entry for entry in self.ring_entries() if entry.number == phone.number)
        return rest_between(first, second)

    def ring_order(self) -> list[str]:
        """Whose phones rang, in order."""
        return [self.phones.label(entry.number) for entry in self.ring_entries()]

    def ring_entries(self) -> list[LedgerEntry]:
        return list(self.carrier.ledger.rings())

    def ledger(self) -> list[LedgerEntry]:
        """Every call the carrier took."""
        return list(self.carrier.ledger.entries())

    # -- what the journal and the tables say

    @property
    def database(self) -> Database:
        return self.engine.station.database

    def blocks(self) -> list[facts.Block]:
        """The whole journal."""
        with self.database.read() as txn:
            return list(Journal(self.database).since(txn, 0))

    def facts(self, kind: type[F]) -> list[F]:
        """All facts of a kind, in order."""
        return [fact for block in self.blocks() for fact in block.facts if isinstance(fact, kind)]

    def alarms(self) -> set[int]:
        """Alarms that are raised now."""
        return set(self.engine.station.fold.rest.alarms)

    def plans(self, job_id: int) -> list[Plan]:
        decode = msgspec.msgpack.Decoder(Plan).decode
        return [decode(data) for data in Vault(self.database).plans(job_id, 0, 1 << 20)]

    def chains(self, job_id: int) -> dict[str, Chain]:
        """The dialed chains of a job by their names in the documents: `Mom > Son and Daughter`."""
        return {chain.label: chain for chain in self.chains_of(job_id)}

    def chains_of(self, job_id: int) -> list[Chain]:
        """The dialed chains of a job in the order of its plans."""
        with self.database.read() as txn:
            rows = ended_chains_of(self.database, txn, job_id)
        rows.update((key, row) for key, row in self.engine.station.fold.chains.items() if job_of(key) == job_id)
        found = []
        for index, plan in enumerate(self.plans(job_id)[: self.job(job_id).chains]):
            row = rows.get(chain_id(job_id, index))
            tries = () if row is None else tuple(_tried(plan.steps, tried) for tried in row.tried())
            outcome = Outcome(row.outcome).word if row is not None and row.outcome else ""
            expiry = Expiry(row.expiry).word if row is not None else Expiry.NONE.word
            found.append(Chain(label_of(plan), outcome, expiry, tries))
        return found

    def outcomes(self, job_id: int) -> dict[str, str]:
        """Chain → outcome."""
        return {label: chain.outcome for label, chain in self.chains(job_id).items()}

    def only_chain(self, job_id: int) -> Chain:
        (chain,) = self.chains_of(job_id)
        return chain

    def chain_id_of_plan(self, job_id: int, label: str) -> int:
        """The id of a chain by its name, which no other chain of the job may have."""
        (index,) = [i for i, plan in enumerate(self.plans(job_id)) if label_of(plan) == label]
        return chain_id(job_id, index)

    def audit(self) -> Audit:
        return audit_store(self.carrier.ledger.entries(), self.database)

    def job_behind(self, entry: LedgerEntry) -> int:
        """The job of a call at the carrier."""
        intent = self.history().attempt_of(entry)
        assert intent is not None
        return job_of(intent.chain_id)

    def history(self) -> History:
        """Journal and ledger, for the invariants."""
        ahead_max = self.engine.station.team.floor.ledger.ahead_max
        return History(
            self.blocks(), self.ledger(), self.lines, self.emergency_lines, ahead_max, hours_of(self.settings)
        )

    def check_phones(self) -> None:
        """Nobody was rung whom the test did not expect to be."""
        assert not self.phones.unexpected, f"unexpected rings: {self.phones.unexpected}"


CLEAN = Audit(duplicate_rings=0, rings_after_confirm=0, unknown_to_journal=0)


class SteppedTown(Town):
    """A town on a virtual clock; nothing moves but inside `run`, `wait` and the engine's own acts."""

    def __init__(
        self,
        home: Path,
        *parts: Part,
        now: int = MONDAY_TEN,
        seed: int = 1,
        network: PhoneNetwork | None = None,
        roster: Roster | None = None,
        pushes: bool = False,
        **settings: Any,
    ) -> None:
        super().__init__(home, parts, network, settings_of(**settings))
        self.clock = VirtualClock(now)
        self.faults = Faults()
        self.seed = seed
        self.pushes = pushes
        """Results come by themselves, and nothing goes wrong on the way."""
        self.start()
        self.engine.replace_roster(roster or roster_of(*parts))

    @property
    def now(self) -> int:
        return self.clock.now()

    def start(self) -> None:
        """Open the store with a new engine, and let it do what it does at once."""
        self._new_engine().start()

    def begin(self, turns: int) -> None:
        """Open the store with a new engine that gets only so many turns before something else happens."""
        engine = self._new_engine()
        run_until_idle = Dispatcher.run_until_idle
        with patch.object(Dispatcher, "run_until_idle", lambda dispatcher: run_until_idle(dispatcher, turns)):
            engine.start()

    def _new_engine(self) -> Engine:
        self.engine = Engine(
            self.home,
            settings=self.settings,
            gateway=self._gateway,
            clock=self.clock,
            seed=self.seed,
            sync=False,
        )
        return self.engine

    def _gateway(self, dispatcher: Dispatcher) -> Gateway:
        if self.pushes:
            later = partial(_later, dispatcher)
            return InProcessGateway(self.carrier, self.clock, later, pushes=True)
        return FlakyGateway(self.carrier, self.clock, dispatcher, self.faults)

    def crash(self) -> None:
        """The engine is gone between two turns: what it had not committed never was. The carrier goes on."""
        station = self.engine.station
        station.database.close()
        station._lock.release()

    def restart(self, turns: int | None = None) -> None:
        """Crash, and start again on the same store; with `turns` see `begin`."""
        self.crash()
        if turns is None:
            self.start()
        else:
            self.begin(turns)

    def restore(self, backup: Path) -> None:
        """The store is lost; the town goes on with a backup of it."""
        self.crash()
        self.home = backup
        self.start()

    def run(self, minutes: float = 0, seconds: float = 0, until: int | None = None) -> None:
        """Let time pass."""
        self.engine.run(until or int(self.now + minutes * MINUTE + seconds * SECOND))
        self.carrier.advance(self.now)

    def wait(self, job_id: int) -> JobView:
        """Until a job has ended; others may still be open. Two days must be enough."""
        view = self.engine.wait(job_id, 48 * HOUR / SECOND)
        self.engine.station.flush_tables()
        return view

    def step(self, turns: int = 1) -> None:
        """Give a few turns, time standing still or going to the next event when nothing waits."""
        dispatcher = self.engine.station.dispatcher
        for _ in range(turns):
            if not dispatcher.run_until_idle(1):
                dispatcher.step_time()

    def tell_line_pool(self, *letters: Letter) -> None:
        """Put letters in the line pool's mailbox, before anybody has a turn."""
        for letter in letters:
            self.engine.station.team.pool.ref.tell(letter)

    def block_number(self, phone: Phone, except_emergency: bool = False) -> None:
        """Nobody calls this number any more."""
        with self.database.read() as txn:
            key = Vault(self.database).number_key(txn)
        number = number_id(phone.number, key)
        block = NumberBlock(phone.number, number, except_emergency, "asked for it", "tests", self.now)
        self.engine.station.write(lambda txn: self.database.blocks.put(txn, seq_key(number), block))
        self.tell_line_pool(BlockNumber(number, except_emergency))
        self.engine.station.dispatcher.run_until_idle()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.engine.stop()
        if kind is None:
            self.check_phones()


SPEED = 200.0
"""How much faster than life a SOAP town lives: an answer after 5 ms came after a second."""


class SoapTown(Town):
    """A town whose engine runs on a thread and reaches its carrier by SOAP on loopback, both on one fast clock."""

    server: SoapServer

    def wait(self, job_id: int, seconds: float = 20) -> JobView:
        """Until a job has ended, in seconds of the test's life."""
        return self.engine.wait(job_id, seconds)

    def until(self, ready: Callable[[], bool], seconds: float = 10) -> None:
        """Until something holds that a commit can bring about, in seconds of the test's life."""
        self.engine.station.wait_for(ready, seconds, of_chains=True)


@contextmanager
def soap_town(
    home: Path,
    *parts: Part,
    now: int = MONDAY_TEN,
    speed: float = SPEED,
    network: PhoneNetwork | None = None,
    roster: Roster | None = None,
    deadline_s: float = 0.5,
    poll_s: float = 15.0,
    password: str = PASSWORD,
    **settings: Any,
) -> Iterator[SoapTown]:
    """A SOAP town while the block lasts."""
    clock = FastClock(int(time.time() * 1000), now, speed)
    town = SoapTown(home, parts, network, settings_of(**settings))
    town.server = server = SoapServer(town.carrier, clock, user="oak", password=PASSWORD)
    server.start()
    try:
        carrier = CarrierSettings(
            user="oak", endpoints=server.urls, stand_in=True, poll_seconds=poll_s, deadline_seconds=deadline_s
        )
        town.settings = msgspec.structs.replace(town.settings, carrier=carrier)
        home.mkdir(exist_ok=True)
        keep_password(home, Secret.CARRIER, password)
        with Engine(home, settings=town.settings, clock=clock, sync=False) as town.engine:
            town.engine.replace_roster(roster or roster_of(*parts))
            yield town
        town.check_phones()
    finally:
        server.stop()


def rest_between(earlier: LedgerEntry, later: LedgerEntry) -> int:
    """Milliseconds from the end of a call to the ring of another."""
    assert earlier.ended_at is not None
    assert later.ringing_at is not None
    return later.ringing_at - earlier.ended_at


def label_of(plan: Plan) -> str:
    """A chain as the documents write it: `Mom > Son and Daughter`."""
    students = " and ".join(student.rpartition("-")[2] for student in plan.student_ids)
    who = plan.contact_name.split()[0] if plan.contact_key.startswith("p:") else "Household"
    return f"{who} > {students}" if students else who


def _tried(steps: Sequence[Step], tried: Any) -> Tried:
    return Tried(steps[tried.step].kind.word, Disposition(tried.disposition).word, tried.dialed_at)


def _phones_of(parts: Sequence[Part]) -> Iterator[Phone]:
    for part in parts:
        yield from part.phones
