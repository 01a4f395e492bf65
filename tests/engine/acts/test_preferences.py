"""Preferences set in a town, and whose phones ring then."""

import msgspec
import pytest

from engine.acts import preferences
from engine.acts.preferences import BATCH, FORGET, SET, SHOW, UNDO, BatchAsked, Nothing, Setting, Who
from engine.preferences import batch_planner
from engine.preferences.matrix import Matrix, MatrixRow
from store import facts
from store.commands import Verb
from store.errors import AudienceError, InvalidInputError, NotFoundError, RefusedError
from store.people import Device, Enrollment, Person, Role
from store.records import ALL_REASONS, Audience, AudienceKind, DeviceKind, Message, Reason
from tests.engine.acts.asking import AUTHOR, ask, stopped
from tests.fakes import Family, Phone, StaffMember, SteppedTown, one_contact, roster_of

SNOW_DAY = Message(Reason.GENERAL, "Snow", "Snow.")
CELL_AND_WORK = (DeviceKind.CELL, DeviceKind.WORK)


def set_(town: SteppedTown, who: str, point: str, reason: str, setting: str, delivery: str = "voice") -> Matrix:
    asked = Setting(who=who, point=point, delivery=delivery, reasons=(reason,), setting=setting)
    answer = ask(town, SET, asked)
    assert isinstance(answer, Matrix)
    return answer


def row(matrix: Matrix, point: str, delivery: str = "voice") -> MatrixRow:
    return next(one for one in matrix.rows if (one.point, one.delivery) == (point, delivery))


def marked(town: SteppedTown) -> int:
    with town.database.read() as txn:
        return town.database.marks.count(txn)


def asks(*choices: str, **more: object) -> BatchAsked:
    return msgspec.structs.replace(BatchAsked(mode="contacts", choices=choices), **more)


def everybody_answers(*phones: Phone) -> None:
    for phone in phones:
        phone.answers().presses("0").always()


def rang(town: SteppedTown, reason: Reason, **more: object) -> set[str]:
    """Whose phones a message rings."""
    before = len(town.ring_entries())
    town.wait(town.send(reason, **more))
    return set(town.ring_order()[before:])


# ---------------------------------------------------------------- one by one


@pytest.mark.row("C057", "C090")
def test_a_preference_set_here_decides_which_number_rings_for_which_reason(tmp_path):
    """C090: Admin sets per person and per number on Demographics. C057: Per contact point and device: Emergency,
    Attendance, Behavior Messenger, General, Food Service, Priority, Teacher.
    """
    family = one_contact(kinds=CELL_AND_WORK)
    everybody_answers(*family.phones)
    with SteppedTown(tmp_path, family) as town:
        for reason in Reason:
            matrix = set_(town, "Lopez-Mom", "cell", reason.word, "off")
        assert row(matrix, "cell").on == ()
        matrix = set_(town, "Lopez-Mom", "cell", "priority", "on")
        assert row(matrix, "cell").on == ("priority",)
        assert (row(matrix, "cell").author, row(matrix, "cell").at) == (AUTHOR, town.now)
        assert rang(town, Reason.GENERAL) == {"Mom's work"}
        assert rang(town, Reason.PRIORITY) == {"Mom's cell"}


def test_preferences_set_here_survive_an_import_a_restart_and_count_until_they_are_forgotten(tmp_path):
    family = one_contact(kinds=CELL_AND_WORK)
    everybody_answers(*family.phones)
    with SteppedTown(tmp_path, family) as town:
        set_(town, "Lopez-Mom", "cell", "all", "off")
        town.restart()
        town.engine.replace_roster(roster_of(family))
        assert rang(town, Reason.GENERAL) == {"Mom's work"}
        assert ask(town, FORGET, Nothing()).points == 1
        assert rang(town, Reason.GENERAL) == {"Mom's cell"}


def test_back_to_the_roster_lets_the_roster_say_again(tmp_path):
    family = one_contact()
    with SteppedTown(tmp_path, family) as town:
        set_(town, "Lopez-Mom", "cell", "general", "off")
        matrix = set_(town, "Lopez-Mom", "cell", "general", "roster")
        assert "general" in row(matrix, "cell").on
        assert marked(town) == 0


@pytest.mark.row("C060", "C207")
def test_a_household_phone_set_for_one_member_is_set_for_all(tmp_path):
    """C060: Household phone preferences apply to all active members of the household. C207: Household phone change
    hits every household member in any mode.
    """
    family = Family(kinds=(DeviceKind.CELL,))
    everybody_answers(*family.phones)
    with SteppedTown(tmp_path, family) as town:
        set_(town, "Lopez-Mom", "household", "general", "off")
        for member in ("Lopez-Mom", "Lopez-Dad", "Lopez-Son"):
            home = row(ask(town, SHOW, Who(who=member)), "household")
            assert home.household_id == "Lopez-home"
            assert "general" not in home.on
        assert rang(town, Reason.GENERAL) == {"Mom's cell", "Dad's cell"}
        set_(town, "Lopez-home", "household", "general", "on")
        assert rang(town, Reason.GENERAL) == {"Mom's cell", "Dad's cell", "Lopez household"}


