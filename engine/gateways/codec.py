"""The SOAP codec: tables compiled from the WSDL's own schema that turn contract elements into plain values and back."""

import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any, NamedTuple

from lxml import etree

from store.errors import GatewayError

Values = dict[str, Any]
"""A contract element as plain values: an absent optional element is None, repeated elements are a list, instants are
ms UTC, base64 is bytes."""

NAMESPACE = "urn:shoutpoint:callprovider:v1"
XSD = "{http://www.w3.org/2001/XMLSchema}"

INT_MIN, INT_MAX = -(2**31), 2**31 - 1
"""The bounds of xsd:int."""


class ContractError(GatewayError):
    """A message is outside the contract. Says where, never what stood there: it may be a number or a secret."""


class RequestError(ContractError):
    """We were about to send something outside the contract; nothing was sent."""


class Codec:
    """Reads and writes every element the WSDL's schema declares. Immutable, so threads may share it."""

    def __init__(self, wsdl: bytes | None = None) -> None:
        """Compile `wsdl`, or the packaged one."""
        root = etree.fromstring(packaged_wsdl() if wsdl is None else wsdl, parser=strict_parser())
        self._shapes = compile_schema(root.find(f".//{XSD}schema"))
        self.operations = tuple(name for name in self._shapes if f"{name}Response" in self._shapes)

    def encode(self, name: str, values: Mapping[str, Any]) -> str:
        """The element `name` as XML text. Raises RequestError when the values do not fit the contract."""
        out = [f'<{name} xmlns="{NAMESPACE}">']
        self._shapes[name].write(values, out)
        out.append(f"</{name}>")
        return "".join(out)

    def decode(self, name: str, element: etree._Element | None) -> Values:
        """The values of `element`, which must be a `name`; children may come in any order, unknown ones are ignored.

        Raises ContractError when it is another element or a value is missing, repeated or garbled.
        """
        if element is None or element.tag != f"{{{NAMESPACE}}}{name}":
            raise ContractError(f"The message does not hold the element {name} where the contract puts it.")
        return self._shapes[name].read(element)


def packaged_wsdl() -> bytes:
    """The contract as it stands beside this file; it is never fetched."""
    return files("engine.gateways").joinpath("shoutpoint.wsdl").read_bytes()


def strict_parser(charset: str | None = None) -> etree.XMLParser:
    """A parser of its own for each message: a shared one holds a lock. Entities and the network stay shut.

    `charset` is what the transport says, if it does. Raises LookupError for one nobody knows.
    """
    return etree.XMLParser(
        encoding=charset,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
        huge_tree=False,
    )


# ---------------------------------------------------------------- shapes


class Simple(NamedTuple):
    """A type of one value: how it is read from text and written as text. Both raise ValueError on what does not fit."""

    name: str
    read: Callable[[str], Any]
    write: Callable[[Any], str]


class Field(NamedTuple):
    """One element of a sequence."""

    name: str
    type: "Simple | Shape"
    required: bool
    many: bool


class Shape:
    """A sequence of fields: a wrapper element or a complex type."""

    def __init__(self, name: str, fields: list[Field]) -> None:
        self.name = name
        self._fields = fields
        self._names = frozenset(field.name for field in fields)
        self._by_tag = {f"{{{NAMESPACE}}}{field.name}": field for field in fields}
        self._many = [field.name for field in fields if field.many]

    def read(self, element: etree._Element) -> Values:
        """The values under `element`; see `Codec.decode`."""
        values: Values = dict.fromkeys(self._names)
        for name in self._many:
            values[name] = []
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

    def write(self, values: Mapping[str, Any], out: list[str]) -> None:
        """Append the fields as XML text, in schema order; see `Codec.encode`."""
        if not values.keys() <= self._names:
            raise RequestError(f"{self.name} has no element {min(values.keys() - self._names)}.")
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


# ---------------------------------------------------------------- the schema


