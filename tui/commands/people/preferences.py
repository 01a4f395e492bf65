"""`callchain preferences`: who wants to be called where about what, shown and set, for one or for many."""

from datetime import date
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from engine.acts.preferences import BATCH, SET, SHOW, UNDO, BatchAnswer, BatchAsked, Nothing, Setting, Who
from engine.preferences.choices import Mode, read_mode
from engine.preferences.matrix import Link, Matrix
from store.errors import InvalidInputError, RefusedError
from tui.acts import ask
from tui.commands import say
from tui.commands.options import HOME, Home, Json
from tui.commands.people.preferences_wizard import ask_batch
from tui.commands.sending.typed_values import read_ids
from tui.door import zone_of

preferences = typer.Typer(help="Contact preferences: shown, set, and set for many.", no_args_is_help=True)

Whose = Annotated[str, typer.Argument(help="A person's or a household's id.")]


@preferences.command()
def show(who: Whose, home: Home = HOME, json: Json = False) -> None:
    """Show somebody's contact points, what each gets messages for, and their relationships."""
    _show(ask(home, SHOW, Who(who=who)), home, json)


@preferences.command("set")
def set_(
    who: Whose,
    point: Annotated[str, typer.Argument(help="household, cell, work, other, pager, email or secondary_email.")],
    delivery: Annotated[str, typer.Argument(help="voice or text; mail for an address.")],
    reason: Annotated[str, typer.Argument(help="A reason, several with commas, or all.")],
    setting: Annotated[str, typer.Argument(help="on, off, or roster: what the roster says counts again.")],
    home: Home = HOME,
    json: Json = False,
) -> None:
    """Set a preference; imports do not change it. A household's phone is set for all its members."""
    reasons = tuple(word for word in reason.split(",") if word.strip())
    asked = Setting(who=who, point=point, delivery=delivery, reasons=reasons, setting=setting.lower())
    _show(ask(home, SET, asked), home, json)


@preferences.command()
def batch(
    mode: Annotated[str, typer.Option(help="contacts (Student Messenger Contacts), students, or staff.")] = "",
    school: Annotated[str, typer.Option(help="Only through enrollments in this school, by id.")] = "",
    calendar: Annotated[str, typer.Option(help="Only through enrollments in this calendar, by id.")] = "",
    filter_: Annotated[
        str, typer.Option("--filter", help="A file of ids, one a line, or like `grade=3,4`; staff demands one.")
    ] = "",
    choices: Annotated[
        list[str] | None, typer.Option("--set", help="POINT.REASON=on|off|no-change, such as cell.*=on; repeatable.")
    ] = None,
    preview: Annotated[bool, typer.Option("--preview", help="Only say what would change.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Apply without asking.")] = False,
    home: Home = HOME,
    json: Json = False,
) -> None:
    """Set preferences for many at once, after a preview; without --set it asks step by step."""
    if choices:
        expression, ids = _filter(filter_)
        asked = BatchAsked(
            mode=read_mode(mode or Mode.CONTACTS), choices=tuple(choices), school_id=school, calendar_id=calendar,
            expression=expression, ids=ids, preview=True,
        )  # fmt: skip
    elif say.on_terminal():
        asked = ask_batch(mode, school, calendar, filter_, _filter)
    else:
        raise InvalidInputError("Nothing would change; give at least one choice like `--set cell.emergency=on`.")
    _carry_out(asked, home, preview, yes, json)


@preferences.command()
def undo(home: Home = HOME, json: Json = False) -> None:
    """Take the last batch back, whole; what was set one by one since stays."""
    count = ask(home, UNDO, Nothing())
    if json:
        say.json(count)
    else:
        say.line(f"The last batch is taken back: {count.points:,} contact points are as before.")


# ---------------------------------------------------------------- the batch


def _carry_out(asked: BatchAsked, home: Path, preview: bool, yes: bool, json: bool) -> None:
    if preview or not yes:
        _show_batch(ask(home, BATCH, asked), quiet=json and not preview, json=json)
    if preview:
        return
    if not yes:
        if not say.on_terminal():
            raise RefusedError("Nothing was changed: without a terminal say --yes to apply this, or --preview.")
        typer.confirm("Apply these changes? (Ctrl-C changes nothing)", abort=True)
    applied = ask(home, BATCH, msgspec.structs.replace(asked, preview=False))
    if json:
        say.json(applied)
    else:
        say.line(f"{applied.changed:,} preferences changed. `callchain preferences undo` takes all of it back.")


def _filter(text: str) -> tuple[str, tuple[str, ...]]:
    """An expression, or the ids of a file: one a line, a comma ends an id, `#` begins a remark."""
    path = Path(text)
    if text and path.is_file():
        return "", read_ids(path)
    if text and "=" not in text:
        raise InvalidInputError(f"The filter {text!r} is neither a file nor an expression such as grade=3,4.")
    return text, ()


def _show_batch(answer: BatchAnswer, *, quiet: bool, json: bool) -> None:
    if quiet:
        return
    if json:
        say.json(answer)
        return
    say.table(
        f"{answer.people:,} people and {answer.households:,} households: {answer.changed:,} preferences would change",
        ("POINT", "REASON", "SET", "ON RECORD#", "CHANGE#", "SET BY HAND BEFORE#"),
        (
            (row.point, row.reason, "on" if row.on else "off", row.on_record, row.changes, row.by_hand)
            for row in answer.rows
        ),
    )
    say.line("What families chose themselves may be overwritten; text preferences stay as they are.")


# ---------------------------------------------------------------- one person


def _show(matrix: Matrix, home: Path, json: bool) -> None:
    if json:
        say.json(matrix)
        return
    zone = zone_of(home)
    say.table(
        f"{matrix.name} ({matrix.who}): {', '.join(matrix.roles)}",
        ("POINT", "DELIVERY", "NUMBER", "PRIVATE", "ON FOR", "SET HERE", "BY", "AT"),
        (
            (
                f"{row.point} ({row.household_id})" if row.household_id else row.point,
                row.delivery,
                f"{row.address} x{row.extension}" if row.extension else row.address,
                "private" if row.private else "",
                ", ".join(row.on) or "nothing",
                ", ".join(row.set_here),
                row.author,
                say.clock(row.at, zone) if row.at else "",
            )
            for row in matrix.rows
        ),
    )
    if matrix.links:
        say.table(
            "Relationships",
            ("STUDENT", "CONTACT", "NAME", "RELATION", "START", "END", "PRIORITY#", "MARKED"),
            (
                (
                    one.student_id, one.contact_id, one.name, one.relation, _day(one.begins_on), _day(one.ends_on),
                    one.emergency_priority or "", _boxes(one),
                )
                for one in matrix.links
            ),
        )  # fmt: skip


def _boxes(one: Link) -> str:
    boxes = ("guardian", "mailing", "portal", "messenger", "private", "stopped")
    return ", ".join(box for box in boxes if getattr(one, box))


def _day(ordinal: int) -> str:
    return date.fromordinal(ordinal).isoformat() if ordinal else ""
