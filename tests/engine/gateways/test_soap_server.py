"""Shoutpoint's side of the contract serves other libraries' clients and refuses as the contract declares."""

import base64
import gzip
import hashlib
import http.client
import re
import signal
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import zeep
from lxml import etree
from zeep.wsse import UsernameToken

from actors.runtime.clock import VirtualClock, WallClock
from engine.gateways.codec import Codec, packaged_wsdl
from engine.gateways.shapes import NAMESPACE
from engine.gateways.simple_types import write_time
from engine.gateways.stand_in import wsse
from engine.gateways.stand_in.carrier import Carrier
from engine.gateways.stand_in.envelope import WSSE, FaultError
from engine.gateways.stand_in.operations import RECORDING_BYTES_MAX
from engine.gateways.stand_in.phone_network import SeededNetwork
from engine.gateways.stand_in.soap_server import CenterMode, ServerTls, SoapServer
from store.errors import NotFoundError
from tests.engine.gateways.soap_samples import AT, MESSAGE, TEXT

USER, PASSWORD = "district", "s3cret-p<ss>é"
CODEC = Codec()
END = datetime(2026, 3, 1, 20, tzinfo=UTC)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(AT)


@pytest.fixture
def server(clock) -> Iterator[SoapServer]:
    carrier = Carrier(SeededNetwork(1), lines=4, emergency_lines=1)
    soap_server = SoapServer(carrier, clock, user=USER, password=PASSWORD)
    soap_server.start()
    yield soap_server
    soap_server.stop()


# ---------------------------------------------------------------- another library's client


def stock(server: SoapServer, *, digest: bool = False, password: str = PASSWORD, session: Any = None) -> Any:
    """Zeep as it comes, with the contract fetched from the server."""
    token = UsernameToken(USER, password, use_digest=digest)
    transport = zeep.Transport(session=session or requests.Session())
    client: Any = zeep.Client(server.urls[0] + "?wsdl", wsse=token, transport=transport)
    return client


@pytest.mark.row("C033", "C034")
@pytest.mark.parametrize("digest", [False, True], ids=["text", "digest"])
def test_another_librarys_client_is_served_in_every_operation(server, clock, digest):
    """C033: Jobs move by web service with SOAP (XML) messages. C034: SOAP is XML-based."""
    client = stock(server, digest=digest)
    ask = client.service
    district = ask.VerifyCustomer(userName=USER, password=PASSWORD).customerId
    school = ask.RegisterSchool(
        districtCustomerId=district, schoolRef="elm", name="Elm", phone="+15125550000", timeZone="America/Chicago"
    ).customerId
    audio = ask.UploadAudio(audioRef="a-1", mediaType="audio/wav", content=b"RIFF").audioId
    message = {"messageId": "m-1", "prompt": [{"kind": "TTS", "text": "Closed"}, {"kind": "AUDIO", "audioId": audio}]}
    call = {"phone": "+15125550100", "callerId": "+15125550000", "emergency": False, "windowEnd": END}
    calls = [
        {**call, "ref": "k-1", "messageId": "m-1", "schoolCustomerId": school},
        {**call, "ref": "k-2", "ttsText": "Hello", "emergency": True},
        {**call, "ref": "k-3", "audioId": audio},
        {**call, "ref": "k-4", "audioId": "A-unknown"},
        {**call, "ref": "k-5", "messageId": "m-unknown"},
    ]
    taken = ask.SubmitCalls(customerId=district, batchRef="b", message=[message], call=calls)
    assert (taken.accepted, taken.rejected) == (3, 2)
    assert [(one.ref, one.status, one.reason) for one in taken.result] == [
        ("k-1", "ACCEPTED", None),
        ("k-2", "ACCEPTED", None),
        ("k-3", "ACCEPTED", None),
        ("k-4", "REJECTED", "UNKNOWN_AUDIO"),
        ("k-5", "REJECTED", "NO_MESSAGE"),
    ]
    assert ask.CancelCalls(ref=["k-9"]).result[0].outcome == "UNKNOWN"
    status = ask.GetLineStatus(customerId=None)
    assert (status.linesTotal, status.serverTime) == (4, datetime(2026, 3, 1, 8, tzinfo=UTC))
    clock.move_to(AT + 600_000)
    log = ask.GetCallLog(maxRows=10)
    assert sorted(row.ref for row in log.row) == ["k-1", "k-2", "k-3"]
    assert log.more is False
    assert ask.GetCallLog(cursor=log.nextCursor, maxRows=10).row == []
    found = ask.LookupCalls(ref=["k-1", "k-8"]).result
    assert [(one.ref, one.state, one.row is None) for one in found] == [
        ("k-1", "FINISHED", False),
        ("k-8", "UNKNOWN", True),
    ]
    texts = ask.SubmitTexts(batchRef="t", text=[{**TEXT, "windowEnd": END}])
    assert (texts.accepted, texts.result[0].status) == (1, "ACCEPTED")
    server.provider.add_inbound_text("i-1", "+15125550100", "82290", "STOP\x00 now")
    server.provider.add_dial_in("d-1", "+15125550100", "4711", 9000, "rec-1")
    server.provider.add_recording("rec-1", "audio/wav", b"RIFF\x00")
    inbound = ask.GetInboundTexts(maxRows=10)
    assert [(row.fromPhone, row.body) for row in inbound.row] == [("+15125550100", "STOP now")]
    assert ask.GetRemoteDialIns(maxRows=10).row[0].recordingId == "rec-1"
    assert ask.FetchRecording(recordingId="rec-1").content == b"RIFF\x00"
    client.transport.session.close()


