"""The contract holds with node-soap on either side: our gateway and engine at its server, its client at our server."""

import json
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import trustme

from actors.gateway import (
    Call,
    CallEnd,
    Cancellation,
    CancelOutcome,
    Failure,
    FailureKind,
    LineStatus,
    LogPage,
    Lookup,
    LookupState,
    Script,
    SubmitStatus,
    Submitted,
)
from actors.runtime.clock import FastClock
from engine.config import CarrierSettings, District, Lines, Redial, Settings
from engine.district.beginning import keep_password
from engine.district.secret_box import Secret
from engine.gateways.shoutpoint import ShoutpointGateway
from engine.gateways.stand_in.carrier import Carrier
from engine.gateways.stand_in.phone_network import SeededNetwork
from engine.gateways.stand_in.soap_server import ServerTls, SoapServer
from engine.service import Engine
from store.records import Audience, DeviceKind, Message, Reason
from tests.fakes import MONDAY_TEN, SNOW, Family, ScriptedPhones, one_contact, roster_of

PEERS = Path(__file__).parent
WSDL = PEERS.parent.parent / "engine" / "gateways" / "shoutpoint.wsdl"
NODE = shutil.which("node") or ""
USER, PASSWORD = "oak", "open <sésame> & more"
PEER_S = 30
"""How long a peer may take for everything; it needs one."""
SERVER_SPEED = 500
"""How much faster than life our server's calls are: one that rings for 20 s is over in 40 ms."""

pytestmark = pytest.mark.skipif(
    not (NODE and (PEERS / "node_modules" / "soap").is_dir()),
    reason="node-soap is not installed: with Node.js 20.19 or newer, say `npm ci` in tests/peers",
)


def environment(**told: object) -> dict[str, str]:
    """What a peer is told, and nothing of ours but where programs are."""
    return {"PATH": os.environ["PATH"], **{name: str(value) for name, value in told.items()}}


# ---------------------------------------------------------------- a: our gateway and engine at node-soap's server


