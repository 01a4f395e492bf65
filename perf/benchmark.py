"""What a name of the harness is: a sentence, its options, how it is measured, how it is shown."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from typing import Any, NamedTuple

Result = dict[str, Any]
"""What a measurement gives, ready for JSON."""


class Benchmark(NamedTuple):
    """One name of `python -m perf NAME`."""

    summary: str
    add_options: Callable[[ArgumentParser], None]
    measure: Callable[[Namespace], Result]
    table: Callable[[Result], str]
    """The result as text, for who did not ask for JSON."""


def two_columns(result: Result) -> str:
    """Figure and value, one a line."""
    width = max(map(len, result))
    return "\n".join(f"{name:<{width}}  {_shown(value)}" for name, value in result.items())


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {part}" for key, part in value.items())
    return f"{value:,}" if isinstance(value, int | float) else str(value)
