"""Settings in force: the store keeps them, the file is their face, and a running engine follows both at once."""

import logging
import stat
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

import msgspec
import pytest
from cryptography.fernet import Fernet

from actors.gateway import Call, Submitted
from engine.acts.act import Act
from engine.acts.credentials import SAVE, Credentials
from engine.acts.desk import LiveDesk, at_store
from engine.acts.settings import HISTORY, RELOAD, ROW, SET, SHOW, Nothing, SetRow, SetValues
from engine.config import FILE_NAME, load_settings
from engine.district.file_watch import FileWatch
from engine.district.secret_box import KEY_FILE, Secret, SecretBox
from engine.district.settings_store import HISTORY_MAX, write_file
from engine.home import make_home, settings_in_force
from engine.running.station import Station
from engine.service import Engine
from store.errors import CallchainError, ConfigError, InvalidInputError, NotFoundError, RefusedError
from store.facts import AnyFact, CommandTaken
from store.journal import Journal
from store.people import School
from tests.engine.district.hosted import ADMINISTRATOR, plain_settings
from tests.engine.test_recovery import no_gateway
from tests.fakes import Family, SteppedTown, at, one_contact, roster_of

EMAIL_PASSWORD = "kestrel"


@pytest.fixture
def home(tmp_path):
    """A new district."""
    make_home(tmp_path / "d", plain_settings())
    return tmp_path / "d"


def look_twice(watch: FileWatch) -> None:
    """What was edited is taken in once two looks have found the same."""
    watch.look()
    watch.look()


def running(home: Path) -> Engine:
    """An engine that takes file and store, and calls nobody."""
    return Engine(home, gateway=no_gateway, sync=False)


def ask(home: Path, act: Act[Any, Any], request: object, engine: Engine | None = None) -> Any:
    if engine is not None:
        return act.carry_out(LiveDesk(engine), request, ADMINISTRATOR)
    with at_store(home) as desk:
        return act.carry_out(desk, request, ADMINISTRATOR)


def edit(home: Path, old: str, new: str) -> None:
    path = home / FILE_NAME
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_what_is_set_stands_in_the_file_in_the_store_and_in_force_at_once(home):
    with running(home) as engine:
        done = ask(home, SET, SetValues(values=("district.end_time=17:30", "lines.ordinary=40")), engine)
        assert {one.key: (one.before, one.after) for one in done.changed} == {
            "district.end_time": ("20:00", "17:30"),
            "lines.ordinary": (10, 40),
        }
        assert done.at_next_start == ()
        assert engine.settings.district.end_time == "17:30"
        engine.station.wait_for(lambda: engine.lines[0] == 40, 10)
        assert load_settings(home) == engine.settings
        assert any(isinstance(fact, CommandTaken) for fact in facts_of(engine))
    with running(home) as engine:
        assert engine.settings.lines.ordinary == 40


def test_a_value_that_does_not_hold_changes_nothing_at_all(home):
    before = (home / FILE_NAME).read_bytes()
    with pytest.raises(ConfigError, match="must lie before"):
        ask(home, SET, SetValues(values=("lines.ordinary=40", "district.end_time=01:00")))
    assert (home / FILE_NAME).read_bytes() == before
    assert ask(home, SHOW, Nothing()).version == 1


def test_settings_that_wait_for_the_next_start_are_named(home):
    with running(home) as engine:
        done = ask(home, SET, SetValues(values=("carrier.poll_seconds=10", "lines.ordinary=4")), engine)
        assert done.at_next_start == ("carrier.poll_seconds",)
    assert ask(home, SET, SetValues(values=("carrier.poll_seconds=9",))).at_next_start == ()


def test_an_edited_file_is_taken_in_at_the_next_start_and_wins_over_the_store(home):
    with running(home):
        pass
    edit(home, 'end_time = "20:00"', 'end_time = "16:00"')
    with running(home) as engine:
        assert engine.settings.district.end_time == "16:00"
        view = ask(home, SHOW, Nothing(), engine)
        assert (view.version, view.changed_by) == (2, FILE_NAME)


def test_a_lost_file_is_written_anew_from_the_store(home):
    ask(home, SET, SetValues(values=("lines.ordinary=40",)))
    (home / FILE_NAME).unlink()
    assert ask(home, SHOW, Nothing()).settings.lines.ordinary == 40
    with running(home) as engine:
        assert engine.settings.lines.ordinary == 40
    assert load_settings(home).lines.ordinary == 40


