"""Each chain's own words: what events say, once for each child, in the language of who is called (decision 56)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.config import Prompt, Pronunciation
from engine.messaging.planning import Planned, plan
from store.records import Audience, AudienceKind, Detail, DeviceKind, Message, Reason, Saying
from tests.engine.messaging.district import (
    MONDAY_TEN,
    Family,
    chain_of,
    device,
    district,
    family,
    phone,
    settings,
    staff,
)

ABSENT = "{students} was {status} in periods {periods}."


def detail(family: Family, student: str, school: str = "oak", **fields: str) -> Detail:
    person_id = family.id(student)
    return Detail(person_id, school, f"attendance/1/{person_id}/{school}", tuple(fields.items()))


def tell(whom: Family, *details: Detail, text: str = ABSENT, message: Message | None = None, **changes) -> Planned:
    message = message or Message(Reason.ATTENDANCE, "", text)
    return plan(district(whom), message, Audience(), None, settings(**changes), MONDAY_TEN, details)


@pytest.mark.row("C072")
def test_a_grouped_call_tells_of_each_child_what_happened_to_that_child():
    """C072: A grouped chain carries all the students' messages in one call."""
    alisa = family("Alisa")
    son = detail(alisa, "Son", status="absent", periods="2")
    daughter = detail(alisa, "Daughter", status="tardy", periods="4")
    mom = chain_of(tell(alisa, son, daughter, grouping=True), "Mom")
    assert mom.machine_text == (
        "This is a message from Oak Elementary. Daughter Alisa was tardy in periods 4. "
        "Son Alisa was absent in periods 2."
    )
    assert set(mom.occasions) == {son.occasion, daughter.occasion}


def test_what_is_told_of_two_children_in_the_same_words_is_said_once():
    alisa = family("Alisa")
    told = tell(
        alisa,
        *(detail(alisa, who, status="absent") for who in ("Son", "Daughter")),
        text="A child was {status}.",
        grouping=True,
    )
    assert chain_of(told, "Mom").machine_text == "This is a message from Oak Elementary. A child was absent."


def test_ungrouped_each_call_tells_of_its_own_child_only():
    alisa = family("Alisa")
    told = tell(alisa, *(detail(alisa, who, status="absent", periods="1") for who in ("Son", "Daughter")))
    texts = [chain.machine_text for chain in told.plans if chain.contact_key.endswith("Mom")]
    assert [("Son" in text, "Daughter" in text) for text in texts] == [(False, True), (True, False)]


def test_a_resolution_is_told_to_the_member_of_staff_it_is_for():
    ana = staff("ana", device(DeviceKind.CELL, phone(900)))
    message = Message(Reason.STAFF, "", "{recipient}: {resolution}, {event}.")
    told = Detail("ana", "oak", "", (("resolution", "a conference"), ("event", "a fight")))
    planned = plan(district(ana), message, Audience(AudienceKind.STAFF), None, settings(), MONDAY_TEN, (told,))
    assert "Ana Staff: a conference, a fight." in planned.plans[0].text


def test_a_chain_with_names_speaks_the_language_of_its_contact():
    alisa = family("Alisa", students=("Son",)).change("Mom", language="es")
    message = Message(Reason.GENERAL, "", "{recipient}: closed.", sayings=(Saying("es", "{recipient}: cerrado."),))
    planned = tell(alisa, message=message)
    mom, dad = chain_of(planned, "Mom"), chain_of(planned, "Dad")
    assert (mom.language, dad.language) == ("es", "")
    assert mom.text.startswith("Este es un mensaje de Oak Elementary. Mom Alisa: cerrado. Para confirmar")
    assert dad.text.startswith("This is a message from Oak Elementary. Dad Alisa: closed. To confirm")


