"""The golden tests taken straight from the documents, end to end over SOAP on loopback (decisions 3.5)."""

import socket

import pytest

from actors.poller import POLL_MS
from store import facts
from store.dispositions import Disposition
from store.records import Audience, AudienceKind, DeviceKind, Message, Reason
from tests.fakes import CLEAN, HOUR, SECOND, SNOW, Family, Phone, StaffMember, at, one_contact, soap_town

SIX = {
    "Household > Daughter": "confirmed",
    "Household > Son": "confirmed",
    "Dad > Daughter": "confirmed",
    "Dad > Son": "confirmed",
    "Mom > Daughter": "confirmed",
    "Mom > Son": "confirmed",
}


def everybody_confirms_at_once(family: Family) -> None:
    for phone in family.phones:
        phone.answers().presses("0").always()


@pytest.mark.row("C061", "C063", "C071")
def test_two_parents_and_two_students_make_six_chains_and_each_is_confirmed(tmp_path):
    """Golden 1. C061: Worked example: 2 parents, 2 students, ungrouped → 6 default chains. C063: Household number is
    its own chain, one per student. C071: Full ungrouped list: household×2, Dad×2, Mom×2 (one per student).
    """
    family = Family()
    everybody_confirms_at_once(family)
    with soap_town(tmp_path, family) as town:
        job = town.send()
        assert town.wait(job).state == "sent"
        assert town.outcomes(job) == SIX
        assert sorted(town.ring_order()) == sorted(["Lopez household", "Dad's cell", "Mom's cell"] * 2)
        assert town.audit() == CLEAN


@pytest.mark.row("C065")
def test_a_message_about_one_student_makes_three_chains(tmp_path):
    """Golden 1. One student only → 3 chains (household, Dad, Mom)."""
    family = Family(students=("Daughter",))
    everybody_confirms_at_once(family)
    with soap_town(tmp_path, family) as town:
        job = town.send()
        town.wait(job)
        assert set(town.outcomes(job)) == {"Household > Daughter", "Dad > Daughter", "Mom > Daughter"}
        assert town.engine.students(job).covered == 1


@pytest.mark.row("C069", "C070", "C072")
def test_grouped_the_same_family_gets_three_calls_each_about_both_students(tmp_path):
    """Golden 1. C069: Grouping switch: "Allow multiple Messages in a Single Call". C070: With grouping the same example
    makes 3 chains. C072: A grouped chain carries all the students' messages in one call.
    """
    family = Family()
    everybody_confirms_at_once(family)
    with soap_town(tmp_path, family, voice={"grouping": True}) as town:
        job = town.send()
        town.wait(job)
        assert set(town.outcomes(job)) == {
            "Household > Daughter and Son",
            "Dad > Daughter and Son",
            "Mom > Daughter and Son",
        }
        assert sorted(town.ring_order()) == ["Dad's cell", "Lopez household", "Mom's cell"]


@pytest.mark.row("C066", "C067", "C068")
def test_zero_on_the_household_phone_stops_that_chain_and_no_other(tmp_path):
    """Golden 2. C066: Confirmation key is 0; it cancels only that chain. C067: Other chains keep running. C068: Mom
    confirming on the household number is still called on her own numbers and must confirm that chain too.
    """
    family = Family(students=("Son", "Daughter"))
    family.home.answers().presses("0").rings_out(3)
    family.dad.cell.rings_out().always()
    family.dad.work.rings_out().always()
    family.dad.other.rings_out().always()
    family.mom.cell.rings_out(2).busy().always()
    family.mom.work.rings_out(2).busy().always()
    family.mom.other.answers().presses("0").always()
    with soap_town(tmp_path, family, redial={"call_delay_minutes": 1, "busy_delay_minutes": 1}) as town:
        job = town.send()
        town.wait(job)
        chains = town.chains(job)
        household = [chain for label, chain in chains.items() if label.startswith("Household")]
        assert sorted(chain.outcome for chain in household) == ["confirmed", "exhausted"]
        assert sorted(len(chain.tries) for chain in household) == [1, 3]
        for student in ("Son", "Daughter"):
            assert chains[f"Dad > {student}"].outcome == "exhausted"
            assert len(chains[f"Dad > {student}"].tries) == 9
            assert chains[f"Mom > {student}"].walked == ["cell no_answer", "work no_answer", "other confirmed"]
        assert town.audit() == CLEAN


@pytest.mark.row("C042", "C043")
def test_an_emergency_ignores_grouping_and_rings_each_number_once_a_round(tmp_path):
    """Golden 3. C042: Message grouping option does not apply to it. C043: Duplicate phone numbers are filtered (each
    number dialed once per emergency).
    """
    family = Family()
    family.mom.shares(DeviceKind.CELL, family.home)
    family.dad.shares(DeviceKind.OTHER, family.mom.work)
    for phone in family.phones:
        phone.rings_out().always()
    emergency = {"emergency_max_attempts": 2, "emergency_call_delay_minutes": 1}
    with soap_town(tmp_path, family, voice={"grouping": True}, redial=emergency) as town:
        job = town.send(Reason.EMERGENCY)
        town.wait(job)
        assert set(town.outcomes(job).values()) == {"exhausted"}
        for phone in {phone.number: phone for phone in family.phones}.values():
            assert len(town.rings(phone)) == 2, phone
        assert town.audit() == CLEAN