def test_an_edited_file_that_does_not_hold_stops_a_start_and_says_where(home):
    edit(home, 'end_time = "20:00"', 'end_time = "6 pm"')
    with pytest.raises(ConfigError, match=r"district\.end_time.*6 pm"):
        running(home)


def test_whoever_only_looks_sees_what_is_in_force_not_what_somebody_is_just_typing(home):
    edit(home, 'end_time = "20:00"', 'end_time = "')
    assert settings_in_force(home).district.end_time == "20:00"
    edit(home, 'end_time = "', 'end_time = "16:00"')
    assert settings_in_force(home).district.end_time == "16:00", "an engine takes it in within a second"


def test_reload_takes_in_an_edit_and_says_what_changed(home):
    with running(home) as engine:
        edit(home, 'end_time = "20:00"', 'end_time = "16:00"')
        done = ask(home, RELOAD, Nothing(), engine)
        assert [one.key for one in done.changed] == ["district.end_time"]
        assert engine.settings.district.end_time == "16:00"
        assert ask(home, RELOAD, Nothing(), engine).changed == ()
    edit(home, 'end_time = "16:00"', 'end_time = "15:00"')
    assert [one.after for one in ask(home, RELOAD, Nothing()).changed] == ["15:00"]


def test_an_edit_that_was_not_taken_in_goes_along_with_the_next_set(home):
    with running(home) as engine:
        edit(home, 'end_time = "20:00"', 'end_time = "16:00"')
        ask(home, SET, SetValues(values=("lines.ordinary=40",)), engine)
        assert (engine.settings.district.end_time, engine.settings.lines.ordinary) == ("16:00", 40)
        edit(home, 'end_time = "16:00"', 'end_time = "4 pm"')
        with pytest.raises(ConfigError, match="4 pm"):
            ask(home, SET, SetValues(values=("lines.ordinary=50",)), engine)
        assert "4 pm" in (home / FILE_NAME).read_text(), "nobody's edit is lost"


def test_a_running_engine_notices_an_edit_by_itself_and_says_a_bad_one_once(home, caplog):
    with running(home) as engine, caplog.at_level(logging.INFO):
        watch = FileWatch(engine)
        look_twice(watch)
        assert FILE_NAME not in caplog.text
        edit(home, 'end_time = "20:00"', 'end_time = "16:00"')
        look_twice(watch)
        assert engine.settings.district.end_time == "16:00"
        assert "district.end_time" in caplog.text
        caplog.clear()
        edit(home, 'end_time = "16:00"', 'end_time = "midnight"')
        look_twice(watch)
        look_twice(watch)
        (said,) = [record for record in caplog.records if record.levelno == logging.WARNING]
        assert "the old ones stay in force" in said.getMessage()
        assert FILE_NAME in said.getMessage()
        assert engine.settings.district.end_time == "16:00"
        edit(home, 'end_time = "midnight"', 'end_time = "15:00"')
        look_twice(watch)
        assert engine.settings.district.end_time == "15:00"


def test_an_edit_made_while_the_engine_started_is_noticed(home):
    with running(home) as engine:
        edit(home, 'end_time = "20:00"', 'end_time = "16:00"')
        look_twice(FileWatch(engine))
        assert engine.settings.district.end_time == "16:00"


def test_what_reached_the_store_when_nobody_could_wait_for_it_is_followed_all_the_same(home, caplog):
    with running(home) as engine:
        watch = FileWatch(engine)
        look_twice(watch)
        with (
            patch.object(Station, "wait_for", side_effect=CallchainError("The engine did not answer in time.")),
            pytest.raises(CallchainError, match="in time"),
        ):
            ask(home, SET, SetValues(values=("district.end_time=16:00",)), engine)
        engine.station.flush_tables()
        assert engine.settings.district.end_time == "20:00"
        look_twice(watch)
        assert engine.settings.district.end_time == "16:00"


