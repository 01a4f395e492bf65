"""SOAP 1.1 envelopes as a server reads and writes them: one body element, known headers only, faults as declared."""

from typing import NamedTuple

from lxml import etree

from engine.gateways.codec import Codec, strict_parser
from engine.gateways.simple_types import clean
from store.errors import GatewayError

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_NEXT = "http://schemas.xmlsoap.org/soap/actor/next"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
SECURITY = f"{{{WSSE}}}Security"

HEAD = f'<?xml version="1.0" encoding="UTF-8"?>\n<soap:Envelope xmlns:soap="{SOAP}"><soap:Body>'
TAIL = "</soap:Body></soap:Envelope>"


class FaultError(GatewayError):
    """A refused request. `party` is the SOAP faultcode: who has to change something.

    Client and Server faults carry a ProviderFault; the others are about the envelope, which SOAP answers without one.
    """

    def __init__(
        self, code: str, sentence: str, *, party: str = "Client", retryable: bool = False, after_ms: int | None = None
    ) -> None:
        super().__init__(sentence)
        self.code = code
        self.party = party
        self.retryable = retryable
        self.after_ms = after_ms


class Request(NamedTuple):
    """What stands in an envelope. `operation` is the name of the body element: SOAPAction is never looked at."""

    operation: str
    body: etree._Element
    security: etree._Element | None


def read_request(content: bytes, charset: str | None = None) -> Request:
    """Take an envelope apart. Raises FaultError for what is not one, and for a header that must be understood."""
    root = _parse(content, charset)
    if root.tag != f"{{{SOAP}}}Envelope":
        raise FaultError("VERSION", "The message is not a SOAP 1.1 envelope.", party="VersionMismatch")
    bodies = root.findall(f"{{{SOAP}}}Body/*")
    if len(bodies) != 1:
        raise FaultError("BAD_REQUEST", f"The body holds {len(bodies)} elements; it must hold one.")
    security = None
    for header in root.findall(f"{{{SOAP}}}Header/*"):
        if header.tag == SECURITY:
            security = header if security is None else _refuse_second()
        elif _must_be_understood(header):
            raise FaultError("MUST_UNDERSTAND", "A header is not understood here.", party="MustUnderstand")
    return Request(etree.QName(bodies[0]).localname, bodies[0], security)


def _parse(content: bytes, charset: str | None) -> etree._Element:
    try:
        root = etree.fromstring(content, parser=strict_parser(charset))
    except (etree.XMLSyntaxError, LookupError, ValueError):
        raise FaultError("MALFORMED", "The message is not well-formed XML.") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise FaultError("DOCTYPE", "The message holds a DOCTYPE, which SOAP forbids.")
    return root


def _must_be_understood(header: etree._Element) -> bool:
    """Whether the header demands it, and of us: one for another actor does not concern us."""
    ours = header.get(f"{{{SOAP}}}actor", SOAP_NEXT) in ("", SOAP_NEXT)
    return ours and header.get(f"{{{SOAP}}}mustUnderstand", "0").strip() in ("1", "true")


def _refuse_second() -> etree._Element:
    raise FaultError("AUTH", "The message holds more than one security header.")


def reply_envelope(body: str) -> bytes:
    """An envelope around a body element."""
    return f"{HEAD}{body}{TAIL}".encode()


def fault_envelope(codec: Codec, fault: FaultError, request_id: str) -> bytes:
    """An envelope that refuses: `faultcode` in SOAP's words, the ProviderFault in the detail."""
    detail = ""
    if fault.party in ("Client", "Server"):
        values = {
            "code": fault.code,
            "retryable": fault.retryable,
            "retryAfterMs": fault.after_ms,
            "requestId": request_id,
        }
        detail = f"<detail>{codec.encode('ProviderFault', values)}</detail>"
    return reply_envelope(
        f"<soap:Fault><faultcode>soap:{fault.party}</faultcode><faultstring>{clean(str(fault))}</faultstring>"
        f"{detail}</soap:Fault>"
    )
