"""The gateway to Shoutpoint survives whatever a carrier may answer, and finds the call center that works."""

import gzip
import queue
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from actors.gateway import (
    Call,
    CallEnd,
    Cancellation,
    CancelOutcome,
    Failure,
    FailureKind,
    Lookup,
    LookupState,
    Script,
    SubmitStatus,
)
from actors.runtime.clock import VirtualClock
from engine.gateways.codec import Codec
from engine.gateways.shoutpoint import ShoutpointGateway
from engine.gateways.stand_in.carrier import Carrier
from engine.gateways.stand_in.phone_network import SeededNetwork
from engine.gateways.stand_in.soap_server import CenterMode, ServerTls, SoapServer
from store.errors import ConfigError
from tests.engine.gateways.hostile_carrier import Behavior, HostileCarrier, Line, http
from tests.engine.gateways.soap_samples import AT, ROW, SAMPLES

CODEC = Codec()
ENVELOPE = '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Header/><e:Body>{}</e:Body></e:Envelope>'
STATUS = CODEC.encode("GetLineStatusResponse", dict(SAMPLES)["GetLineStatusResponse"])
GOOD = ENVELOPE.format(STATUS)
USER, PASSWORD = "district", "s3cret-p<ss>"
SHORT_S = 0.4
"""The deadline where a test waits for it; elsewhere it is long, so that a busy machine fails nothing."""
SCRIPT = Script("m-1", "School is closed", None)

B, U, A, R, C = (
    FailureKind.BUSY,
    FailureKind.UNREACHABLE,
    FailureKind.AUTH,
    FailureKind.REFUSED,
    FailureKind.CONTRACT,
)


def call(ref: str, *, emergency: bool = False, number: str = "+15125550123") -> Call:
    return Call(ref, number, "+15125550000", "m-1", emergency, AT + 3_600_000)


def gateway(*urls: str, **settings: Any) -> ShoutpointGateway:
    return ShoutpointGateway(urls, USER, PASSWORD, **settings)


def ask(act: Callable[..., None], *given: Any) -> Any:
    """What the gateway replies, exactly once, from another thread."""
    replies: queue.Queue[Any] = queue.Queue()
    act(*given, lambda answer: replies.put((answer, threading.current_thread())))
    answer, thread = replies.get(timeout=20)
    assert thread is not threading.current_thread()
    assert replies.empty()
    return answer


# ---------------------------------------------------------------- the fault table


def fault(code: str, retryable: str, after: str = "", prefix: str = "e", http_status: str = "500 Oops") -> Behavior:
    after = f"<retryAfterMs>{after}</retryAfterMs>" if after else ""
    detail = (
        f'<ProviderFault xmlns="urn:shoutpoint:callprovider:v1"><code>{code}</code>'
        f"<retryable>{retryable}</retryable>{after}</ProviderFault>"
    )
    return soap(
        f"<e:Fault><faultcode>{prefix}:Server</faultcode><faultstring>no: +15125550123</faultstring>"
        f"<detail>{detail}</detail></e:Fault>",
        http_status,
    )


def soap(body: str, status: str = "200 OK") -> Behavior:
    return http(status, ENVELOPE.format(body).encode())


def drips(head: bytes, drop: bytes) -> Behavior:
    def behave(line: Line) -> None:
        line.send(head)
        while line.wait(0.02):
            line.send(drop)

    return behave


def floods(line: Line) -> None:
    line.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nConnection: close\r\n\r\n<a>")
    while line.wait(0):
        line.send(b"x" * 65536)


def silent(line: Line) -> None:
    line.wait(30)


LAUGHS = (
    "<!DOCTYPE a ["
    + '<!ENTITY l0 "lol">'
    + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    + "]><a>&l9;</a>"
)
XXE = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>'
DTD = '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd">'
NO_LENGTH = -1
DEEP = "<a>" * 400 + "</a>" * 400
OTHER = CODEC.encode("CancelCallsResponse", {"requestId": "r", "result": []})
REFUSED_TOKEN = "<e:Fault><faultcode>wsse:FailedAuthentication</faultcode><faultstring>no</faultstring></e:Fault>"
XML = "text/xml; charset=utf-8"

