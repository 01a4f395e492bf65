"""The settings file: what it refuses, and that what is written can be read again."""

import pytest
from hypothesis import given
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
    ("voice", "ring_seconds", ("4", "121")),
    ("redial", "max_attempts", ("0", "11")),
    ("redial", "call_delay_minutes", ("-0.5", "1441", "nan", "inf")),
    ("redial", "busy_delay_minutes", ("-0.5", "1441", "nan")),
    ("redial", "emergency_max_attempts", ("0", "11")),
    ("redial", "emergency_call_delay_minutes", ("-1", "1441", "nan")),
    ("redial", "emergency_busy_delay_minutes", ("-1", "1441", "nan")),
    ("redial", "emergency_cap_hours", ("0", "-4", "49", "nan", "inf")),
    ("district", "time_zone", ('"Bogus/Zone"', '""', '"America"', '"../zone"', '"/etc"')),
    ("district", "start_time", ('"²:00"', '"8"', '"25:00"')),
    ("carrier", "endpoints", ('["notaurl"]', '["ftp://a/b"]', '["https://"]', '["http://a:0/"]', '["http://a:99999"]')),
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


@given(TEXT, st.lists(TEXT, max_size=3))
def test_any_text_that_is_written_is_read_again(tmp_path_factory, name, words):
    home = tmp_path_factory.mktemp("home")
    urls = tuple(f"https://host/{word}" for word in words)
    settings = Settings(district=District(name=name), carrier=CarrierSettings(user=name, endpoints=urls))
    (home / FILE_NAME).write_text(settings_text(settings), encoding="utf-8")
    assert load_settings(home) == settings