@pytest.mark.row("C035")
def test_another_librarys_client_is_served_over_https(clock, tmp_path):
    """C035: All traffic over HTTPS."""
    tls = ServerTls(tmp_path / "ca.pem")
    server = SoapServer(
        Carrier(SeededNetwork(1), lines=4, emergency_lines=1), clock, user=USER, password=PASSWORD, tls=tls
    )
    server.start()
    with requests.Session() as session:
        session.trust_env = False  # else a CA bundle of the environment would take the place of ours
        session.verify = tls.ca_file
        client = stock(server, session=session)
        assert client.wsdl.services["CallProvider"].ports["CallProviderSoap"].binding_options == {
            "address": server.urls[0]
        }
        assert client.service.VerifyCustomer(userName=USER, password=PASSWORD).requestId.startswith("CA-")
    server.stop()


def test_another_librarys_client_sees_the_declared_fault(server):
    client = stock(server, password="wrong")
    with pytest.raises(zeep.exceptions.Fault) as caught:
        client.service.GetLineStatus()
    assert (caught.value.code, caught.value.detail[0].tag) == ("soap:Client", f"{{{NAMESPACE}}}ProviderFault")
    client.transport.session.close()


def test_the_served_contract_is_the_packaged_one_but_for_the_address(server):
    for url in server.urls:
        served = exchange(url + "?WSDL", None, method="GET")[1]
        assert served == packaged_wsdl().replace(b"https://127.0.0.1:8443/soap", url.encode())
    assert exchange(server.urls[0], None, method="GET")[0] == 405
    assert exchange(server.urls[0], b"", method="DELETE")[0] == 405


# ---------------------------------------------------------------- envelopes written by hand


def token(user: str = USER, password: str = PASSWORD) -> str:
    password = password.replace("<", "&lt;")
    return (
        f'<s:Security xmlns:s="{WSSE}"><s:UsernameToken><s:Username>{user}</s:Username>'
        f"<s:Password>{password}</s:Password></s:UsernameToken></s:Security>"
    )


def envelope(body: str, header: str | None = None) -> bytes:
    header = token() if header is None else header
    return (
        '<E:Envelope xmlns:E="http://schemas.xmlsoap.org/soap/envelope/">'
        f"<E:Header>{header}</E:Header><E:Body>{body}</E:Body></E:Envelope>"
    ).encode()


