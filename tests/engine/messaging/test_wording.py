"""What chains say (decision 58)."""

import pytest

from engine.messaging.planning import plan
from engine.messaging.wording import announce, fill, join_names, speech_ms
from store.errors import InvalidInputError
from store.records import Audience, AudienceKind, Message, Reason
from tests.engine.messaging.district import MONDAY_TEN, chain_of, district, family, send, settings


def test_names_are_joined_as_they_are_spoken():
    assert [join_names(["Ana", "Ben", "Cy"][:n]) for n in range(4)] == ["", "Ana", "Ana and Ben", "Ana, Ben and Cy"]


def test_a_name_that_looks_like_a_field_is_left_as_it_is():
    assert fill("{recipient}: {students}", "{school}", ["Ana"], "Oak") == "{school}: Ana"


def test_fields_are_filled_in_for_each_chain():
    planned = send(district(family("Alisa")), text="{recipient}: {students} of {school}.", grouping=True)
    assert chain_of(planned, "Mom").text == "Mom Alisa: Daughter Alisa and Son Alisa of Oak Elementary."
    assert chain_of(planned, "home").text == "Alisa household: Daughter Alisa and Son Alisa of Oak Elementary."


def test_a_text_without_fields_is_not_repeated_in_the_plans():
    message = Message(Reason.GENERAL, "", "The same for all.", "{recipient}, call us.")
    planned = plan(district(family("Alisa")), message, Audience(), None, settings(), MONDAY_TEN)
    assert {chain.text for chain in planned.plans} == {""}
    assert "Mom Alisa, call us." in {chain.machine_text for chain in planned.plans}


def test_children_at_two_schools_are_told_of_with_both_and_the_districts_caller_id_in_an_emergency():
    alisa = family("Alisa")
    alisa.change("Son", enrollments=family("Ben", school="elm").people["Son"].enrollments)
    chain = chain_of(send(district(alisa), Reason.EMERGENCY, text="{school} is closed."), "Mom")
    assert chain.text == "Oak Elementary and Elm Middle is closed."
    assert chain.school_id == ""
    assert chain_of(send(district(family("Cy")), Reason.EMERGENCY), "Mom").school_id == "oak"


@pytest.mark.parametrize(
    ("text", "to", "says"),
    [
        ("Dear {name}", AudienceKind.CONTACTS, r"unknown field \{name\}; use \{recipient\}, \{students\}, \{school\}"),
        ("Dear {}", AudienceKind.CONTACTS, "unknown field"),
        ("About {students}", AudienceKind.STAFF, "leave {students} out"),
        ("  ", AudienceKind.CONTACTS, "says nothing"),
    ],
)
def test_a_text_that_cannot_be_spoken_is_refused_before_sending(text, to, says):
    with pytest.raises(InvalidInputError, match=says):
        send(district(family("Alisa")), text=text, to=to)


def test_the_school_comes_first_and_the_number_to_call_back_last():
    said = announce("No school today.", "Oak Elementary", "+16125550100")
    assert said.startswith("This is a message from Oak Elementary. No school today.")
    assert said.endswith("dial 6 1 2 5 5 5 0 1 0 0.")
    assert announce("No school.", "Oak", "").endswith("No school.")


def test_speech_takes_about_a_minute_for_150_words():
    assert speech_ms("word " * 150) == 60_000
    assert speech_ms("6125550100") == 4_000
    short, long = (send(district(family("Alisa")), text="word " * n).plans[0].message_ms for n in (10, 100))
    assert long - short == 36_000
