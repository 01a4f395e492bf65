"""What events say, in words (C198, C203, decision 56)."""

import pytest

from engine.speech.event_words import event_words


@pytest.mark.parametrize(
    ("amount", "english", "spanish"),
    [
        ("0.00", "0 dollars", "0 dólares"),
        ("-0.01", "minus 1 cent", "menos 1 centavo"),
        ("1.00", "1 dollar", "1 dólar"),
        ("-12.50", "minus 12 dollars and 50 cents", "menos 12 dólares con 50 centavos"),
        ("2.01", "2 dollars and 1 cent", "2 dólares con 1 centavo"),
    ],
)
def test_an_amount_is_spoken_in_dollars_and_cents(amount, english, spanish):
    assert event_words([("balance", amount)], "en") == {"balance": english}
    assert event_words([("balance", amount)], "es-MX") == {"balance": spanish}


@pytest.mark.parametrize(
    ("language", "day", "status", "excuse"),
    [
        ("en", "Monday, March 2", "released early", "not excused yet"),
        ("es", "lunes 2 de marzo", "con salida anticipada", "aún sin justificar"),
        ("so", "Monday, March 2", "released early", "not excused yet"),
    ],
)
def test_days_and_states_are_said_in_the_language_of_the_chain(language, day, status, excuse):
    fields = [("date", "2026-03-02"), ("status", "early_release"), ("excuse", "unknown")]
    assert event_words(fields, language) == {"date": day, "status": status, "excuse": excuse}


def test_a_state_of_a_districts_own_is_said_in_words():
    assert event_words([("status", "under_review"), ("account", "a_la_carte")], "en") == {
        "status": "under review", "account": "a_la_carte",
    }  # fmt: skip


def test_what_people_wrote_is_left_as_it_is():
    fields = [("event", "unknown"), ("role", "absent"), ("resolution", "5.00"), ("account", "a la carte")]
    fields += [("date", "Monday, March 2"), ("balance", "2 dollars")]
    assert event_words(fields, "es") == dict(fields)
