"""What the delivery service is to a district: many calls, every kind of message, nothing but HTTP on the way."""

import os
import socket
import urllib.request

import msgspec
import pytest

from store import facts
from store.dispositions import Disposition
from store.people import SchoolClass
from store.records import Audience, AudienceKind, DeviceKind, Reason
from tests.fakes import CLEAN, MINUTE, SECOND, Family, StaffMember, SteppedTown, at, one_contact, roster_of, soap_town

MANY = 1_200
"""Chains: more than one request may carry."""


@pytest.mark.row("C005", "C014")
def test_a_large_volume_of_calls_is_routed_within_the_districts_lines(tmp_path):
    """C005: VoIP service built to route a large volume of calls. C014: Phone-line capacity varies by district size
    (per-tenant concurrency limit).
    """
    families = [one_contact(f"F{n}") for n in range(MANY)]
    for family in families:
        family.mom.cell.answers(talks_s=20).presses("0")
    with SteppedTown(tmp_path, *families, lines=240, emergency_lines=48, pushes=True) as town:
        job = town.send()
        view = town.wait(job)
        assert (view.state, view.confirmed) == ("sent", MANY)
        assert town.carrier.lines_peak == 240
        assert len(town.ring_entries()) == MANY
        # 1,200 calls of half a minute on 240 lines are five turns.
        assert max(town.ring_times()) - min(town.ring_times()) < 5 * MINUTE
        assert town.audit() == CLEAN


@pytest.mark.row("C006")
@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        (Reason.BEHAVIOR, AudienceKind.CONTACTS),
        (Reason.ATTENDANCE, AudienceKind.CONTACTS),
        (Reason.TEACHER, AudienceKind.CONTACTS),
        (Reason.PRIORITY, AudienceKind.CONTACTS),
        (Reason.GENERAL, AudienceKind.CONTACTS),
        (Reason.FOOD_SERVICE, AudienceKind.CONTACTS),
        (Reason.STAFF, AudienceKind.STAFF),
    ],
)
def test_every_kind_of_message_is_carried(tmp_path, reason: Reason, kind: AudienceKind):
    """C006: Message kinds carried: daily (behavior, attendance, grades), high priority, general notifications, internal
    staff. Grades are what teachers send.
    """
    family, ana = one_contact(), StaffMember("1", "Ana")
    called = ana.cell if kind is AudienceKind.STAFF else family.mom.cell
    called.answers().presses("0")
    with SteppedTown(tmp_path, family, ana, voice={"teachers_may_send": True}) as town:
        classes = (SchoolClass("c1", "oak", "Mathematics", (ana.person_id,), tuple(family.students.values())),)
        town.engine.replace_roster(msgspec.structs.replace(roster_of(family, ana), classes=classes))
        teacher = ana.person_id if reason is Reason.TEACHER else ""
        job = town.send(reason, audience=Audience(kind, teacher_id=teacher))
        assert town.wait(job).confirmed == 1
        assert len(town.rings(called)) == len(town.ring_entries()) == 1
        assert town.job(job).reason == reason.word


@pytest.mark.row("C007", "C040")
def test_an_emergency_rings_on_every_line_there_is_within_seconds_of_being_sent(tmp_path):
    """C007: Also rapid delivery for emergencies. C040: As fast as possible."""
    families = [one_contact(f"F{n}") for n in range(6)]
    for family in families:
        family.mom.cell.answers().presses("0")
    night = at("2026-03-02 03:00")
    with SteppedTown(tmp_path, *families, lines=4, emergency_lines=2, now=night) as town:
        job = town.send(Reason.EMERGENCY)
        assert town.wait(job).confirmed == 6
        assert town.carrier.lines_peak == 6, "ordinary lines and those kept for emergencies"
        assert max(town.ring_times()) - night < 2 * SECOND


@pytest.mark.row("C008", "C009")
def test_what_was_handed_over_is_dialed_and_played_by_the_service_alone(tmp_path):
    """C008: Once a message is handed over, the service owns dialing and delivery of the phone numbers it was given.

    C009: Hand-over point: message created in the SIS and sent to the service, which takes over.
    """
    family = one_contact()
    family.mom.cell.answers(after_s=10).presses("0")
    with SteppedTown(tmp_path, family) as town:
        job = town.send()
        town.run(seconds=1)
        assert town.job(job).attempts == 1
        town.crash()
        town.clock.move_to(town.now + 5 * MINUTE)
        town.carrier.advance(town.now)
        (call,) = town.ledger()
        assert call.keys == "0", "nobody at the district had a part in it"
        town.start()
        assert town.wait(job).confirmed == 1
        assert len(town.rings(family.mom.cell)) == 1


