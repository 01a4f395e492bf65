"""`callchain token`, `callchain audit` and `callchain door`: who may come in, who did what, and what can be asked."""

from pathlib import Path
from typing import Annotated

import typer

from engine.acts import audit as trail
from engine.acts import tokens
from engine.acts.settings import Nothing
from engine.acts.tokens import DAYS_MAX, AddToken, TokenId
from engine.doctor.finding import amount
from engine.door.described import described
from store.errors import EngineUnreachableError, InvalidInputError
from tui.acts import ask
from tui.commands import say
from tui.commands.options import HOME, Home, Json
from tui.door import door_of, zone_of
from tui.door_ways import is_elsewhere

ENTRIES = 50
"""Of the trail, shown where nobody says."""

token = typer.Typer(help="Let programs in over TCP: make, list and revoke their tokens.", no_args_is_help=True)
door = typer.Typer(help="What can be asked of the engine, for programs.", no_args_is_help=True)


@token.command("add")
def add(
    name: Annotated[str, typer.Argument(help="What the program is called, like reports.")],
    role: Annotated[str, typer.Option(help="viewer, sender, emergency_sender or administrator.")] = "viewer",
    days: Annotated[int, typer.Option(min=0, max=DAYS_MAX, help="How long it holds; 0: until it is revoked.")] = 0,
    home: Home = HOME,
    json: Json = False,
) -> None:
    """Make a token and show it once; nobody can show it again."""
    word = role.lower().replace("-", "_")
    if word not in tokens.ROLE_WORDS:
        raise InvalidInputError(f'There is no role "{role}"; roles are {", ".join(tokens.ROLE_WORDS)}.')
    made = ask(home, tokens.ADD, AddToken(name=name, role=word, days=days))  # type: ignore[arg-type]
    if json:
        say.json(made)
        return
    until = f"until {say.clock(made.view.ends_at, zone_of(home))}" if made.view.ends_at else "until it is revoked"
    say.note(f"Token {made.view.token_id} ({name}, {made.view.role}) holds {until}. It is shown this once:")
    say.line(made.token)


@token.command("list")
def list_tokens(home: Home = HOME, json: Json = False) -> None:
    """List all tokens, without their texts."""
    found = ask(home, tokens.LIST, Nothing())
    if json:
        say.json(found)
        return
    zone = zone_of(home)
    say.table(
        amount(len(found), "token"),
        ("ID#", "NAME", "ROLE!", "STATE!", "MADE!", "BY", "ENDS!"),
        (
            (one.token_id, one.name, one.role, one.state, say.clock(one.made_at, zone), one.author,
             say.clock(one.ends_at, zone) if one.ends_at else "")
            for one in found
        ),
    )  # fmt: skip


@token.command("revoke")
def revoke(
    token_id: Annotated[int, typer.Argument(min=1, help="The token's number, as `callchain token list` shows it.")],
    home: Home = HOME,
    json: Json = False,
) -> None:
    """Let a token hold no more, at once."""
    view = ask(home, tokens.REVOKE, TokenId(token_id=token_id))
    if json:
        say.json(view)
    else:
        say.line(f"Token {view.token_id} ({view.name}) is revoked.")


def audit(
    count: Annotated[int, typer.Option(min=1, max=10_000, help="The newest so many.")] = ENTRIES,
    refused: Annotated[bool, typer.Option("--refused", help="Only what was refused for want of a right.")] = False,
    before: Annotated[int, typer.Option(min=0, help="Go on below this commit.")] = 0,
    home: Home = HOME,
    json: Json = False,
) -> None:
    """Show who gave which command, and who was refused one, the newest first."""
    found = ask(home, trail.LIST, trail.ListAudit(count=count, refused_only=refused, before=before))
    if json:
        say.json(found)
        return
    zone = zone_of(home)
    say.table(
        amount(len(found), "command"),
        ("COMMIT#", "WHEN!", "WHO", "WHAT!", "JOB#", "BECAME"),
        (
            (one.seq, say.clock(one.at, zone), one.author, one.verb or "look", one.job_id or "", _became(one))
            for one in found
        ),
    )


def _became(one: trail.AuditEntry) -> str:
    if not one.refused:
        return "taken"
    had = f"has {one.role or 'no role'}"
    takes = f", it takes {one.needed}" if one.needed else ""
    return f"refused: {had}{takes}" + (f", {one.times:,} times" if one.times > 1 else "")


@door.command("openapi")
def openapi(
    out: Annotated[Path | None, typer.Option("--out", help="Write it to this file instead of showing it.")] = None,
    home: Home = HOME,
) -> None:
    """Show the OpenAPI document of the door: every endpoint with its types and its role."""
    try:
        document = door_of(home).document()
    except EngineUnreachableError:
        if is_elsewhere():
            raise
        document = described()
    if out is None:
        say.now(document.decode().rstrip())
    else:
        out.write_bytes(document)
        say.note(f"{out} holds the OpenAPI document.")