def exchange(url: str, body: bytes | None, method: str = "POST", **headers: str) -> tuple[int, bytes]:
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    headers = {"Content-Type": "text/xml", **{name.replace("_", "-"): value for name, value in headers.items()}}
    try:
        connection.request(method, f"{parts.path}?{parts.query}", body, headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def answer(server: SoapServer, body: str, header: str | None = None) -> etree._Element:
    """The body element of the answer."""
    status, content = exchange(server.urls[0], envelope(body, header))
    element = etree.fromstring(content)[0][0]
    assert (status == 500) == (element.tag == "{http://schemas.xmlsoap.org/soap/envelope/}Fault")
    return element


def refusal(element: etree._Element) -> tuple[str, str | None, bool | None]:
    """Faultcode, and the code and retryable of the ProviderFault, if there is one."""
    code = str(element.findtext("faultcode"))
    detail = element.find("detail")
    if detail is None:
        return code, None, None
    declared = CODEC.decode("ProviderFault", detail[0])
    assert declared["requestId"]
    return code, declared["code"], declared["retryable"]


def asks(operation: str, values: dict[str, Any]) -> str:
    return CODEC.encode(operation, values)


STATUS = asks("GetLineStatus", {})


def test_an_envelope_in_another_order_with_unknown_parts_is_served_whatever_its_soap_action(server):
    body = f"""<p:SubmitCalls xmlns:p="{NAMESPACE}"><!-- by hand -->
        <p:call><p:windowEnd>2026-03-01T14:00:00-06:00</p:windowEnd><p:emergency>1</p:emergency><p:messageId>m</p:messageId>
          <p:callerId>+15125550000</p:callerId><p:phone>+15125550100</p:phone><p:later>x</p:later><p:ref>k-1</p:ref></p:call>
        <p:message><p:prompt><p:text><![CDATA[Closed & quiet]]></p:text><p:kind>TTS</p:kind></p:prompt>
          <p:messageId>m</p:messageId></p:message>
        <p:batchRef>b</p:batchRef></p:SubmitCalls>"""
    status, content = exchange(server.urls[1], envelope(body), SOAPAction='"urn:something/else"')
    assert status == 200
    taken = CODEC.decode("SubmitCallsResponse", etree.fromstring(content)[0][0])
    assert taken["result"] == [{"ref": "k-1", "status": "ACCEPTED", "providerId": "SP000000001", "reason": None}]
    assert taken["requestId"].startswith("NY-")


def test_compressed_and_otherwise_encoded_requests_are_read(server):
    text = envelope(STATUS).decode()
    assert exchange(server.urls[0], gzip.compress(text.encode()), Content_Encoding="gzip")[0] == 200
    assert exchange(server.urls[0], text.encode("utf-16"))[0] == 200
    assert exchange(server.urls[0], text.encode("latin-1"), Content_Type="text/xml; charset=ISO-8859-1")[0] == 200


@pytest.mark.parametrize(
    ("body", "header", "expected"),
    [
        (STATUS, "", ("soap:Client", "AUTH", False)),
        (STATUS, token(password="wrong"), ("soap:Client", "AUTH", False)),
        (STATUS, token(user="stranger"), ("soap:Client", "AUTH", False)),
        (STATUS, token() + token(), ("soap:Client", "AUTH", False)),
        (STATUS, token().replace("Password>", "Pass>"), ("soap:Client", "AUTH", False)),
        (STATUS, token().replace("<s:Password>", '<s:Password Type="x">'), ("soap:Client", "AUTH", False)),
        (asks("VerifyCustomer", {"userName": USER, "password": "x"}), None, ("soap:Client", "AUTH", False)),
        (STATUS, token() + '<x xmlns="urn:x" E:mustUnderstand="1"/>', ("soap:MustUnderstand", None, None)),
        ("", None, ("soap:Client", "BAD_REQUEST", False)),
        (STATUS + STATUS, None, ("soap:Client", "BAD_REQUEST", False)),
        (f'<Dance xmlns="{NAMESPACE}"/>', None, ("soap:Client", "UNKNOWN_OPERATION", False)),
        (f'<ProviderFault xmlns="{NAMESPACE}"/>', None, ("soap:Client", "UNKNOWN_OPERATION", False)),
        ('<GetLineStatus xmlns="urn:other"/>', None, ("soap:Client", "BAD_REQUEST", False)),
        (f'<GetCallLog xmlns="{NAMESPACE}"/>', None, ("soap:Client", "BAD_REQUEST", False)),
        (asks("GetCallLog", {"maxRows": 5}).replace(">5<", ">five<"), None, ("soap:Client", "BAD_REQUEST", False)),
        (asks("GetCallLog", {"cursor": "mine", "maxRows": 5}), None, ("soap:Client", "BAD_CURSOR", False)),
        (asks("GetInboundTexts", {"cursor": "t7", "maxRows": 5}), None, ("soap:Client", "BAD_CURSOR", False)),
        (asks("GetRemoteDialIns", {"cursor": "d00", "maxRows": 5}), None, ("soap:Client", "BAD_CURSOR", False)),
        (asks("GetCallLog", {"maxRows": 0}), None, ("soap:Client", "BAD_REQUEST", False)),
        (asks("LookupCalls", {"ref": ["r"] * 1001}), None, ("soap:Client", "TOO_MANY", False)),
        (asks("CancelCalls", {"ref": ["r"] * 1001}), None, ("soap:Client", "TOO_MANY", False)),
        (asks("SubmitTexts", {"batchRef": "b", "text": [TEXT] * 1001}), None, ("soap:Client", "TOO_MANY", False)),
        (asks("FetchRecording", {"recordingId": "none"}), None, ("soap:Client", "NOT_FOUND", False)),
    ],
)
def test_every_refusal_is_the_declared_fault(server, body, header, expected):
    assert refusal(answer(server, body, header)) == expected


@pytest.mark.parametrize(
    "header",
    ['<x xmlns="urn:x" E:mustUnderstand="0"/>', '<x xmlns="urn:x" E:mustUnderstand="1" E:actor="urn:somebody-else"/>'],
)
def test_headers_that_are_not_for_us_or_need_not_be_understood_are_passed_over(server, header):
    assert answer(server, STATUS, token() + header).tag.endswith("GetLineStatusResponse")
    must = token().replace("<s:Security ", '<s:Security E:mustUnderstand="1" ')
    assert answer(server, STATUS, must).tag.endswith("GetLineStatusResponse")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (envelope(STATUS)[:-3], "soap:Client"),
        (b"", "soap:Client"),
        (b"<!DOCTYPE x>" + envelope(STATUS), "soap:Client"),
        (b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>' + envelope("&e;"), "soap:Client"),
        (envelope("<a>" * 400 + "</a>" * 400), "soap:Client"),
        (
            envelope(STATUS).replace(b"schemas.xmlsoap.org/soap/envelope/", b"www.w3.org/2003/05/soap-envelope"),
            "soap:VersionMismatch",
        ),
    ],
    ids=["cut", "empty", "doctype", "external entity", "deep", "SOAP 1.2"],
)
def test_what_is_no_envelope_is_a_fault(server, content, code):
    status, body = exchange(server.urls[0], content)
    assert status == 500
    assert refusal(etree.fromstring(body)[0][0])[0] == code
    assert b"hostname" not in body


