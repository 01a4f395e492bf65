"""`callchain messenger`: whether the district may phone, and the operator's switch for it."""

from pathlib import Path
from typing import Annotated

import typer

from engine.acts import messenger as acts
from engine.acts.messenger import MessengerStatus, Switch, said_by
from engine.acts.settings import Nothing
from engine.district.secret_box import proof_of_key
from engine.home import require_store
from tui.acts import ask
from tui.commands import say
from tui.commands.options import HOME, Home, Json

messenger = typer.Typer(help="Messenger with voice: off until its contract is approved.", no_args_is_help=True)


@messenger.command("enable")
def enable(
    contract: Annotated[str, typer.Option(help="Reference of the approved contract.")],
    home: Home = HOME,
    json: Json = False,
) -> None:
    """Let the district phone. Only its operator can: whoever may read the district's secret key."""
    _say(_switch(home, True, contract), json)


@messenger.command("disable")
def disable(home: Home = HOME, json: Json = False) -> None:
    """Let nothing more be sent. Jobs that run go on; cancel them to stop them."""
    _say(_switch(home, False, ""), json)


@messenger.command("status")
def status(home: Home = HOME, json: Json = False) -> None:
    """Show whether messenger and voice are enabled, and how to enable them."""
    _say(ask(home, acts.STATUS, Nothing()), json)


def _switch(home: Path, on: bool, contract: str) -> MessengerStatus:
    require_store(home)
    proof = proof_of_key(home, said_by(on, contract))
    return ask(home, acts.SWITCH, Switch(on=on, contract=contract, proof=proof))


def _say(view: MessengerStatus, json: bool) -> None:
    if json:
        say.json(view)
        return
    if view.messenger:
        why = f"contract {view.contract}" if view.contract else "a drill: the carrier is make-believe"
        say.line(f"Messenger is enabled ({why}).")
    else:
        way = "`callchain messenger enable --contract REFERENCE`"
        say.line(f"Messenger is not enabled; its operator enables it with {way}.")
    if view.voice:
        known = f"; the carrier's customer ID is {view.customer_id}" if view.customer_id else ""
        say.line(f"Voice is enabled{known}. {view.schools} schools have a customer ID.")
    else:
        say.line("Voice is not enabled; save the credentials with `callchain settings credentials`.")
