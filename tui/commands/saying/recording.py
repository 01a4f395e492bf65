"""`callchain recording`: messages that were recorded, kept to be played."""

from pathlib import Path
from typing import Annotated

import typer

from engine.acts.recordings import ADD, LIST, REMOVE, AddRecording, ListRecordings, RecordingView, RemoveRecording
from engine.doctor.finding import amount
from engine.speech.recordings import BYTES_MAX, too_large
from store.errors import InvalidInputError
from tui.acts import ask
from tui.commands import say
from tui.commands.options import HOME, Home, Json
from tui.door import zone_of

recording = typer.Typer(help="Recorded messages: wav files, PCM or mu-law, mono, 8 or 16 kHz.", no_args_is_help=True)


@recording.command("add")
def add(
    file: Annotated[Path, typer.Argument(help="A wav file of up to 5 minutes and 7 MB.")],
    name: Annotated[str, typer.Option(help="What it is called in lists; else the file's name.")] = "",
    home: Home = HOME,
    json: Json = False,
) -> None:
    """Keep a recording; its id is what messages name it by."""
    kept = ask(home, ADD, AddRecording(name=name or file.stem, content=_content(file)))
    if json:
        say.json(kept)
    else:
        say.line(f"Recording {kept.recording_id} is kept: {kept.name}, {_length(kept)}.")


@recording.command("list")
def list_recordings(home: Home = HOME, json: Json = False) -> None:
    """List the recordings, oldest first."""
    kept = ask(home, LIST, ListRecordings())
    if json:
        say.json(kept)
        return
    zone = zone_of(home)
    say.table(
        amount(len(kept), "recording"),
        ("ID", "NAME", "LENGTH#", "ADDED", "BY", "CARRIER HAS IT"),
        (
            (one.recording_id, one.name, _length(one), say.clock(one.added_at, zone), one.author,
             "yes" if one.uploaded else "not yet")
            for one in kept
        ),
    )  # fmt: skip


@recording.command("remove")
def remove(
    which: Annotated[str, typer.Argument(help="Its id, or its name.")], home: Home = HOME, json: Json = False
) -> None:
    """Let go of a recording that no template and no open job plays."""
    gone = ask(home, REMOVE, RemoveRecording(recording=which))
    if json:
        say.json(gone)
    else:
        say.line(f"Recording {gone.recording_id} ({gone.name}) is removed.")


def _content(file: Path) -> bytes:
    """The file, unless it is larger than any recording: then it is not even read."""
    try:
        if not file.is_file():
            raise InvalidInputError(f"There is no file {file}; name a wav file.")
        with file.open("rb") as stream:
            content = stream.read(BYTES_MAX + 1)
    except OSError as error:
        raise InvalidInputError(f"The file {file} cannot be read: {error.strerror}.") from error
    if len(content) > BYTES_MAX:
        raise too_large(file.name)
    return content


def _length(one: RecordingView) -> str:
    return f"{one.duration_ms / 1000:.1f} s"
