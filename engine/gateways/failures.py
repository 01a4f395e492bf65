"""What the carrier's own refusals mean to the engine: declared faults and bare HTTP statuses, as values."""

import re

from actors.gateway import Failure, FailureKind
from engine.gateways.shapes import Values
from engine.gateways.transport import StatusError

FAULT_CODE = re.compile(r"[A-Z][A-Z_]{0,39}")
"""A code worth repeating; anything else might be a text with a number in it."""


def fault_failure(fault: Values) -> Failure:
    """A declared ProviderFault: nothing was carried out."""
    code = fault["code"] if FAULT_CODE.fullmatch(fault["code"]) else "of another name"
    detail = f"The carrier refused the request with the fault {code}."
    if fault["code"] == "AUTH":
        return Failure(FailureKind.AUTH, retryable=False, detail=detail)
    kind = FailureKind.BUSY if fault["retryable"] else FailureKind.REFUSED
    return Failure(kind, fault["retryable"], detail, fault["retryAfterMs"])


def status_failure(error: StatusError) -> Failure:
    """An HTTP status without a SOAP answer."""
    if error.status in (401, 403):
        return Failure(FailureKind.AUTH, retryable=False, detail=str(error))
    if error.status in (429, 503):
        return Failure(FailureKind.BUSY, retryable=True, detail=str(error), retry_after_ms=error.retry_after_ms)
    if error.status >= 500 or error.status == 408:
        return Failure(FailureKind.UNREACHABLE, retryable=True, detail=str(error))
    return Failure(FailureKind.CONTRACT, retryable=False, detail=str(error))
