"""`callchain webhook`: programs of the district that are told what happens to jobs."""

from typing import Annotated

import typer

from engine.acts.settings import Nothing
from engine.doctor.finding import amount
from engine.hooks import acts
from engine.hooks.acts import AddWebhook, WebhookId, WebhookView
from store.errors import GatewayError
from tui.acts import ask
from tui.commands import say
from tui.commands.options import HOME, Home, Json
from tui.door import zone_of

webhook = typer.Typer(
    help="Programs that are told what happens to jobs: signed, retried for three days, never lost.",
    no_args_is_help=True,
)

HookId = Annotated[
    int, typer.Argument(min=1, max=2**32 - 1, help="The webhook's number, as `callchain webhook list` shows it.")
]


@webhook.command()
def add(
    url: Annotated[
        str,
        typer.Argument(
            help="https://…, or http:// on this machine. Addresses of the district's own network are allowed: the "
            "engine posts to whatever is given here."
        ),
    ],
    event: Annotated[
        list[str], typer.Option(help="Like job.ended; may be repeated. Left out: all but chain.ended.")
    ] = [],  # noqa: B006
    home: Home = HOME,
    json: Json = False,
) -> None:
    """Tell a program what happens from now on. Its secret is shown once; with it deliveries are signed."""
    made = ask(home, acts.ADD, AddWebhook(url=url, events=tuple(event)))
    if json:
        say.json(made)
        return
    say.line(f"Webhook {made.webhook_id} is told of {', '.join(made.events) or 'everything but single chains'}.")
    say.line(f"Its secret, shown only now: {made.secret}")


@webhook.command("list")
def list_(home: Home = HOME, json: Json = False) -> None:
    """List the webhooks: what they are told of, what waits, and why."""
    found = ask(home, acts.LIST, Nothing())
    if json:
        say.json(found)
        return
    zone = zone_of(home)
    say.table(
        amount(len(found), "webhook"),
        ("NO#", "URL", "EVENTS", "STATE!", "LAST HEARD!", "WAITING#", "GIVEN UP#", "WHY"),
        (_row(hook, zone) for hook in found),
    )


@webhook.command()
def remove(webhook_id: HookId, home: Home = HOME, json: Json = False) -> None:
    """Forget a webhook, and what it was still to be told."""
    gone = ask(home, acts.REMOVE, WebhookId(webhook_id=webhook_id))
    _say(gone, f"Webhook {webhook_id} is removed.", json)


@webhook.command()
def pause(webhook_id: HookId, home: Home = HOME, json: Json = False) -> None:
    """Tell a webhook nothing until it is resumed; what happens meanwhile is told then, up to three days back."""
    _say(ask(home, acts.PAUSE, WebhookId(webhook_id=webhook_id)), f"Webhook {webhook_id} is paused.", json)


@webhook.command()
def resume(webhook_id: HookId, home: Home = HOME, json: Json = False) -> None:
    """Go on telling a webhook."""
    _say(ask(home, acts.RESUME, WebhookId(webhook_id=webhook_id)), f"Webhook {webhook_id} is told again.", json)


@webhook.command("test")
def try_out(webhook_id: HookId, home: Home = HOME, json: Json = False) -> None:
    """Send one delivery of webhook.test now and say whether it was heard."""
    tested = ask(home, acts.TEST, WebhookId(webhook_id=webhook_id))
    if json:
        say.json(tested)
    elif tested.heard:
        say.line(f"Webhook {webhook_id} heard it: {tested.note}.")
    if not tested.heard:
        raise GatewayError(f"Webhook {webhook_id} did not hear it: {tested.note}.")


def _say(view: WebhookView, sentence: str, json: bool) -> None:
    if json:
        say.json(view)
    else:
        say.line(sentence)


def _row(hook: WebhookView, zone: str) -> tuple[object, ...]:
    heard = say.clock(hook.heard_at, zone) if hook.heard_at else "never"
    events = ", ".join(hook.events)
    return hook.webhook_id, hook.url, events, hook.state, heard, hook.waiting, hook.given_up, hook.note
