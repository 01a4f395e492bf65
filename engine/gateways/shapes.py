"""The elements of the contract that hold others: how they are read from a tree and written as text."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from lxml import etree

from engine.gateways.simple_types import Simple
from store.errors import GatewayError

Values = dict[str, Any]
"""A contract element as plain values: an absent optional element is None, repeated elements are a list, instants are
ms UTC, base64 is bytes."""

NAMESPACE = "urn:shoutpoint:callprovider:v1"

LAYOUTS_MAX = 64
"""Layouts a shape remembers. A carrier's rows come in a handful: with an answer or without, with keys or without."""


class ContractError(GatewayError):
    """A message is outside the contract. Says where, never what stood there: it may be a number or a secret."""


class RequestError(ContractError):
    """We were about to send something outside the contract; nothing was sent."""


class Field(NamedTuple):
    """One element of a sequence."""

    name: str
    type: "Simple | Shape"
    required: bool
    many: bool


Reader = tuple[str, Callable[[str], Any]]
"""Of a simple field: name, how it is read."""

Layout = tuple[list[str], list[Reader]]
"""The names of all children, and the readers of those that are not strings. All are known, none repeated or missing."""

Pen = tuple[str, Callable[[Any], str], bool, str, str]
"""Of a simple field: name, how it is written, whether it is required, its tags."""


class Shape:
    """A sequence of fields: a wrapper element or a complex type. Safe for threads."""

    def __init__(self, name: str, fields: list[Field]) -> None:
        self.name = name
        self._fields = fields
        self._names = frozenset(field.name for field in fields)
        self._by_tag = {f"{{{NAMESPACE}}}{field.name}": field for field in fields}
        self._many = [field.name for field in fields if field.many]
        self._flat = not any(field.many or isinstance(field.type, Shape) for field in fields)
        self._type_names = {field.name: field.type.name for field in fields}
        self._pens = [_pen(field) for field in fields if isinstance(field.type, Simple)]
        self._absent: Values = dict.fromkeys(field.name for field in fields)
        self._readers: dict[Any, Reader] = {
            tag: (field.name, field.type.read) for tag, field in self._by_tag.items() if isinstance(field.type, Simple)
        }
        self._layouts: dict[tuple[Any, ...], Layout] = {}

    # ------------------------------------------------------------ reading

    def read(self, element: etree._Element) -> Values:
        """The values under `element`; see `Codec.decode`.

        Rows come by the thousand in few layouts, so what follows from the tags of the children is worked out once for
        each layout. Whatever is unusual is read again with care, which says what it is.
        """
        if not self._flat:
            return self._read_with_care(element)
        children = list(element)
        tags = tuple([child.tag for child in children])
        layout = self._layouts.get(tags)
        if layout is None or any(map(len, children)):
            values = self._read_with_care(element)
            self._learn(tags)
            return values
        names, readers = layout
        values = self._absent.copy()
        values.update(zip(names, [child.text or "" for child in children], strict=True))
        try:
            for name, read in readers:
                values[name] = read(values[name])
        except ValueError:
            return self._read_with_care(element)
        return values

    def _learn(self, tags: tuple[Any, ...]) -> None:
        """Remember the layout of children that were read without complaint, unless one of them is unknown."""
        readers = [self._readers[tag] for tag in tags if tag in self._readers]
        if len(readers) == len(tags) and len(self._layouts) < LAYOUTS_MAX:
            names = [name for name, _ in readers]
            self._layouts[tags] = names, [reader for reader in readers if reader[1] is not str]

    def _read_with_care(self, element: etree._Element) -> Values:
        values = self._absent | {name: [] for name in self._many}
        by_tag = self._by_tag
        for child in element:
            field = by_tag.get(child.tag)
            if field is None:
                continue
            value = self._read_one(field, child)
            if field.many:
                values[field.name].append(value)
            elif values[field.name] is None:
                values[field.name] = value
            else:
                raise ContractError(f"{self.name}.{field.name} comes more than once.")
        for field in self._fields:
            if field.required and values[field.name] in (None, []):
                raise ContractError(f"{self.name}.{field.name} is missing.")
        return values

    def _read_one(self, field: Field, child: etree._Element) -> Any:  # noqa: ANN401
        if isinstance(field.type, Shape):
            return field.type.read(child)
        if len(child):
            raise ContractError(f"{self.name}.{field.name} holds elements instead of a value.")
        try:
            return field.type.read(child.text or "")
        except ValueError:
            raise ContractError(f"{self.name}.{field.name} is not a valid {field.type.name}.") from None

    # ------------------------------------------------------------ writing

    def write(self, values: Mapping[str, Any], out: list[str]) -> None:
        """Append the fields as XML text, in schema order; see `Codec.encode`."""
        if not self._names.issuperset(values):
            raise RequestError(f"{self.name} has no element {min(values.keys() - self._names)}.")
        if self._flat:
            self._write_flat(values, out)
            return
        for field in self._fields:
            value = values.get(field.name)
            if value is None or (field.many and not value):
                if field.required:
                    raise RequestError(f"{self.name}.{field.name} is required.")
            elif field.many:
                for one in value:
                    self._write_one(field, one, out)
            else:
                self._write_one(field, value, out)

    def _write_flat(self, values: Mapping[str, Any], out: list[str]) -> None:
        """Nothing but simple values, each at most once: the bulk of every message."""
        get, append = values.get, out.append
        name = ""
        try:
            for name, write, required, opening, closing in self._pens:
                value = get(name)
                if value is not None:
                    append(f"{opening}{write(value)}{closing}")
                elif required:
                    raise RequestError(f"{self.name}.{name} is required.")
        except (ValueError, TypeError, OverflowError):
            raise RequestError(f"{self.name}.{name} is not a valid {self._type_names[name]}.") from None

    def _write_one(self, field: Field, value: Any, out: list[str]) -> None:  # noqa: ANN401
        if isinstance(field.type, Shape):
            out.append(f"<{field.name}>")
            field.type.write(value, out)
            out.append(f"</{field.name}>")
            return
        try:
            out.append(f"<{field.name}>{field.type.write(value)}</{field.name}>")
        except (ValueError, TypeError, OverflowError):
            raise RequestError(f"{self.name}.{field.name} is not a valid {field.type.name}.") from None


def _pen(field: Field) -> Pen:
    assert isinstance(field.type, Simple)
    return field.name, field.type.write, field.required, f"<{field.name}>", f"</{field.name}>"
