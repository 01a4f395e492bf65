"""What people and machines hear, and whose number they see."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from actors.gateway import Script
from actors.lines.job_run import JobRun
from engine.config import Portal, Prompt, Pronunciation, load_settings
from engine.gateways.stand_in.phone_network import Pickup
from engine.running.runs import scripts_of
from engine.speech.recordings import read_recording
from store.errors import ConfigError, RefusedError
from store.people import Person, Roster
from store.records import Audience, DeviceKind, Job, Message, Plan, Policy, Reason, Saying
from tests.engine.messaging.wav import wav
from tests.fakes import Family, SteppedTown, Town, one_contact, roster_of, soap_town

SNOW = read_recording(wav(12), "snow")
CONFIRM = "To confirm this message, press 0. To hear it again, press star."


class Ears:
    """All phones of a town, and what was heard on each."""

    def __init__(self) -> None:
        self.town: Town
        self.heard: list[tuple[str, str, str | None]] = []
        """Whose phone, what people hear there, what machines hear."""

    def ring(self, number: str, emergency: bool, at: int, call_index: int, script: Script, text: str | None) -> Pickup:
        phones = self.town.phones
        self.heard.append((phones.label(number), script.people_hear, script.machines_hear))
        return phones.ring(number, emergency, at, call_index, script, text)

    @property
    def people(self) -> dict[str, str]:
        return {label: people for label, people, _ in self.heard}


def listening(home: Path, *parts: Family, **settings) -> tuple[SteppedTown, Ears]:
    """A town in which everybody answers and confirms, and what they hear."""
    ears = Ears()
    for phone in (phone for part in parts for phone in part.phones):
        phone.answers().presses("0").always()
    ears.town = town = SteppedTown(home, *parts, network=ears, **settings)
    return town, ears


def run_of(town: Town, job_id: int) -> JobRun:
    """The running job as the engine that is there now would make it."""
    with town.database.read() as txn:
        return town.engine.station.maker.make(txn, job_id)


def first_script(town: Town, job_id: int) -> Script:
    return run_of(town, job_id).script_of(town.plans(job_id)[0], 0)


def change(town: Town, **settings) -> None:
    """Other settings from now on."""
    town.settings = replace(town.settings, **settings)
    town.engine.apply_settings(town.settings)


def speaking(roster: Roster, **languages: str) -> Roster:
    """The same people, some of whom speak another language."""

    def spoken(person: Person) -> Person:
        return replace(person, language=languages.get(person.given_name, person.language))

    return replace(roster, people=tuple(spoken(person) for person in roster.people))


def two_languages() -> Message:
    return Message(Reason.GENERAL, "", "No school.", sayings=(Saying("es", "No hay clases."),))


# ---------------------------------------------------------------- prompts


def test_a_school_says_its_name_first_its_number_after_the_message_and_people_how_to_confirm(tmp_path):
    family = one_contact()
    town, ears = listening(tmp_path, family)
    with town:
        change(town, district=replace(town.settings.district, callback_number="(612) 555-0199"))
        town.wait(town.send(text="No school."))
    ((_, people, machines),) = ears.heard
    assert machines == ("This is a message from Oak Elementary. No school. To call us back, dial 6 1 2 5 5 5 0 1 9 9.")
    assert people == f"{machines} {CONFIRM}"


@pytest.mark.row("C098")
def test_a_districts_own_prompts_are_said_around_its_messages_for_the_reason_they_are_meant_for(tmp_path):
    """C098: One of the five (spoken prompts around the message)."""
    family = one_contact()
    town, ears = listening(tmp_path, family)
    with town:
        change(
            town,
            prompts=(
                Prompt(intro="{school} calling.", outro="Thank you.", confirm="Press {key} now."),
                Prompt(reason="emergency", intro="Emergency at {school}."),
            ),
        )
        town.wait(town.send(text="No school."))
        town.wait(town.send(Reason.EMERGENCY, text="Stay home."))
    assert [people for _, people, _ in ears.heard] == [
        "Oak Elementary calling. No school. Thank you. Press 0 now.",
        "Emergency at Oak Elementary. Stay home. Thank you. Press 0 now.",
    ]


@pytest.mark.row("C097")
def test_each_of_the_five_tools_has_its_place_in_the_settings(tmp_path):
    """C097: One of five tools to configure."""
    (tmp_path / "callchain.toml").write_text(
        '[voice]\nconfirm_key = "5"\n[[prompts]]\nintro = "{school} calling."\n[email]\nsender = "a@example.org"\n'
        'smtp_host = "localhost"\n[[caller_ids]]\nschool = "oak"\nnumber = "612-555-0100"\n'
        '[[pronunciations]]\nword = "SRO"\nsay = "officer"\n'
    )
    settings = load_settings(tmp_path)
    assert settings.voice.confirm_key == "5"
    assert settings.prompts[0].intro == "{school} calling."
    assert settings.email.sender == "a@example.org"
    assert settings.caller_ids[0].school == "oak"
    assert settings.pronunciations[0].say == "officer"


@pytest.mark.row("C100")
def test_the_dictionary_holds_for_message_prompts_and_names_and_nothing_is_replaced_twice(tmp_path):
    """C100: One of the five (pronunciation substitutions for text-to-speech)."""
    family = one_contact("Nguyen")
    town, ears = listening(tmp_path, family)
    with town:
        said = {"Nguyen": "Win", "Win": "no", "Oak": "Oke", "SRO": "school resource officer"}
        change(town, pronunciations=tuple(Pronunciation(word=word, say=say) for word, say in said.items()))
        town.wait(town.send(text="The SRO will call {recipient}."))
    ((_, _, machines),) = ears.heard
    assert machines == "This is a message from Oke Elementary. The school resource officer will call Mom Win."


def test_a_machine_hears_the_names_that_a_person_would_have_heard(tmp_path):
    family = one_contact("Lopez")
    family.mom.cell.machine().always()
    with SteppedTown(tmp_path, family) as town:
        job = town.send(text="Hello {recipient}, {students} is absent.")
        assert town.wait(job).delivered_unconfirmed == 1
        script = first_script(town, job)
        assert script.machine_text is not None
        assert "Hello Mom Lopez, Son Lopez is absent." in script.machine_text
        assert script.text == f"{script.machine_text} {CONFIRM}"


@pytest.mark.row("C069", "C072")
def test_a_grouped_call_tells_of_all_children_and_is_said_once(tmp_path):
    """C069: Grouping switch: "Allow multiple Messages in a Single Call".

    C072: A grouped chain carries all the students' messages in one call.
    """
    family = Family("Lopez", ("Mom",), ("Daughter", "Son"), household=False)
    town, ears = listening(tmp_path, family, voice={"grouping": True})
    with town:
        town.wait(town.send(text="About {students}."))
    assert [machines for _, _, machines in ears.heard] == [
        "This is a message from Oak Elementary. About Daughter Lopez and Son Lopez."
    ]


# ---------------------------------------------------------------- languages


def test_each_parent_hears_their_own_language_where_the_message_has_it(tmp_path):
    family = Family("Lopez", ("Dad", "Mom"), ("Son",), household=False)
    town, ears = listening(tmp_path, family)
    with town:
        town.engine.replace_roster(speaking(roster_of(family), Mom="es", Dad="vi"))
        job = town.engine.prepare(two_languages()).job_id
        town.engine.send(job)
        town.wait(job)
        assert {plan.contact_key: plan.language for plan in town.plans(job)} == {"p:Lopez-Dad": "", "p:Lopez-Mom": "es"}
    assert ears.people["Mom's cell"].startswith("Este es un mensaje de Oak Elementary. No hay clases. Para confirmar")
    assert ears.people["Dad's cell"].startswith("This is a message from Oak Elementary. No school. To confirm")


def test_a_household_hears_the_language_of_its_first_contact_by_emergency_priority(tmp_path):
    family = Family("Lopez", ("Dad", "Mom"), ("Son",), kinds=())
    town, ears = listening(tmp_path, family)
    with town:
        roster = speaking(roster_of(family), Mom="es")
        first = {"Lopez-Mom": 1, "Lopez-Dad": 2}
        links = [replace(link, emergency_priority=first[link.contact_id]) for link in roster.relationships]
        town.engine.replace_roster(replace(roster, relationships=tuple(links)))
        job = town.engine.prepare(two_languages()).job_id
        town.engine.send(job)
        town.wait(job)
    assert ears.people["Lopez household"].startswith("Este es un mensaje de Oak Elementary. No hay clases.")


# ---------------------------------------------------------------- frozen


def test_a_message_without_names_is_one_script_for_a_school(tmp_path):
    adams, baker = one_contact("Adams"), one_contact("Baker")
    town, _ = listening(tmp_path, adams, baker)
    with town:
        job = town.send()
        town.wait(job)
        run, plans = run_of(town, job), town.plans(job)
        assert {plan.text for plan in plans} == {""}
        assert run.script_of(plans[0], 0) is run.script_of(plans[1], 1)


def test_a_job_is_said_as_it_was_prepared_though_settings_change_and_the_engine_starts_anew(tmp_path):
    family = one_contact("Lopez")
    family.mom.cell.answers().presses("0").always()
    with SteppedTown(tmp_path, family) as town:
        job = town.prepare()
        before = run_of(town, job)
        district = replace(town.settings.district, name="Hillside", caller_id="612-555-0199")
        town.settings = replace(
            town.settings, district=district, prompts=(Prompt(intro="Now {school}."),), voice=replace(
                town.settings.voice, confirm_key="7"
            )
        )  # fmt: skip
        town.restart()
        after = run_of(town, job)
        assert after.script == before.script
        assert first_script(town, job).confirm_key == "0"
        assert after.caller_id("nowhere") == before.caller_id("nowhere")
        other = town.prepare()
        assert run_of(town, other).script.text.startswith("Now Hillside.")
        assert "press 7" in first_script(town, other).text
        assert first_script(town, other).confirm_key == "7"
        assert run_of(town, other).caller_id("nowhere") == "+16125550199"


OLD_JOB = Job(
    1, Message(Reason.GENERAL, "", "No school."), Audience(), 0, 0, 1, 2, 0, 0, 1, spoken_name="Oak",
    callback_number="6125550100",
)  # fmt: skip


def test_a_job_prepared_by_an_older_version_is_said_as_that_would_have_said_it():
    scripts = scripts_of(OLD_JOB, lambda _: "")
    said = "This is a message from Oak. No school. To call us back, dial 6 1 2 5 5 5 0 1 0 0."
    assert scripts == {"": {"": Script("job-1", said, said)}}


def test_a_chain_with_names_of_a_job_of_an_older_version_still_says_them(tmp_path):
    with SteppedTown(tmp_path, one_contact()) as town:
        put = town.database.jobs.put
        town.engine.station.write(lambda txn: put(txn, b"\0\0\0\1", OLD_JOB))
        plain = Plan("p:1", "Mom", (), (), 0, 1, Policy())
        named = replace(plain, text="Dear Mom.")
        assert run_of(town, 1).script_of(plain, 0).text.startswith("This is a message from Oak. No school. To call")
        assert run_of(town, 1).script_of(named, 0).text.startswith("This is a message from Oak. Dear Mom. To call")


# ---------------------------------------------------------------- recordings


def recorded(reason: Reason = Reason.GENERAL, text: str = "") -> Message:
    return Message(reason, "", text, recording_id=SNOW.recording_id)


def keep(town: Town) -> None:
    """The district has the recording."""
    put = town.database.recordings.put
    town.engine.station.write(lambda txn: put(txn, SNOW.recording_id.encode(), SNOW))


def test_a_recording_is_played_between_intro_and_confirmation(tmp_path):
    family = one_contact()
    town, ears = listening(tmp_path, family)
    with town:
        keep(town)
        job = town.engine.prepare(recorded()).job_id
        town.engine.send(job)
        assert town.wait(job).confirmed == 1
    here = f"This is a message from Oak Elementary. [recording {SNOW.recording_id}]"
    assert ears.heard == [("Mom's cell", f"{here} {CONFIRM}", here)]


def test_a_recording_is_played_by_the_carriers_own_name_for_it(tmp_path):
    family, ears = one_contact(), Ears()
    family.mom.cell.answers(talks_s=20).presses("0").always()
    with soap_town(tmp_path, family, network=ears) as town:
        ears.town = town
        keep(town)
        job = town.engine.prepare(recorded()).job_id
        with town.database.read() as txn:
            name = town.engine.station.vault.audio_id(txn, SNOW.recording_id)
        town.server.center_down("CA")
        town.server.center_down("NY")
        town.engine.send(job)
        town.server.center_up("CA")
        assert town.wait(job).confirmed == 1
    assert name.startswith("A-")
    here = f"This is a message from Oak Elementary. [recording {name}]"
    assert ears.heard == [("Mom's cell", f"{here} {CONFIRM}", here)]


def test_an_emergency_whose_recording_did_not_go_up_is_spoken_and_does_not_wait(tmp_path):
    family, ears = one_contact(), Ears()
    family.mom.cell.answers(talks_s=20).presses("0").always()
    with soap_town(tmp_path, family, network=ears) as town:
        ears.town = town
        keep(town)
        town.server.center_down("CA")
        town.server.center_down("NY")
        routine = town.engine.prepare(recorded()).job_id
        urgent = town.engine.prepare(recorded(Reason.EMERGENCY, "Stay in the building.")).job_id
        with pytest.raises(RefusedError, match=r"recording of job 1 is not with the carrier .*Nothing was sent"):
            town.engine.send(routine)
        town.server.center_up("CA")
        town.server.center_up("NY")
        town.engine.send(urgent)
        assert town.wait(urgent).confirmed == 1
    here = "This is a message from Oak Elementary. Stay in the building."
    assert ears.heard == [("Mom's cell", f"{here} {CONFIRM}", here)]


def test_a_grouped_call_plays_its_recording_once(tmp_path):
    family = Family("Lopez", ("Mom",), ("Daughter", "Son"), household=False, kinds=(DeviceKind.CELL,))
    town, ears = listening(tmp_path, family, voice={"grouping": True})
    with town:
        keep(town)
        job = town.engine.prepare(recorded()).job_id
        town.engine.send(job)
        town.wait(job)
    assert [people.count("[recording") for _, people, _ in ears.heard] == [1]


def test_a_machine_may_hear_words_where_people_hear_a_recording(tmp_path):
    family = one_contact()
    with SteppedTown(tmp_path, family) as town:
        keep(town)
        message = Message(Reason.GENERAL, "", "", "{recipient}, please call us.", recording_id=SNOW.recording_id)
        script = first_script(town, town.engine.prepare(message).job_id)
    assert script.machines_hear == "This is a message from Oak Elementary. Mom Lopez, please call us."
    assert "[recording" in script.people_hear


def test_no_machine_hears_anything_where_the_district_leaves_no_messages(tmp_path):
    with SteppedTown(tmp_path, one_contact(), voice={"leave_message": False}) as town:
        keep(town)
        for message in (recorded(), Message(Reason.GENERAL, "", "Hi {recipient}.")):
            assert first_script(town, town.engine.prepare(message).job_id).machines_hear is None


GRADES = "Please look up the missing assignments at {portal}."


@pytest.mark.row("C182")
def test_a_message_that_tells_of_a_portal_there_is_not_is_refused(tmp_path):
    """C182: "No portalURL" error when the portal URL is not set."""
    family = one_contact()
    town, ears = listening(tmp_path, family)
    with town:
        with pytest.raises(ConfigError, match=r"No portalURL: the message says {portal}, and school oak has none"):
            town.prepare(text=GRADES)
        portals = (Portal("https://oak.example/parents", "oak"),)
        town.engine.apply_settings(replace(town.engine.settings, portals=portals))
        town.wait(town.send(text=GRADES))
    assert "missing assignments at oak dot example slash parents. To confirm" in ears.people["Mom's cell"]


def test_a_school_without_a_portal_of_its_own_has_the_districts_and_names_do_not_hinder_it(tmp_path):
    family = one_contact()
    town, ears = listening(tmp_path, family)
    with town:
        portals = (Portal("https://other.example", "elm"), Portal("https://my-portal.example/"))
        town.engine.apply_settings(replace(town.engine.settings, portals=portals))
        town.wait(town.send(text="{recipient}, see {portal}"))
    assert "Mom Lopez, see my dash portal dot example. To confirm" in ears.people["Mom's cell"]
