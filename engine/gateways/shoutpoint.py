"""The gateway to Shoutpoint: zeep on the packaged WSDL, two call centers with fail-over, all answers as values."""

from collections.abc import Callable, Sequence
from functools import partial
from http.client import HTTPException
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import urllib3.exceptions as web
import zeep.exceptions as soap
from lxml import etree
from zeep import Client, Settings
from zeep.wsdl.messages.base import SerializedMessage
from zeep.wsse import UsernameToken

from actors.gateway import (
    CALLS_MAX,
    Call,
    CallRow,
    Cancellation,
    Failure,
    FailureKind,
    LineStatus,
    LogPage,
    Lookup,
    Reply,
    Script,
    Submitted,
)
from engine.gateways import transport as http
from engine.gateways import wire
from engine.gateways.codec import Codec, packaged_wsdl, strict_parser
from engine.gateways.deadlines import DeadlineError, TransportClosedError
from engine.gateways.failures import fault_failure, status_failure
from engine.gateways.shapes import NAMESPACE, ContractError, RequestError, Values
from engine.gateways.threads import Urgency, UrgentFirst
from engine.gateways.transport import StatusError, Transport, check_endpoints
from store.errors import ConfigError

T = TypeVar("T")

THREADS = 3
"""One kept free for emergencies, and two so that one request is built or read while the carrier works on another."""
CALLERS = 4
"""Connections beside those, for whoever asks and waits: `verify` and `register_school` take none from a call."""
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
WSSE_REFUSED = "FailedAuthentication"  # WS-Security's own faultcode: libraries send it before a carrier is asked