def test_texts_may_be_set_one_by_one_and_ring_nobody(tmp_path):
    family = one_contact()
    with SteppedTown(tmp_path, family) as town:
        set_(town, "Lopez-Mom", "cell", "all", "off")
        matrix = set_(town, "Lopez-Mom", "cell", "general", "on", "text")
        assert row(matrix, "cell", "text").on == ("general",)
        assert town.engine.prepare(SNOW_DAY).count == 0


def test_who_and_when_is_in_the_journal(tmp_path):
    with SteppedTown(tmp_path, one_contact()) as town:
        set_(town, "Lopez-Mom", "cell", "general", "off")
        (taken,) = town.facts(facts.CommandTaken)
        assert taken.verb == Verb.PREFERENCES


def test_what_makes_no_sense_is_refused_and_nothing_is_changed(tmp_path):
    family = one_contact()
    with SteppedTown(tmp_path, family) as town:
        for who, point, reason, setting, delivery, error in (
            ("ghost", "cell", "general", "on", "voice", NotFoundError),
            ("Lopez-Mom", "work", "general", "on", "voice", RefusedError),
            ("Lopez-Mom", "household", "general", "on", "voice", RefusedError),
            ("Lopez-Mom", "pager", "general", "on", "voice", RefusedError),
            ("Lopez-Mom", "cell", "general", "on", "mail", RefusedError),
            ("Lopez-Mom", "cell", "staff", "on", "voice", RefusedError),
            ("Lopez-Mom", "cell", "gossip", "on", "voice", InvalidInputError),
            ("Lopez-Mom", "ear", "general", "on", "voice", InvalidInputError),
            ("Lopez-Mom", "cell", "general", "maybe", "voice", InvalidInputError),
            ("Lopez-home", "cell", "general", "on", "voice", RefusedError),
        ):
            with pytest.raises(error):
                set_(town, who, point, reason, setting, delivery)
        assert marked(town) == 0
        assert not town.facts(facts.CommandTaken)


# ---------------------------------------------------------------- batches


@pytest.mark.row("C091", "C189", "C213")
def test_a_batch_sets_a_group_after_a_preview_that_changes_nothing(tmp_path):
    """C091: Admin may create or override preferences for a group. C189: Sets or updates preferences en masse. C213:
    Apply Changes reports how many preferences changed.
    """
    families = [one_contact(name, kinds=CELL_AND_WORK) for name in ("Adams", "Baker", "Clark")]
    for family in families:
        everybody_answers(*family.phones)
    with SteppedTown(tmp_path, *families) as town:
        set_(town, "Adams-Mom", "cell", "general", "off")
        preview = ask(town, BATCH, asks("cell.*=off", preview=True))
        assert (preview.changed, preview.by_hand, preview.applied) == (20, 0, False)
        assert marked(town) == 1
        applied = ask(town, BATCH, asks("cell.*=off"))
        assert (applied.people, applied.changed, applied.applied) == (3, 20, True)
        assert rang(town, Reason.GENERAL) == {"Mom's work"}
        assert ask(town, BATCH, asks("cell.*=off")).changed == 0


@pytest.mark.row("C212", "C211")
def test_off_keeps_even_a_students_or_a_teachers_phone_silent_for_that_reason(tmp_path):
    """C212: Off = nothing sent to that contact type. C211: On = point on record will receive."""
    coach = StaffMember("coach", "Coach")
    everybody_answers(coach.cell, coach.phones[1])
    with SteppedTown(tmp_path, coach) as town:
        staff = Audience(AudienceKind.STAFF)
        off = asks("cell.general=off", mode="staff", expression="type=teacher")
        assert ask(town, BATCH, off).changed == 1
        assert rang(town, Reason.GENERAL, audience=staff) == {"Coach's work"}
        on = asks("cell.general=on", mode="staff", expression="type=teacher")
        assert ask(town, BATCH, on).changed == 1
        assert rang(town, Reason.GENERAL, audience=staff) == {"Coach's cell"}


def test_a_student_for_whom_everything_is_off_is_not_rung(tmp_path):
    ella = Person("ella", "Ella", "Lee", Role.STUDENT, (Device(DeviceKind.CELL, "+12015550199"),), (Enrollment("oak"),))
    roster = roster_of(one_contact())
    with SteppedTown(tmp_path, roster=msgspec.structs.replace(roster, people=(*roster.people, ella))) as town:
        students = Audience(AudienceKind.STUDENTS, person_ids=("ella",))
        assert town.engine.prepare(SNOW_DAY, students).count == 1
        ask(town, BATCH, asks("cell.*=off", mode="students"))
        assert town.engine.prepare(SNOW_DAY, students).count == 0


