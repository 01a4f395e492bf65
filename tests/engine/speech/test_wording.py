"""The words of a message: its fields, its languages, what is refused (decisions 16, 56, 58)."""

import pytest

from engine.messaging.planning import plan
from engine.speech.length import speech_ms
from engine.speech.wording import EXAMPLES, FIELDS, announce, check_sayings, check_text, fill, join_names, language_for
from store.errors import InvalidInputError, NotFoundError
from store.records import Audience, AudienceKind, Detail, Message, Reason, Saying
from tests.engine.messaging.district import MONDAY_TEN, chain_of, district, family, send, settings

OAK = "This is a message from Oak Elementary."
CONFIRM = "To confirm this message, press 0. To hear it again, press star."


def test_names_are_joined_as_they_are_spoken():
    assert [join_names(["Ana", "Ben", "Cy"][:n]) for n in range(4)] == ["", "Ana", "Ana and Ben", "Ana, Ben and Cy"]
    assert join_names(["Ana", "Ben"], "es-MX") == "Ana y Ben"


def test_a_name_that_looks_like_a_field_is_left_as_it_is():
    assert fill("{recipient}: {students}", "{school}", ["Ana"], "Oak") == "{school}: Ana"


def test_what_an_event_says_goes_before_the_rest():
    assert fill("{students}, {periods}.", "Mom", ["Ana"], "Oak", {"periods": "2 and 3"}) == "Ana, 2 and 3."
    assert fill("{date}", "Mom", ["Ana"], "Oak", {"date": "yesterday"}) == "yesterday"


def test_every_field_has_an_example_for_test_calls_but_what_is_known_without_one():
    assert set(FIELDS) - set(EXAMPLES) == {"date", "time", "portal"}


def test_fields_are_filled_in_for_each_chain():
    planned = send(district(family("Alisa")), text="{recipient}: {students} of {school}.", grouping=True)
    said = f"{OAK} Mom Alisa: Daughter Alisa and Son Alisa of Oak Elementary."
    assert chain_of(planned, "Mom").text == f"{said} {CONFIRM}"
    assert chain_of(planned, "Mom").machine_text == said
    assert "Alisa household: Daughter Alisa and Son Alisa" in chain_of(planned, "home").text


def test_a_text_without_names_is_not_repeated_in_the_plans_though_it_tells_the_school_and_the_day():
    planned = send(district(family("Alisa")), text="{school} is closed on {date} at {time}.")
    assert {chain.text + chain.machine_text for chain in planned.plans} == {""}
    (everybody, oak) = planned.scripts
    assert "Oak Elementary is closed on Monday, March 2 at 10:00 AM." in oak.text
    assert "your school district is closed on Monday" in everybody.text


def test_only_what_machines_hear_may_differ_from_chain_to_chain():
    message = Message(Reason.GENERAL, "", "The same for all.", "{recipient}, call us.")
    planned = plan(district(family("Alisa", students=("Son",))), message, Audience(), None, settings(), MONDAY_TEN)
    mom = chain_of(planned, "Mom")
    assert mom.machine_text == f"{OAK} Mom Alisa, call us."
    assert mom.text == f"{OAK} The same for all. {CONFIRM}"


def test_children_at_two_schools_are_told_of_with_both_and_the_districts_caller_id_in_an_emergency():
    alisa = family("Alisa")
    alisa.change("Son", enrollments=family("Ben", school="elm").people["Son"].enrollments)
    chain = chain_of(send(district(alisa), Reason.EMERGENCY, text="{school} is closed."), "Mom")
    assert chain.text.startswith(
        "This is a message from your school district. Oak Elementary and Elm Middle is closed."
    )
    assert chain.school_id == ""
    assert chain_of(send(district(family("Cy")), Reason.EMERGENCY), "Mom").school_id == "oak"


