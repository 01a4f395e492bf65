"""The carrier's credentials and customer ids, over real SOAP: golden test 7 of the interpretations, and its edges."""

import json
import logging

import pytest

from engine.acts.credentials import SAVE, Credentials
from engine.acts.messenger import STATUS, SWITCH, Switch
from engine.acts.settings import SET, SHOW, Nothing, SetValues
from engine.district.beginning import PLAIN_FILE, keep_password
from engine.district.permission import META, change_permission, permission_of
from engine.district.secret_box import KEY_FILE, Secret
from engine.gateways.stand_in.soap_server import CenterMode
from engine.home import STORE_FOLDER
from store.database import Database
from store.errors import ConfigError, GatewayError, InvalidInputError, RefusedError
from store.records import Reason
from tests.engine.district.hosted import Hosted, hosted
from tests.fakes import CLEAN, PASSWORD, one_contact


def confirming(name: str = "Lopez"):
    family = one_contact(name)
    family.mom.cell.answers().presses("0").always()
    return family


def state(town: Hosted) -> tuple[bool, bool, str, bool]:
    """Messenger, voice, the district's customer id, whether a password is kept."""
    status = town.ask(STATUS, Nothing())
    view = town.ask(SHOW, Nothing())
    return status.messenger, status.voice, status.customer_id, view.passwords["carrier"]


@pytest.mark.row("C021", "C022", "C027")
def test_a_wrong_password_is_an_error_and_leaves_voice_disabled_the_right_one_brings_the_customer_id(tmp_path):
    """C021: Saving them triggers an immediate verification request
    C022: Failed verification returns an error and leaves messaging disabled
    C027: District ID is assigned when credentials verify
    """
    with hosted(tmp_path / "d", confirming()) as town:
        town.enable()
        with pytest.raises(GatewayError, match=r"does not know this User Name and Password\. Nothing was stored"):
            town.save("guessed")
        assert state(town) == (True, False, "", False)
        with pytest.raises(ConfigError, match="No password for the carrier"):
            town.start()

        saved = town.save()
        assert saved.customer_id.startswith("D-")
        assert state(town) == (True, True, saved.customer_id, True)
        town.start()
        job = town.send()
        assert town.wait(job).confirmed == 1


@pytest.mark.row("C024", "C025", "C026")
def test_the_district_and_each_school_have_a_customer_id_a_school_from_its_first_job_on(tmp_path):
    """C024: Service then makes a customerID for district recognition
    C025: One for the district and one for each school
    C026: School ID is assigned lazily, on that school's first job
    """
    with hosted(tmp_path / "d", confirming()) as town:
        town.enable()
        district = town.save().customer_id
        town.start()
        assert "RegisterSchool" not in town.operations()
        first = town.send()
        town.wait(first)
        (registered,) = [asked for operation, asked in town.asked if operation == "RegisterSchool"]
        assert (registered["schoolRef"], registered["districtCustomerId"]) == ("oak", district)
        assert town.ask(SHOW, Nothing()).school_ids["oak"].startswith("S-")

        town.wait(town.send())
        assert town.operations().count("RegisterSchool") == 1, "it is asked for once"
        submitted = [asked for operation, asked in town.asked if operation == "SubmitCalls"]
        assert {asked["customerId"] for asked in submitted} == {district}
        schools = {call["schoolCustomerId"] for asked in submitted for call in asked["call"]}
        assert schools == set(town.ask(SHOW, Nothing()).school_ids.values())


@pytest.mark.row("C028")
def test_lost_customer_ids_break_nothing(tmp_path):
    """C028: Stored by the client, but never used for function or authentication"""
    with hosted(tmp_path / "d", confirming()) as town:
        town.enable()
        town.save()
        town.start()
        town.wait(town.send())
        for lost in ("", "D-somebody-else"):
            town.engine.station.write(
                change_permission(town.database, customer_id=lost, school_ids={"oak": lost} if lost else {})
            )
            town.engine.stop()
            town.start()
            assert town.wait(town.send()).confirmed == 1
        assert town.audit() == CLEAN


def test_an_emergency_does_not_wait_for_a_customer_id(tmp_path):
    with hosted(tmp_path / "d", confirming()) as town:
        town.enable()
        town.save()
        town.start()
        job = town.send(Reason.EMERGENCY)
        assert town.wait(job).confirmed == 1
        assert "RegisterSchool" not in town.operations()


