"""The codec says exactly what zeep says, takes what the contract allows, and refuses everything else."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from itertools import islice, permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from zeep import Client
from zeep.helpers import serialize_object

from engine.gateways.codec import Codec, packaged_wsdl
from engine.gateways.shapes import LAYOUTS_MAX, NAMESPACE, ContractError, RequestError, Shape
from engine.gateways.simple_types import ILLEGAL, TIME, read_time, write_time
from tests.engine.gateways.soap_samples import AT, ROW, SAMPLES

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CODEC = Codec()
ZEEP: Any = Client(BytesIO(packaged_wsdl())).service
TIMES = {"windowEnd", "dialedAt", "answeredAt", "serverTime", "receivedAt"}

each_sample = pytest.mark.parametrize(
    ("name", "values"), SAMPLES, ids=[f"{name}-{index}" for index, (name, _) in enumerate(SAMPLES)]
)


def zeep_message(name: str) -> Any:
    operation = ZEEP._binding.get(name.removesuffix("Response"))
    return operation.output if name.endswith("Response") else operation.input


def with_datetimes(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: with_datetimes(one, key) for key, one in value.items()}
    if isinstance(value, list):
        return [with_datetimes(one, name) for one in value]
    return EPOCH + timedelta(milliseconds=value) if name in TIMES and value is not None else value


def tree(element: etree._Element) -> Any:
    """Tags and texts; `.000Z` is how we write a whole second and zeep does not."""
    text = (element.text or "").replace(".000Z", "Z").replace("000Z", "Z")
    return (element.tag, text, [tree(child) for child in element])


def written(name: str, values: dict[str, Any]) -> etree._Element:
    return etree.fromstring(CODEC.encode(name, values))


def test_the_packaged_contract_is_the_agreed_one_byte_for_byte():
    digest = hashlib.sha256(packaged_wsdl()).hexdigest()
    assert digest == "63fbd9095439a382abc0bdf1fefb09c0b0a16725caacae10744f73233425497f"


def test_there_is_a_sample_of_every_operation():
    assert {name for name, _ in SAMPLES} == {f"{name}{end}" for name in CODEC.operations for end in ("", "Response")}
    assert len(CODEC.operations) == 12


@each_sample
def test_the_codec_writes_what_zeep_writes(name, values):
    envelope = zeep_message(name).serialize(**with_datetimes(values)).content
    assert tree(written(name, values)) == tree(envelope.find(f"{{{SOAP}}}Body")[0])


@each_sample
def test_the_codec_reads_what_zeep_reads(name, values):
    element = written(name, values)
    body = etree.fromstring(f'<e:Envelope xmlns:e="{SOAP}"><e:Body>{CODEC.encode(name, values)}</e:Body></e:Envelope>')
    theirs: Any = serialize_object(zeep_message(name).deserialize(body), dict)
    if len(values) == 1:  # zeep takes the only element of a message out of it
        theirs = {next(iter(values)): theirs}
    ours = CODEC.decode(name, element)
    assert ours == values
    assert with_datetimes(ours) == theirs


@each_sample
def test_children_may_come_in_any_order_among_unknown_ones(name, values):
    element = written(name, values)
    for parent in list(element.iter()):
        if len(parent):
            groups: dict[str, list[etree._Element]] = {}
            for child in list(parent):
                groups.setdefault(str(child.tag), []).append(child)
                parent.remove(child)
            for group in reversed(list(groups.values())):
                parent.extend(group)
                etree.SubElement(parent, f"{{{NAMESPACE}}}addedLater").text = "new"
                etree.SubElement(parent, "{urn:other}thing")
    assert CODEC.decode(name, element) == values


PAGE = {"requestId": "r", "nextCursor": "c", "more": False, "row": [ROW]}


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("<durationMs>31000</durationMs>", "", "CallResult.durationMs is missing"),
        ("<nextCursor>c</nextCursor>", "", "GetCallLogResponse.nextCursor is missing"),
        ("<more>false</more>", "<more>false</more><more>true</more>", "more than once"),
        ("<more>false</more>", "<more>no</more>", "more is not a valid boolean"),
        ("31000", "many", "durationMs is not a valid int"),
        ("31000", "", "durationMs is not a valid int"),
        ("31000", "3_1", "durationMs is not a valid int"),
        ("31000", "2147483648", "durationMs is not a valid int"),
        ("31000", "٣", "durationMs is not a valid int"),
        ("T08:00:00.123Z", "T08:00:00.123", "dialedAt is not a valid dateTime"),
        ("T08:00:00.123Z", "T25:00:00Z", "dialedAt is not a valid dateTime"),
        ("2026-03-01T08:00:00.123Z", "yesterday", "dialedAt is not a valid dateTime"),
        ("<ref>k1-7</ref>", "<ref><b>k1-7</b></ref>", "ref holds elements"),
        ("<ref>k1-7</ref>", '<ref xmlns="">k1-7</ref>', "CallResult.ref is missing"),
    ],
)
def test_a_missing_or_garbled_value_is_outside_the_contract(old, new, where):
    text = CODEC.encode("GetCallLogResponse", PAGE)
    assert old in text
    with pytest.raises(ContractError, match=where):
        CODEC.decode("GetCallLogResponse", etree.fromstring(text.replace(old, new)))


def test_an_error_never_repeats_what_stood_there():
    text = CODEC.encode("GetCallLogResponse", PAGE).replace("31000", "+15125550100")
    with pytest.raises(ContractError) as caught:
        CODEC.decode("GetCallLogResponse", etree.fromstring(text))
    assert "5550100" not in str(caught.value)


def test_garbled_base64_is_outside_the_contract():
    text = '<FetchRecordingResponse xmlns="%s"><requestId>r</requestId><mediaType>m</mediaType><content>%s</content></FetchRecordingResponse>'  # noqa: E501
    good = CODEC.decode("FetchRecordingResponse", etree.fromstring(text % (NAMESPACE, " UklG\n Rg== ")))
    assert good["content"] == b"RIFF"
    for bad in ("UklGRg=", "Ukl GRg*="):
        with pytest.raises(ContractError, match="base64Binary"):
            CODEC.decode("FetchRecordingResponse", etree.fromstring(text % (NAMESPACE, bad)))


def test_another_element_than_the_expected_one_is_outside_the_contract():
    element = written("CancelCallsResponse", {"requestId": "r", "result": []})
    with pytest.raises(ContractError, match="GetCallLogResponse"):
        CODEC.decode("GetCallLogResponse", element)
    with pytest.raises(ContractError):
        CODEC.decode("GetCallLogResponse", None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"maxRows": None},
        {"maxRows": "10"},
        {"maxRows": True},
        {"maxRows": 2**31},
        {"maxRows": 1, "cursor": 7},
        {"maxRows": 1, "page": 2},
    ],
)
def test_nothing_outside_the_contract_is_written(wrong):
    with pytest.raises(RequestError, match="GetCallLog"):
        CODEC.encode("GetCallLog", wrong)


def test_a_required_list_may_not_be_empty():
    with pytest.raises(RequestError, match="ref is required"):
        CODEC.encode("CancelCalls", {"ref": []})


@given(st.text(alphabet=st.characters(codec=None)))
def test_any_text_arrives_as_it_was_but_for_what_xml_cannot_carry(text):
    values = {"requestId": text, "customerId": "D"}
    assert CODEC.decode("VerifyCustomerResponse", written("VerifyCustomerResponse", values))["requestId"] == (
        ILLEGAL.sub("", text)
    )


@given(st.integers(min_value=0, max_value=4_102_444_800_000))
def test_any_instant_arrives_to_the_millisecond(at):
    assert read_time(write_time(at)) == at
    assert write_time(at).endswith("Z")


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01T08:00:00Z",
        "2026-03-01T08:00:00.0Z",
        "2026-03-01T08:00:00.0004999Z",
        "2026-03-01T02:00:00.000-06:00",
        " 2026-03-01T08:00:00+00:00\n",
    ],
)
def test_every_way_to_write_an_instant_with_its_zone_is_read(text):
    assert read_time(text) == AT


def time_by_the_plain_rule(text: str) -> int:
    if TIME.fullmatch(text) is None:
        raise ValueError
    return (datetime.fromisoformat(text) - EPOCH) // timedelta(milliseconds=1)


def value_or_none(read: Callable[[str], int], text: str) -> int | None:
    try:
        return read(text)
    except ValueError:
        return None


@given(st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)), st.sampled_from("TZ05+:.x"), st.integers(0, 23))
def test_an_instant_with_a_character_changed_is_read_by_the_same_rule_as_any_other(at, character, place):
    right = at.isoformat(timespec="milliseconds") + "Z"
    text = right[:place] + character + right[place + 1 :]
    assert value_or_none(read_time, right) == time_by_the_plain_rule(right)
    assert value_or_none(read_time, text) == value_or_none(time_by_the_plain_rule, text)


def test_a_layout_seen_before_is_read_as_strictly_as_the_first_time():
    codec = Codec()
    text = codec.encode("GetCallLogResponse", {**PAGE, "row": [ROW] * 3})
    assert codec.decode("GetCallLogResponse", etree.fromstring(text))["row"] == [ROW] * 3
    for old, new, where in [
        ("<sipCode>200</sipCode></row>", "<sipCode>x</sipCode></row>", "sipCode is not a valid int"),
        ("<keys>1*0</keys>", "<keys>1<b/>0</keys>", "keys holds elements"),
        ("<keys>1*0</keys>", "<ref>k1-7</ref>", "ref comes more than once"),
        ("<ref>k1-7</ref>", "", "ref is missing"),
    ]:
        for place in range(3):
            parts = text.split(old)
            garbled = old.join(parts[: place + 1]) + new + old.join(parts[place + 1 :])
            with pytest.raises(ContractError, match=where):
                codec.decode("GetCallLogResponse", etree.fromstring(garbled))


def test_layouts_are_remembered_only_up_to_a_bound():
    codec = Codec()
    rows = next(field.type for field in codec._shapes["GetCallLogResponse"]._fields if field.name == "row")
    assert isinstance(rows, Shape)
    element = written("GetCallLogResponse", PAGE).find(f"{{{NAMESPACE}}}row")
    assert element is not None
    for order in islice(permutations(element), 2 * LAYOUTS_MAX):
        element[:] = order
        assert rows.read(element) == rows.read(element) == ROW
    assert len(rows._layouts) == LAYOUTS_MAX
