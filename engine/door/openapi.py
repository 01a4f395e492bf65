"""The door described for programs: an OpenAPI 3.1 document, made from the same table as its routes."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from engine.door.endpoint import JSON, NUMBERS, Endpoint
from engine.orders import Refusal

TITLE, VERSION = "callchain", "1"

ABOUT = (
    "The engine of one school district. On this machine it is reached through the Unix socket `door/door.sock` in the "
    "district's folder, where the kernel says who asks; over TCP with TLS and a token. Every endpoint names the least "
    "role it takes as `x-role`: viewer, sender, emergency_sender, administrator. A viewer's answers name nobody. "
    "Instants are ms UTC."
)

REFUSALS = {
    400: "The request is no HTTP, or is too slow.",
    401: "There is no token, or none that holds.",
    403: "Whoever asks has not the role it takes.",
    404: "There is no such thing.",
    409: "As things stand it is refused.",
    413: "The body is too large.",
    422: "The request is not understood.",
    500: "The engine failed at it; its log says where.",
    502: "The carrier refuses, or is not reached.",
    503: "The store cannot be used, or too many are at the door.",
}

REF = "#/components/schemas/{name}"

_REFUSED = {str(status): {"$ref": f"#/components/responses/{status}"} for status in REFUSALS}

_IN_BRACES = re.compile(r"\{(\w+)\}")


def document(table: Sequence[Endpoint]) -> bytes:
    """The document as JSON, in the order of the table; the same table gives the same bytes."""
    types = list(_types(table))
    schemas, components = msgspec.json.schema_components(types, ref_template=REF)
    schema_of = dict(zip(map(repr, types), schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in table:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint, schema_of)
    whole = {
        "openapi": "3.1.0",
        "info": {"title": TITLE, "version": VERSION, "description": ABOUT},
        "security": [{}, {"token": []}],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(components.items())),
            "responses": {str(status): _refusal(said, schema_of) for status, said in REFUSALS.items()},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }
    return msgspec.json.format(msgspec.json.encode(whole), indent=1) + b"\n"


def _types(table: Sequence[Endpoint]) -> Iterator[Any]:
    yield Refusal
    for endpoint in table:
        for kind in (endpoint.asks, endpoint.answers, endpoint.query):
            if kind is not None and kind is not bytes:
                yield kind


def _operation(endpoint: Endpoint, schema_of: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": _operation_id(endpoint),
        "summary": endpoint.summary,
        "x-role": endpoint.role.word if endpoint.role is not None else "nobody",
        "parameters": [*_path_parameters(endpoint), *_query_parameters(endpoint)],
        "responses": {"200": _answer(endpoint, schema_of), **_REFUSED},
    }
    if endpoint.asks is not None:
        operation["requestBody"] = {"required": True, "content": _body(endpoint, schema_of)}
    if endpoint.role is None:
        operation["security"] = []
    return operation


def _operation_id(endpoint: Endpoint) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "_", f"{endpoint.method.lower()}{endpoint.path}").strip("_")


def _body(endpoint: Endpoint, schema_of: dict[str, Any]) -> dict[str, Any]:
    if endpoint.asks is bytes:
        return {endpoint.takes: {"schema": {"type": "string", "format": "binary"}}}
    return {JSON: {"schema": schema_of[repr(endpoint.asks)]}}


def _answer(endpoint: Endpoint, schema_of: dict[str, Any]) -> dict[str, Any]:
    schema = schema_of[repr(endpoint.answers)] if endpoint.answers is not None else {"type": "string"}
    return {"description": "Done.", "content": {endpoint.media: {"schema": schema}}}


def _refusal(said: str, schema_of: dict[str, Any]) -> dict[str, Any]:
    return {"description": said, "content": {JSON: {"schema": schema_of[repr(Refusal)]}}}


def _path_parameters(endpoint: Endpoint) -> Iterator[dict[str, Any]]:
    for name in _IN_BRACES.findall(endpoint.path):
        number = {"type": "integer", "minimum": 0, "maximum": min(10 ** NUMBERS.get(name, 1) - 1, 2**63 - 1)}
        yield {
            "name": name,
            "in": "path",
            "required": True,
            "schema": number if name in NUMBERS else {"type": "string"},
        }


def _query_parameters(endpoint: Endpoint) -> Iterator[dict[str, Any]]:
    if endpoint.query is None:
        return
    (_, components) = msgspec.json.schema_components([endpoint.query], ref_template=REF)
    for name, schema in components[endpoint.query.__name__]["properties"].items():
        yield {"name": name, "in": "query", "required": False, "schema": schema}
