"""`callchain settings`: everything a district sets, shown and changed; its credentials; who changed what."""

import os
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from engine.acts import credentials as credentials_acts
from engine.acts import settings as acts
from engine.acts.credentials import Credentials
from engine.acts.settings import Nothing, SetRow, SettingsChanged, SettingsView, SetValues
from engine.district.setting_values import ROWS, flat
from store.errors import InvalidInputError
from tui.acts import ask
from tui.commands import say
from tui.commands.options import HOME, Home, Json

PASSWORD_VARIABLE = "CALLCHAIN_PASSWORD"  # noqa: S105
"""Where scripts put the password; people are asked for it."""

settings = typer.Typer(help="Show and change the district's settings.", no_args_is_help=False)

Remove = Annotated[bool, typer.Option("--remove", help="Remove the row instead of setting it.")]


@settings.callback(invoke_without_command=True)
def show(context: typer.Context, home: Home = HOME, json: Json = False) -> None:
    """Show every setting in force. Passwords are never shown."""
    if context.invoked_subcommand is None:
        _show(home, json)


@settings.command("show")
def show_all(home: Home = HOME, json: Json = False) -> None:
    """Show every setting in force. Passwords are never shown."""
    _show(home, json)


@settings.command("set")
def set_values(
    values: Annotated[list[str], typer.Argument(help="district.end_time=17:30 lines.ordinary=40 …, all or none.")],
    home: Home = HOME,
    json: Json = False,
) -> None:
    """Change settings: in the file, in the store, and at once in a running engine."""
    _changed(ask(home, acts.SET, SetValues(values=tuple(values))), json)


@settings.command("reload")
def reload(home: Home = HOME, json: Json = False) -> None:
    """Take in the settings file after it was edited. A running engine also notices by itself."""
    _changed(ask(home, acts.RELOAD, Nothing()), json)


@settings.command("history")
def history(home: Home = HOME, json: Json = False) -> None:
    """Show who changed what, the newest first."""
    changes = ask(home, acts.HISTORY, Nothing())
    if json:
        say.json(changes)
        return
    zone = ask(home, acts.SHOW, Nothing()).settings.district.time_zone
    say.table(
        "Changes of the settings",
        ("VERSION#", "WHEN", "WHO", "WHAT"),
        (
            (one.version, say.clock(one.at, zone), one.author, "; ".join(map(_words, one.changed)) or "first taken in")
            for one in changes
        ),
    )


@settings.command("caller-id")
def caller_id(
    school: Annotated[str, typer.Argument(help="The school, by id.")],
    number: Annotated[str, typer.Argument(help="Ten digits, a number the district controls.")] = "",
    callback: Annotated[str, typer.Option(help="Number spoken after the school's messages.")] = "",
    remove: Remove = False,
    home: Home = HOME,
    json: Json = False,
) -> None:
    """CallerID Preferences: the number one school shows. Without it its own of the roster, else the district's."""
    if not number and not remove:
        raise InvalidInputError("Give the number the school shows, ten digits, or --remove.")
    _row(home, "caller_ids", {"school": school, "number": number, "callback": callback}, remove, json)


@settings.command("prompt")
def prompt(
    language: Annotated[str, typer.Option(help="Language, like en or es.")] = "en",
    reason: Annotated[
        str, typer.Option(help="Only for this reason, like attendance; else for all without one of their own.")
    ] = "",
    intro: Annotated[str, typer.Option(help="Before the message; {school} is filled in.")] = "",
    outro: Annotated[str, typer.Option(help="After the message; {callback} is filled in.")] = "",
    confirm: Annotated[str, typer.Option(help="Said to people: how to confirm.")] = "",
    remove: Remove = False,
    home: Home = HOME,
    json: Json = False,
) -> None:
    """Prompt Preferences: what is said around messages, in one language, for one reason or all."""
    said = {"intro": intro, "outro": outro, "confirm": confirm}
    if not remove and not any(said.values()):
        raise InvalidInputError("The prompt says nothing; give --intro, --outro or --confirm.")
    _row(home, "prompts", {"language": language, "reason": reason.lower(), **said}, remove, json)


@settings.command("pronounce")
def pronounce(
    word: Annotated[str, typer.Argument(help="As it is written.")],
    said: Annotated[str, typer.Argument(help="As it is to be spoken.", metavar="SAY")] = "",
    school: Annotated[str, typer.Option(help="Only in messages of this school, by id.")] = "",
    remove: Remove = False,
    home: Home = HOME,
    json: Json = False,
) -> None:
    """TTS Dictionary: how a word is spoken."""
    if not remove and not (word.strip() and said.strip()):
        raise InvalidInputError("Give a word and how it is to be spoken, like Nguyen win, or a word and --remove.")
    _row(home, "pronunciations", {"word": word, "say": said, "school": school}, remove, json)


@settings.command("portal")
def portal(
    url: Annotated[str, typer.Argument(help="Like https://portal.district.example.")] = "",
    school: Annotated[str, typer.Option(help="Only of this school, by id.")] = "",
    remove: Remove = False,
    home: Home = HOME,
    json: Json = False,
) -> None:
    """The portal URL that parents use: what {portal} says in messages."""
    if not url and not remove:
        raise InvalidInputError("Give the portal's URL, like https://portal.district.example, or --remove.")
    _row(home, "portals", {"url": url, "school": school}, remove, json)


