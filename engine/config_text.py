"""The settings file as text: every setting with its meaning, taken from where it is declared."""

import ast
import inspect
import json
import textwrap
from collections.abc import Iterator
from itertools import pairwise
from typing import get_args, get_type_hints

import msgspec

from engine.config import Settings
from engine.section import Section

HEADER = (
    "# Settings of one district. Every key may be left out; what stands here is the default unless you change it.\n"
)


def settings_text(settings: Settings) -> str:
    """The whole file, with a comment above each key. Reading it gives the same settings again."""
    parts = [HEADER]
    for section in msgspec.structs.fields(Settings):
        value, repeated = getattr(settings, section.name), get_args(get_type_hints(Settings)[section.name])
        if not repeated:
            parts.extend((f"\n[{section.name}]\n", *_keys(value)))
            continue
        parts.append(f"\n# [[{section.name}]] may stand here any number of times. {inspect.getdoc(repeated[0])}\n")
        parts.extend(f"#   {key}: {meaning}\n" for key, meaning in _meanings(repeated[0]).items())
        for row in value:
            parts.append(f"\n[[{section.name}]]\n")
            parts.extend(f"{name} = {_toml(said)}\n" for name, said in msgspec.structs.asdict(row).items())
    return "".join(parts)


def _keys(section: Section) -> Iterator[str]:
    """Every key of a section under its meaning; one that is not set as a comment."""
    meanings = _meanings(type(section))
    for name, said in msgspec.structs.asdict(section).items():
        yield from (f"# {line}\n" for line in textwrap.wrap(meanings.get(name, ""), 100))
        yield f"# {name} =\n" if said is None else f"{name} = {_toml(said)}\n"


def _meanings(section: type) -> dict[str, str]:
    """The sentence below each field of a section."""
    declared = ast.parse(inspect.getsource(section)).body[0]
    assert isinstance(declared, ast.ClassDef), "a section is a class"
    return {
        field.target.id: str(note.value.value)
        for field, note in pairwise(declared.body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(note, ast.Expr)
        and isinstance(note.value, ast.Constant)
    }


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f"[{', '.join(_toml(item) for item in value)}]"
    if isinstance(value, str):
        # TOML's escapes are JSON's, and it wants one for the delete sign too.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return str(value)
