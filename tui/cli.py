"""`callchain`: the command line."""

import sys
from typing import NoReturn

import typer

from store.errors import CallchainError
from tui.commands import say
from tui.commands.block import block
from tui.commands.contact import contact
from tui.commands.demo import demo
from tui.commands.doctor import doctor
from tui.commands.follow import followup, resend
from tui.commands.job import cancel, jobs, pause, refresh, resume
from tui.commands.mails import mails
from tui.commands.message import emergency, plan, send
from tui.commands.messenger import messenger
from tui.commands.notify import notify
from tui.commands.preferences import preferences
from tui.commands.program import backup, carrier, init, serve, watch
from tui.commands.recording import recording
from tui.commands.report import report
from tui.commands.roster import roster, sample
from tui.commands.schedule import schedule
from tui.commands.settings import settings
from tui.commands.spoken import say as say_aloud
from tui.commands.template import template
from tui.commands.test_call import ring_author
from tui.foreign_errors import FOREIGN, translated

app = typer.Typer(
    name="callchain",
    help="Call chains for a school district: phone families until somebody presses 0, and watch it happen.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

app.command()(init)
app.command()(sample)
app.add_typer(roster, name="roster")
app.command()(plan)
app.command()(send)
app.command()(emergency)
app.add_typer(notify, name="notify")
app.command()(resend)
app.command()(followup)
app.add_typer(settings, name="settings")
app.add_typer(messenger, name="messenger")
app.command()(serve)
app.command()(watch)
app.command()(jobs)
app.command()(pause)
app.command()(resume)
app.command()(cancel)
app.command()(refresh)
app.command("say")(say_aloud)
app.command("test-call")(ring_author)
app.add_typer(recording, name="recording")
app.add_typer(template, name="template")
app.add_typer(schedule, name="schedule")
app.command()(mails)
app.add_typer(report, name="report")
app.add_typer(preferences, name="preferences")
app.add_typer(block, name="block")
app.add_typer(contact, name="contact")
app.command()(doctor)
app.command()(backup)
app.command()(carrier)
app.command()(demo)

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""


def main() -> None:
    """Run a command: every error of ours is one sentence and an exit code, never a traceback."""
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
    say.note(message if message.startswith("Usage:") else f"callchain: {message.rstrip('.')}. See `callchain --help`.")
    sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
