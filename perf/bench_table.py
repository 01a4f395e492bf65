"""`python -m perf.bench_table [NAME ...]`: every benchmark run small, each in a process of its own, in one table."""

import argparse
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, repeat
from time import monotonic
from typing import Any, NamedTuple

from perf.measure import machine, versions
from perf.small_runs import SMALL_RUNS, Figure, SmallRun

COMMAND = (sys.executable, "-m", "perf")
"""Before a name and its options."""

RUN_SECONDS_MAX = 300.0
"""A small run that takes longer hangs: the longest takes well under a minute on a busy machine."""

EVERY, SKIPPED = "*", "skipped"
"""In a figure's path, every part; in a part of a result, why it was not measured."""

HEAD_WIDTH, FIGURE_WIDTH, VALUE_WIDTH = 72, 42, 12
"""Of the table's columns: name and options, beside the seconds; under them figure and value, beside the aim."""


class Ran(NamedTuple):
    """What came of a small run: its figures, or why there are none."""

    seconds: float
    shown: tuple[tuple[str, str, str], ...] = ()
    """Figure, value and aim; of a run that is not verified too."""
    failure: str = ""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run and print; exits with 1 when any run failed."""
    parser = argparse.ArgumentParser(prog="python -m perf.bench_table", description="Every benchmark, run small.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these")
    names = parser.parse_args(arguments).names
    if unknown := set(names) - {small.name for small in SMALL_RUNS}:
        parser.error(f"there is no small run of {', '.join(sorted(unknown))}")
    sys.exit(print_table([small for small in SMALL_RUNS if not names or small.name in names]))


def print_table(runs: Iterable[SmallRun], command: Sequence[str] = COMMAND) -> int:
    """Run one after the other and print each as soon as it has ended. Returns 1 when any failed, else 0."""
    print(
        f"{_said(machine())}\n{_said(versions())}\nAll runs are small; aims are for the full size they name.\n",
        flush=True,
    )
    failed = []
    for small in runs:
        ran = run_small(small, command)
        print("\n".join(lines_of(small, ran)), flush=True)
        failed += [small.name] if ran.failure else []
    print(f"\nFailed: {', '.join(failed)}." if failed else "\nNone failed.")
    return 1 if failed else 0


def run_small(small: SmallRun, command: Sequence[str] = COMMAND, seconds_max: float = RUN_SECONDS_MAX) -> Ran:
    """Run one in a process of its own. One that hangs is ended with all processes it started."""
    begun = monotonic()
    process = subprocess.Popen(
        [*command, small.name, *small.options, "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        said, complaint = process.communicate(timeout=seconds_max)
    except subprocess.TimeoutExpired:
        return Ran(monotonic() - begun, failure=f"It took longer than {seconds_max:g} s.")
    finally:
        _end(process)
    return _ran(small, monotonic() - begun, process.returncode, said, complaint)


def _end(process: subprocess.Popen[str]) -> None:
    """Only where it has not ended: by itself it has stopped what it started."""
    if process.returncode is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def _ran(small: SmallRun, seconds: float, status: int, said: str, complaint: str) -> Ran:
    if status:
        return Ran(seconds, failure=_last_line(complaint) or f"It ended with status {status}.")
    try:
        result = json.loads(_last_line(said))
        shown = tuple(row for figure in small.figures for row in _shown(figure, result))
    except json.JSONDecodeError:
        return Ran(seconds, failure=f"It printed no result: {_last_line(said)!r}.")
    except LookupError as error:
        return Ran(seconds, failure=str(error.args[0]))
    return Ran(seconds, shown, failure=_unproved(result))


def _unproved(result: Mapping[str, Any]) -> str:
    """A run that says of itself that it did not do what its figures stand for is no run."""
    return "" if result.get("verified", True) else "It is not verified: it did not do what its figures stand for."


def lines_of(small: SmallRun, ran: Ran) -> Iterator[str]:
    """A run's lines in the table: what was run and how long it took, a figure each, and what went wrong."""
    yield f"{' '.join((small.name, *small.options)):<{HEAD_WIDTH}}  {ran.seconds:5.1f} s"
    for figure, value, aim in ran.shown:
        yield f"  {figure:<{FIGURE_WIDTH}}  {value:>{VALUE_WIDTH}}  {aim}".rstrip()
    if ran.failure:
        yield f"  FAILED: {ran.failure}"


def _shown(figure: Figure, result: Any) -> Iterator[tuple[str, str, str]]:  # noqa: ANN401
    """Every value a figure's path leads to, the aim beside the first. Raises LookupError where it leads nowhere."""
    aims = chain([figure.aim], repeat(""))
    for (path, value), aim in zip(_followed(figure.path.split("."), result), aims, strict=False):
        yield path, _number(value), aim


def _followed(path: Sequence[str], value: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401
    """Values at the end of a path, each with the path to it; a part that was skipped gives the reason instead."""
    if not path:
        yield "", value
    elif isinstance(value, dict) and SKIPPED in value:
        yield SKIPPED, value[SKIPPED]
    else:
        for name, part in _parts(path[0], value):
            for rest, found in _followed(path[1:], part):
                yield f"{name}.{rest}".rstrip("."), found


def _parts(name: str, value: Any) -> Iterable[tuple[str, Any]]:  # noqa: ANN401
    """The part of a name; with `*` all of them, those of a list called by what they say first."""
    if name == EVERY and isinstance(value, list):
        return [(str(next(iter(part.values()))), part) for part in value]
    if not isinstance(value, dict) or (name != EVERY and name not in value):
        raise LookupError(f"The result has no figure {name}.")
    return value.items() if name == EVERY else [(name, value[name])]


def _number(value: Any) -> str:  # noqa: ANN401
    return f"{value:,}" if isinstance(value, int | float) else "-" if value is None else str(value)


def _said(facts: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in facts.items())


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else ""


if __name__ == "__main__":
    main()
