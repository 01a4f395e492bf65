"""The seam's values as the contract's elements, and back: one pair of functions per value, used by both sides."""

from collections.abc import Iterable, Sequence
from enum import Enum
from typing import TypeVar

from actors.gateway import (
    Call,
    CallEnd,
    CallRow,
    Cancellation,
    CancelOutcome,
    Center,
    LineStatus,
    LogPage,
    Lookup,
    LookupState,
    Script,
    SubmitStatus,
    Submitted,
)
from engine.gateways.shapes import ContractError, Values

W = TypeVar("W", bound=Enum)

ENDS = {end.value: end for end in CallEnd}


def _word(kind: type[W], word: str) -> W:
    """A word the contract lists; any other is outside it."""
    try:
        return kind(word)
    except ValueError:
        raise ContractError(f"The message holds a word the contract does not list as a {kind.__name__}.") from None


# ---------------------------------------------------------------- calls and what they say


def script_to_wire(script: Script) -> Values:
    """A `Message`: what is played, and to a machine; no machine prompt means hang up silently."""
    machine = []
    if script.machine_text is not None:
        machine = _prompts(script.machine_before, script.machine_audio_id, script.machine_text)
    return {
        "messageId": script.script_id,
        "language": script.language,
        "prompt": _prompts(script.before, script.audio_id, script.text),
        "machinePrompt": machine,
        "confirmKey": script.confirm_key,
        "ringSeconds": script.ring_s,
    }


def _prompts(before: str, audio_id: str, after: str) -> list[Values]:
    """What is said before a recording, the recording, what is said after it; what there is not is left out."""
    spoken = [{"kind": "TTS", "text": before}, {"kind": "AUDIO", "audioId": audio_id}, {"kind": "TTS", "text": after}]
    return [prompt for prompt in spoken if prompt.get("text") or prompt.get("audioId")]


def script_from_wire(values: Values) -> Script:
    """A script; several prompts are played one after the other."""
    machine = values["machinePrompt"]
    usual = Script(script_id="", text="", machine_text=None)
    return Script(
        script_id=values["messageId"],
        text=_spoken(values["prompt"]),
        machine_text=_spoken(machine) if machine else None,
        language=values["language"] or usual.language,
        confirm_key=values["confirmKey"] or usual.confirm_key,
        ring_s=usual.ring_s if values["ringSeconds"] is None else values["ringSeconds"],
    )


def _spoken(prompts: Iterable[Values]) -> str:
    return " ".join(prompt["text"] or f"[recording {prompt['audioId']}]" for prompt in prompts)


def call_to_wire(call: Call) -> Values:
    """A `Call`; its phone is E.164 on the wire as it is inside."""
    return {
        "ref": call.ref,
        "phone": call.number,
        "callerId": call.caller_id,
        "schoolCustomerId": call.school_customer_id,
        "messageId": call.script_id or None,
        "ttsText": call.text,
        "emergency": call.emergency,
        "windowEnd": call.window_end_at,
    }


def call_from_wire(values: Values) -> Call:
    """A call; one that names no message has an empty `script_id`, one that plays a recording says so in its text."""
    text = values["ttsText"]
    if text is None and values["audioId"] is not None:
        text = f"[recording {values['audioId']}]"
    return Call(
        ref=values["ref"],
        number=values["phone"],
        caller_id=values["callerId"],
        script_id=values["messageId"] or "",
        emergency=values["emergency"],
        window_end_at=values["windowEnd"],
        text=text,
        school_customer_id=values["schoolCustomerId"],
    )


def submitted_to_wire(answer: Submitted) -> Values:
    """A `SubmitResult`."""
    return {
        "ref": answer.ref,
        "status": answer.status.value,
        "providerId": answer.provider_id or None,
        "reason": answer.reason or None,
    }


def submitted_from_wire(values: Values) -> Submitted:
    """The answer to one call."""
    status = _word(SubmitStatus, values["status"])
    return Submitted(values["ref"], status, values["providerId"] or "", values["reason"] or "")


# ---------------------------------------------------------------- results