def test_a_carrier_that_gives_schools_no_ids_still_gets_its_calls(tmp_path):
    with hosted(tmp_path / "d", confirming()) as town:
        town.enable()
        town.save()
        town.server.provider._operations.pop("RegisterSchool")
        town.start()
        assert town.wait(town.send()).confirmed == 1
        assert town.ask(SHOW, Nothing()).school_ids == {}


@pytest.mark.row("C018", "C019", "C020")
def test_user_password_and_end_points_are_saved_in_the_store_and_nobody_is_phoned_without(tmp_path):
    """C018: Three items are issued per district: user name, password, end-point URL
    C019: Required for every kind of voice messaging
    C020: Entered and saved on the Voice Settings tab and stored in the client database
    """
    with hosted(tmp_path / "d", confirming()) as town:
        town.enable()
        for missing in ({"endpoints": town.server.urls}, {"user": "oak"}):
            with pytest.raises(ConfigError, match="is needed; give --"):
                town.ask(SAVE, Credentials(password=PASSWORD, **missing))
        with pytest.raises(InvalidInputError, match="password is empty"):
            town.save(" ")
        town.save()
        view = town.ask(SHOW, Nothing())
        assert (view.settings.carrier.user, view.settings.carrier.endpoints) == ("oak", town.server.urls)
        assert view.passwords == {"carrier": True, "email": False, "dial-in": False}
        assert all(PASSWORD.encode() not in path.read_bytes() for path in town.home.rglob("*") if path.is_file())


@pytest.mark.row("C023")
def test_without_verified_credentials_there_is_no_customer_id_and_nothing_is_sent(tmp_path):
    """C023: Identification needs the credentials first"""
    with hosted(tmp_path / "d", confirming()) as town:
        town.enable()
        # A password nobody verified: a district of an older version had it in a plain file.
        town.ask(SET, SetValues(values=(f"carrier.endpoints={','.join(town.server.urls)}", "carrier.user=oak")))
        keep_password(town.home, Secret.CARRIER, PASSWORD)
        town.start()
        assert state(town) == (True, False, "", True)
        for reason in (Reason.GENERAL, Reason.EMERGENCY, Reason.ATTENDANCE):
            prepared = town.prepare(reason)
            with pytest.raises(RefusedError, match="Voice is not enabled: the carrier has not verified"):
                town.engine.send(prepared)
        assert town.save().customer_id
        assert town.wait(town.send()).confirmed == 1


def test_an_unreachable_carrier_has_a_sentence_of_its_own_and_nothing_is_stored(tmp_path):
    with hosted(tmp_path / "d", confirming()) as town:
        for center in ("CA", "NY"):
            town.server.center_down(center, CenterMode.DROPS)
        with pytest.raises(GatewayError, match=r"could not be asked about the credentials: .* Nothing was stored"):
            town.save()
        assert state(town) == (False, False, "", False)
        town.server.center_up("NY")
        assert town.save().voice, "the other center is asked in turn"


def test_a_running_engine_keeps_its_login_when_a_wrong_one_is_saved_and_takes_a_right_one_at_once(tmp_path):
    with hosted(tmp_path / "d", confirming()) as town:
        town.enable()
        before = town.save()
        town.start()
        with pytest.raises(GatewayError, match="does not know"):
            town.save("guessed")
        assert state(town) == (True, True, before.customer_id, True)
        assert town.wait(town.send()).confirmed == 1

        town.server.provider._password = "changed"
        town.server._tokens._password = b"changed"
        assert town.save("changed").voice
        assert town.wait(town.send()).confirmed == 1


def test_another_user_name_among_the_settings_is_verified_before_it_is_in_force(tmp_path):
    with hosted(tmp_path / "d", confirming()) as town:
        town.save()
        with pytest.raises(GatewayError, match="does not know"):
            town.ask(SET, SetValues(values=("carrier.user=elm",)))
        assert town.ask(SHOW, Nothing()).settings.carrier.user == "oak"
        assert 'user = "oak"' in (town.home / "callchain.toml").read_text()


