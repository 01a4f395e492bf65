"""What a viewer is not shown: names, numbers and students are emptied in every answer, by its type."""

from typing import Any

import msgspec

from engine.views import GapView, Prepared

PRIVATE: dict[type[msgspec.Struct], tuple[str, ...]] = {
    GapView: ("contact_key", "contact_name", "student_ids"),
    Prepared: ("gaps",),
}
"""Fields that say whom it is about. A type that is not here is looked through for those that are."""

MASKED = "•••"
"""Stands where a text was: it must not be taken for one that is empty."""


def redacted(value: Any) -> Any:  # noqa: ANN401
    """An answer without whom it is about; the same type as before."""
    if isinstance(value, msgspec.Struct):
        return _struct(value)
    if isinstance(value, list | tuple):
        return type(value)([redacted(item) for item in value])
    if isinstance(value, dict):
        return {key: redacted(item) for key, item in value.items()}
    return value


def _struct(value: msgspec.Struct) -> msgspec.Struct:
    private, changed = PRIVATE.get(type(value), ()), {}
    for name in value.__struct_fields__:
        before = getattr(value, name)
        after = _emptied(before) if name in private else redacted(before)
        if after is not before:
            changed[name] = after
    return msgspec.structs.replace(value, **changed) if changed else value


def _emptied(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, str):
        return MASKED if value else value
    return type(value)()