def test_a_batch_is_taken_back_whole_once_and_what_was_set_since_stays(tmp_path):
    family = one_contact(kinds=CELL_AND_WORK)
    with SteppedTown(tmp_path, family) as town:
        set_(town, "Lopez-Mom", "work", "priority", "off")
        ask(town, BATCH, asks("*.*=off"))
        set_(town, "Lopez-Mom", "cell", "general", "on")
        town.restart()
        assert ask(town, UNDO, Nothing()).points == 2
        matrix = ask(town, SHOW, Who(who="Lopez-Mom"))
        assert "priority" not in row(matrix, "work").on
        assert "general" in row(matrix, "work").on
        assert row(matrix, "cell").set_here == ("general",)
        with pytest.raises(RefusedError, match="no batch to take back"):
            ask(town, UNDO, Nothing())


class PowerFailsError(Exception):
    """The engine is gone in the middle of a batch."""


def test_a_batch_that_is_broken_off_has_changed_nothing(tmp_path, monkeypatch):
    family = one_contact(kinds=CELL_AND_WORK)
    everybody_answers(*family.phones)
    with SteppedTown(tmp_path, family) as town:

        def fails(*_: object) -> None:
            raise PowerFailsError

        with monkeypatch.context() as patch:
            patch.setattr(town.engine.station, "change", fails)
            with pytest.raises(PowerFailsError):
                ask(town, BATCH, asks("cell.*=off"))
        assert marked(town) == 1
        town.restart()
        assert rang(town, Reason.GENERAL) == {"Mom's cell"}
        assert row(ask(town, SHOW, Who(who="Lopez-Mom")), "cell").set_here == ()
        assert ask(town, BATCH, asks("cell.*=off")).changed == 7


def test_a_preference_set_while_a_batch_is_written_is_not_lost(tmp_path, monkeypatch):
    family = one_contact()
    with SteppedTown(tmp_path, family) as town:
        slices = preferences._slices

        def meanwhile(things):
            set_(town, "Lopez-Mom", "cell", "behavior", "off")
            yield from slices(things)

        monkeypatch.setattr(preferences, "_slices", meanwhile)
        ask(town, BATCH, asks("cell.general=off"))
        assert row(ask(town, SHOW, Who(who="Lopez-Mom")), "cell").set_here == ("behavior", "general")
        ask(town, UNDO, Nothing())
        assert row(ask(town, SHOW, Who(who="Lopez-Mom")), "cell").set_here == ("behavior",)


def test_large_districts_are_worked_out_in_a_process_of_its_own(tmp_path, monkeypatch):
    family = one_contact()
    with SteppedTown(tmp_path, family) as town:
        monkeypatch.setattr(batch_planner, "INLINE_PEOPLE_MAX", 0)
        assert ask(town, BATCH, asks("cell.general=off")).changed == 1
        with pytest.raises(AudienceError, match="no school 'ash'"):
            ask(town, BATCH, asks("cell.general=off", school_id="ash"))


def test_all_of_it_works_while_no_engine_runs(tmp_path):
    family = one_contact(kinds=CELL_AND_WORK)
    everybody_answers(*family.phones)
    with SteppedTown(tmp_path, family) as town:
        with stopped(town) as ask_store:
            ask_store(SET, Setting(who="Lopez-Mom", point="work", delivery="voice", reasons=("all",), setting="off"))
            assert ask_store(BATCH, asks("cell.general=off")).changed == 1
            assert ask_store(UNDO, Nothing()).points == 1
            assert "general" in row(ask_store(SHOW, Who(who="Lopez-Mom")), "cell").on
        assert rang(town, Reason.GENERAL) == {"Mom's cell"}


# ---------------------------------------------------------------- where each reason goes


def dialed(tmp_path, reason: Reason) -> list[str]:
    """The devices a message of this reason dials where the cell is marked for it alone, and work for all others."""
    family = one_contact(kinds=CELL_AND_WORK)
    with SteppedTown(tmp_path, family) as town:
        marks = {DeviceKind.CELL: reason.mask, DeviceKind.WORK: ALL_REASONS & ~reason.mask}
        roster = roster_of(family)
        people = (
            msgspec.structs.replace(
                one, devices=tuple(msgspec.structs.replace(d, voice_reasons=marks[d.kind]) for d in one.devices)
            )
            for one in roster.people
        )
        town.engine.replace_roster(msgspec.structs.replace(roster, people=tuple(people)))
        return [step.kind.word for plan in town.plans(town.prepare(reason)) for step in plan.steps]


@pytest.mark.row("C197", "C202", "C204")
@pytest.mark.parametrize("reason", [Reason.EMERGENCY, Reason.GENERAL, Reason.PRIORITY])
def test_a_message_goes_to_the_points_marked_for_its_reason(tmp_path, reason):
    """C197: To points marked for emergency on Demographics. C202: Anything labeled general. C204: Labeled "High
    Priority" by the author.
    """
    assert dialed(tmp_path, reason) == ["cell"]


@pytest.mark.parametrize("reason", [Reason.ATTENDANCE, Reason.BEHAVIOR, Reason.FOOD_SERVICE])
def test_guardians_are_told_of_their_students_on_the_points_marked_for_it(tmp_path, reason):
    assert dialed(tmp_path, reason) == ["cell"]