class PeerServer:
    """The carrier of server.js while it runs. `calls` is what it took, known once it has stopped."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        assert process.stdout is not None
        self.url: str = json.loads(process.stdout.readline())["url"]
        self.calls: list[dict[str, str]] = []

    def stop(self) -> None:
        """End it by closing its standard input."""
        output, _errors = self._process.communicate(timeout=PEER_S)
        self.calls = json.loads(output)["calls"]


@contextmanager
def peer_server(phones: dict[str, list[str]], **files: Path) -> Iterator[PeerServer]:
    """Server.js with phones that do what they are told; any other answers and presses 0."""
    told = environment(PEER_WSDL=WSDL, PEER_USER=USER, PEER_PASSWORD=PASSWORD, PEER_PHONES=json.dumps(phones), **files)
    process = subprocess.Popen(
        [NODE, PEERS / "server.js"], env=told, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        peer = PeerServer(process)
        yield peer
        peer.stop()
    finally:
        process.kill()
        process.communicate()


class Answers:
    """Asks one act of a gateway and waits for its answer."""

    def __init__(self) -> None:
        self._answered = threading.Event()
        self._answer: Any = None

    def __call__(self, answer: Any) -> None:
        self._answer = answer
        self._answered.set()

    def get(self) -> Any:
        assert self._answered.wait(PEER_S)
        return self._answer


def ask(act: Any, *values: Any) -> Any:
    answers = Answers()
    act(*values, answers)
    return answers.get()


@contextmanager
def gateway_to(url: str, *, digest: bool = True, password: str = PASSWORD, ca_file: str | None = None) -> Iterator[Any]:
    gateway = ShoutpointGateway([url], USER, password, digest=digest, ca_file=ca_file)
    yield gateway
    gateway.close()


def calls_of(*numbers: str) -> list[Call]:
    """One call for each number; references name their place."""
    ends = int(time.time() * 1000) + 3_600_000
    return [Call(f"c-{i}", number, "+15125550100", "s-1", i == 2, ends) for i, number in enumerate(numbers, 1)]


SCRIPT = Script("s-1", "Schnee & Eis: <zu>", "Schnee.", language="de")
BUSY, MACHINE, ODD, RINGS_ON = "+15125550101", "+15125550102", "+15125550103", "+15125550104"


def read_log(gateway: Any, count: int) -> list[LogPage]:
    """Follow the cursor from the start until the pages hold so many rows; pages that brought none are left out."""
    pages: list[LogPage] = []
    cursor = ""
    while sum(len(page.rows) for page in pages) < count:
        page = ask(gateway.results, cursor)
        assert isinstance(page, LogPage)
        pages += [page] if page.rows else []
        cursor = page.next_cursor
    return pages


@pytest.mark.row("C033", "C034")
@pytest.mark.parametrize("digest", [False, True], ids=["text", "digest"])
def test_our_gateway_gets_a_usable_answer_to_each_of_its_acts_from_node_soap(digest):
    """C033: Jobs move by web service with SOAP (XML) messages. C034: SOAP is XML-based."""
    phones = {BUSY: ["BUSY"], MACHINE: ["MACHINE"], ODD: ["A_WORD_NOBODY_LISTED"], RINGS_ON: ["RINGS_ON"]}
    with peer_server(phones) as peer, gateway_to(peer.url, digest=digest) as gateway:
        assert gateway.verify() == "district-1"
        calls = calls_of(BUSY, MACHINE, ODD, RINGS_ON)
        first = ask(gateway.submit, calls, [SCRIPT])
        assert [(one.ref, one.status) for one in first] == [(call.ref, SubmitStatus.ACCEPTED) for call in calls]
        again = ask(gateway.submit, calls, [SCRIPT])
        assert again == [Submitted(one.ref, SubmitStatus.DUPLICATE, one.provider_id) for one in first]
        assert ask(gateway.cancel, ["c-4", "c-9"]) == [
            Cancellation("c-4", CancelOutcome.CANCELED),
            Cancellation("c-9", CancelOutcome.UNKNOWN),
        ]
        rows = [row for page in read_log(gateway, 4) for row in page.rows]
        again_read = read_log(gateway, 4)
        assert [(len(page.rows), page.more) for page in again_read] == [(2, True), (2, False)]
        assert [row for page in again_read for row in page.rows] == rows
        assert {row.ref: (row.end, row.number, row.keys) for row in rows} == {
            "c-1": (CallEnd.BUSY, BUSY, ""),
            "c-2": (CallEnd.MACHINE, MACHINE, ""),
            "c-3": (CallEnd.UNKNOWN, ODD, ""),
            "c-4": (CallEnd.CANCELED, RINGS_ON, ""),
        }
        found = ask(gateway.lookup, ["c-2", "c-4", "c-8"])
        assert found[0].state is LookupState.FINISHED
        assert found[0].row in rows
        assert found[1:] == [Lookup("c-4", LookupState.CANCELED), Lookup("c-8", LookupState.UNKNOWN)]
        status = ask(gateway.line_status)
        assert isinstance(status, LineStatus)
        assert (status.lines_total, status.queued, [center.state for center in status.centers]) == (2, 0, ["UP"])
        assert abs(status.server_time_at - time.time() * 1000) < PEER_S * 1000
    assert [call["ref"] for call in peer.calls] == ["c-1", "c-2", "c-3", "c-4"]


def test_what_node_soap_refuses_is_a_failure_that_says_why():
    with peer_server({}) as peer:
        with gateway_to(peer.url) as gateway:
            ask(gateway.submit, calls_of(BUSY), [SCRIPT])
            reused = ask(gateway.submit, calls_of(RINGS_ON), [SCRIPT])
            assert reused == Failure(
                FailureKind.REFUSED, False, "The carrier refused the request with the fault REF_REUSED."
            )
            assert ask(gateway.results, "never given").kind is FailureKind.REFUSED
            unspoken = ask(gateway.submit, [calls_of(BUSY, BUSY)[1]], [])
            assert unspoken == [Submitted("c-2", SubmitStatus.REJECTED, reason="NO_MESSAGE")]
        with gateway_to(peer.url, password="guessed") as gateway:
            assert ask(gateway.line_status).kind is FailureKind.AUTH
    assert [call["ref"] for call in peer.calls] == ["c-1"]


@pytest.mark.row("C035")
def test_our_gateway_reaches_node_soap_over_https(tmp_path):
    """C035: All traffic over HTTPS."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "server.pem"))
    pem = tmp_path / "server.pem"
    with (
        peer_server({}, PEER_CERT=pem, PEER_KEY=pem) as peer,
        gateway_to(peer.url, ca_file=str(tmp_path / "ca.pem")) as gateway,
    ):
        assert peer.url.startswith("https://")
        assert gateway.verify() == "district-1"
        assert [one.status for one in ask(gateway.submit, calls_of(BUSY, RINGS_ON), [SCRIPT])] == [
            SubmitStatus.ACCEPTED
        ] * 2


