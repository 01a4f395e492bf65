"""What is said around messages (C098, decisions 10, 14, 58)."""

import pytest

from engine.config import Prompt
from engine.speech.prompts import Prompts, check_prompt, spoken_digits
from store.errors import ConfigError
from store.records import Reason

NUMBER = "612-555-0100"


def around(
    *prompts: Prompt, language: str = "en", reason: Reason = Reason.GENERAL, number: str = NUMBER, key: str = "0"
):
    return Prompts(prompts, reason, key).around(language, "Oak Elementary", number)


def test_without_prompts_of_its_own_a_district_says_ours():
    intro, outro, confirm = around()
    assert intro == "This is a message from Oak Elementary."
    assert outro == "To call us back, dial 6 1 2 5 5 5 0 1 0 0."
    assert confirm == "To confirm this message, press 0. To hear it again, press star."


@pytest.mark.row("C098")
def test_a_prompt_for_the_reason_goes_before_one_for_every_reason_and_ours_come_last():
    """C098: One of the five (spoken prompts around the message)."""
    usual = Prompt(intro="{school} calling.", outro="Bye. Call {callback}.")
    absent = Prompt(reason="attendance", intro="Attendance office of {school}.")
    assert around(usual, absent, reason=Reason.ATTENDANCE).intro == "Attendance office of Oak Elementary."
    assert around(usual, absent, reason=Reason.ATTENDANCE).outro == "Bye. Call 6 1 2 5 5 5 0 1 0 0."
    assert around(usual, absent).intro == "Oak Elementary calling."
    assert around(usual, absent).confirm.startswith("To confirm")


def test_spanish_has_prompts_of_its_own_and_other_languages_fall_back_to_the_districts_english():
    mine = Prompt(language="en", intro="{school} speaking.")
    assert around(mine, language="es-MX").intro == "Este es un mensaje de Oak Elementary."
    assert around(mine, language="vi").intro == "Oak Elementary speaking."
    assert (
        around(Prompt(language="vi", intro="Xin chào {school}"), mine, language="vi").intro == "Xin chào Oak Elementary"
    )


def test_the_school_is_named_though_the_districts_intro_leaves_it_out():
    assert around(Prompt(intro="Good day.")).intro == "This is a message from Oak Elementary. Good day."


def test_the_number_to_call_back_is_said_though_the_districts_outro_leaves_it_out():
    assert around(Prompt(outro="Goodbye.")).outro == "Goodbye. To call us back, dial 6 1 2 5 5 5 0 1 0 0."


def test_where_there_is_no_number_nothing_speaks_of_one():
    assert around(number="").outro == ""
    assert around(Prompt(outro="Call {callback}."), number="").outro == ""
    assert around(Prompt(outro="Goodbye."), number="").outro == "Goodbye."


def test_another_confirmation_key_is_spoken_by_its_name():
    assert "press 5." in around(key="5").confirm
    assert "press pound." in around(key="#").confirm


def test_a_field_a_prompt_cannot_have_is_refused():
    with pytest.raises(ConfigError, match=r"unknown field \{students\}; use \{school\}, \{callback\}, \{key\}"):
        around(Prompt(outro="Bye {students}."))


def test_a_number_is_read_out_digit_by_digit_without_the_countrys_one():
    assert spoken_digits("+1 (612) 555-0100") == "6 1 2 5 5 5 0 1 0 0"
    assert spoken_digits("") == ""


@pytest.mark.parametrize("intro", ["From {school", "From school}", "{{school}}"])
def test_a_brace_that_belongs_to_no_field_is_refused(intro):
    with pytest.raises(ConfigError, match="a brace that belongs to no field"):
        check_prompt(Prompt(intro=intro))
