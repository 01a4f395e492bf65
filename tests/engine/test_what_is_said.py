"""What people and machines hear, and whose number they see."""

import msgspec

from actors.gateway import Script
from actors.lines.job_run import JobRun
from tests.fakes import SteppedTown, one_contact


def run_of(town: SteppedTown, job_id: int) -> JobRun:
    """The running job as the engine that is there now would make it."""
    with town.database.read() as txn:
        return town.engine._station.maker.make(txn, job_id)


def first_script(town: SteppedTown, job_id: int) -> Script:
    return run_of(town, job_id).script_of(town.plans(job_id)[0], 0)


def test_a_machine_hears_the_names_that_a_person_would_have_heard(tmp_path):
    family = one_contact("Lopez")
    family.mom.cell.machine().always()
    with SteppedTown(tmp_path, family) as town:
        job = town.send(text="Hello {recipient}, {students} is absent.")
        assert town.wait(job).delivered_unconfirmed == 1
        script = first_script(town, job)
        assert "Hello Mom Lopez, Son Lopez is absent." in script.text
        assert script.machine_text == script.text


def test_a_message_without_names_is_one_script_for_all(tmp_path):
    family = one_contact("Lopez")
    family.mom.cell.answers().presses("0").always()
    with SteppedTown(tmp_path, family) as town:
        job = town.send()
        town.wait(job)
        assert first_script(town, job) is not None
        assert first_script(town, job) == run_of(town, job).script


def test_a_job_is_said_as_it_was_prepared_though_settings_change_and_the_engine_starts_anew(tmp_path):
    family = one_contact("Lopez")
    family.mom.cell.answers().presses("0").always()
    with SteppedTown(tmp_path, family) as town:
        job = town.prepare()
        before = run_of(town, job)
        district = msgspec.structs.replace(town.settings.district, name="Hillside", caller_id="612-555-0199")
        town.settings = msgspec.structs.replace(town.settings, district=district)
        town.restart()
        after = run_of(town, job)
        assert after.script == before.script
        assert after.caller_id("nowhere") == before.caller_id("nowhere")
        assert "Hillside" in run_of(town, town.prepare()).script.text
        assert run_of(town, town.prepare()).caller_id("nowhere") == "+16125550199"
