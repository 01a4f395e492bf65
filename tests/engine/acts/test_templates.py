"""Templates of a district: saved, listed, shown, removed."""

from typing import Any

import pytest

from engine.acts.desk import Desk, LiveDesk
from engine.acts.templates import LIST, REMOVE, SAVE, SHOW, ListTemplates, NamedTemplate, SaveTemplate
from engine.orders import PrepareRequest
from store import facts
from store.commands import Verb
from store.documents import Frequency, Schedule, Template
from store.errors import InvalidInputError, NotFoundError, RefusedError
from store.keys import id_key
from tests.fakes import SteppedTown, one_contact


@pytest.fixture
def town(tmp_path):
    with SteppedTown(tmp_path, one_contact()) as town:
        yield town


@pytest.fixture
def desk(town):
    return LiveDesk(town.engine)


def save(desk: Desk, name: str = "Snow day", text: str = "No school {date}.", **more: Any) -> Template:
    request = PrepareRequest(reason=more.pop("reason", "general"), subject="Snow", text=text, **more)
    return SAVE.carry_out(desk, SaveTemplate(name=name, request=request), "ada")


def names(desk: Desk) -> list[str]:
    return [one.name for one in LIST.carry_out(desk, ListTemplates(), "ada")]


def test_a_template_is_kept_with_its_recipients_and_shown_whatever_the_case_of_its_name(desk, town):
    save(desk, school_ids=("oak",))
    save(desk, "Absent", "{students} was absent.", reason="attendance")
    shown = SHOW.carry_out(desk, NamedTemplate(name="snow  DAY"), "ada")
    assert (shown.name, shown.author, shown.changed_at) == ("Snow day", "ada", town.now)
    assert shown.audience.school_ids == ("oak",)
    assert names(desk) == ["Absent", "Snow day"]
    assert [taken.verb for taken in town.facts(facts.CommandTaken)] == [Verb.TEMPLATE] * 2


def test_saving_under_a_name_again_takes_the_place_of_what_was_there(desk):
    save(desk)
    save(desk, "SNOW DAY", "School is open.")
    assert names(desk) == ["SNOW DAY"]


def test_an_unknown_field_is_refused_when_saving_naming_those_there_are(desk):
    with pytest.raises(InvalidInputError, match=r"\{studnet\}; use \{recipient\}, \{students\}, .*\{account\}"):
        save(desk, text="{studnet} was absent.")
    assert names(desk) == []


def test_a_template_a_schedule_sends_stays(desk, town):
    save(desk)
    schedule = Schedule(1, "Mornings", "snow day", Frequency.DAILY, 1, 480)
    put = town.database.schedules.put
    town.engine.station.write(lambda txn: put(txn, id_key(1), schedule))
    with pytest.raises(RefusedError, match="The schedule Mornings sends this template"):
        REMOVE.carry_out(desk, NamedTemplate(name="Snow day"), "ada")


def test_what_was_removed_is_gone(desk):
    save(desk)
    assert REMOVE.carry_out(desk, NamedTemplate(name="snow day"), "ada").name == "Snow day"
    with pytest.raises(NotFoundError, match='There is no template "snow day"'):
        SHOW.carry_out(desk, NamedTemplate(name="snow day"), "ada")


@pytest.mark.parametrize("name", ["", " ", "no such", "x" * 600])
def test_a_name_that_none_has_is_said_to_be_unknown_whatever_it_is(desk, name):
    with pytest.raises(NotFoundError, match="There is no template"):
        SHOW.carry_out(desk, NamedTemplate(name=name), "ada")
