"""Groups of options that several commands share, each a dataclass: the list stands once, every field is an option."""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import wraps
from typing import Any, TypeVar, get_type_hints

R = TypeVar("R")


def with_groups(command: Callable[..., R]) -> Callable[..., R]:
    """The command with every field of its dataclass parameters as an option of its own, in their place."""
    hints = get_type_hints(command, include_extras=True)
    parameters = inspect.signature(command).parameters
    groups = {name: hints[name] for name in parameters if is_dataclass(hints[name])}
    shown = [one for name, given in parameters.items() for one in _shown(given, hints[name], groups.get(name))]

    @wraps(command)
    def collected(**given: Any) -> R:  # noqa: ANN401 - whatever the command takes
        for name, group in groups.items():
            given[name] = group(**{field.name: given.pop(field.name) for field in fields(group)})
        return command(**given)

    del collected.__wrapped__  # else the signature within would be shown
    collected.__signature__ = inspect.Signature(shown)  # type: ignore[attr-defined]
    collected.__annotations__ = {one.name: one.annotation for one in shown} | {"return": hints.get("return")}
    return collected


def _shown(given: inspect.Parameter, hint: Any, group: Any) -> Iterator[inspect.Parameter]:  # noqa: ANN401
    if group is None:
        yield given.replace(annotation=hint, kind=inspect.Parameter.KEYWORD_ONLY)
        return
    hints = get_type_hints(group, include_extras=True)
    for field in fields(group):
        yield inspect.Parameter(
            field.name, inspect.Parameter.KEYWORD_ONLY, default=_default(field), annotation=hints[field.name]
        )


def _default(field: Field[Any]) -> Any:  # noqa: ANN401
    return field.default if field.default_factory is MISSING else field.default_factory()