def test_another_media_type_or_charset_is_a_fault(server):
    for content_type in ("application/soap+xml", "application/json", "text/xml; charset=klingon"):
        assert exchange(server.urls[0], envelope(STATUS), Content_Type=content_type)[0] == 500


def test_more_bytes_than_the_contract_knows_are_a_fault_even_when_compressed(server):
    bomb = gzip.compress(envelope(" " * 11_000_000))
    status, body = exchange(server.urls[0], bomb, Content_Encoding="gzip")
    assert (status, refusal(etree.fromstring(body)[0][0])[1]) == (500, "TOO_LARGE")


def test_a_batch_beyond_the_contracts_bound_is_refused_as_a_whole(server):
    call = {
        "phone": "+15125550100",
        "callerId": "+15125550000",
        "ttsText": "x",
        "emergency": False,
        "windowEnd": AT + 9,
    }
    calls = [{**call, "ref": f"k-{n}"} for n in range(1001)]
    refused = answer(server, asks("SubmitCalls", {"batchRef": "b", "message": [MESSAGE], "call": calls}))
    assert refusal(refused) == ("soap:Client", "TOO_MANY", False)
    found = CODEC.decode("LookupCallsResponse", answer(server, asks("LookupCalls", {"ref": ["k-0"]})))
    assert found["result"][0]["state"] == "UNKNOWN"