def row_to_wire(row: CallRow) -> Values:
    """A `CallResult`."""
    return {
        "ref": row.ref,
        "providerId": row.provider_id,
        "phone": row.number,
        "disposition": row.end.value,
        "dialedAt": row.dialed_at,
        "answeredAt": row.answered_at,
        "durationMs": row.duration_ms,
        "playedMs": row.played_ms,
        "messageLeft": row.message_left,
        "keys": row.keys or None,
        "sipCode": row.sip_code,
    }


def row_from_wire(values: Values) -> CallRow:
    """A row of the call log; a disposition the carrier invents is UNKNOWN."""
    return CallRow(
        ref=values["ref"],
        provider_id=values["providerId"],
        number=values["phone"],
        end=ENDS.get(values["disposition"], CallEnd.UNKNOWN),
        dialed_at=values["dialedAt"],
        duration_ms=values["durationMs"],
        answered_at=values["answeredAt"],
        played_ms=values["playedMs"],
        message_left=values["messageLeft"],
        keys=values["keys"] or "",
        sip_code=values["sipCode"],
    )


def page_to_wire(page: LogPage) -> Values:
    """The body of a `GetCallLogResponse`."""
    return {"nextCursor": page.next_cursor, "more": page.more, "row": [row_to_wire(row) for row in page.rows]}


def page_from_wire(values: Values) -> LogPage:
    """A page of the call log."""
    return LogPage([row_from_wire(row) for row in values["row"]], values["nextCursor"], values["more"])


def cancellation_to_wire(answer: Cancellation) -> Values:
    """A `CancelResult`."""
    return {"ref": answer.ref, "outcome": answer.outcome.value}


def cancellation_from_wire(values: Values) -> Cancellation:
    """The answer for one withdrawn reference."""
    return Cancellation(values["ref"], _word(CancelOutcome, values["outcome"]))


def lookup_to_wire(answer: Lookup) -> Values:
    """A `LookupResult`."""
    row = None if answer.row is None else row_to_wire(answer.row)
    return {"ref": answer.ref, "state": answer.state.value, "row": row}


def lookup_from_wire(values: Values) -> Lookup:
    """The answer for one looked-up reference."""
    row = None if values["row"] is None else row_from_wire(values["row"])
    state = _word(LookupState, values["state"])
    if state is LookupState.FINISHED and row is None:
        raise ContractError("LookupResult.row is missing though the call is FINISHED.")
    return Lookup(values["ref"], state, row)


def status_to_wire(status: LineStatus) -> Values:
    """The body of a `GetLineStatusResponse`."""
    return {
        "linesTotal": status.lines_total,
        "linesInUse": status.lines_in_use,
        "emergencyLinesTotal": status.emergency_lines_total,
        "emergencyLinesInUse": status.emergency_lines_in_use,
        "queued": status.queued,
        "queuedEmergency": status.queued_emergency,
        "serverTime": status.server_time_at,
        "center": [
            {
                "name": center.name,
                "state": center.state,
                "linesTotal": center.lines_total,
                "linesInUse": center.lines_in_use,
            }
            for center in status.centers
        ],
    }


def status_from_wire(values: Values) -> LineStatus:
    """The carrier's own count of lines."""
    return LineStatus(
        lines_total=values["linesTotal"],
        lines_in_use=values["linesInUse"],
        queued=values["queued"],
        queued_emergency=values["queuedEmergency"],
        server_time_at=values["serverTime"],
        emergency_lines_total=values["emergencyLinesTotal"] or 0,
        emergency_lines_in_use=values["emergencyLinesInUse"] or 0,
        centers=[
            Center(center["name"], center["state"], center["linesTotal"], center["linesInUse"])
            for center in values["center"]
        ],
    )


# ---------------------------------------------------------------- whole requests


def submit_to_wire(calls: Sequence[Call], scripts: Sequence[Script]) -> Values:
    """The body of a `SubmitCalls`; the batch is named after its first call, so a repeat has the same name."""
    return {
        "batchRef": f"b-{calls[0].ref}",
        "message": [script_to_wire(script) for script in scripts],
        "call": [call_to_wire(call) for call in calls],
    }