def test_where_only_one_language_names_somebody_the_other_stays_one_script_for_all():
    alisa = family("Alisa", students=("Son",)).change("Mom", language="es")
    message = Message(Reason.GENERAL, "", "Closed.", sayings=(Saying("es", "{recipient}: cerrado."),))
    planned = tell(alisa, message=message)
    assert chain_of(planned, "Dad").text == ""
    assert "Mom Alisa: cerrado." in chain_of(planned, "Mom").text


def test_a_school_has_its_own_number_to_call_back_and_its_own_pronunciations():
    alisa = family("Alisa", students=("Son",))
    planned = tell(
        alisa,
        message=Message(Reason.GENERAL, "", "Meet in the gym."),
        callback_number="612-555-0100",
        school_callbacks=(("oak", "612-555-0111"),),
        pronunciations=(
            Pronunciation(word="gym", say="field house", school="oak"),
            Pronunciation(word="gym", say="gymnasium"),
        ),
    )
    everybody, oak = planned.scripts
    assert "field house. To call us back, dial 6 1 2 5 5 5 0 1 1 1." in oak.text
    assert "gymnasium. To call us back, dial 6 1 2 5 5 5 0 1 0 0." in everybody.text


def test_scripts_are_those_that_are_played_and_one_for_everybody_else():
    alisa = family("Alisa").change("Mom", language="es")
    alisa.change("Son", enrollments=family("Ben", school="elm").people["Son"].enrollments)
    message = Message(Reason.GENERAL, "", "Closed.", sayings=(Saying("es", "Cerrado."), Saying("vi", "Đóng cửa.")))
    planned = tell(alisa, message=message)
    assert {(one.language, one.school_id) for one in planned.scripts} == {
        ("en", ""), ("en", "oak"), ("en", "elm"), ("es", "oak"), ("es", "elm"),
    }  # fmt: skip
    assert (planned.scripts[0].language, planned.scripts[0].school_id) == ("en", "")


def test_prompts_of_a_reason_are_said_around_its_messages_only():
    alisa = family("Alisa")
    prompts = (Prompt(reason="attendance", intro="Attendance of {school}."),)
    absent = tell(alisa, message=Message(Reason.ATTENDANCE, "", "Call us."), prompts=prompts)
    usual = tell(alisa, message=Message(Reason.GENERAL, "", "Call us."), prompts=prompts)
    assert absent.scripts[1].text.startswith("Attendance of Oak Elementary. Call us.")
    assert usual.scripts[1].text.startswith("This is a message from Oak Elementary. Call us.")


def test_a_plan_without_names_holds_no_words():
    alisa = family("Alisa")
    short, long = (tell(alisa, message=Message(Reason.GENERAL, "", "word " * n)).plans for n in (1, 500))
    assert [replace(plan, message_ms=0) for plan in short] == [replace(plan, message_ms=0) for plan in long]


TEXTS = st.lists(st.sampled_from(["{recipient}", "{students}", "{school}", "{date}", "{time}", "Closed."]), min_size=1)
WORDS = TEXTS.map(" ".join)


@given(WORDS, st.just("") | WORDS, WORDS, st.booleans(), st.sampled_from([Reason.GENERAL, Reason.EMERGENCY]))
def test_whatever_is_said_names_the_school_leaves_no_field_open_and_tells_no_machine_to_press_a_key(
    text, machine_text, spanish, grouping, reason
):
    alisa = family("Alisa").change("Mom", language="es")
    message = Message(reason, "", text, machine_text, sayings=(Saying("es", spanish),))
    planned = tell(alisa, message=message, grouping=grouping)
    scripts = {(one.language if one.language != "en" else "", one.school_id): one for one in planned.scripts}
    for chain in planned.plans:
        shared = scripts[chain.language, chain.school_id]
        people, machines = chain.text or shared.text, chain.machine_text or shared.machine_text
        assert "Oak Elementary." in people
        assert "Oak Elementary." in machines
        assert "{" not in people + machines
        key = "oprima" if chain.language else "press"
        assert people.count(key) == 2
        assert key not in machines
        assert chain.message_ms == 400 * max(len(people.split()), len(machines.split()))