@pytest.mark.row("C002", "C003", "C174")
def test_messenger_is_off_until_its_operator_enables_it_under_an_approved_contract(tmp_path):
    """C002: Feature is off until a district contract is approved (tenant feature flag)
    C003: Enabled by an operator role (Hosting), not by the district
    C174: Off by default
    """
    with hosted(tmp_path / "d", confirming()) as town:
        town.save()
        town.start()
        assert state(town)[:2] == (False, True)
        with pytest.raises(RefusedError, match="Messenger is switched by the district's operator"):
            town.ask(SWITCH, Switch(on=True, contract="C-1", proof="whoever sits at the door"))
        with pytest.raises(InvalidInputError, match="needs the reference of the approved contract"):
            town.enable("")
        with pytest.raises(RefusedError, match="Messenger is not enabled for this district"):
            town.send()
        status = town.enable("C-2026-11")
        assert (status.messenger, status.contract, status.by) == (True, "C-2026-11", "administrator")
        assert town.wait(town.send()).confirmed == 1


def test_a_district_cannot_enable_itself_by_calling_the_real_carrier_a_stand_in(tmp_path):
    with hosted(tmp_path / "d", confirming()) as town:
        far = "carrier.endpoints=https://carrier.example/ca"
        town.ask(SET, SetValues(values=("carrier.stand_in=on", far, "carrier.user=oak")))
        assert state(town)[:2] == (False, False)


@pytest.mark.row("C175")
def test_while_messenger_is_off_no_tool_reaches_anybody_and_plans_can_still_be_looked_at(tmp_path):
    """C175: Tools are hidden when Messenger is not enabled"""
    with hosted(tmp_path / "d", confirming()) as town:
        town.save()
        town.start()
        for reason in set(Reason) - {Reason.TEACHER, Reason.STAFF}:
            prepared = town.prepare(reason)
            with pytest.raises(RefusedError, match="callchain messenger enable --contract REFERENCE"):
                town.engine.send(prepared)
        assert not town.ledger()
        assert town.engine.jobs() == []
        assert "RegisterSchool" not in town.operations(), "the carrier hears nothing of its schools"


def test_the_plain_password_file_of_an_older_version_is_taken_over_encrypted_and_removed(tmp_path, caplog):
    with hosted(tmp_path / "d", confirming()) as town, caplog.at_level(logging.INFO):
        town.ask(SET, SetValues(values=(f"carrier.endpoints={','.join(town.server.urls)}", "carrier.user=oak")))
        (town.home / PLAIN_FILE).write_text(f"{PASSWORD}\n")
        town.start()
        assert not (town.home / PLAIN_FILE).exists()
        assert town.ask(SHOW, Nothing()).passwords["carrier"]
        assert "the file was removed" in caplog.text
        assert PASSWORD not in caplog.text


def test_no_password_stands_in_what_is_shown_repeated_or_backed_up(tmp_path):
    secret = "hush-hush-9"
    with hosted(tmp_path / "d", confirming()) as town:
        town.save()
        town.ask(SAVE, Credentials(secret="email", user="mailer", password=secret))
        town.ask(SAVE, Credentials(secret="dial-in", password="135790"))
        shown = repr(town.ask(SHOW, Nothing())) + repr(Credentials(password=secret)) + json.dumps([])
        assert secret not in shown
        assert "135790" not in shown
        assert town.ask(SHOW, Nothing()).settings.email.user == "mailer"
        town.start()
        town.engine.backup(tmp_path / "backup")
        content = b"".join(path.read_bytes() for path in (tmp_path / "backup").rglob("*") if path.is_file())
        assert secret.encode() not in content
        assert (town.home / KEY_FILE).read_bytes().strip() not in content


def test_a_dial_in_password_is_digits(tmp_path):
    with hosted(tmp_path / "d", confirming()) as town, pytest.raises(InvalidInputError, match="give 4 to 12 digits"):
        town.ask(SAVE, Credentials(secret="dial-in", password="secret"))


def test_a_lost_key_is_a_sentence_and_saving_anew_mends_it(tmp_path):
    with hosted(tmp_path / "d", confirming()) as town:
        town.enable()
        town.save()
        (town.home / KEY_FILE).unlink()
        with pytest.raises(ConfigError, match=r"secret\.key is not there"):
            town.start()
        town.save()
        town.start()
        assert town.wait(town.send()).confirmed == 1


def test_what_the_store_says_of_permission_survives_other_changes(tmp_path):
    with hosted(tmp_path / "d", confirming()) as town:
        town.enable()
        customer_id = town.save().customer_id
        database = Database(town.home / STORE_FOLDER, readonly=True)
        with database.read() as txn:
            said = permission_of(database, txn)
            assert database.get_meta(txn, META)
        database.close()
        assert (said.messenger, said.voice, said.customer_id) == (True, True, customer_id)
