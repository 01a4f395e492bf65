"""The settings file as text: every setting with its meaning, taken from where it is declared."""

import ast
import inspect
import json
import textwrap
from itertools import pairwise

import msgspec

from engine import config
from engine.config import Settings

HEADER = (
    "# Settings of one district. Every key may be left out; what stands here is the default unless you change it.\n"
)


def settings_text(settings: Settings) -> str:
    """The whole file, with a comment above each key. Reading it gives the same settings again."""
    parts = [HEADER]
    for section in msgspec.structs.fields(Settings):
        value = getattr(settings, section.name)
        parts.append(f"\n[{section.name}]\n")
        meanings = _meanings(type(value))
        for field in msgspec.structs.fields(type(value)):
            parts.extend(f"# {line}\n" for line in textwrap.wrap(meanings.get(field.name, ""), 100))
            said = getattr(value, field.name)
            parts.append(f"# {field.name} =\n" if said is None else f"{field.name} = {_toml(said)}\n")
    return "".join(parts)


def _meanings(section: type) -> dict[str, str]:
    """The sentence below each field of a section."""
    tree = ast.parse(inspect.getsource(config))
    body = next(node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name == section.__name__)
    return {
        field.target.id: str(note.value.value)
        for field, note in pairwise(body)
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