def test_a_reference_with_another_phone_is_a_final_fault(server):
    call = {
        "ref": "k-1",
        "phone": "+15125550100",
        "callerId": "+15125550000",
        "ttsText": "x",
        "emergency": False,
        "windowEnd": AT + 9,
    }
    answer(server, asks("SubmitCalls", {"batchRef": "b", "call": [call]}))
    again = asks("SubmitCalls", {"batchRef": "b", "call": [{**call, "phone": "+15125550101"}]})
    assert refusal(answer(server, again)) == ("soap:Client", "REF_REUSED", False)


# ---------------------------------------------------------------- idempotency


@pytest.mark.row("C025", "C027")
def test_customer_ids_are_stable_and_one_for_each(server):
    """C025: One for the district and one for each school. C027: District ID is assigned when credentials verify."""

    def school(ref: str) -> str:
        values = {"schoolRef": ref, "name": "Elm", "phone": "+15125550000", "timeZone": "America/Chicago"}
        return str(CODEC.decode("RegisterSchoolResponse", answer(server, asks("RegisterSchool", values)))["customerId"])

    verify = asks("VerifyCustomer", {"userName": USER, "password": PASSWORD})
    district = CODEC.decode("VerifyCustomerResponse", answer(server, verify))["customerId"]
    ids = [school("elm"), school("oak"), school("elm")]
    assert ids[0] == ids[2]
    assert len({district, *ids}) == 3


def test_a_recording_is_uploaded_once_and_may_have_seven_megabytes(server):
    def upload(content: bytes) -> etree._Element:
        return answer(server, asks("UploadAudio", {"audioRef": "a", "mediaType": "audio/wav", "content": content}))

    full = bytes(RECORDING_BYTES_MAX)
    first = CODEC.decode("UploadAudioResponse", upload(full))
    assert CODEC.decode("UploadAudioResponse", upload(full))["audioId"] == first["audioId"]
    assert refusal(upload(b"other")) == ("soap:Client", "REF_REUSED", False)
    assert refusal(upload(full + b"!")) == ("soap:Client", "TOO_LARGE", False)


def test_a_text_is_taken_once(server):
    def send(**changes: Any) -> etree._Element:
        return answer(
            server, asks("SubmitTexts", {"batchRef": "b", "text": [{**TEXT, "windowEnd": AT + 9, **changes}]})
        )

    first, again = (CODEC.decode("SubmitTextsResponse", send())["result"][0] for _ in range(2))
    assert (first["status"], again["status"]) == ("ACCEPTED", "DUPLICATE")
    assert first["providerId"] == again["providerId"]
    assert refusal(send(phone="+15125550199")) == ("soap:Client", "REF_REUSED", False)
    late = CODEC.decode("SubmitTextsResponse", send(ref="x-2", windowEnd=AT))
    assert (late["accepted"], late["rejected"], late["result"][0]["reason"]) == (0, 1, "EXPIRED")
    assert [(text.ref, text.body) for text in server.provider.outbox()] == [("x-1", "Bus 7 is late")]


