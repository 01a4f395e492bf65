"""The twelve operations of the contract in front of a carrier: values in, values out, refusals as faults."""

import hashlib
import hmac
import threading
from collections.abc import Callable, Sequence
from typing import NamedTuple

from actors.gateway import CALLS_MAX, Call, Script, SubmitStatus, Submitted
from actors.runtime.clock import Clock
from engine.gateways import wire
from engine.gateways.shapes import Values
from engine.gateways.stand_in.carrier import BrokenRuleError, Carrier
from engine.gateways.stand_in.envelope import FaultError

RECORDING_BYTES_MAX = 7 * 1024 * 1024
"""The contract's bound; as base64 it is just below the 10 MB XML parsers take as one text."""


class CallProvider:
    """Shoutpoint's service for one district. Safe for threads; all centers share it, as they share the ledger."""

    def __init__(self, carrier: Carrier, clock: Clock, user: str, password: str) -> None:
        self._carrier = carrier
        self._clock = clock
        self._user = user
        self._password = password
        self._lock = threading.Lock()
        self._audio: dict[str, tuple[str, bytes]] = {}
        """By audioRef: the audioId, and a hash of what was uploaded."""
        self._outbox: dict[str, OutboxText] = {}
        self._inbound_texts = Feed("t")
        self._dial_ins = Feed("d")
        self._recordings: dict[str, Values] = {}
        self._operations: dict[str, Callable[[Values, str], Values]] = {
            "VerifyCustomer": self._verify_customer,
            "RegisterSchool": self._register_school,
            "UploadAudio": self._upload_audio,
            "SubmitCalls": self._submit_calls,
            "GetCallLog": self._get_call_log,
            "LookupCalls": self._lookup_calls,
            "CancelCalls": self._cancel_calls,
            "GetLineStatus": self._get_line_status,
            "SubmitTexts": self._submit_texts,
            "GetInboundTexts": lambda asked, _center: self._inbound_texts.page(asked["cursor"], asked["maxRows"]),
            "GetRemoteDialIns": lambda asked, _center: self._dial_ins.page(asked["cursor"], asked["maxRows"]),
            "FetchRecording": self._fetch_recording,
        }

    def serve(self, operation: str, asked: Values, center: str) -> Values:
        """The answer without its requestId. Raises FaultError for what is refused; nothing of it is carried out."""
        with self._lock:
            try:
                return self._operations[operation](asked, center)
            except BrokenRuleError as error:
                raise FaultError(error.code, str(error)) from None

    def advance(self) -> None:
        """Let the carrier do what is due by now."""
        with self._lock:
            self._carrier.advance(self._clock.now())

    # ------------------------------------------------------------ customers

    def _verify_customer(self, asked: Values, _center: str) -> Values:
        user = hmac.compare_digest(asked["userName"].encode(), self._user.encode())
        password = hmac.compare_digest(asked["password"].encode(), self._password.encode())
        if not (user and password):
            raise FaultError("AUTH", "User name or password is wrong.")
        return {"customerId": _id("D", self._user)}

    def _register_school(self, asked: Values, _center: str) -> Values:
        """The same schoolRef has the same customerId for ever (C026)."""
        return {"customerId": _id("S", self._user, asked["schoolRef"])}

    # ------------------------------------------------------------ calls

    def _submit_calls(self, asked: Values, center: str) -> Values:
        _check_size(asked["call"])
        scripts = [wire.script_from_wire(message) for message in asked["message"] if self._playable(message)]
        calls = [wire.call_from_wire(call) for call in asked["call"] if self._has_audio(call["audioId"])]
        answers = {answer.ref: answer for answer in self._submit(calls, scripts, center)}
        results = [
            answers.get(call["ref"]) or Submitted(call["ref"], SubmitStatus.REJECTED, reason="UNKNOWN_AUDIO")
            for call in asked["call"]
        ]
        return _submitted(results)

    def _submit(self, calls: Sequence[Call], scripts: Sequence[Script], center: str) -> list[Submitted]:
        return self._carrier.submit(calls, scripts, self._clock.now(), center)

    def _has_audio(self, audio_id: str | None) -> bool:
        return audio_id is None or any(audio_id == known for known, _hash in self._audio.values())

    def _playable(self, message: Values) -> bool:
        """A message that plays an unknown recording, or nothing, is as good as not sent."""
        prompts = message["prompt"] + message["machinePrompt"]
        return all((p["text"] or p["audioId"]) and self._has_audio(p["audioId"]) for p in prompts)

    def _get_call_log(self, asked: Values, _center: str) -> Values:
        rows_max = _rows(asked["maxRows"])
        return wire.page_to_wire(self._carrier.log(asked["cursor"] or "", rows_max, self._clock.now()))

    def _lookup_calls(self, asked: Values, _center: str) -> Values:
        answers = self._carrier.lookup(asked["ref"], self._clock.now())
        return {"result": [wire.lookup_to_wire(answer) for answer in answers]}

    def _cancel_calls(self, asked: Values, _center: str) -> Values:
        answers = self._carrier.cancel(asked["ref"], self._clock.now())
        return {"result": [wire.cancellation_to_wire(answer) for answer in answers]}

    def _get_line_status(self, _asked: Values, _center: str) -> Values:
        return wire.status_to_wire(self._carrier.line_status(self._clock.now()))

    def center_down(self, name: str) -> None:
        """Show a center as DOWN. Raises NotFoundError."""
        with self._lock:
            self._carrier.center_down(name)

    def center_up(self, name: str) -> None:
        """Show a center as UP. Raises NotFoundError."""
        with self._lock:
            self._carrier.center_up(name)

    # ------------------------------------------------------------ recordings

    def _upload_audio(self, asked: Values, _center: str) -> Values:
        if len(asked["content"]) > RECORDING_BYTES_MAX:
            raise FaultError("TOO_LARGE", "A recording may have up to 7 MB.")
        known = (_id("A", self._user, asked["audioRef"]), hashlib.sha256(asked["content"]).digest())
        if self._audio.setdefault(asked["audioRef"], known) != known:
            raise FaultError("REF_REUSED", "This audioRef was used with another recording.")
        return {"audioId": known[0]}

    def add_recording(self, recording_id: str, media_type: str, content: bytes) -> None:
        """Have a recording lie ready to be fetched."""
        with self._lock:
            self._recordings[recording_id] = {"mediaType": media_type, "content": content}

    def _fetch_recording(self, asked: Values, _center: str) -> Values:
        recording = self._recordings.get(asked["recordingId"])
        if recording is None:
            raise FaultError("NOT_FOUND", "There is no such recording.")
        return recording

    # ------------------------------------------------------------ texts and dial-ins

    def outbox(self) -> list["OutboxText"]:
        """The texts taken over so far, in order."""
        with self._lock:
            return list(self._outbox.values())

    def _submit_texts(self, asked: Values, _center: str) -> Values:
        """A ref is taken once; again it is a DUPLICATE with the first providerId, with another phone a fault."""
        _check_size(asked["text"])
        phones = {ref: text.phone for ref, text in self._outbox.items()}
        for text in asked["text"]:
            if phones.setdefault(text["ref"], text["phone"]) != text["phone"]:
                raise FaultError("REF_REUSED", "A reference was used with another phone.")
        return _submitted([self._take_text(text) for text in asked["text"]])

    def _take_text(self, text: Values) -> Submitted:
        before = self._outbox.get(text["ref"])
        if before is not None:
            return Submitted(before.ref, SubmitStatus.DUPLICATE, before.provider_id)
        if text["windowEnd"] <= self._clock.now():
            return Submitted(text["ref"], SubmitStatus.REJECTED, reason="EXPIRED")
        taken = OutboxText(
            text["ref"],
            f"ST{len(self._outbox) + 1:09d}",
            text["phone"],
            text["senderId"],
            text["body"],
            text["emergency"],
        )
        self._outbox[taken.ref] = taken
        return Submitted(taken.ref, SubmitStatus.ACCEPTED, taken.provider_id)

    def add_inbound_text(self, provider_id: str, from_phone: str, to_phone: str, body: str) -> None:
        """Have a text come in now."""
        with self._lock:
            self._inbound_texts.rows.append(
                {
                    "providerId": provider_id,
                    "fromPhone": from_phone,
                    "toPhone": to_phone,
                    "body": body,
                    "receivedAt": self._clock.now(),
                }
            )

    def add_dial_in(
        self, dial_in_id: str, from_phone: str, digits: str, duration_ms: int, recording_id: str | None = None
    ) -> None:
        """Have somebody have dialed in just now."""
        with self._lock:
            self._dial_ins.rows.append(
                {
                    "dialInId": dial_in_id,
                    "fromPhone": from_phone,
                    "digits": digits,
                    "recordingId": recording_id,
                    "receivedAt": self._clock.now(),
                    "durationMs": duration_ms,
                }
            )