def compile_schema(schema: etree._Element | None) -> dict[str, Shape]:
    """Every top-level element of the schema as a shape. Raises ContractError for what the codec does not know."""
    if schema is None:
        raise ContractError("The WSDL holds no schema.")
    types = {f"xsd:{simple.name}": simple for simple in SIMPLE_TYPES}
    shapes: dict[str, Simple | Shape] = dict(types)
    for node in schema.findall(f"{XSD}complexType"):  # the schema declares each type before its first use
        shapes[f"tns:{node.get('name')}"] = _shape(str(node.get("name")), node, shapes)
    elements = {}
    for node in schema.findall(f"{XSD}element"):
        inner = node.find(f"{XSD}complexType")
        if inner is None:
            raise ContractError(f"The element {node.get('name')} of the WSDL is not a wrapper.")
        elements[str(node.get("name"))] = _shape(str(node.get("name")), inner, shapes)
    return elements


def _shape(name: str, node: etree._Element, types: Mapping[str, Simple | Shape]) -> Shape:
    fields = []
    for element in (child for sequence in node for child in sequence):
        type_name = str(element.get("type"))
        if element.tag != f"{XSD}element" or type_name not in types:
            raise ContractError(f"The WSDL's {name} uses what the codec does not know; keep to flat sequences.")
        fields.append(
            Field(
                name=str(element.get("name")),
                type=types[type_name],
                required=element.get("minOccurs") != "0",
                many=element.get("maxOccurs") == "unbounded",
            )
        )
    return Shape(name, fields)


# ---------------------------------------------------------------- simple types

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)
INTEGER = re.compile(r"[+-]?\d{1,11}", re.ASCII)
BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
XML_SPACE = " \t\r\n"

ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 cannot carry at all, not even escaped."""
SPECIAL = re.compile("[&<>\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})


def clean(value: str) -> str:
    """Text made fit for an element: escaped, and without the control characters XML cannot carry."""
    if SPECIAL.search(value) is None:
        return value
    return ILLEGAL.sub("", value).translate(ESCAPES)


def read_time(text: str) -> int:
    """An xsd:dateTime as ms UTC. Raises ValueError, also for a time without a zone: it would be a guess."""
    text = text.strip(XML_SPACE)
    if TIME.fullmatch(text) is None:
        raise ValueError("not a dateTime with a zone")
    return (datetime.fromisoformat(text) - EPOCH) // MILLISECOND


def write_time(at: int) -> str:
    """Ms UTC as `2026-03-01T08:00:00.000Z`."""
    return (EPOCH + at * MILLISECOND).isoformat(timespec="milliseconds")[:-6] + "Z"


def read_int(text: str) -> int:
    """An xsd:int. Raises ValueError."""
    text = text.strip(XML_SPACE)
    if INTEGER.fullmatch(text) is None or not INT_MIN <= int(text) <= INT_MAX:
        raise ValueError("not an int")
    return int(text)


def write_int(value: int) -> str:
    """An xsd:int. Raises ValueError when it does not fit."""
    if type(value) is not int or not INT_MIN <= value <= INT_MAX:
        raise ValueError("not an int")
    return str(value)


def read_boolean(text: str) -> bool:
    """An xsd:boolean. Raises ValueError."""
    value = BOOLEANS.get(text.strip(XML_SPACE))
    if value is None:
        raise ValueError("not a boolean")
    return value


def write_boolean(value: bool) -> str:
    """An xsd:boolean. Raises ValueError."""
    if type(value) is not bool:
        raise ValueError("not a boolean")
    return "true" if value else "false"


def read_base64(text: str) -> bytes:
    """An xsd:base64Binary. Raises ValueError."""
    try:
        return b64decode("".join(text.split()), validate=True)
    except Base64Error:
        raise ValueError("not base64") from None


def write_base64(value: bytes) -> str:
    """An xsd:base64Binary."""
    return b64encode(value).decode("ascii")


SIMPLE_TYPES = (
    Simple("string", str, clean),
    Simple("int", read_int, write_int),
    Simple("boolean", read_boolean, write_boolean),
    Simple("dateTime", read_time, write_time),
    Simple("base64Binary", read_base64, write_base64),
)