class ShoutpointGateway:
    """Calls through Shoutpoint (C033 – C036, decisions 32, 36, 37). Safe for threads; make it after a fork.

    Each act is asked of one call center, and of the next one with the same references when there is no usable answer;
    each center has `deadline_s` in all. The center that answered last is asked first. Raises ConfigError for an
    end-point that would show the password, or a `ca_file` that is not there.
    """

    pushes = False

    def __init__(
        self,
        endpoints: Sequence[str],
        user: str,
        password: str,
        *,
        ca_file: str | None = None,
        customer_id: str = "",
        digest: bool = True,
        threads: int = THREADS,
        deadline_s: float = 10.0,
        page_rows: int = CALLS_MAX,
    ) -> None:
        check_endpoints(endpoints)
        if ca_file is not None and not Path(ca_file).is_file():
            raise ConfigError(f"The CA file {ca_file} is not there; give the PEM file of the carrier's authority.")
        self._endpoints = tuple(endpoints)
        self._customer = {"customerId": customer_id or None}
        self._page_rows = min(page_rows, CALLS_MAX)
        self._transport = Transport(ca_file=ca_file, threads=threads + CALLERS, deadline_s=deadline_s)
        self._digest = digest
        self._client = self._client_of(user, password)
        self._credentials = {"userName": user, "password": password}
        self._center = 0
        self._closed = False
        self._threads = UrgentFirst(threads, "soap")

    def __repr__(self) -> str:
        return f"ShoutpointGateway({', '.join(self._endpoints)})"

    def submit(self, calls: Sequence[Call], scripts: Sequence[Script], reply: Reply[Sequence[Submitted]]) -> None:
        """Hand over up to CALLS_MAX calls; a batch with an emergency in it goes before everything else."""
        urgency = Urgency.EMERGENCY if any(call.emergency for call in calls) else Urgency.SUBMIT
        refs = [call.ref for call in calls]
        batch = partial(wire.submit_to_wire, tuple(calls), tuple(scripts))
        self._act_on(urgency, "SubmitCalls", refs, batch, wire.submitted_from_wire, reply)

    def cancel(self, refs: Sequence[str], reply: Reply[Sequence[Cancellation]]) -> None:
        """Withdraw up to CALLS_MAX calls nobody has answered yet."""
        refs = tuple(refs)
        self._act_on(Urgency.CANCEL, "CancelCalls", refs, lambda: {"ref": refs}, wire.cancellation_from_wire, reply)

    def lookup(self, refs: Sequence[str], reply: Reply[Sequence[Lookup]]) -> None:
        """Ask where up to CALLS_MAX calls are."""
        refs = tuple(refs)
        self._act_on(Urgency.LOOKUP, "LookupCalls", refs, lambda: {"ref": refs}, wire.lookup_from_wire, reply)

    def results(self, cursor: str, reply: Reply[LogPage]) -> None:
        """Read one page of the call log after `cursor` (empty: from the start)."""
        values = {**self._customer, "cursor": cursor or None, "maxRows": self._page_rows}
        self._act(Urgency.RESULTS, lambda: self._ask("GetCallLog", lambda: values, wire.page_from_wire), reply)

    def line_status(self, reply: Reply[LineStatus]) -> None:
        """Ask for the carrier's line counts and its time."""
        values = self._customer
        self._act(Urgency.STATUS, lambda: self._ask("GetLineStatus", lambda: values, wire.status_from_wire), reply)

    def on_rows(self, sink: Callable[[Sequence[CallRow]], None]) -> None:
        """Nothing: Shoutpoint never speaks first (C030)."""

    def verify(self) -> "str | Failure":
        """The district's customer id, when user and password are right (C021, C027). Blocks."""
        return self._ask("VerifyCustomer", lambda: self._credentials, lambda answer: str(answer["customerId"]))

    def register_school(self, school_id: str, name: str, phone: str, time_zone: str) -> "str | Failure":
        """The school's customer id, the same for ever (C026). Blocks. `phone` is E.164, or empty."""
        values = {"schoolRef": school_id, "name": name, "phone": phone, "timeZone": time_zone}
        district = {"districtCustomerId": self._customer["customerId"]}
        return self._ask("RegisterSchool", lambda: {**district, **values}, lambda answer: str(answer["customerId"]))

    def upload_audio(self, audio_ref: str, media_type: str, content: bytes) -> "str | Failure":
        """What the carrier calls a recording; the same reference and content again change nothing. Blocks."""
        audio = {"audioRef": audio_ref, "mediaType": media_type, "content": content}
        return self._ask("UploadAudio", lambda: {**self._customer, **audio}, lambda answer: str(answer["audioId"]))

    def renew(self, user: str, password: str, customer_id: str) -> None:
        """Speak under other credentials from the next request on; what is under way ends as it began."""
        client = self._client_of(user, password)
        self._credentials = {"userName": user, "password": password}
        self._customer = {"customerId": customer_id or None}
        self._client = client

    def close(self) -> None:
        """Cut what is under way and end the threads; what is still out is answered with a Failure."""
        self._closed = True
        self._transport.close()
        self._threads.close()

    def _client_of(self, user: str, password: str) -> "SoapClient":
        token = UsernameToken(user, password, use_digest=self._digest)  # type: ignore[no-untyped-call]
        return SoapClient(self._endpoints, token, self._transport)

    # ------------------------------------------------------------ one act

    def _act(self, urgency: Urgency, ask: "Callable[[], T | Failure]", reply: Reply[T]) -> None:
        self._threads.put(urgency, lambda: reply(ask()))

    def _act_on(
        self,
        urgency: Urgency,
        operation: str,
        refs: Sequence[str],
        request: Callable[[], Values],
        read: Callable[[Values], T],
        reply: Reply[Sequence[T]],
    ) -> None:
        """One act on many references: there must be an answer to each of them, and to no other."""

        def read_all(answer: Values) -> Sequence[T]:
            results = answer["result"]
            if sorted(result["ref"] for result in results) != sorted(refs):
                raise ContractError(f"The answer to {operation} is not about the references asked about.")
            return [read(result) for result in results]

        def ask() -> "Sequence[T] | Failure":
            if len(refs) > CALLS_MAX:
                return Failure(FailureKind.REFUSED, False, f"More than {CALLS_MAX} in one {operation}.")
            return self._ask(operation, lambda: {**self._customer, **request()}, read_all) if refs else []

        self._act(urgency, ask, reply)

    def _ask(self, operation: str, request: Callable[[], Values], read: Callable[[Values], T]) -> "T | Failure":
        """Ask the call centers in turn until one gives a usable answer or a final refusal."""
        failures = []
        first = self._center
        for turn in range(len(self._endpoints)):
            center = (first + turn) % len(self._endpoints)
            try:
                answer = read(self._client.call(center, operation, request()))
            except Exception as error:  # every foreign error ends here, as a value
                failures.append(failure := self._client.failure_of(error))
                if not failure.maybe_done:
                    self._center = center
                if self._closed or not failure.retryable:
                    break
            else:
                self._center = center
                return answer
        return min(failures, key=lambda failure: MOST_OPEN_FIRST.index(failure.kind.value))


MOST_OPEN_FIRST = ("busy", "unreachable", "contract", "refused", "auth")
"""Whose failure speaks for all: where one center may have done it, the refusal of another settles nothing."""


# ---------------------------------------------------------------- zeep, with the codec behind it