class OutboxText(NamedTuple):
    """A text taken over."""

    ref: str
    provider_id: str
    phone: str
    sender_id: str
    body: str
    emergency: bool


class Feed:
    """Rows that are read by cursor, in order; the same cursor gives the same rows."""

    def __init__(self, mark: str) -> None:
        self.rows: list[Values] = []
        self._mark = mark

    def page(self, cursor: str | None, rows_max: int) -> Values:
        """The rows after `cursor` (None or empty: from the start). Raises FaultError for a cursor never given."""
        begin = self._position(cursor) if cursor else 0
        end = min(begin + _rows(rows_max), len(self.rows))
        return {"nextCursor": f"{self._mark}{end}", "more": end < len(self.rows), "row": self.rows[begin:end]}

    def _position(self, cursor: str) -> int:
        figures = cursor.removeprefix(self._mark)
        position = int(figures) if figures.isascii() and figures.isdigit() and len(figures) < 12 else -1
        if not 0 <= position <= len(self.rows) or cursor != f"{self._mark}{position}":
            raise FaultError("BAD_CURSOR", "There is no such cursor; read again from the start (empty cursor).")
        return position


def _submitted(results: Sequence[Submitted]) -> Values:
    rejected = sum(result.status is SubmitStatus.REJECTED for result in results)
    return {
        "accepted": len(results) - rejected,
        "rejected": rejected,
        "result": [wire.submitted_to_wire(result) for result in results],
    }


def _check_size(items: Sequence[object]) -> None:
    if len(items) > CALLS_MAX:
        raise FaultError("TOO_MANY", f"A message held {len(items)} items; send at most {CALLS_MAX} at once.")


def _rows(rows_max: int) -> int:
    if rows_max < 1:
        raise FaultError("BAD_REQUEST", "maxRows must be at least 1.")
    return min(rows_max, CALLS_MAX)


def _id(kind: str, *parts: str) -> str:
    """An identity that is the same after every start."""
    return f"{kind}-{hashlib.sha256('|'.join(parts).encode()).hexdigest()[:12]}"