def test_an_edit_that_the_store_could_not_take_is_tried_again(home, caplog):
    with running(home) as engine:
        watch = FileWatch(engine)
        edit(home, 'end_time = "20:00"', 'end_time = "16:00"')
        with patch.object(Station, "wait_for", side_effect=CallchainError("The engine did not answer in time.")):
            look_twice(watch)
        assert "taken in later" in caplog.text
        look_twice(watch)
        assert engine.settings.district.end_time == "16:00"


def test_a_lost_or_wrong_secret_key_hinders_nobody_from_changing_what_it_has_no_part_in(home):
    with running(home) as engine:
        ask(home, SAVE, Credentials(secret="email", user="office", password=EMAIL_PASSWORD), engine)
        engine.station.write(SecretBox(home, engine.station.database).keep(Secret.CARRIER, EMAIL_PASSWORD))
        for key in (b"", Fernet.generate_key()):
            (home / KEY_FILE).write_bytes(key)
            end = "17:30" if key else "17:00"
            ask(home, SET, SetValues(values=(f"district.end_time={end}",)), engine)
            assert engine.settings.district.end_time == end
        ask(home, SAVE, Credentials(secret="email", password=EMAIL_PASSWORD), engine)
        with pytest.raises(ConfigError, match=r"does not open the carrier password.*save the password anew"):
            ask(home, SET, SetValues(values=("carrier.user=elm", "carrier.endpoints=http://127.0.0.1:9/")), engine)


def test_a_folder_that_cannot_be_written_is_one_sentence_and_nothing_changes(home):
    with running(home) as engine:
        (home / f".{FILE_NAME}.new").mkdir()
        with pytest.raises(ConfigError, match=r"cannot be written: Is a directory\. Nothing was changed"):
            ask(home, SET, SetValues(values=("district.end_time=16:00",)), engine)
        assert engine.settings.district.end_time == "20:00"


def test_a_stopped_engine_takes_no_settings(home):
    engine = running(home).start()
    engine.stop()
    with pytest.raises(RefusedError, match="does not run"):
        engine.apply_settings(plain_settings(poll_seconds=9.0))
    assert engine.settings.carrier.poll_seconds == 15.0


def test_what_was_set_is_not_taken_for_an_edit(home, caplog):
    with running(home) as engine, caplog.at_level(logging.INFO):
        watch = FileWatch(engine)
        ask(home, SET, SetValues(values=("lines.ordinary=40",)), engine)
        look_twice(watch)
        assert not [record for record in caplog.records if "taken in" in record.getMessage()]
        assert ask(home, SHOW, Nothing(), engine).version == 2


def test_history_says_who_changed_what_the_newest_first_and_has_a_bound(home):
    for lines in range(1, 4):
        ask(home, SET, SetValues(values=(f"lines.ordinary={lines}",)))
    newest, *_, oldest = ask(home, HISTORY, Nothing())
    assert (newest.version, newest.author) == (4, ADMINISTRATOR)
    assert [(one.key, one.before, one.after) for one in newest.changed] == [("lines.ordinary", 2, 3)]
    assert oldest.version == 1
    with running(home) as engine:
        for lines in range(10, 10 + HISTORY_MAX):
            ask(home, SET, SetValues(values=(f"lines.ordinary={lines}",)), engine)
        assert len(ask(home, HISTORY, Nothing(), engine)) == HISTORY_MAX


def test_two_who_change_settings_at_once_lose_nothing(home):
    with running(home) as engine:

        def change(word: str) -> None:
            ask(home, SET, SetValues(values=(word,)), engine)

        words = ["lines.ordinary=41", "lines.number_gap_seconds=7", "voice.grouping=on", "redial.max_attempts=2"]
        threads = [threading.Thread(target=change, args=[word]) for word in words]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        now = engine.settings
        assert (now.lines.ordinary, now.lines.number_gap_seconds) == (41, 7)
        assert (now.voice.grouping, now.redial.max_attempts) == (True, 2)
        assert load_settings(home) == now


def test_the_file_is_put_in_place_whole(home):
    write_file(home, plain_settings())
    assert [path.name for path in home.iterdir() if path.name.endswith(".new")] == []
    assert stat.S_ISREG((home / FILE_NAME).stat().st_mode)


def test_a_second_district_is_not_made_over_a_first_one_whose_file_was_lost(home):
    (home / FILE_NAME).unlink()
    with pytest.raises(InvalidInputError, match="already holds a district"):
        make_home(home, plain_settings())


