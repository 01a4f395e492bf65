"""The parts of a stored plan that reports need: what they do not is passed over undecoded, which halves the time.

Plans are array-like and only ever appended to, so a part is found by its place; what lies behind the last one is left.
"""

import msgspec

from store.records import DeviceKind, Record


class StepPart(Record, frozen=True):
    """One number of a plan; see `Step`."""

    kind: DeviceKind
    number: str
    number_id: int


class PlanHead(Record, frozen=True):
    """Whom a plan is for and about; see `Plan`."""

    contact_key: str
    contact_name: str
    student_ids: tuple[str, ...]
    steps: msgspec.Raw
    opens_at: msgspec.Raw
    closes_at: msgspec.Raw
    policy: msgspec.Raw
    text: msgspec.Raw = msgspec.Raw()
    machine_text: msgspec.Raw = msgspec.Raw()
    message_ms: int = 0
    school_id: str = ""
    owner: int = -1


class PlanBody(Record, frozen=True):
    """The same with its numbers and where others went."""

    contact_key: str
    contact_name: str
    student_ids: tuple[str, ...]
    steps: tuple[StepPart, ...]
    opens_at: msgspec.Raw
    closes_at: msgspec.Raw
    policy: msgspec.Raw
    text: msgspec.Raw = msgspec.Raw()
    machine_text: msgspec.Raw = msgspec.Raw()
    message_ms: int = 0
    school_id: str = ""
    owner: int = -1
    moved: tuple[tuple[int, int], ...] = ()


decode_head = msgspec.msgpack.Decoder(PlanHead).decode
"""`decode_head(data) -> PlanHead`."""

decode_body = msgspec.msgpack.Decoder(PlanBody).decode
"""`decode_body(data) -> PlanBody`."""