def noon_zone() -> str:
    """A zone in which it is between 12:00 and 13:00 now, so that no window ends while the test runs."""
    return f"Etc/GMT{datetime.now(UTC).hour - 12:+d}"


def connect(*families: Family) -> None:
    """Give every phone a number; the peer answers for them, not the town."""
    exchange = ScriptedPhones()
    for family in families:
        for phone in family.mom.phones:
            exchange.add(phone)


@pytest.mark.row("C033")
@pytest.mark.parametrize("reason", [Reason.GENERAL, Reason.EMERGENCY], ids=lambda reason: reason.word)
def test_a_whole_job_at_node_soap_confirms_every_chain_and_rings_nobody_twice(tmp_path, reason):
    """C033: Jobs move by web service with SOAP (XML) messages."""
    kinds = (DeviceKind.CELL, DeviceKind.WORK)
    families = [one_contact(name, kinds=kinds) for name in ("Adams", "Baker", "Clark", "Davis", "Evans")]
    connect(*families)
    adams, baker, clark, davis, evans = (family.mom for family in families)
    phones = {
        baker.cell.number: ["MACHINE"],
        clark.cell.number: ["BUSY"],
        davis.cell.number: ["BUSY", "NO_ANSWER"],
        davis.work.number: ["NO_ANSWER"],
    }
    soon = 0.3 / 60
    with peer_server(phones) as peer:
        settings = Settings(
            district=District(time_zone=noon_zone()),
            carrier=CarrierSettings(user=USER, endpoints=(peer.url,), stand_in=True, poll_seconds=0.1),
            lines=Lines(ordinary=4, emergency=2, number_gap_seconds=0),
            redial=Redial(
                call_delay_minutes=soon,
                busy_delay_minutes=soon,
                emergency_call_delay_minutes=soon,
                emergency_busy_delay_minutes=soon,
            ),
        )
        keep_password(tmp_path, Secret.CARRIER, PASSWORD)
        with Engine(tmp_path, settings=settings, sync=False) as engine:
            engine.replace_roster(roster_of(*families, fictional=True))
            prepared = engine.prepare(Message(reason, "Snow day", SNOW), Audience())
            engine.send(prepared, expect=len(families))
            job = engine.wait(prepared.job_id, PEER_S)
            assert (job.chains, job.confirmed, job.attempts, job.overdue) == (5, 5, 10, 0)
            assert engine.students(prepared.job_id).covered == 5
    expected = {
        adams.cell.number: ["ANSWERED"],
        baker.cell.number: ["MACHINE"],
        baker.work.number: ["ANSWERED"],
        clark.cell.number: ["BUSY"],
        clark.work.number: ["ANSWERED"],
        davis.cell.number: ["BUSY", "NO_ANSWER"],
        davis.work.number: ["NO_ANSWER", "ANSWERED"],
        evans.cell.number: ["ANSWERED"],
    }
    rung: dict[str, list[str]] = {}
    for call in peer.calls:
        rung.setdefault(call["phone"], []).append(call["disposition"])
    assert rung == expected
    assert len({call["ref"] for call in peer.calls}) == job.attempts


# ---------------------------------------------------------------- b: node-soap's client at our server


