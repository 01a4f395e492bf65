"""`callchain block`: numbers nobody calls any more, at once and for good."""

from typing import Annotated

import typer

from engine.acts.blocks import ADD, LIST, REMOVE, Adding, Listing, Removing
from tui.acts import ask
from tui.commands import say
from tui.commands.options import HOME, Home, Json
from tui.door import zone_of

block = typer.Typer(help="Block numbers: nobody calls them any more.", no_args_is_help=True)

Number = Annotated[str, typer.Argument(help="A phone number, ten digits in any usual writing.")]


@block.command()
def add(
    number: Number,
    reason: Annotated[str, typer.Option(help="Why; whoever lists the blocks later reads it.")],
    except_emergency: Annotated[bool, typer.Option("--except-emergency", help="Emergencies still ring it.")] = False,
    home: Home = HOME,
    json: Json = False,
) -> None:
    """Call a number no more, in running jobs either; a call that waits at the carrier is withdrawn."""
    blocked = ask(home, ADD, Adding(number=number, reason=reason, except_emergency=except_emergency))
    if json:
        say.json(blocked)
    else:
        but = " but for emergencies" if except_emergency else ""
        say.line(f"{blocked.number} is blocked{but}; no call to it is made from now on.")


@block.command()
def remove(number: Number, home: Home = HOME, json: Json = False) -> None:
    """Let a number be called again."""
    blocked = ask(home, REMOVE, Removing(number=number))
    if json:
        say.json(blocked)
    else:
        say.line(f"{blocked.number} may be called again.")


@block.command("list")
def list_(home: Home = HOME, json: Json = False) -> None:
    """List the blocked numbers, masked."""
    blocks = ask(home, LIST, Listing())
    if json:
        say.json(blocks)
        return
    zone = zone_of(home)
    say.table(
        "Blocked numbers",
        ("NUMBER", "EMERGENCIES", "REASON", "BY", "SINCE"),
        (
            (one.number, "ring" if one.except_emergency else "blocked", one.reason, one.author, say.clock(one.at, zone))
            for one in blocks
        ),
    )
