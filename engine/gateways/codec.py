"""The SOAP codec: tables compiled from the WSDL's own schema that turn contract elements into plain values and back."""

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from lxml import etree

from engine.gateways.shapes import NAMESPACE, ContractError, Field, Shape, Values
from engine.gateways.simple_types import SIMPLE_TYPES, Simple

XSD = "{http://www.w3.org/2001/XMLSchema}"


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