FAULTS: list[tuple[str, Behavior, FailureKind, bool, int | None]] = [
    ("retryable fault", fault("LATER", "true", "1500"), B, True, 1500),
    ("retryable fault, HTTP 200", fault("LATER", "1", http_status="200 OK"), B, True, None),
    ("final fault", fault("REF_REUSED", "false", prefix="x"), R, False, None),
    ("AUTH fault", fault("AUTH", "false"), A, False, None),
    ("AUTH fault that says retryable", fault("AUTH", "true"), A, False, None),
    ("garbled fault", fault("LATER", "perhaps"), C, False, None),
    ("WS-Security's own fault", soap(REFUSED_TOKEN, "500 x"), A, False, None),
    ("fault without detail", soap("<e:Fault><faultcode>e:Server</faultcode></e:Fault>", "500 x"), C, True, None),
    ("fault with HTTP 400", fault("LATER", "true", http_status="400 Bad"), C, False, None),
    ("HTTP 500 with a success body", http("500 Oops", GOOD.encode()), C, True, None),
    ("HTTP 502 with HTML", http("502 Bad Gateway", b"<html/>", "text/html"), U, True, None),
    ("HTTP 503 with Retry-After", http("503 Busy", b"later", "text/plain", "Retry-After: 3"), B, True, 3000),
    ("HTTP 503 with a date", http("503 Busy", b"", "text/plain", "Retry-After: Fri, 1 May"), B, True, None),
    ("HTTP 429", http("429 Slow", b"", "text/plain"), B, True, None),
    ("HTTP 504", http("504 Late", b"", "text/plain"), U, True, None),
    ("HTTP 401", http("401 Who", b"", "text/plain"), A, False, None),
    ("HTTP 403", http("403 No", b"", "text/plain"), A, False, None),
    ("HTTP 404", http("404 Where", b"<html/>", "text/html"), C, False, None),
    ("HTTP 204", http("204 Nothing", b"", "text/plain"), C, False, None),
    ("HTML", http("200 OK", b"<html/>", "text/html"), C, True, None),
    ("JSON", http("200 OK", b"{}", "application/json"), C, True, None),
    ("empty HTTP body", http("200 OK", b""), C, True, None),
    ("right body, wrong type", http("200 OK", GOOD.encode(), "text/plain"), C, True, None),
    ("SOAP 1.2 type", http("200 OK", GOOD.encode(), "application/soap+xml"), C, True, None),
    (
        "SOAP 1.2 envelope",
        http("200 OK", GOOD.replace("schemas.xmlsoap.org/soap/envelope/", "www.w3.org/2003/05/soap-envelope").encode()),
        C,
        False,
        None,
    ),
    ("malformed XML", http("200 OK", GOOD[:-9].encode() + b"<"), C, True, None),
    ("cut without a length", http("200 OK", GOOD[:200].encode(), length=NO_LENGTH), C, True, None),
    ("cut with a length", http("200 OK", GOOD[:200].encode(), length=len(GOOD)), U, True, None),
    ("cut in a chunk", http("200 OK", b"ff\r\n<a", XML, "Transfer-Encoding: chunked", length=NO_LENGTH), U, True, None),
    ("closed early", lambda line: None, U, True, None),
    ("not HTTP", lambda line: line.send(b"220 smtp ready\r\n"), U, True, None),
    ("silent", silent, U, True, None),
    ("dripping headers", drips(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"), U, True, None),
    ("endless 100 Continue", drips(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), U, True, None),
    ("dripping body", drips(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n<a>", b"x"), U, True, None),
    (
        "dripping chunks",
        drips(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        U,
        True,
        None,
    ),
    ("endless body", floods, C, True, None),
    ("huge announced body", http("200 OK", b"", length=9_000_000), C, True, None),
    ("compressed", http("200 OK", gzip.compress(GOOD.encode()), XML, "Content-Encoding: gzip"), C, True, None),
    ("billion laughs", http("200 OK", LAUGHS.encode()), C, True, None),
    ("external entity", http("200 OK", XXE.encode()), C, False, None),
    ("DOCTYPE", http("200 OK", (DTD + GOOD).encode()), C, False, None),
    ("deep XML", soap(DEEP), C, True, None),
    ("missing element", soap(STATUS.replace("<queued>5</queued>", "")), C, False, None),
    ("garbled int", soap(STATUS.replace(">5<", ">many<")), C, False, None),
    ("garbled time", soap(STATUS.replace("2026-03-01", "2026-13-01")), C, False, None),
    ("wrong wrapper element", soap(OTHER), C, False, None),
    ("empty Body", soap(""), C, False, None),
    ("redirect", http("302 Found", b"", XML, "Location: http://127.0.0.1:9/"), C, False, None),
    ("redirect that would repost", http("307 Moved", b"", XML, "Location: http://127.0.0.1:9/"), C, False, None),
]


@pytest.mark.parametrize(
    ("behavior", "kind", "retryable", "after_ms"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS]
)
def test_whatever_goes_wrong_is_one_failure_that_shows_nothing(behavior, kind, retryable, after_ms):
    with HostileCarrier(behavior) as carrier:
        shoutpoint = gateway(carrier.url, deadline_s=SHORT_S if kind is U else 10)
        failure = ask(shoutpoint.line_status)
        shoutpoint.close()
        assert len(carrier.requests) == 1, "the transport never repeats a request by itself"
    assert isinstance(failure, Failure), failure
    assert (failure.kind, failure.retryable, failure.retry_after_ms) == (kind, retryable, after_ms), failure
    for secret in ("5550123", PASSWORD, "Envelope", "lol", "hostname"):
        assert secret not in failure.detail


@pytest.mark.parametrize(
    "body",
    [
        GOOD.encode(),
        ("﻿" + GOOD).encode(),
        GOOD.encode("utf-16"),
        ("<?xml version='1.0' encoding='ISO-8859-1'?>" + GOOD).encode("latin-1"),
        GOOD.replace("<requestId>r</requestId>", "<new>1</new>")
        .replace("<queued>", "<requestId>r</requestId><queued>")
        .encode(),
    ],
    ids=["utf-8", "byte order mark", "utf-16", "latin-1", "another order and a new element"],
)
def test_every_right_answer_is_read(body):
    with HostileCarrier(http("200 OK", body, "text/xml")) as carrier:
        shoutpoint = gateway(carrier.url)
        assert ask(shoutpoint.line_status).lines_total == 24
        shoutpoint.close()


def test_a_new_disposition_is_unknown():
    row = {**ROW, "disposition": "PIGEON"}
    page = CODEC.encode("GetCallLogResponse", {"requestId": "r", "nextCursor": "c", "more": False, "row": [ROW, row]})
    with HostileCarrier(soap(page)) as carrier:
        shoutpoint = gateway(carrier.url)
        ends = [row.end for row in ask(shoutpoint.results, "").rows]
        shoutpoint.close()
    assert ends == [CallEnd.ANSWERED, CallEnd.UNKNOWN]


@pytest.mark.parametrize(
    "results",
    [
        [],
        [{"ref": "a", "status": "ACCEPTED"}],
        [{"ref": "a", "status": "ACCEPTED"}, {"ref": "x", "status": "ACCEPTED"}],
        [{"ref": "a", "status": "ACCEPTED"}, {"ref": "b", "status": "PERHAPS"}],
    ],
    ids=["none", "one missing", "another", "unlisted word"],
)
def test_an_answer_that_leaves_a_call_open_is_outside_the_contract(results):
    answer = {"requestId": "r", "accepted": 0, "rejected": 0, "result": results}
    with HostileCarrier(soap(CODEC.encode("SubmitCallsResponse", answer))) as carrier:
        shoutpoint = gateway(carrier.url)
        failure = ask(shoutpoint.submit, [call("a"), call("b")], [SCRIPT])
        shoutpoint.close()
    assert failure.kind is FailureKind.CONTRACT
    assert failure.maybe_done


def test_a_request_outside_the_contract_is_refused_here_and_never_sent():
    with HostileCarrier(soap("")) as carrier:
        shoutpoint = gateway(carrier.url)
        too_many = ask(shoutpoint.lookup, [f"r{n}" for n in range(1001)])
        too_late = ask(shoutpoint.submit, [Call("a", "+15125550123", "", "m-1", False, 10**20)], [SCRIPT])
        assert ask(shoutpoint.cancel, []) == []
        shoutpoint.close()
        assert carrier.requests == []
    assert (too_many.kind, too_late.kind) == (FailureKind.REFUSED, FailureKind.REFUSED)


def test_the_request_is_plain_and_digest_tokens_never_hold_the_password():
    with HostileCarrier(soap(STATUS)) as carrier:
        shoutpoint = gateway(carrier.url)
        ask(shoutpoint.line_status)
        shoutpoint.close()
        head, _, body = carrier.requests[0].partition(b"\r\n\r\n")
    assert b"identity" in head
    assert b'SOAPAction: "urn:shoutpoint:callprovider:v1/GetLineStatus"' in head
    assert b"PasswordDigest" in body
    assert b"s3cret" not in carrier.requests[0]


# ---------------------------------------------------------------- two call centers


@pytest.fixture
def server() -> Iterator[SoapServer]:
    carrier = Carrier(SeededNetwork(1), lines=4, emergency_lines=1)
    soap_server = SoapServer(carrier, VirtualClock(AT), user=USER, password=PASSWORD)
    soap_server.start()
    yield soap_server
    soap_server.stop()


FAILING = [
    CenterMode.DROPS,
    CenterMode.UNAVAILABLE,
    CenterMode.DRAINING,
    CenterMode.SILENT,
    CenterMode.LOSES_ANSWERS,
]


@pytest.mark.row("C013")
@pytest.mark.parametrize("mode", FAILING, ids=lambda mode: mode.name)
@pytest.mark.parametrize("center", ["CA", "NY"])
def test_a_call_reaches_the_other_center_once_when_one_fails(server, center, mode):
    """C013: Fail-over: a server going offline in a vital messaging period must not lose delivery."""
    shoutpoint = gateway(*server.urls, deadline_s=2 * SHORT_S if mode is CenterMode.SILENT else 10)
    if center == "NY":  # have the gateway stick to NY first
        server.center_down("CA")
        ask(shoutpoint.line_status)
        server.center_up("CA")
    server.center_down(center, mode)
    answers = ask(shoutpoint.submit, [call("k-1")], [SCRIPT])
    shoutpoint.close()
    status = SubmitStatus.DUPLICATE if mode is CenterMode.LOSES_ANSWERS else SubmitStatus.ACCEPTED
    assert [(answer.ref, answer.status, answer.provider_id) for answer in answers] == [("k-1", status, "SP000000001")]


def test_the_gateway_stays_with_the_center_that_answered_last(server):
    shoutpoint = gateway(*server.urls)
    server.center_down("CA")
    ask(shoutpoint.line_status)
    server.center_up("CA")
    server.center_down("NY", CenterMode.LOSES_ANSWERS)
    before = server.requests
    ask(shoutpoint.line_status)
    assert server.requests == before + 2, "NY first, though CA is up again"
    ask(shoutpoint.line_status)
    assert server.requests == before + 3, "then CA alone"
    shoutpoint.close()


def test_no_center_answers_and_the_failure_says_so(server):
    shoutpoint = gateway(*server.urls)
    server.center_down("CA")
    server.center_down("NY", CenterMode.LOSES_ANSWERS)
    assert ask(shoutpoint.line_status).kind is FailureKind.UNREACHABLE
    server.center_down("CA", CenterMode.UNAVAILABLE)
    busy = ask(shoutpoint.line_status)
    assert (busy.kind, busy.retry_after_ms) == (FailureKind.BUSY, 1000)
    server.stop()
    assert ask(shoutpoint.line_status).kind is FailureKind.UNREACHABLE
    shoutpoint.close()


def test_final_refusals_are_not_carried_to_the_other_center(server):
    shoutpoint = gateway(*server.urls)
    ask(shoutpoint.submit, [call("k-1")], [SCRIPT])
    refused = ask(shoutpoint.submit, [call("k-1", number="+15125550199")], [SCRIPT])
    assert (refused.kind, refused.retryable, refused.maybe_done) == (FailureKind.REFUSED, False, False)
    assert "REF_REUSED" in refused.detail
    assert ask(shoutpoint.results, "nonsense").kind is FailureKind.REFUSED
    shoutpoint.close()
    stranger = ShoutpointGateway(server.urls, USER, "wrong")
    assert ask(stranger.line_status).kind is FailureKind.AUTH
    stranger.close()
    assert server.requests == 4


def test_a_refusal_settles_nothing_while_another_center_may_have_carried_the_request_out(server):
    with HostileCarrier(fault("AUTH", "false")) as refusing:
        shoutpoint = gateway(server.urls[0], refusing.url)
        server.center_down("CA", CenterMode.LOSES_ANSWERS)
        failure = ask(shoutpoint.submit, [call("k-1")], [SCRIPT])
        assert (failure.kind, failure.maybe_done) == (FailureKind.UNREACHABLE, True)
        assert ask(shoutpoint.line_status).kind is FailureKind.AUTH, "the one that answered is asked first, and heard"
        shoutpoint.close()


# ---------------------------------------------------------------- the acts


@pytest.mark.row("C022", "C027")
def test_verifying_gives_the_customer_id_or_an_auth_failure(server):
    """C022: Failed verification returns an error and leaves messaging disabled. C027: District ID is assigned when
    credentials verify.
    """
    right, wrong = gateway(*server.urls), ShoutpointGateway(server.urls, USER, "wrong", digest=False)
    customer = right.verify()
    assert isinstance(customer, str)
    assert customer == right.verify() != ""
    refused = wrong.verify()
    assert isinstance(refused, Failure)
    assert refused.kind is FailureKind.AUTH
    right.close()
    wrong.close()


@pytest.mark.row("C028")
@pytest.mark.parametrize("customer_id", ["", "D-1", "wrong"])
@pytest.mark.parametrize("digest", [True, False])
def test_every_act_goes_through_whatever_the_customer_id(server, customer_id, digest):
    """C028: Stored by the client, but never used for function or authentication."""
    shoutpoint = gateway(*server.urls, customer_id=customer_id, digest=digest, page_rows=1)
    numbers = [f"+15125550{n:03d}" for n in range(100, 106)]
    calls = [call(f"k-{n}", number=number, emergency=n == 0) for n, number in enumerate(numbers)]
    assert {answer.status for answer in ask(shoutpoint.submit, calls, [SCRIPT])} == {SubmitStatus.ACCEPTED}
    assert {answer.status for answer in ask(shoutpoint.submit, calls, [SCRIPT])} == {SubmitStatus.DUPLICATE}
    status = ask(shoutpoint.line_status)
    assert (status.lines_total, status.emergency_lines_total, status.server_time_at) == (4, 1, AT)
    assert [center.name for center in status.centers] == ["CA", "NY"]
    withdrawn = ask(shoutpoint.cancel, ["k-5", "k-9"])
    assert withdrawn == [Cancellation("k-5", CancelOutcome.CANCELED), Cancellation("k-9", CancelOutcome.UNKNOWN)]
    server.provider._clock.move_to(AT + 600_000)
    cursor, rows = "", []
    while (page := ask(shoutpoint.results, cursor)).rows:
        assert len(page.rows) == 1
        assert ask(shoutpoint.results, cursor).rows[0] == page.rows[0]
        rows += page.rows
        cursor = page.next_cursor
    assert sorted(row.ref for row in rows) == [f"k-{n}" for n in range(6)]
    assert all(row.number == numbers[int(row.ref[2:])] for row in rows)
    found = ask(shoutpoint.lookup, ["k-0", "k-7"])
    assert found[0] == Lookup("k-0", LookupState.FINISHED, next(row for row in rows if row.ref == "k-0"))
    assert found[1] == Lookup("k-7", LookupState.UNKNOWN)
    shoutpoint.close()


def test_an_emergency_waits_for_no_batch():
    arrived, go_on = threading.Semaphore(0), threading.Event()

    def slow(line: Line) -> None:
        arrived.release()
        if b"<emergency>true" not in line.request:
            go_on.wait(10)

    with HostileCarrier(slow) as carrier:
        shoutpoint = gateway(carrier.url, deadline_s=10)
        replies: queue.Queue[str] = queue.Queue()
        for ref in ("batch-1", "batch-2"):
            shoutpoint.submit([call(ref)], [SCRIPT], lambda _, ref=ref: replies.put(ref))  # type: ignore[misc]
        assert arrived.acquire(timeout=5)
        shoutpoint.submit([call("ordinary"), call("urgent", emergency=True)], [SCRIPT], lambda _: replies.put("urgent"))
        assert replies.get(timeout=5) == "urgent"
        go_on.set()
        assert sorted([replies.get(timeout=5), replies.get(timeout=5)]) == ["batch-1", "batch-2"]
        shoutpoint.close()


def test_the_most_urgent_act_goes_first():
    arrived, go_on, order = threading.Semaphore(0), threading.Event(), []

    def answer(line: Line) -> None:
        arrived.release()
        order.append(line.request.partition(b"SOAPAction: ")[2].partition(b"\r\n")[0].rpartition(b"/")[2])
        go_on.wait(10)

    with HostileCarrier(answer) as carrier:
        shoutpoint = gateway(carrier.url, threads=1, deadline_s=10)
        replies: queue.Queue[Any] = queue.Queue()
        shoutpoint.submit([call("first")], [SCRIPT], replies.put)
        assert arrived.acquire(timeout=5)
        shoutpoint.submit([call("ordinary")], [SCRIPT], replies.put)
        shoutpoint.line_status(replies.put)
        shoutpoint.results("", replies.put)
        shoutpoint.cancel(["x"], replies.put)
        shoutpoint.submit([call("urgent", emergency=True)], [SCRIPT], replies.put)
        go_on.set()
        for _ in range(6):
            replies.get(timeout=5)
        shoutpoint.close()
    first, urgent, *others, last = [name.decode().strip('"') for name in order]
    assert (first, urgent, last) == ("SubmitCalls", "SubmitCalls", "SubmitCalls")
    assert others == ["CancelCalls", "GetCallLog", "GetLineStatus"]


def test_closing_answers_what_is_out_and_what_comes_later():
    arrived = threading.Semaphore(0)

    def hang(line: Line) -> None:
        arrived.release()
        line.wait(30)

    with HostileCarrier(hang) as carrier:
        shoutpoint = gateway(carrier.url, carrier.url, threads=1, deadline_s=30)
        replies: queue.Queue[Any] = queue.Queue()
        shoutpoint.line_status(replies.put)
        assert arrived.acquire(timeout=5)
        shoutpoint.results("", replies.put)
        shoutpoint.close()
        assert {replies.get(timeout=5).kind for _ in range(2)} == {FailureKind.UNREACHABLE}
        assert ask(shoutpoint.cancel, ["a"]).kind is FailureKind.UNREACHABLE
        assert replies.empty()
        shoutpoint.close()


def test_a_reply_that_fails_harms_nobody(server, caplog):
    shoutpoint = gateway(*server.urls, threads=1)

    def fails(_: Any) -> None:
        raise ValueError("+15125550123")

    shoutpoint.line_status(fails)
    assert ask(shoutpoint.line_status).lines_total == 4
    shoutpoint.close()
    assert "ValueError" in caplog.text
    assert "5550123" not in caplog.text


def test_many_askers_at_once_each_get_their_own_answer(server):
    shoutpoint = gateway(*server.urls, threads=4)
    replies: queue.Queue[tuple[str, Any]] = queue.Queue()
    for n in range(120):
        shoutpoint.lookup([f"r-{n}"], lambda found, n=n: replies.put((f"r-{n}", found)))  # type: ignore[misc]
    for _ in range(120):
        ref, found = replies.get(timeout=20)
        assert [one.ref for one in found] == [ref]
    shoutpoint.close()


# ---------------------------------------------------------------- TLS and settings


@pytest.fixture
def tls_server(tmp_path) -> Iterator[SoapServer]:
    carrier = Carrier(SeededNetwork(1), lines=4, emergency_lines=1)
    soap_server = SoapServer(
        carrier, VirtualClock(AT), user=USER, password=PASSWORD, tls=ServerTls(tmp_path / "ca.pem")
    )
    soap_server.start()
    yield soap_server
    soap_server.stop()


@pytest.mark.row("C035")
def test_calls_go_over_https_when_the_authority_is_known(tls_server, tmp_path):
    """C035: All traffic over HTTPS."""
    shoutpoint = gateway(*tls_server.urls, ca_file=str(tmp_path / "ca.pem"))
    assert tls_server.urls[0].startswith("https://")
    assert ask(shoutpoint.submit, [call("a")], [SCRIPT])[0].status is SubmitStatus.ACCEPTED
    shoutpoint.close()


@pytest.mark.row("C035")
def test_a_certificate_of_another_authority_is_not_accepted(tls_server, tmp_path):
    """C035: All traffic over HTTPS."""
    ServerTls(tmp_path / "other.pem")
    for ca_file in (str(tmp_path / "other.pem"), None):
        shoutpoint = gateway(*tls_server.urls, ca_file=ca_file)
        failure = ask(shoutpoint.submit, [call("a")], [SCRIPT])
        assert (failure.kind, "certificate" in failure.detail) == (FailureKind.UNREACHABLE, True)
        shoutpoint.close()


def test_the_deadline_holds_over_tls_from_the_handshake_to_the_last_byte(tmp_path):
    tls = ServerTls(tmp_path / "ca.pem")
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"
    with HostileCarrier(silent) as mute, HostileCarrier(drips(head, b"X: y\r\n"), tls) as dripping:
        late = drips(head + b"\r\n<a>", b"x")
        with HostileCarrier(late, tls) as endless:
            for url in (mute.url.replace("http:", "https:"), dripping.url, endless.url):
                shoutpoint = gateway(url, ca_file=tls.ca_file, deadline_s=SHORT_S)
                assert ask(shoutpoint.line_status).kind is FailureKind.UNREACHABLE
                shoutpoint.close()


def test_the_environment_changes_neither_trust_nor_way(tls_server, tmp_path, monkeypatch):
    ServerTls(tmp_path / "other.pem")
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(name, str(tmp_path / "other.pem"))
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    shoutpoint = gateway(*tls_server.urls, ca_file=str(tmp_path / "ca.pem"))
    assert ask(shoutpoint.line_status).lines_total == 4
    shoutpoint.close()
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
    stranger = gateway(*tls_server.urls, ca_file=str(tmp_path / "other.pem"))
    assert ask(stranger.line_status).kind is FailureKind.UNREACHABLE
    stranger.close()


@pytest.mark.parametrize(
    "endpoints",
    [[], ["http://carrier.example/soap"], ["ftp://127.0.0.1/"], ["https://user:pw@carrier.example/"], ["nonsense"]],
)
def test_an_end_point_that_would_show_the_password_is_refused(endpoints):
    with pytest.raises(ConfigError) as caught:
        ShoutpointGateway(endpoints, USER, PASSWORD)
    assert "pw" not in str(caught.value)


def test_a_missing_ca_file_is_refused_at_once():
    with pytest.raises(ConfigError, match=r"nowhere\.pem"):
        gateway("https://carrier.example/soap", ca_file="/nowhere.pem")


def test_the_password_shows_nowhere(server, caplog):
    caplog.set_level("DEBUG")
    shoutpoint = gateway(*server.urls, digest=False)
    ask(shoutpoint.submit, [call("a")], [SCRIPT])
    shoutpoint.close()
    for text in (repr(shoutpoint), caplog.text):
        assert PASSWORD not in text
        assert "5550123" not in text