@settings.command("role")
def role(
    who: Annotated[str, typer.Argument(help="A user of this system, or a group of it like @office.")],
    role: Annotated[str, typer.Argument(help="viewer, sender, emergency_sender or administrator.")] = "",
    remove: Remove = False,
    home: Home = HOME,
    json: Json = False,
) -> None:
    """What somebody may do at the engine's door; the engine's own user may everything."""
    if not role and not remove:
        raise InvalidInputError("Give the role: viewer, sender, emergency_sender or administrator; or --remove.")
    _row(home, "door_roles", {"who": who, "role": role}, remove, json)


@settings.command("credentials")
def credentials(
    user: Annotated[str, typer.Option(help="User Name; left out: as it is.")] = "",
    endpoint: Annotated[
        list[str], typer.Option(help="URL End Point of a call center; once for each. Left out: as they are.")
    ] = [],  # noqa: B006
    email: Annotated[bool, typer.Option("--email", help="The password of the e-mail server instead.")] = False,
    dial_in: Annotated[bool, typer.Option("--dial-in", help="The password of Remote Dial-In instead.")] = False,
    home: Home = HOME,
    json: Json = False,
) -> None:
    """Save User Name, Password and URL End Points, once the carrier has verified them; that enables voice.

    The password comes from a hidden prompt, or from CALLCHAIN_PASSWORD. It is kept encrypted and never shown.
    """
    if email and dial_in:
        raise InvalidInputError("Give --email or --dial-in, not both.")
    secret = "email" if email else "dial-in" if dial_in else "carrier"
    request = Credentials(secret=secret, user=user, endpoints=tuple(endpoint), password=_password())  # type: ignore[arg-type]
    saved = ask(home, credentials_acts.SAVE, request)
    if json:
        say.json(saved)
        return
    if email or dial_in:
        say.line(f"The {secret} password is saved, encrypted.")
        return
    say.line(f"The carrier has verified the credentials: its customer ID for the district is {saved.customer_id}.")
    but = "" if saved.messenger else "; messenger itself is not, see `callchain messenger status`"
    say.line(f"Voice is enabled{but}.")
    if saved.unconfigured:
        say.line(f"Before the first message, configure what still has its defaults: {', '.join(saved.unconfigured)}.")
    _next_start(saved.at_next_start)


def _password() -> str:
    given = os.environ.get(PASSWORD_VARIABLE, "")
    if given:
        return given
    if not say.on_terminal():
        raise InvalidInputError(f"The password is asked for on a terminal; scripts put it into {PASSWORD_VARIABLE}.")
    return str(typer.prompt("Password", hide_input=True))


def _row(home: Path, table: Any, row: dict[str, str], remove: bool, json: bool) -> None:  # noqa: ANN401
    _changed(ask(home, acts.ROW, SetRow(table=table, row=row, remove=remove)), json)


def _show(home: Path, json: bool) -> None:
    view = ask(home, acts.SHOW, Nothing())
    if json:
        say.json(view)
        return
    say.table("Settings in force", ("SETTING", "VALUE"), ((key, _shown(value)) for key, value in _rows(view)))
    say.table(
        "Tools to configure before the first voice message",
        ("TOOL", "CONFIGURED", "WITH"),
        ((tool.name, "yes" if tool.configured else "no, defaults", tool.how) for tool in view.tools),
    )
    if view.version:
        when = say.clock(view.changed_at, view.settings.district.time_zone)
        say.line(f"Version {view.version}, changed {when} by {view.changed_by or 'init'}.")


def _rows(view: SettingsView) -> list[tuple[str, object]]:
    """What identifies the district at the carrier first, under the names the carrier's papers use (C076)."""
    carrier = view.settings.carrier
    urls = [(f"URL End Point {place}", url) for place, url in enumerate(carrier.endpoints, 1)]
    kept = [(f"Password ({kind})", "kept, encrypted" if is_ else "none") for kind, is_ in view.passwords.items()]
    on = "on" if view.standing.voice and view.standing.messenger else "off"
    plain = [(key, value) for key, value in flat(view.settings).items() if key not in ROWS]
    tables = [(key, row) for key, rows in flat(view.settings).items() if key in ROWS for row in rows]  # type: ignore[attr-defined]
    return [("User Name", carrier.user), *kept, *urls, ("Voice", on), *plain, *tables]


def _changed(result: SettingsChanged, json: bool) -> None:
    if json:
        say.json(result)
        return
    if not result.changed:
        say.line("Nothing changed; the settings already were so.")
    for one in result.changed:
        say.line(_words(one))
    _next_start(result.at_next_start)


def _next_start(keys: tuple[str, ...]) -> None:
    if keys:
        say.line(f"The running engine follows these only when it starts again: {', '.join(keys)}.")


def _words(changed: Any) -> str:  # noqa: ANN401
    return f"{changed.key}: {_shown(changed.before)} → {_shown(changed.after)}"


def _shown(value: object) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, dict | list | tuple):
        return msgspec.json.encode(value).decode()
    return str(value)
