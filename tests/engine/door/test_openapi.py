"""The door as it is described: the committed document is the served one, and whatever it allows may be asked."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from engine.door.described import described
from store.access import Role
from tests.engine.door.knocking import TcpDoor, at_socket

COMMITTED = Path(__file__).parents[3] / "docs" / "openapi.json"

EXAMPLES = 4
"""Of each endpoint."""

LEFT_OUT = {
    "/events": "it never ends",
    "/roster": "its body is a roster in msgpack, which no schema says",
    "/acts/doctor.examine": "it asks the network",
    "/acts/settings.credentials": "it asks the carrier",
    "/acts/webhooks.test": "it asks whoever is to be told",
}


def test_the_committed_document_is_the_served_one(tcp):
    served = at_socket(tcp.engine).raw("GET", "/openapi.json")[1]
    assert served == COMMITTED.read_bytes(), "write it anew: python -m engine.door.described > docs/openapi.json"


def test_the_document_without_a_door_is_the_same():
    assert described() == COMMITTED.read_bytes()


def test_every_reference_leads_somewhere_and_every_operation_has_a_name_of_its_own():
    text = COMMITTED.read_text()
    document = json.loads(text)
    names = [operation["operationId"] for methods in document["paths"].values() for operation in methods.values()]
    assert len(names) == len(set(names))
    for part in text.split('"$ref": "#/')[1:]:
        found: Any = document
        for key in part.partition('"')[0].split("/"):
            found = found[key]


Case = schemathesis.Case[Any]

SCHEMA = schemathesis.openapi.from_dict(json.loads(COMMITTED.read_text()))
OPERATIONS: list[Any] = [result.ok() for result in SCHEMA.get_all_operations()]  # type: ignore[union-attr]
ASKED = [one for one in OPERATIONS if one.path not in LEFT_OUT]


@pytest.fixture(scope="module")
def admin(tcp: TcpDoor) -> Any:
    return at_socket(tcp.engine)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("operation", ASKED, ids=[f"{one.method.upper()} {one.path}" for one in ASKED])
def test_whatever_the_document_allows_is_answered_as_it_says_and_never_fails(tcp, admin, operation):
    @given(operation.as_strategy())
    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def ask(case: Case) -> None:
        status, answer = admin.raw(*_said(case))
        assert status < 500 or operation.path in ("/readyz", "/healthz"), answer
        assert str(status) in operation.definition.raw["responses"]
        if status == 200 and "application/json" in operation.definition.raw["responses"]["200"]["content"]:
            operation.validate_response(_response(case, status, answer))
        elif status != 200 and operation.path not in ("/readyz", "/healthz"):
            assert set(json.loads(answer)) == {"error", "kind"}

    ask()
    assert not tcp.engine.failed


def _said(case: Case) -> tuple[str, str, bytes | None]:
    made = case.as_transport_kwargs(base_url="http://door")
    prepared = requests.Request(
        made["method"], made["url"], params=made.get("params"), json=made.get("json"), data=made.get("data")
    ).prepare()
    body = prepared.body
    return made["method"], prepared.path_url, body.encode() if isinstance(body, str) else body


def _response(case: Case, status: int, answer: bytes) -> schemathesis.Response:
    made = case.as_transport_kwargs(base_url="http://door")
    request = requests.Request(made["method"], made["url"]).prepare()
    return schemathesis.Response(
        status_code=status, headers={"content-type": ["application/json"]}, content=answer, request=request,
        elapsed=0.0, verify=False,
    )  # fmt: skip


@given(path=st.text(max_size=30), method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "OPTIONS", "TRACE"]))
@settings(max_examples=60, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_whatever_the_document_does_not_name_is_refused_in_a_sentence(tcp, path, method):
    status, answer = at_socket(tcp.engine).raw(method, "/" + quote(path), None)
    assert status in (200, 404, 405)
    if status != 200:
        assert set(json.loads(answer)) == {"error", "kind"}


def test_a_viewer_reads_the_document_too(tcp):
    assert tcp.as_role(Role.VIEWER, "reader").ask("GET", "/openapi.json")[1]["openapi"] == "3.1.0"
