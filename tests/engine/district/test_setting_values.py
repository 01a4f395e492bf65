"""Settings as words: typed, all or nothing, and refused by their name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.config import CallerId, Settings
from engine.district.setting_values import differences, flat, with_row, with_values
from store.errors import ConfigError, NotFoundError

ORDINARY = Settings()


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("district.end_time=17:30", "17:30"),
        ("lines.ordinary=40", 40),
        ("lines.emergency=0", 0),
        ("lines.emergency=", None),
        ("lines.calls_per_second=20", 20.0),
        ("voice.grouping=on", True),
        ("voice.grouping=False", False),
        ("district.name= Oak = District ", "Oak = District"),
        ("carrier.endpoints=https://a/x, https://b/y", ("https://a/x", "https://b/y")),
        ('email.error_list=["a@b.example"]', ("a@b.example",)),
        ("email.error_list=", ()),
    ],
)
def test_a_word_is_read_as_its_setting_is_typed(word, value):
    assert flat(with_values(ORDINARY, [word]))[word.partition("=")[0]] == value


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("district.end_tim=17:30", r"no setting district\.end_tim\. Did you mean district\.end_time\?"),
        ("district=x", "There is no setting district"),
        ("end_time=17:30", "Did you mean district.end_time"),
        ("district.end_time", "write it like district.end_time=17:30"),
        ("district.end_time=5 pm", "which is no time of day"),
        ("district.end_time=07:00", "start_time must lie before"),
        ("district.time_zone=Mars/Base", "no IANA time zone"),
        ("district.caller_id=555-0123", "7 digits: no area code"),
        ("lines.ordinary=many", 'a whole number, not "many"'),
        ("lines.ordinary=1.5", "a whole number"),
        ("lines.calls_per_second=fast", "a number"),
        ("lines.calls_per_second=nan", "lines.calls_per_second must be 0 to"),
        ("voice.grouping=perhaps", "on or off"),
        ("carrier.password=x", "never stand among the settings.*settings credentials`"),
        ("email.password=x", "settings credentials --email"),
        ("dial_in.password=1", "settings credentials --dial-in"),
        ("carrier.endpoints=https://u:p@a/", "holds a user name"),
        ("prompts=x", "callchain settings prompt"),
        ("caller_ids.school=x", "callchain settings caller-id"),
        ("pronunciations=x", "callchain settings pronounce"),
    ],
)
def test_what_cannot_be_set_is_refused_in_one_sentence(word, sentence):
    with pytest.raises(ConfigError, match=sentence):
        with_values(ORDINARY, ["lines.ordinary=3", word])


def test_start_and_end_move_together_where_one_alone_would_not_hold():
    moved = with_values(ORDINARY, ["district.end_time=07:30", "district.start_time=05:00"])
    assert (moved.district.start_time, moved.district.end_time) == ("05:00", "07:30")


def test_a_row_takes_the_place_of_the_one_about_the_same_and_can_be_removed():
    one = with_row(ORDINARY, "caller_ids", {"school": "oak", "number": "612-555-0100"}, remove=False)
    two = with_row(one, "caller_ids", {"school": "elm", "number": "612-555-0111"}, remove=False)
    other = with_row(two, "caller_ids", {"school": "oak", "number": "612-555-0122"}, remove=False)
    assert other.caller_ids == (
        CallerId(school="elm", number="612-555-0111"),
        CallerId(school="oak", number="612-555-0122"),
    )
    assert with_row(other, "caller_ids", {"school": "elm"}, remove=True).caller_ids == other.caller_ids[1:]
    with pytest.raises(NotFoundError, match="no row for ash"):
        with_row(other, "caller_ids", {"school": "ash"}, remove=True)


def test_prompts_are_told_apart_by_language_and_reason():
    english = with_row(ORDINARY, "prompts", {"language": "en", "intro": "This is {school}."}, remove=False)
    spanish = with_row(english, "prompts", {"language": "es", "intro": "Habla {school}."}, remove=False)
    urgent = with_row(
        spanish, "prompts", {"language": "en", "reason": "emergency", "intro": "Urgent, from {school}."}, remove=False
    )
    assert [(row.language, row.reason) for row in urgent.prompts] == [("en", ""), ("en", "emergency"), ("es", "")]


def test_a_prompt_with_a_field_nobody_can_fill_in_and_a_row_that_lacks_something_are_refused():
    with pytest.raises(ConfigError, match=r"unknown field \{nickname\}"):
        with_row(ORDINARY, "prompts", {"intro": "Hi {nickname}, this is {school}."}, remove=False)
    with pytest.raises(ConfigError, match=r"A row of caller_ids: .*missing required field `number`"):
        with_row(ORDINARY, "caller_ids", {"school": "oak"}, remove=False)


@given(st.integers(0, 100_000), st.integers(0, 1_000), st.booleans())
def test_differences_name_exactly_what_was_set(lines, pace, grouping):
    words = [f"lines.ordinary={lines}", f"lines.calls_per_second={pace}", f"voice.grouping={grouping}"]
    changed = with_values(ORDINARY, words)
    wanted = {"lines.ordinary": lines, "lines.calls_per_second": float(pace), "voice.grouping": grouping}
    before = flat(ORDINARY)
    assert differences(ORDINARY, changed) == {
        key: (before[key], value) for key, value in wanted.items() if before[key] != value
    }
    assert differences(changed, changed) == {}