@pytest.mark.row("C073", "C074")
def test_a_desk_that_three_people_share_rings_once_with_one_name(tmp_path):
    """Golden 4. C073: Tools that insert recipient-name Campus Fields ignore unique recipients when the phone number is
    the same. C074: Shared number → one bundled call with one recipient's name.
    """
    desk = Phone("the desk")
    staff = [StaffMember(f"{n}", name, desk) for n, name in enumerate(("Ana", "Ben", "Cy"), 1)]
    desk.answers().presses("0")
    staff[0].cell.rings_out()
    for one in staff[1:]:
        one.cell.answers().presses("0")
    with soap_town(tmp_path, *staff) as town:
        job = town.send(
            Reason.STAFF,
            audience=Audience(AudienceKind.STAFF),
            names_recipient=True,
            text="{recipient}, there is a meeting at four o'clock in the library, please bring the forms with you.",
        )
        town.wait(job)
        assert town.outcomes(job) == {"Ana": "confirmed", "Ben": "confirmed", "Cy": "confirmed"}
        assert len(town.rings(desk)) == 1
        assert town.chains(job)["Ana"].walked == ["cell no_answer", "work confirmed"]
        assert all(len(town.rings(one.cell)) == 1 for one in staff)


@pytest.mark.row("C037", "C039")
def test_an_emergency_at_night_rings_at_once_while_a_general_job_waits_for_morning(tmp_path):
    """Golden 6. C037: Delivered instantly. C039: No delivery window and not bound by the district dialing window."""
    sleepers, neighbors = one_contact("Adams"), one_contact("Baker")
    sleepers.mom.cell.answers().presses("0")
    neighbors.mom.cell.answers().presses("0")
    night = at("2026-03-02 02:00")
    with soap_town(tmp_path, sleepers, neighbors, now=night) as town:
        general = town.send(Reason.GENERAL, sleepers, window=None)
        emergency = town.send(Reason.EMERGENCY, neighbors)
        town.wait(emergency)
        (rang,) = town.rings(neighbors.mom.cell)
        assert rang - night < 10 * 60 * SECOND
        assert not town.rings(sleepers.mom.cell)
        assert town.job(general).state == "waiting"
        assert town.job(general).opens_at == night + 6 * HOUR
        town.engine.cancel(general)


@pytest.mark.row("C015", "C041")
def test_an_emergency_takes_the_dedicated_lines_while_a_general_job_fills_the_others(tmp_path):
    """Golden 6. C015: A number of lines is dedicated to emergencies, per district.

    C041: Priority over scheduled jobs.
    """
    crowd = [one_contact(f"Crowd{n}") for n in range(6)]
    struck = one_contact("Struck")
    for family in crowd:
        family.mom.cell.answers(talks_s=600).presses("0")
    struck.mom.cell.answers().presses("0")
    with soap_town(tmp_path, *crowd, struck, lines=2, emergency_lines=1, speed=50) as town:
        general = town.send(Reason.GENERAL, *crowd)
        town.until(lambda: town.job(general).attempts == 2)
        emergency = town.send(Reason.EMERGENCY, struck)
        town.wait(emergency)
        assert town.job(general).live == 6
        assert town.ring_order().index("Mom's cell") >= 0
        assert town.carrier.lines_peak == 3, "it rang while both ordinary lines were busy"
        assert len(town.rings(struck.mom.cell)) == 1
        town.engine.cancel(general)


@pytest.mark.row("C030", "C051")
def test_the_carrier_never_connects_to_us_and_results_come_within_one_poll(tmp_path, monkeypatch):
    """Golden 8. C030: Strictly one-way: the service never calls the client (no webhooks; results are polled). C051:
    Each entry gives recipient and delivery status = how the call was received.
    """
    connected = set()
    connect = socket.socket.connect

    def noted(sock, address):
        connected.add(address)
        return connect(sock, address)

    monkeypatch.setattr(socket.socket, "connect", noted)
    families = [one_contact(f"Family{n}") for n in range(8)]
    for n, family in enumerate(families):
        family.mom.cell.answers(talks_s=5 + 4 * n).presses("0")
    with soap_town(tmp_path, *families, speed=50, redial={"max_attempts": 1}) as town:
        job = town.send()
        town.wait(job)
        port = int(town.server.urls[0].split(":")[2].split("/")[0])
        assert connected == {("127.0.0.1", port)}
        ended = {entry.ref: entry.ended_at for entry in town.ledger()}
        assert len(ended) == 8
        closed = {
            fact.attempt_id: block.at
            for block in town.blocks()
            for fact in block.facts
            if isinstance(fact, facts.AttemptClosed) and fact.disposition is Disposition.CONFIRMED
        }
        late = sorted(closed.values())[-1] - max(at for at in ended.values() if at)
        # A poll, and what two requests may take on a busy machine, 50 times faster than life.
        assert late <= POLL_MS + 50 * 2 * SECOND


@pytest.mark.row("C078")
def test_a_number_without_area_code_is_not_dialed_and_is_reported(tmp_path):
    """Golden 11. No area code → cannot be delivered."""
    family = one_contact("Lopez", kinds=(DeviceKind.CELL, DeviceKind.WORK))
    family.mom.shares(DeviceKind.CELL, Phone("seven digits", "5557735"))
    family.mom.work.answers().presses("0")
    with soap_town(tmp_path, family) as town:
        prepared = town.engine.prepare(Message(Reason.GENERAL, "Snow day", SNOW))
        (gap,) = prepared.gaps
        assert (gap.contact_name, gap.device, gap.reason) == ("Mom Lopez", "cell", "bad_format")
        town.engine.send(prepared, expect=1)
        town.wait(prepared.job_id)
        assert town.ring_order() == ["Mom's work"]