@pytest.fixture(scope="module", params=["http", "https"])
def report(request, tmp_path_factory) -> Any:
    """What client.js prints after it asked our server for everything."""
    ca_file = tmp_path_factory.mktemp("peer") / "ca.pem"
    tls = ServerTls(ca_file) if request.param == "https" else None
    carrier = Carrier(SeededNetwork(1), lines=4, emergency_lines=1)
    clock = FastClock(int(time.time() * 1000), MONDAY_TEN, SERVER_SPEED)
    server = SoapServer(carrier, clock, user=USER, password=PASSWORD, tls=tls)
    server.provider.add_inbound_text("i-1", "+15125550111", "82290", "STOP\x00 <now>")
    server.provider.add_dial_in("d-1", "+15125550111", "4711", 9000, "rec-1")
    server.provider.add_recording("rec-1", "audio/wav", b"RIFF\x00")
    server.start()
    try:
        told = environment(
            PEER_URL=server.urls[0], PEER_USER=USER, PEER_PASSWORD=PASSWORD, NODE_EXTRA_CA_CERTS=ca_file if tls else ""
        )
        done = subprocess.run(
            [NODE, PEERS / "client.js"], env=told, capture_output=True, text=True, timeout=PEER_S, check=False
        )
    finally:
        server.stop()
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.row("C033", "C034", "C035")
@pytest.mark.parametrize("kind", ["text", "digest"])
def test_node_soaps_client_is_served_in_all_twelve_operations(report, kind):
    """C033: Jobs move by web service with SOAP (XML) messages. C034: SOAP is XML-based.

    C035: All traffic over HTTPS.
    """
    answers = report[kind]
    assert all(answer["requestId"] for name, answer in answers.items() if name != "GetCallLog")
    assert answers["VerifyCustomer"]["customerId"].startswith("D-")
    assert answers["RegisterSchool"]["customerId"].startswith("S-")
    assert answers["UploadAudio"]["audioId"].startswith("A-")
    taken, again = answers["SubmitCalls"], answers["Repeated"]
    assert (taken["accepted"], taken["rejected"], again["accepted"]) == (3, 1, 3)
    assert [one["status"] for one in taken["result"]] == ["ACCEPTED"] * 3 + ["REJECTED"]
    assert taken["result"][3]["reason"] == "NO_MESSAGE"
    assert [one["status"] for one in again["result"]] == ["DUPLICATE"] * 3 + ["REJECTED"]
    assert [one.get("providerId") for one in again["result"]] == [one.get("providerId") for one in taken["result"]]
    assert answers["CancelCalls"]["result"] == [{"ref": f"{kind}-unknown", "outcome": "UNKNOWN"}]
    rows = {row["ref"]: row for row in answers["GetCallLog"]}
    assert sorted(rows) == [f"{kind}-{i}" for i in (1, 2, 3)]
    assert {row["disposition"] for row in rows.values()} <= {end.value for end in CallEnd}
    finished, withdrawn = answers["LookupCalls"]["result"]
    assert (finished["state"], finished["row"]) == ("FINISHED", rows[f"{kind}-1"])
    assert withdrawn == {"ref": f"{kind}-unknown", "state": "CANCELED"}
    status = answers["GetLineStatus"]
    assert (status["linesTotal"], status["emergencyLinesTotal"], len(status["center"])) == (4, 1, 2)
    assert status["serverTime"].startswith("2026-03-02T")
    assert answers["SubmitTexts"]["result"][0]["status"] == "ACCEPTED"
    assert answers["GetInboundTexts"]["row"][0]["body"] == "STOP <now>"
    assert answers["GetRemoteDialIns"]["row"][0]["digits"] == "4711"
    assert answers["FetchRecording"]["content"] == "UklGRgA="


def test_node_soaps_client_is_refused_with_the_declared_fault(report):
    refused = report["refused"]
    assert [refused[name]["code"] for name in ("password", "cursor", "rows")] == ["AUTH", "BAD_CURSOR", "BAD_REQUEST"]
    assert {fault["faultcode"] for fault in refused.values()} == {"soap:Client"}
    assert {fault["status"] for fault in refused.values()} == {500}