def test_a_feed_read_again_from_the_same_cursor_gives_the_same_rows(server):
    for n in range(5):
        server.provider.add_inbound_text(f"i-{n}", "+15125550100", "82290", "YES")

    def page(cursor: str | None) -> dict[str, Any]:
        asked = asks("GetInboundTexts", {"cursor": cursor, "maxRows": 2})
        return CODEC.decode("GetInboundTextsResponse", answer(server, asked))

    seen, cursor, more = [], None, True
    while more:
        first, again = page(cursor), page(cursor)
        assert first["row"] == again["row"]
        seen += [row["providerId"] for row in first["row"]]
        cursor, more = first["nextCursor"], first["more"]
    assert seen == [f"i-{n}" for n in range(5)]


# ---------------------------------------------------------------- tokens


def digest_token(created: str, nonce: bytes = b"0123456789abcdef", password: str = PASSWORD) -> etree._Element:
    digest = base64.b64encode(hashlib.sha1(nonce + created.encode() + password.encode()).digest()).decode()
    return etree.fromstring(
        f'<s:Security xmlns:s="{WSSE}" xmlns:u="{wsse.WSU}"><s:UsernameToken><s:Username>{USER}</s:Username>'
        f'<s:Password Type="{wsse.PROFILE}#PasswordDigest">{digest}</s:Password>'
        f"<s:Nonce>{base64.b64encode(nonce).decode()}</s:Nonce><u:Created>{created}</u:Created>"
        "</s:UsernameToken></s:Security>"
    )


MINUTE = 60_000


def test_a_digest_is_good_once():
    wall = VirtualClock(AT)
    checker = wsse.TokenChecker(USER, PASSWORD, wall)
    checker.check(digest_token(write_time(AT)))
    for later in (0, 9 * MINUTE):
        wall.move_to(AT + later)
        with pytest.raises(FaultError, match=r"used before|not created now"):
            checker.check(digest_token(write_time(AT)))
    checker.check(digest_token(write_time(wall.now()), b"another"))


@pytest.mark.parametrize(("off", "good"), [(-5, True), (-5.1, False), (5, True), (5.1, False)])
def test_a_digest_is_good_within_five_minutes_of_its_creation(off, good):
    checker = wsse.TokenChecker(USER, PASSWORD, VirtualClock(AT))
    security = digest_token(write_time(AT + int(off * MINUTE)))
    if good:
        checker.check(security)
    else:
        with pytest.raises(FaultError, match="not created now"):
            checker.check(security)


@pytest.mark.parametrize(
    "security",
    [
        digest_token(write_time(AT), password="wrong"),
        digest_token(write_time(AT), b""),
        digest_token(write_time(AT), b"x" * 65),
        digest_token("2026-03-01T08:00:00"),
        digest_token("now"),
        digest_token(""),
    ],
    ids=["wrong password", "no nonce", "long nonce", "no zone", "no time", "no Created"],
)
def test_a_bad_digest_is_an_auth_fault(security):
    with pytest.raises(FaultError) as caught:
        wsse.TokenChecker(USER, PASSWORD, VirtualClock(AT)).check(security)
    assert (caught.value.code, caught.value.retryable) == ("AUTH", False)
    assert PASSWORD not in str(caught.value)


def test_nonces_are_forgotten_once_their_tokens_are_too_old(monkeypatch):
    monkeypatch.setattr(wsse, "NONCES_MAX", 3)
    wall = VirtualClock(AT)
    checker = wsse.TokenChecker(USER, PASSWORD, wall)
    for n in range(3):
        checker.check(digest_token(write_time(AT), b"nonce %d" % n))
    with pytest.raises(FaultError) as caught:
        checker.check(digest_token(write_time(AT), b"one more"))
    assert (caught.value.code, caught.value.retryable) == ("BUSY", True)
    wall.move_to(AT + 11 * MINUTE)
    checker.check(digest_token(write_time(wall.now()), b"one more"))


