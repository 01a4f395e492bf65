"""`callchain sample` and `callchain roster`: districts to try, and real ones."""

from pathlib import Path
from typing import Annotated

import typer

from engine.acts import settings
from engine.acts.preferences import FORGET, Nothing
from engine.acts.roster import RESTORE
from engine.config import load_settings
from engine.home import replace_roster_offline
from engine.roster.comparison import LOSS_PERCENT_MAX
from engine.roster.importer import RosterImport, import_bundle
from engine.roster.sample import write_sample
from store.errors import EngineUnreachableError
from store.people import Role
from store.records import Reason
from tui.acts import ask
from tui.commands import say
from tui.commands.options import HOME, Home, Json
from tui.door import door_of
from tui.door_ways import is_elsewhere

PROBLEMS_SHOWN = 20

roster = typer.Typer(help="Check, import or put back a roster.", no_args_is_help=True)

Bundle = Annotated[Path, typer.Argument(help="A OneRoster 1.1 or 1.2 bundle: a folder or a zip.")]


def sample(
    folder: Annotated[Path, typer.Argument(help="Where to write the files.")],
    families: Annotated[int, typer.Option(min=1, help="How many families.")] = 2_000,
    seed: Annotated[int, typer.Option(help="The same seed writes the same district.")] = 1,
    json: Json = False,
) -> None:
    """Write a make-believe district in exactly the format that `roster import` reads."""
    with say.progress() as bar:
        task = bar.add_task("Writing", total=families)
        summary = write_sample(
            folder, families, seed, lambda done, total: bar.update(task, completed=done, total=total)
        )
    if json:
        say.json(summary)
        return
    say.line(
        f"{folder}: {summary.families:,} families, {summary.students:,} students, {summary.contacts:,} contacts and "
        f"{summary.staff:,} staff in {summary.schools} schools; {summary.dirty_rows:,} rows are bad on purpose."
    )


@roster.command()
def check(bundle: Bundle, home: Home = HOME, json: Json = False) -> None:
    """Read a bundle and report every bad row; nothing is changed."""
    _report(_read(bundle, home), bundle, json)


@roster.command("import")
def import_(
    bundle: Bundle,
    home: Home = HOME,
    accept_loss: Annotated[
        float,
        typer.Option(min=0, max=100, help="Percent of people, contacts or phones in force that may vanish."),
    ] = LOSS_PERCENT_MAX,
    forget_preferences: Annotated[
        bool, typer.Option("--forget-preferences", help="Let go of preferences set here: the roster's count again.")
    ] = False,
    json: Json = False,
) -> None:
    """Read a bundle and put it in force, in one step; running jobs keep what they were sent with."""
    found = _read(bundle, home)
    try:
        door_of(home).replace_roster(found.roster, accept_loss)
    except EngineUnreachableError:
        if is_elsewhere():
            raise
        replace_roster_offline(home, found.roster, accept_loss)
    forgotten = ask(home, FORGET, Nothing()).points if forget_preferences else 0
    _report(found, bundle, json)
    if not json:
        say.line("The roster is in force.")
        if forget_preferences:
            are = "point is" if forgotten == 1 else "points are"
            say.line(f"{forgotten:,} contact {are} as the roster says.")


@roster.command()
def restore(home: Home = HOME) -> None:
    """Put the roster before the last import in force again; running jobs keep what they were sent with."""
    ask(home, RESTORE, settings.Nothing())
    say.line("The previous roster is in force again.")


def _read(bundle: Path, home: Path) -> RosterImport:
    in_force = ask(home, settings.SHOW, settings.Nothing()).settings if is_elsewhere() else load_settings(home)
    reasons = frozenset(Reason[word.upper()] for word in in_force.roster.default_reasons)
    with say.progress() as bar:
        task = bar.add_task("Reading", total=None)
        return import_bundle(
            bundle,
            default_reasons=reasons,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )


def _report(found: RosterImport, bundle: Path, json: bool) -> None:
    people = found.roster.people
    counts = {role.name.lower(): sum(bool(person.roles & role) for person in people) for role in Role if role.name}
    if json:
        problems = [{"file": p.file, "line": p.line, "column": p.column, "reason": p.reason} for p in found.problems]
        say.json({"rows": found.rows, "people": len(people), **counts, "households": len(found.roster.households),
                  "fictional": found.roster.fictional, "defaults_used": found.roster.defaults_used,
                  "problems": problems})  # fmt: skip
        return
    say.line(
        f"{bundle}: {sum(found.rows.values()):,} rows, {len(people):,} people: {counts['student']:,} students, "
        f"{counts['contact']:,} contacts, {counts['staff']:,} staff, {len(found.roster.households):,} households."
    )
    for sentence in found.roster.defaults_used:
        say.line(f"  {sentence}")
    if found.problems:
        say.line(f"{len(found.problems):,} bad rows were left out:")
    for problem in found.problems[:PROBLEMS_SHOWN]:
        say.line(f"  {problem}")
    if len(found.problems) > PROBLEMS_SHOWN:
        say.line(f"  … and {len(found.problems) - PROBLEMS_SHOWN:,} more; --json lists them all.")
