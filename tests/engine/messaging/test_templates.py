"""Templates: a message kept with its recipients, an emergency's chosen anew."""

import pytest

from engine.messaging.templates import from_template, make_template, template_key, window_minutes
from engine.orders import PrepareRequest
from store.errors import AudienceError, InvalidInputError
from store.records import Audience, Saying


def asked(**changes) -> PrepareRequest:
    values = {"reason": "general", "subject": "Snow", "text": "No school {date}, {students}.", **changes}
    return PrepareRequest(**values)


def test_a_template_gives_back_the_request_it_was_made_of():
    request = asked(
        sayings=(Saying("es", "No hay clases."),), machine_text="Closed.", school_ids=("oak",), grades=("3",),
        languages=("es",), calendar_ids=("oak/2027",), opens_minute=540, closes_minute=1_440,
    )  # fmt: skip
    template = make_template(" Snow   day ", request, "ada", 5)
    assert (template.name, template.window, template.author, template.changed_at) == (
        "Snow day",
        "09:00-24:00",
        "ada",
        5,
    )
    assert from_template(template, given_audience=False) == request


def test_a_template_goes_by_its_name_whatever_the_case_and_the_spaces():
    assert template_key("Snow  Day") == template_key("snow day")


def test_an_emergency_keeps_no_recipients_and_must_be_given_them_each_time():
    template = make_template("Fire", asked(reason="emergency", school_ids=("oak",)), "ada", 5)
    assert template.audience == Audience()
    with pytest.raises(AudienceError, match="recipients are chosen anew each time"):
        from_template(template, given_audience=False)
    assert from_template(template, given_audience=True).reason == "emergency"


@pytest.mark.parametrize(
    ("name", "changes", "says"),
    [
        ("", {}, "needs a name"),
        ("x" * 61, {}, "needs a name"),
        ("tab\x00", {}, "needs a name"),
        ("Snow", {"text": "Hi {nmae}"}, r"unknown field \{nmae\}; use \{recipient\}"),
        ("Snow", {"text": " "}, "says nothing"),
        ("Snow", {"reason": "weather"}, "There is no weather"),
        ("Fire", {"reason": "emergency", "opens_minute": 540, "closes_minute": 600}, "has no window"),
    ],
)
def test_a_template_that_could_never_be_sent_is_not_kept(name, changes, says):
    with pytest.raises(InvalidInputError, match=says):
        make_template(name, asked(**changes), "ada", 5)


def test_a_template_may_ask_for_what_events_tell():
    assert make_template("Absent", asked(text="{students}: {status}, {periods}."), "ada", 5).message.text


def test_a_template_without_a_window_has_the_districts_hours():
    assert window_minutes(make_template("Snow", asked(), "ada", 5).window) == (-1, -1)
