"""`callchain contact`: somebody who may no longer be told about a student, at once, whatever the roster says."""

from typing import Annotated

import typer

from engine.acts.contact_stops import ALLOW, LIST, STOP, Allowing, Contact, Listing, Stopping
from tui.acts import ask
from tui.commands import say
from tui.commands.options import HOME, Home, Json
from tui.door import zone_of

contact = typer.Typer(help="Stop telling somebody about a student, at once.", no_args_is_help=True)

Person = Annotated[str, typer.Argument(help="The contact's id.")]
Student = Annotated[str, typer.Argument(help="The student's id.")]


@contact.command()
def stop(
    person: Person,
    student: Student,
    reason: Annotated[str, typer.Option(help="Why; whoever lists the stopped contacts later reads it.")],
    home: Home = HOME,
    json: Json = False,
) -> None:
    """Tell a contact nothing of a student any more; calls of open jobs that would are withdrawn."""
    stopped = ask(home, STOP, Stopping(person_id=person, student_id=student, reason=reason))
    if json:
        say.json(stopped)
        return
    calls = f"{stopped.withdrawn:,} chain{'' if stopped.withdrawn == 1 else 's'} of open jobs withdrawn"
    say.line(f"{_name(stopped.person, person)} is told nothing of {_name(stopped.student, student)} any more; {calls}.")
    if stopped.of_other_students:
        say.line(
            f"{stopped.of_other_students:,} of them would have told of other students in the same call, which cannot "
            "be cut: tell about those otherwise."
        )


@contact.command()
def allow(person: Person, student: Student, home: Home = HOME, json: Json = False) -> None:
    """Let the roster say again whether a contact is told about a student; what was withdrawn stays so."""
    allowed = ask(home, ALLOW, Allowing(person_id=person, student_id=student))
    if json:
        say.json(allowed)
    else:
        say.line(f"{_name(allowed.person, person)} and {_name(allowed.student, student)}: the roster says again.")


@contact.command("list")
def list_(home: Home = HOME, json: Json = False) -> None:
    """List the stopped contacts."""
    stops = ask(home, LIST, Listing())
    if json:
        say.json(stops)
        return
    zone = zone_of(home)
    say.table(
        "Stopped contacts",
        ("CONTACT", "NAME", "STUDENT", "NAME", "REASON", "BY", "SINCE"),
        (_row(one, zone) for one in stops),
    )


def _row(one: Contact, zone: str) -> tuple[str, ...]:
    return one.person_id, one.person, one.student_id, one.student, one.reason, one.author, say.clock(one.at, zone)


def _name(name: str, some_id: str) -> str:
    return name or some_id
