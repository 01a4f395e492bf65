"""Seconds of speech, and line-minutes, before anything is sent."""

import pytest
from msgspec.structs import replace

from engine.messaging.planning import plan
from engine.speech.length import SIGN_MS, WORD_MS, line_minutes, longest_by_language, speech_ms
from store.records import Audience, Message, Reason, Saying
from tests.engine.messaging.district import MONDAY_TEN, chain_of, district, family, send, settings

RING_MS = 30_000


def test_what_is_counted_is_what_is_said_from_the_first_word_to_the_last():
    """Seven words of intro with the school's name, three of text, 15 to call back, 13 to confirm; 400 ms each."""
    planned = send(district(family("Alisa")), text="School is closed.", callback_number="6125550100")
    (_, oak) = planned.scripts
    assert planned.plans[0].message_ms == 400 * len(oak.text.split())
    assert "To call us back" in oak.text


def test_one_call_per_chain_at_least_and_every_number_in_every_round_at_most():
    planned = send(district(family("Alisa")), text="word " * 60, rounds_max=2)
    numbers = [len(chain.steps) for chain in planned.plans]
    assert numbers == [1, 1, 3, 3, 3, 3]
    call_ms = RING_MS + planned.plans[0].message_ms
    assert line_minutes(planned.plans, RING_MS) == (-(-6 * call_ms // 60_000), -(-14 * 2 * call_ms // 60_000))


def test_who_cannot_be_called_needs_no_line():
    alisa = family("Alisa").devices("Mom").devices("Dad").home(number="")
    assert line_minutes(send(district(alisa)).plans, RING_MS) == (0, 0)


def test_speech_is_told_for_each_language_the_messages_own_first():
    alisa = family("Alisa", students=("Son",)).change("Mom", language="es")
    message = Message(Reason.GENERAL, "", "word " * 10, sayings=(Saying("es", "palabra " * 100),))
    planned = plan(district(alisa), message, Audience(), None, settings(), MONDAY_TEN)
    (first, english), (second, spanish) = longest_by_language(planned.plans, "en")
    assert (first, second) == ("en", "es")
    assert spanish > english > 4_000


def test_a_recording_counts_by_its_own_length_with_the_prompts_around_it():
    message = Message(Reason.GENERAL, "", "", recording_id="r1")
    given = settings(recordings=(("r1", 20_000),))
    chain = chain_of(
        plan(district(family("Alisa", students=("Son",))), message, Audience(), None, given, MONDAY_TEN), "Mom"
    )
    said = "This is a message from Oak Elementary. To confirm this message, press 0. To hear it again, press star."
    assert chain.message_ms == 20_000 + 400 * len(said.split())
    assert chain.text == ""


@pytest.mark.parametrize("reason", [Reason.GENERAL, Reason.EMERGENCY])
def test_an_emergency_that_may_fall_back_to_its_text_counts_the_longer_of_the_two(reason):
    message = Message(reason, "", "word " * 200, recording_id="r1")
    given = settings(recordings=(("r1", 2_000),))
    planned = plan(district(family("Alisa")), message, Audience(), None, given, MONDAY_TEN)
    assert (planned.plans[0].message_ms > 80_000) == (reason is Reason.EMERGENCY)
    assert replace(planned.scripts[0], instead="", machine_instead="") in (
        plan(district(family("Alisa")), replace(message, text=""), Audience(), None, given, MONDAY_TEN).scripts
    )


def test_a_script_without_spaces_is_counted_by_its_signs():
    assert speech_ms("学校明天停课") == 6 * SIGN_MS
    assert speech_ms("School 明天 closed") == 2 * WORD_MS + 2 * SIGN_MS