class SoapClient:
    """Zeep's client, binding, tokens and fault handling; the codec builds and reads the bodies.

    Zeep's own decoding is ten times slower and lets garbled values pass as None.
    """

    def __init__(self, endpoints: Sequence[str], token: UsernameToken, transport: Transport) -> None:
        settings = Settings(strict=True, forbid_dtd=True, forbid_entities=True, forbid_external=True)
        client: Any = Client(BytesIO(packaged_wsdl()), wsse=token, transport=transport, settings=settings)  # type: ignore[no-untyped-call]
        binding = f"{{{NAMESPACE}}}CallProviderSoap"
        self._codec = codec = Codec()
        for name in codec.operations:
            operation = client.wsdl.bindings[binding].get(name)
            operation.input.serialize = _writer(codec, name, operation.soapaction)
            operation.output.deserialize = _reader(codec, f"{name}Response")
        self._services = [client.create_service(binding, endpoint) for endpoint in endpoints]

    def call(self, center: int, operation: str, values: Values) -> Values:
        """Ask one center. Raises whatever zeep, urllib3, the transport or the codec raise; see `failure_of`."""
        answer: Values = self._services[center][operation](**values)
        return answer

    def failure_of(self, error: Exception) -> Failure:
        """Any error of `call` as a value."""
        if isinstance(error, soap.Fault) and str(error.code).rpartition(":")[2] == WSSE_REFUSED:
            return Failure(FailureKind.AUTH, retryable=False, detail="The carrier refused the user or the password.")
        if isinstance(error, soap.Fault) and isinstance(error.detail, etree._Element):
            try:
                return fault_failure(self._codec.decode("ProviderFault", error.detail.find("*")))
            except ContractError as garbled:
                error = garbled
        if isinstance(error, StatusError):
            return status_failure(error)
        rule = next(rule for rule in RULES if isinstance(error, rule.error))
        return Failure(rule.kind, rule.retryable, rule.detail)


def _writer(codec: Codec, name: str, action: str) -> Callable[..., SerializedMessage]:
    head = f'<soap:Envelope xmlns:soap="{SOAP}"><soap:Body>'
    tail = "</soap:Body></soap:Envelope>"

    def serialize(**values: Any) -> SerializedMessage:  # noqa: ANN401
        envelope = etree.fromstring(head + codec.encode(name, values) + tail, parser=strict_parser())
        return SerializedMessage(path=None, headers={"SOAPAction": f'"{action}"'}, content=envelope)

    return serialize


def _reader(codec: Codec, name: str) -> Callable[[etree._Element], Values]:
    def deserialize(envelope: etree._Element) -> Values:
        return codec.decode(name, envelope.find(f"{{{SOAP}}}Body/*"))

    return deserialize


# ---------------------------------------------------------------- failures


class Rule(NamedTuple):
    """What an error means to the engine. `detail` is ours alone: foreign texts may hold bodies, numbers or secrets."""

    error: type[Exception]
    kind: FailureKind
    retryable: bool
    detail: str


RULES = (
    Rule(RequestError, FailureKind.REFUSED, False, "The request does not fit the contract and was not sent."),
    Rule(ContractError, FailureKind.CONTRACT, False, "The answer does not fit the contract."),
    Rule(TransportClosedError, FailureKind.UNREACHABLE, True, "The gateway is closed."),
    Rule(DeadlineError, FailureKind.UNREACHABLE, True, "The carrier did not answer completely in time."),
    Rule(http.RedirectError, FailureKind.CONTRACT, False, "The carrier answered with a redirect; none is followed."),
    Rule(http.TooLargeError, FailureKind.CONTRACT, True, "The carrier's answer is larger than any in the contract."),
    Rule(http.EncodingError, FailureKind.CONTRACT, True, "The carrier answered compressed although asked not to."),
    Rule(
        http.ContentTypeError, FailureKind.CONTRACT, True, "The carrier answered with something that is not text/xml."
    ),
    Rule(soap.Fault, FailureKind.CONTRACT, True, "The carrier answered with a fault the contract does not declare."),
    Rule(soap.DTDForbidden, FailureKind.CONTRACT, False, "The carrier's answer holds a DOCTYPE."),
    Rule(soap.EntitiesForbidden, FailureKind.CONTRACT, False, "The carrier's answer declares entities."),
    Rule(soap.TransportError, FailureKind.CONTRACT, True, "The carrier's answer is not well-formed XML."),
    Rule(soap.XMLSyntaxError, FailureKind.CONTRACT, False, "The carrier's answer is not a SOAP 1.1 envelope."),
    Rule(web.SSLError, FailureKind.UNREACHABLE, True, "The carrier's certificate was not accepted, or TLS failed."),
    Rule(web.NewConnectionError, FailureKind.UNREACHABLE, True, "No connection to the carrier could be made."),
    Rule(web.TimeoutError, FailureKind.UNREACHABLE, True, "The carrier did not answer in time."),
    Rule(web.HTTPError, FailureKind.UNREACHABLE, True, "The connection failed, or the carrier's answer was cut off."),
    Rule(HTTPException, FailureKind.UNREACHABLE, True, "The carrier's answer was cut off."),
    Rule(OSError, FailureKind.UNREACHABLE, True, "The connection to the carrier failed."),
    Rule(Exception, FailureKind.CONTRACT, False, "The carrier's answer could not be read."),
)
"""Every foreign error, most special first (decision 37)."""
