"""The settings file: what it refuses, and that what is written can be read again."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.config import (
    FILE_NAME,
    CarrierSettings,
    District,
    Redial,
    Settings,
    check_settings,
    load_settings,
    minute_of_day,
)
from engine.config_text import settings_text
from engine.home import make_home
from store.errors import ConfigError

TEXT = st.text(st.characters(codec="utf-8"))

OUT_OF_BOUNDS = (
    ("carrier", "poll_seconds", ("0", "15.5", "nan", "-1")),
    ("carrier", "poll_soonest_seconds", ("0", "15.5", "nan", "-1")),
    ("carrier", "deadline_seconds", ("0", "301", "inf", "nan")),
    ("lines", "ordinary", ("-1", "100001")),
    ("lines", "emergency", ("-1", "100001")),
    ("lines", "ahead_max", ("-1", "100001")),
    ("lines", "number_gap_seconds", ("-1", "3601")),
    ("lines", "calls_per_second", ("-1", "1001", "nan", "inf")),
    ("voice", "ring_seconds", ("4", "121")),
    ("voice", "confirm_key", ('""', '"10"', '"a"')),
    ("redial", "max_attempts", ("0", "11")),
    ("redial", "call_delay_minutes", ("-0.5", "1441", "nan", "inf")),
    ("redial", "busy_delay_minutes", ("-0.5", "1441", "nan")),
    ("redial", "emergency_max_attempts", ("0", "11")),
    ("redial", "emergency_call_delay_minutes", ("-1", "1441", "nan")),
    ("redial", "emergency_busy_delay_minutes", ("-1", "1441", "nan")),
    ("redial", "emergency_cap_hours", ("0", "-4", "49", "nan", "inf")),
    ("redial", "number_redials_per_day", ("-1", "101")),
    ("email", "smtp_port", ("0", "65536")),
    ("engine", "lease_seconds", ("0.5", "3601", "nan", "inf")),
    ("ladder", "second_person", ('"sometimes"', '""')),
    ("ladder", "approval_minutes", ("0", "1441", "nan", "inf")),
    ("ladder", "recall_seconds", ("-1", "3601", "nan")),
    ("district", "caller_id", ('"555-0123"', '"911"', '"612-911-0100"', '"office"', '"+44 20 7946 0958"')),
    ("district", "callback_number", ('"5550123"',)),
    ("district", "recipient_hours", ('"08:00"', '"21:00-08:00"', '"08:00-25:00"', '"8-9"')),
    ("dial_in", "number", ('"1234567"',)),
    ("district", "time_zone", ('"Bogus/Zone"', '""', '"America"', '"../zone"', '"/etc"')),
    ("district", "start_time", ('"²:00"', '"8"', '"25:00"')),
    (
        "carrier",
        "endpoints",
        (
            '["notaurl"]',
            '["ftp://a/b"]',
            '["https://"]',
            '["http://a:0/"]',
            '["http://a:99999"]',
            '["https://u:p@a/"]',
            '["http://[::1"]',
        ),
    ),
    ("voice", "unconfirmed_live", ('"perhaps"',)),
    ("roster", "default_reasons", ('["gossip"]',)),
)


@pytest.mark.parametrize(
    ("section", "key", "value"), [(section, key, value) for section, key, values in OUT_OF_BOUNDS for value in values]
)
def test_a_setting_out_of_bounds_is_refused_by_its_name(tmp_path, section, key, value):
    (tmp_path / FILE_NAME).write_text(f"[{section}]\n{key} = {value}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=rf"{section}\.{key}") as error:
        load_settings(tmp_path)
    assert len(str(error.value).splitlines()) == 1


def test_every_number_has_bounds():
    bound = {(section, key) for section, key, _ in OUT_OF_BOUNDS}
    defaults = Settings()
    for section in defaults.__struct_fields__:
        values = getattr(defaults, section)
        if isinstance(values, tuple):
            continue
        for key in values.__struct_fields__:
            value = getattr(values, key)
            if isinstance(value, int | float) and not isinstance(value, bool):
                assert (section, key) in bound


def test_bounds_are_part_of_what_is_allowed(tmp_path):
    edges = Redial(call_delay_minutes=0, busy_delay_minutes=24 * 60, max_attempts=10, emergency_cap_hours=48)
    check_settings(Settings(redial=edges))
    assert minute_of_day("24:00", "x") == 24 * 60


def test_a_password_in_a_url_is_not_repeated():
    settings = Settings(carrier=CarrierSettings(endpoints=("https://carrier/a", "//user:hush@carrier/b")))
    with pytest.raises(ConfigError, match="number 2") as error:
        check_settings(settings)
    assert "hush" not in str(error.value)


def test_a_district_is_not_made_with_settings_that_could_not_be_read_again(tmp_path):
    with pytest.raises(ConfigError, match="Bogus"):
        make_home(tmp_path / "d", Settings(district=District(time_zone="Bogus")))
    assert not (tmp_path / "d").exists()


ROWS_REFUSED = (
    ('[[prompts]]\nlanguage = "English"\n', "prompts: row 1 has the language"),
    ('[[prompts]]\nreason = "gossip"\n', "prompts: row 1 has the reason"),
    ("[[prompts]]\n[[prompts]]\n", "stand twice"),
    ('[[caller_ids]]\nschool = "oak"\nnumber = "555-0123"\n', "school oak has 7 digits: no area code"),
    ('[[caller_ids]]\nschool = "oak"\nnumber = ""\n', "school oak"),
    ('[[pronunciations]]\nword = "Nguyen"\nsay = " "\n', "pronunciations: row 1"),
    ('[email]\nerror_list = ["nobody"]\n', '"nobody" is no address'),
)


@pytest.mark.parametrize(("text", "sentence"), ROWS_REFUSED)
def test_a_row_that_says_nothing_useful_is_refused_by_its_place(tmp_path, text, sentence):
    (tmp_path / FILE_NAME).write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=sentence) as error:
        load_settings(tmp_path)
    assert "555-0123" not in str(error.value)


@pytest.mark.parametrize(
    "number", ["6125550100", "612-555-0100", "(612) 555-0100", "+1 612 555 0100", "1.612.555.0100"]
)
def test_ten_digits_are_a_caller_id_however_they_are_written(number):
    check_settings(Settings(district=District(caller_id=number)))


def test_a_file_of_an_older_version_that_names_a_password_file_is_still_read(tmp_path):
    (tmp_path / FILE_NAME).write_text('[carrier]\nuser = "oak"\npassword_file = "carrier.password"\n', encoding="utf-8")
    assert load_settings(tmp_path).carrier.user == "oak"


@given(TEXT, st.lists(TEXT, max_size=3))
def test_any_text_that_is_written_is_read_again(tmp_path_factory, name, words):
    assume(name.strip())
    home = tmp_path_factory.mktemp("home")
    urls = tuple(f"https://host/{word}" for word in words)
    settings = Settings(district=District(name=name), carrier=CarrierSettings(user=name, endpoints=urls))
    (home / FILE_NAME).write_text(settings_text(settings), encoding="utf-8")
    assert load_settings(home) == settings