@pytest.mark.row("C010", "C031", "C036")
def test_a_job_needs_nothing_at_the_district_but_http_to_the_end_point(tmp_path, monkeypatch):
    """C010: No phone or dialer hardware at the district. C031: Plain HTTP/S; no special ports. C036: A known end-point
    URL receives the SOAP messages.
    """
    connected, connect = set(), socket.socket.connect

    def noted(sock, address):
        connected.add(address)
        return connect(sock, address)

    monkeypatch.setattr(socket.socket, "connect", noted)
    family = one_contact()
    family.mom.cell.answers().presses("0")
    with soap_town(tmp_path, family) as town:
        job = town.send()
        town.until(lambda: town.job(job).attempts == 1)
        devices = {path for path in open_files() if path.startswith("/dev/")}
        assert town.wait(job).confirmed == 1
        end_point = town.settings.carrier.endpoints[0]
        port = int(end_point.split(":")[2].split("/")[0])
        assert connected == {("127.0.0.1", port)}, "the URL says where; nothing else is spoken to"
        assert town.server.requests > 0
        with urllib.request.urlopen(f"{end_point}?wsdl") as contract:
            assert f'location="{end_point}"'.encode() in contract.read()
    assert not {path for path in devices if not path.startswith(("/dev/null", "/dev/pts", "/dev/urandom", "/dev/tty"))}


def open_files() -> list[str]:
    """Whatever this process has open, as the kernel names it."""
    found = []
    for fd in os.listdir("/proc/self/fd"):
        try:
            found.append(os.readlink(f"/proc/self/fd/{fd}"))
        except OSError:
            continue
    return found


@pytest.mark.row("C053", "C064")
def test_a_message_is_distributed_as_chains_that_walk_one_device_after_the_other(tmp_path):
    """C053: Distribution method is Call Chaining. C064: Each contact has one chain per student over personal numbers in
    order cell, work, other.
    """
    family = Family(students=("Daughter",), household=False)
    family.dad.cell.busy()
    family.dad.work.answers().presses("0")
    family.mom.cell.rings_out()
    family.mom.work.rings_out()
    family.mom.other.answers().presses("0")
    with SteppedTown(tmp_path, family) as town:
        job = town.send()
        town.wait(job)
        chains = town.chains(job)
        assert chains["Dad > Daughter"].walked == ["cell busy", "work confirmed"]
        assert chains["Mom > Daughter"].walked == ["cell no_answer", "work no_answer", "other confirmed"]
        out: dict[int, int] = {}
        for block in town.blocks():
            for fact in block.facts:
                if isinstance(fact, facts.AttemptOpened):
                    assert out.setdefault(fact.chain_id, fact.attempt_id) == fact.attempt_id, "one call at a time"
                elif isinstance(fact, facts.AttemptClosed):
                    del out[fact.chain_id]


@pytest.mark.row("C054", "C062")
def test_chains_are_quick_because_they_run_side_by_side_and_stop_when_somebody_confirms(tmp_path):
    """C054: Its purpose is speed and efficiency. C062: All chains may start at the same time."""
    alone, many = last_ring(tmp_path / "one", 1), last_ring(tmp_path / "many", 10)
    assert many - alone < 20 * SECOND, "ten chains take as long as one"


def last_ring(home, contacts: int) -> int:
    """How long after the sending the last phone rang; the third phone of nobody rings."""
    families = [
        one_contact(f"F{n}", kinds=(DeviceKind.CELL, DeviceKind.WORK, DeviceKind.OTHER)) for n in range(contacts)
    ]
    for family in families:
        family.mom.cell.rings_out()
        family.mom.work.answers().presses("0")
    with SteppedTown(home, *families) as town:
        sent_at, job = town.now, town.send()
        town.wait(job)
        closed = [fact.disposition for fact in town.facts(facts.AttemptClosed)]
        assert closed.count(Disposition.CONFIRMED) == contacts
        assert len(closed) == 2 * contacts, "no call after somebody confirmed"
        return max(town.ring_times()) - sent_at
