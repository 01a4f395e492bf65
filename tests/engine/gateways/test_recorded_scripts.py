"""A script with a recording on its way to the carrier: prompts in order, through the contract and back."""

import pytest
from lxml import etree

from actors.gateway import Call, Failure, FailureKind, Script
from actors.runtime.clock import WallClock
from engine.gateways import wire
from engine.gateways.codec import Codec
from engine.gateways.shoutpoint import ShoutpointGateway
from engine.gateways.stand_in.carrier import Carrier
from engine.gateways.stand_in.phone_network import SeededNetwork
from engine.gateways.stand_in.soap_server import SoapServer

RECORDED = Script(
    "job-1",
    "Press 0.",
    "Call us.",
    before="From Oak.",
    audio_id="A-1",
    machine_before="From Oak.",
    machine_audio_id="A-1",
)  # fmt: skip
CALL = Call("ref-1", "+12015550100", "+16125550100", "job-1", False, 2_000_000_000_000)


def through_the_contract(script: Script) -> Script:
    """Written as XML and read again, as the carrier reads it."""
    codec = Codec()
    body = {"batchRef": "b", "message": [wire.script_to_wire(script)], "call": [wire.call_to_wire(CALL)]}
    read = codec.decode("SubmitCalls", etree.fromstring(codec.encode("SubmitCalls", body)))
    return wire.script_from_wire(read["message"][0])


def test_what_is_said_before_the_recording_and_after_it_stand_in_their_order():
    values = wire.script_to_wire(RECORDED)
    assert values["prompt"] == [
        {"kind": "TTS", "text": "From Oak."},
        {"kind": "AUDIO", "audioId": "A-1"},
        {"kind": "TTS", "text": "Press 0."},
    ]
    assert [prompt["kind"] for prompt in values["machinePrompt"]] == ["TTS", "AUDIO", "TTS"]


@pytest.mark.parametrize(
    "script",
    [
        RECORDED,
        Script("m", "Closed.", "Closed."),
        Script("m", "Closed.", None),
        Script("m", "", "", audio_id="A-1", machine_audio_id="A-1"),
        Script("m", "Press 0.", "Mom, call us.", before="From Oak.", audio_id="A-1"),
    ],
    ids=["recorded", "text", "nothing for machines", "only a recording", "words for machines"],
)
def test_phones_hear_at_the_carrier_what_was_meant_here(script):
    heard = through_the_contract(script)
    assert heard.people_hear == script.people_hear
    assert heard.machines_hear == script.machines_hear


@pytest.fixture
def gateway():
    """A gateway to a carrier of its own."""
    clock = WallClock()
    server = SoapServer(Carrier(SeededNetwork(1), lines=2, emergency_lines=1), clock, user="oak", password="w")
    server.start()
    gateway = ShoutpointGateway(server.urls, "oak", "w", deadline_s=5.0)
    yield gateway
    gateway.close()
    server.stop()


def test_the_same_recording_again_has_the_same_name_and_another_under_its_reference_is_refused(gateway):
    name = gateway.upload_audio("r1", "audio/wav", b"RIFF")
    assert name == gateway.upload_audio("r1", "audio/wav", b"RIFF")
    assert name != gateway.upload_audio("r2", "audio/wav", b"RIFF")
    refused = gateway.upload_audio("r1", "audio/wav", b"other")
    assert isinstance(refused, Failure)
    assert refused.kind is FailureKind.REFUSED
    assert "REF_REUSED" in refused.detail


def test_a_recording_of_the_greatest_size_goes_through_and_a_larger_one_does_not(gateway):
    assert isinstance(gateway.upload_audio("large", "audio/wav", bytes(7 << 20)), str)
    assert isinstance(gateway.upload_audio("larger", "audio/wav", bytes((7 << 20) + 1)), Failure)
