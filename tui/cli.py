"""`callchain`: the command line."""

import os
import sys
from typing import NoReturn

import typer

from store.errors import CallchainError
from tui.command_panels import Panel, PanelGroup
from tui.commands import say
from tui.commands.drill.demo import demo
from tui.commands.drill.practice import drill
from tui.commands.keeping.access import audit, door, token
from tui.commands.keeping.doctor import doctor
from tui.commands.keeping.messenger import messenger
from tui.commands.keeping.program import backup, carrier, init, serve
from tui.commands.keeping.settings import settings
from tui.commands.keeping.webhook import webhook
from tui.commands.people.block import block
from tui.commands.people.contact import contact
from tui.commands.people.preferences import preferences
from tui.commands.people.roster import roster, sample
from tui.commands.saying.recording import recording
from tui.commands.saying.spoken import say as say_aloud
from tui.commands.saying.template import template
from tui.commands.sending.follow import followup, resend
from tui.commands.sending.ladder import approve, recall, releases
from tui.commands.sending.message import emergency, plan, send
from tui.commands.sending.notify import notify
from tui.commands.sending.test_call import ring_author
from tui.commands.watching.job import cancel, jobs, pause, refresh, resume
from tui.commands.watching.mails import mails
from tui.commands.watching.report import report
from tui.commands.watching.schedule import schedule
from tui.commands.watching.watch import watch
from tui.commands.watching.why import why
from tui.door_ways import another_door
from tui.foreign_errors import FOREIGN, translated

app = typer.Typer(
    name="callchain",
    help="Call chains for a school district: phone families until somebody presses 0, and watch it happen.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    cls=PanelGroup,
)

app.callback()(another_door)
app.command(rich_help_panel=Panel.SEND)(plan)
app.command(rich_help_panel=Panel.SEND)(send)
app.command(rich_help_panel=Panel.SEND)(emergency)
app.add_typer(notify, name="notify", rich_help_panel=Panel.SEND)
app.command(rich_help_panel=Panel.SEND)(resend)
app.command(rich_help_panel=Panel.SEND)(followup)
app.command(rich_help_panel=Panel.SEND)(approve)
app.command(rich_help_panel=Panel.SEND)(recall)
app.command(rich_help_panel=Panel.SEND)(releases)
app.command("test-call", rich_help_panel=Panel.SEND)(ring_author)
app.command("say", rich_help_panel=Panel.PREPARE)(say_aloud)
app.add_typer(recording, name="recording", rich_help_panel=Panel.PREPARE)
app.add_typer(template, name="template", rich_help_panel=Panel.PREPARE)
app.add_typer(schedule, name="schedule", rich_help_panel=Panel.PREPARE)
app.command(rich_help_panel=Panel.WATCH)(watch)
app.command(rich_help_panel=Panel.WATCH)(why)
app.command(rich_help_panel=Panel.WATCH)(jobs)
app.command(rich_help_panel=Panel.WATCH)(pause)
app.command(rich_help_panel=Panel.WATCH)(resume)
app.command(rich_help_panel=Panel.WATCH)(cancel)
app.command(rich_help_panel=Panel.WATCH)(refresh)
app.add_typer(report, name="report", rich_help_panel=Panel.WATCH)
app.command(rich_help_panel=Panel.WATCH)(mails)
app.add_typer(roster, name="roster", rich_help_panel=Panel.PEOPLE)
app.add_typer(preferences, name="preferences", rich_help_panel=Panel.PEOPLE)
app.add_typer(block, name="block", rich_help_panel=Panel.PEOPLE)
app.add_typer(contact, name="contact", rich_help_panel=Panel.PEOPLE)
app.command(rich_help_panel=Panel.DISTRICT)(init)
app.add_typer(settings, name="settings", rich_help_panel=Panel.DISTRICT)
app.add_typer(messenger, name="messenger", rich_help_panel=Panel.DISTRICT)
app.add_typer(webhook, name="webhook", rich_help_panel=Panel.DISTRICT)
app.command(rich_help_panel=Panel.DISTRICT)(serve)
app.add_typer(token, name="token", rich_help_panel=Panel.DISTRICT)
app.command(rich_help_panel=Panel.DISTRICT)(audit)
app.add_typer(door, name="door", rich_help_panel=Panel.DISTRICT)
app.command(rich_help_panel=Panel.DISTRICT)(doctor)
app.command(rich_help_panel=Panel.DISTRICT)(backup)
app.command(rich_help_panel=Panel.TRY)(demo)
app.command(rich_help_panel=Panel.TRY)(drill)
app.command(rich_help_panel=Panel.TRY)(sample)
app.command(rich_help_panel=Panel.TRY)(carrier)

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""


def main() -> None:
    """Run a command: every error of ours is one sentence and an exit code, never a traceback."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by whoever started this; what is said there is said to nobody
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - as long as the program
    try:
        # Ctrl-C in a command comes back as the result 130, and typer itself ends the program when a pipe breaks.
        result = app(standalone_mode=False)
    except typer.TyperException as error:  # the base of all usage errors; what is below it is private to typer
        _refuse_usage(error)
    except (typer.Abort, KeyboardInterrupt):  # at a prompt, and outside of any command
        result = INTERRUPTED
    except CallchainError as error:
        _refuse(error)
    except FOREIGN as error:
        _refuse(translated(error))
    if result == INTERRUPTED:
        say.note("Stopped.")
    sys.exit(result if isinstance(result, int) else 0)


def _refuse(error: CallchainError) -> NoReturn:
    say.note(f"callchain: {error}")
    sys.exit(error.exit_code)


def _refuse_usage(error: typer.TyperException) -> NoReturn:
    """One line; but a command that was given nothing at all says its whole help."""
    message = error.format_message()
    context = getattr(error, "ctx", None)  # of the command that was meant, where one was found
    command = context.command_path if context is not None else "callchain"
    say.note(message if message.startswith("Usage:") else f"callchain: {message.rstrip('.')}. See `{command} --help`.")
    sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