@pytest.mark.row("C047")
def test_the_district_window_is_start_time_to_end_time_as_they_are_set_while_a_job_runs(tmp_path):
    """C047: District window = District Start Time and District End Time"""
    families = [one_contact(f"Family{n}") for n in range(3)]
    for family in families:
        family.mom.cell.rings_out().always()
    with SteppedTown(tmp_path, *families, now=at("2026-03-02 17:00")) as town:
        job = town.send()
        town.run(minutes=5)
        assert town.ring_order()
        moved = ("district.start_time=07:00", "district.end_time=17:15")
        ask(tmp_path, SET, SetValues(values=moved), town.engine)
        view = town.wait(job)
        assert (view.state, view.expired) == ("sent", 3)
        assert max(town.ring_times()) < at("2026-03-02 17:15")


@pytest.mark.row("C099")
def test_the_number_set_for_a_school_is_shown_then_its_own_then_the_districts(tmp_path):
    """C099: One of the five (number shown to the called party)"""
    family = one_contact()
    family.mom.cell.answers().presses("0").always()
    with SteppedTown(tmp_path, family) as town:
        assert shown_at_the_last_call(town) == "+16125550100", "the school's own, of the roster"
        row = SetRow(table="caller_ids", row={"school": "oak", "number": "612-555-0177"})
        ask(tmp_path, ROW, row, town.engine)
        assert shown_at_the_last_call(town) == "+16125550177"
        ask(tmp_path, ROW, SetRow(table="caller_ids", row={"school": "oak"}, remove=True), town.engine)
        bare = (School("oak", "Oak Elementary"),)
        town.engine.replace_roster(msgspec.structs.replace(roster_of(family), schools=bare))
        ask(tmp_path, SET, SetValues(values=("district.caller_id=(612) 555-0188",)), town.engine)
        assert shown_at_the_last_call(town) == "+16125550188"


def test_a_caller_id_of_seven_digits_or_of_a_school_there_is_not_is_refused(tmp_path):
    with SteppedTown(tmp_path, Family()) as town:
        for school, number, error, sentence in (
            ("oak", "555-0123", ConfigError, "7 digits: no area code"),
            ("elm", "612-555-0177", NotFoundError, 'no school "elm"; known are oak'),
        ):
            with pytest.raises(error, match=sentence):
                ask(tmp_path, ROW, SetRow(table="caller_ids", row={"school": school, "number": number}), town.engine)
        town.phones.unexpected.clear()


@pytest.mark.row("C096", "C097", "C101")
def test_the_five_tools_and_which_of_them_still_stand_on_their_defaults_are_shown(home):
    """C096: Should be configured before voice messaging is tried
    C097: One of five tools to configure
    C101: One of the five
    """

    def tools() -> dict[str, bool]:
        return {tool.name: tool.configured for tool in ask(home, SHOW, Nothing()).tools}

    assert tools() == dict.fromkeys(
        ("Voice Settings", "Prompt Preferences", "Email Settings", "CallerID Preferences", "TTS Dictionary"), False
    )
    ask(home, SET, SetValues(values=("email.smtp_host=mail.example", "email.sender=office@district.example")))
    ask(home, SET, SetValues(values=("district.caller_id=612-555-0100",)))
    ask(home, ROW, SetRow(table="prompts", row={"language": "en", "intro": "This is {school}."}))
    ask(home, ROW, SetRow(table="pronunciations", row={"word": "Nguyen", "say": "win"}))
    assert tools() == {
        "Voice Settings": False,
        "Prompt Preferences": True,
        "Email Settings": True,
        "CallerID Preferences": True,
        "TTS Dictionary": True,
    }


def shown_at_the_last_call(town: SteppedTown) -> str:
    """The number shown with the newest call."""
    seen: list[str] = []
    submit = town.carrier.submit

    def note(calls: Sequence[Call], *rest: Any) -> list[Submitted]:
        seen.extend(call.caller_id for call in calls)
        return submit(calls, *rest)

    with patch.object(town.carrier, "submit", note):
        town.wait(town.send())
    return seen[-1]


def facts_of(engine: Engine) -> list[AnyFact]:
    """The whole journal."""
    with engine.station.database.read() as txn:
        return [fact for block in Journal(engine.station.database).since(txn, 0) for fact in block.facts]