def test_tokens_are_of_real_time_even_when_calls_live_on_another(server):
    fresh = write_time(WallClock().now())
    assert abs(WallClock().now() - AT) > 5 * MINUTE, "the server's calls live on a virtual clock"
    header = etree.tostring(digest_token(fresh)).decode()
    assert answer(server, STATUS, header).tag.endswith("GetLineStatusResponse")
    assert refusal(answer(server, STATUS, header)) == ("soap:Client", "AUTH", False)
    stale = (datetime.now(UTC) - timedelta(minutes=6)).isoformat()
    assert refusal(answer(server, STATUS, etree.tostring(digest_token(stale, b"n2")).decode()))[1] == "AUTH"


# ---------------------------------------------------------------- centers and life


@pytest.mark.row("C011")
def test_there_are_two_centers_and_each_can_fail_in_its_way(server):
    """C011: Two domestic sites: California and New York."""
    ca, ny = server.urls
    assert [urlsplit(url).path for url in (ca, ny)] == ["/ca/soap", "/ny/soap"]
    server.center_down("CA")
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        exchange(ca, envelope(STATUS))
    content = exchange(ny, envelope(STATUS))[1]
    status = CODEC.decode("GetLineStatusResponse", etree.fromstring(content)[0][0])
    assert [(center["name"], center["state"]) for center in status["center"]] == [("CA", "DOWN"), ("NY", "UP")]
    server.center_down("CA", CenterMode.UNAVAILABLE)
    assert exchange(ca, envelope(STATUS))[0] == 503
    server.center_down("CA", CenterMode.DRAINING)
    assert refusal(answer(server, STATUS)) == ("soap:Server", "DRAINING", True)
    server.center_up("CA")
    assert exchange(ca, envelope(STATUS))[0] == 200
    with pytest.raises(NotFoundError):
        server.center_down("TX")


def test_an_unforeseen_error_is_a_retryable_fault_that_shows_nothing(server, monkeypatch, caplog):
    def fails(*_: object) -> None:
        raise ZeroDivisionError("+15125550100")

    monkeypatch.setattr(server.provider._carrier, "line_status", fails)
    element = answer(server, STATUS)
    assert refusal(element) == ("soap:Server", "INTERNAL", True)
    assert "ZeroDivisionError" in caplog.text
    assert "5550100" not in caplog.text + etree.tostring(element).decode()


def test_a_taken_port_is_an_error_at_the_start(server, clock):
    port = urlsplit(server.urls[0]).port or 0
    second = SoapServer(
        Carrier(SeededNetwork(1), lines=1, emergency_lines=0), clock, user=USER, password=PASSWORD, port=port
    )
    with pytest.raises(OSError, match="address already in use"):
        second.start()
    second.stop()


def test_calls_end_in_time_though_nobody_asks(clock):
    carrier = Carrier(SeededNetwork(1), lines=4, emergency_lines=1)
    moved = threading.Event()
    advance = carrier.advance

    def watched(now: int) -> None:
        advance(now)
        if now > AT:
            moved.set()

    carrier.advance = watched  # type: ignore[method-assign]
    server = SoapServer(carrier, clock, user=USER, password=PASSWORD)
    server.start()
    clock.move_to(AT + 1)
    assert moved.wait(5)
    server.stop()
    server.stop()


def test_in_the_foreground_it_serves_until_it_is_told_to_end(clock):
    server = SoapServer(Carrier(SeededNetwork(1), lines=4, emergency_lines=1), clock, user=USER, password=PASSWORD)
    seen: list[int] = []

    def use(urls: tuple[str, ...]) -> None:
        def client() -> None:
            seen.append(exchange(urls[0], envelope(STATUS))[0])
            signal.raise_signal(signal.SIGTERM) if len(seen) > 1 else server.stop()

        thread.append(threading.Thread(target=client))
        thread[-1].start()

    thread: list[threading.Thread] = []
    for _ in range(2):
        server.run(use)
        thread[-1].join()
    assert seen == [200, 200]


def test_the_password_shows_in_no_answer(server):
    body = asks("VerifyCustomer", {"userName": USER, "password": PASSWORD})
    for content in (envelope(body), envelope(body, token(password="wrong")), envelope(body)[:-4]):
        assert not re.search(b"s3cret", exchange(server.urls[0], content)[1])