@pytest.mark.parametrize(
    ("text", "to", "says"),
    [
        ("Dear {name}", AudienceKind.CONTACTS, r"unknown field \{name\}; use \{recipient\}, \{students\}, \{school\}"),
        ("Dear {}", AudienceKind.CONTACTS, "unknown field"),
        ("About {students}", AudienceKind.STAFF, "leave {students} out"),
        ("Absent in {periods}", AudienceKind.CONTACTS, r"\{periods\}, which no event fills in"),
        ("  ", AudienceKind.CONTACTS, "says nothing"),
    ],
)
def test_a_text_that_cannot_be_spoken_is_refused_before_sending(text, to, says):
    with pytest.raises(InvalidInputError, match=says):
        send(district(family("Alisa")), text=text, to=to)


def test_a_field_of_an_event_is_known_where_an_event_tells_it():
    absent = Detail("s1", "oak", "attendance/1", (("periods", "2"), ("students", "Ana")))
    check_text(Message(Reason.ATTENDANCE, "", "Absent in {periods}."), AudienceKind.CONTACTS, [absent])
    check_text(Message(Reason.STAFF, "", "About {students}."), AudienceKind.STAFF, [absent])
    check_text(Message(Reason.STAFF, "", "{students}: {balance}."), AudienceKind.STAFF, example=True)


@pytest.mark.parametrize(
    ("saying", "says"),
    [
        (Saying("es"), "says nothing in es"),
        (Saying("spanish language", "Hola."), "is no language"),
        (Saying("en-GB", "Hello."), "one language twice"),
        (Saying("es", "Hola {nombre}."), r"unknown field \{nombre\}"),
    ],
)
def test_every_language_of_a_message_must_say_something_that_can_be_spoken(saying, says):
    message = Message(Reason.GENERAL, "", "Hello.", sayings=(saying,))
    with pytest.raises(InvalidInputError, match=says):
        plan(district(family("Alisa")), message, Audience(), None, settings(), MONDAY_TEN)


def test_a_recording_the_district_does_not_have_is_refused():
    message = Message(Reason.GENERAL, "", "", recording_id="abc")
    with pytest.raises(NotFoundError, match="There is no recording abc"):
        plan(district(family("Alisa")), message, Audience(), None, settings(), MONDAY_TEN)


@pytest.mark.parametrize(
    ("wanted", "speaks"),
    [("es", "es"), ("es-MX", "es"), ("ES", "es"), ("zh-Hant", "zh-Hans"), ("en-GB", ""), ("fr", ""), ("", "")],
)
def test_who_speaks_none_of_a_messages_languages_hears_its_own(wanted, speaks):
    message = Message(Reason.GENERAL, "", "Hi.", sayings=(Saying("es", "Hola."), Saying("zh-Hans", "你好")))
    assert language_for(message, wanted) == speaks


def test_a_job_of_an_older_version_names_its_school_first_and_the_number_to_call_back_last():
    said = announce("No school today.", "Oak Elementary", "+16125550100")
    assert said.startswith("This is a message from Oak Elementary. No school today.")
    assert said.endswith("dial 6 1 2 5 5 5 0 1 0 0.")
    assert announce("No school.", "Oak", "").endswith("No school.")


def test_speech_takes_about_a_minute_for_150_words():
    assert speech_ms("word " * 150) == 60_000
    assert speech_ms("6125550100") == 4_000
    short, long = (send(district(family("Alisa")), text="word " * n).plans[0].message_ms for n in (10, 100))
    assert long - short == 36_000


@pytest.mark.parametrize("text", ["Dear {students", "Dear students}", "{{school}}", "{", "{school} }"])
def test_a_brace_that_belongs_to_no_field_is_refused_and_never_read_out(text):
    for message in (Message(Reason.GENERAL, "x", text), Message(Reason.GENERAL, "x", "Fine.", machine_text=text)):
        with pytest.raises(InvalidInputError, match="a brace that belongs to no field"):
            check_sayings(message)
