"""Our server serves suds, a client other people wrote in Python, with tokens in clear and as digests."""

import base64
import hashlib
import secrets
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from actors.runtime.clock import VirtualClock
from engine.gateways.stand_in.carrier import Carrier
from engine.gateways.stand_in.phone_network import SeededNetwork
from engine.gateways.stand_in.soap_server import SoapServer
from tests.fakes import MINUTE, MONDAY_TEN

suds = pytest.importorskip("suds", reason="suds is not installed: say `pip install suds-community`")
client_module = pytest.importorskip("suds.client")
wsse = pytest.importorskip("suds.wsse")
dates = pytest.importorskip("suds.sax.date")

USER, PASSWORD = "oak", "open <sésame> & more"
Ask = Callable[..., Any]


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(MONDAY_TEN)


@pytest.fixture
def server(clock) -> Iterator[SoapServer]:
    soap_server = SoapServer(Carrier(SeededNetwork(1), lines=4, emergency_lines=1), clock, user=USER, password=PASSWORD)
    soap_server.provider.add_inbound_text("i-1", "+15125550111", "82290", "STOP <now>")
    soap_server.provider.add_dial_in("d-1", "+15125550111", "4711", 9000, "rec-1")
    soap_server.provider.add_recording("rec-1", "audio/wav", b"RIFF\x00")
    soap_server.start()
    yield soap_server
    soap_server.stop()


def token(digest: bool, password: str = PASSWORD) -> Any:
    """A security header for one request; suds leaves the digest to its user."""
    user = wsse.UsernameToken(USER, password)
    if digest:
        nonce = secrets.token_bytes(16)
        user.setcreated()
        user.setnonce(base64.b64encode(nonce).decode())
        user.setnonceencoding(True)
        created = str(dates.DateTime(user.created))
        hashed = hashlib.sha1(nonce + created.encode() + password.encode()).digest()
        user.setpassworddigest(base64.b64encode(hashed).decode())
    header = wsse.Security()
    header.tokens.append(user)
    return header


def asking(client: Any, digest: bool, password: str = PASSWORD) -> Ask:
    """Asks for an operation, each time with a token of its own."""

    def ask(operation: str, **values: Any) -> Any:
        client.set_options(wsse=token(digest, password))
        return getattr(client.service, operation)(**values)

    return ask


@pytest.mark.row("C033", "C034")
@pytest.mark.parametrize("digest", [False, True], ids=["text", "digest"])
def test_suds_is_served_in_all_twelve_operations(server, clock, digest):
    """C033: Jobs move by web service with SOAP (XML) messages. C034: SOAP is XML-based."""
    client = client_module.Client(f"{server.urls[0]}?wsdl", cache=None)
    ask = asking(client, digest)
    district = ask("VerifyCustomer", userName=USER, password=PASSWORD).customerId
    school = ask("RegisterSchool", schoolRef="elm", name="Élan & <1>", phone="+15125550100", timeZone="America/Chicago")
    assert school.customerId.startswith("S-")
    content = base64.b64encode(b"RIFF").decode()
    audio_id = ask("UploadAudio", audioRef="a-1", mediaType="audio/wav", content=content).audioId
    status = ask("GetLineStatus", customerId=district)
    assert (status.linesTotal, len(status.center)) == (4, 2)
    window_end = status.serverTime + timedelta(hours=1)
    prompts = [{"kind": "TTS", "text": "Schnee & Eis: <zu>"}, {"kind": "AUDIO", "audioId": audio_id}]
    call = {"callerId": "+15125550100", "messageId": "m-1", "emergency": False, "windowEnd": window_end}
    calls = [{**call, "ref": "s-1", "phone": "+15125550101"}, {**call, "ref": "s-2", "phone": "+15125550102"}]
    taken = ask("SubmitCalls", batchRef="b", message=[{"messageId": "m-1", "prompt": prompts}], call=calls)
    assert [(one.ref, one.status) for one in taken.result] == [("s-1", "ACCEPTED"), ("s-2", "ACCEPTED")]
    assert ask("CancelCalls", ref=["s-9"]).result[0].outcome == "UNKNOWN"
    clock.move_to(MONDAY_TEN + 10 * MINUTE)
    log = ask("GetCallLog", maxRows=1)
    assert log.more is True
    rest = ask("GetCallLog", cursor=log.nextCursor, maxRows=10)
    assert sorted(row.ref for row in log.row + rest.row) == ["s-1", "s-2"]
    found = ask("LookupCalls", ref=["s-1", "s-8"]).result
    assert [one.state for one in found] == ["FINISHED", "UNKNOWN"]
    text = {"ref": "t-1", "phone": "+15125550111", "senderId": "82290", "body": "Snow", "emergency": True}
    assert ask("SubmitTexts", batchRef="t", text=[{**text, "windowEnd": window_end}]).accepted == 1
    assert ask("GetInboundTexts", maxRows=10).row[0].body == "STOP <now>"
    assert ask("GetRemoteDialIns", maxRows=10).row[0].recordingId == "rec-1"
    assert base64.b64decode(ask("FetchRecording", recordingId="rec-1").content) == b"RIFF\x00"


@pytest.mark.parametrize("digest", [False, True], ids=["text", "digest"])
def test_suds_is_refused_with_the_declared_fault(server, digest):
    client = client_module.Client(f"{server.urls[0]}?wsdl", cache=None)
    with pytest.raises(suds.WebFault) as guessed:
        asking(client, digest, "guessed")("GetLineStatus")
    assert guessed.value.fault.detail.ProviderFault.code == "AUTH"
    with pytest.raises(suds.WebFault) as lost:
        asking(client, digest)("GetCallLog", cursor="never given", maxRows=1)
    assert lost.value.fault.detail.ProviderFault.code == "BAD_CURSOR"
