"""`callchain`: the command line."""

import sys

import click
import typer

from store.errors import CallchainError
from tui.commands import say
from tui.commands.demo import demo
from tui.commands.job import cancel, jobs, pause, refresh, resume
from tui.commands.message import emergency, plan, send
from tui.commands.program import backup, carrier, init, serve, watch
from tui.commands.roster import roster, sample

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
app.command()(serve)
app.command()(watch)
app.command()(jobs)
app.command()(pause)
app.command()(resume)
app.command()(cancel)
app.command()(refresh)
app.command()(backup)
app.command()(carrier)
app.command()(demo)

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""


def main() -> None:
    """Run a command: every error of ours is one sentence and an exit code, never a traceback."""
    try:
        result = app(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        say.note("Stopped.")
        sys.exit(INTERRUPTED)
    except CallchainError as error:
        say.note(f"callchain: {error}")
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.exit(0)
    sys.exit(result if isinstance(result, int) else 0)


if __name__ == "__main__":
    main()
