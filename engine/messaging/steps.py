"""Which numbers a chain dials, in which order, and why the others are left out (decisions 3, 50-54)."""

import re
from collections.abc import Iterable
from hashlib import blake2b
from typing import NamedTuple

import msgspec

from engine.audience.gaps import GapReason
from engine.messaging.recipient_hours import BARRED, RecipientHours
from engine.plan_settings import PlanSettings
from store.people import Device, Household, Person
from store.records import AudienceKind, DeviceKind, Reason, Step

WALK = (DeviceKind.CELL, DeviceKind.WORK, DeviceKind.OTHER)
"""The order of a person's numbers (C064); a pager has no Voice row (C058)."""

_E164 = re.compile(r"\+[1-9]\d{7,14}")


class Numbers(NamedTuple):
    """What one contact can be dialed on: the steps, or why there are none, and what was left out beside them."""

    steps: tuple[Step, ...]
    why_none: GapReason | None = None
    skipped: tuple[tuple[DeviceKind, GapReason], ...] = ()
    """Beside the steps; those barred by the recipient's own hours are among the steps all the same."""


class StepMaker:
    """Makes the steps of households and persons for one message, each contact and each number once."""

    def __init__(
        self, reason: Reason, kind: AudienceKind, settings: PlanSettings, hours: RecipientHours | None = None
    ) -> None:
        self._mask = reason.mask
        self._reason = reason
        self._hours = hours
        self._kind = kind
        self._settings = settings
        self._persons: dict[str, Numbers] = {}
        self._households: dict[str, Numbers | None] = {}
        self._number_ids: dict[str, int] = {}

    def of_person(self, person: Person) -> Numbers:
        """Cell, work, other, as far as Voice is marked; a repeated number keeps its first place."""
        found = self._persons.get(person.person_id)
        if found is None:
            found = self._persons[person.person_id] = self._of_person(person)
        return found

    def of_household(self, household: Household) -> Numbers | None:
        """The household's one number; None where it has none or Voice is not marked: then there is no chain at all."""
        key = household.household_id
        if key not in self._households:
            marked = household.number and household.voice_reasons & self._mask
            device = Device(DeviceKind.HOUSEHOLD, household.number, household.extension)
            self._households[key] = self._numbers([device], key, household.time_zone) if marked else None
        return self._households[key]

    def _of_person(self, person: Person) -> Numbers:
        devices = [device for kind in WALK for device in person.devices if device.kind == kind]
        if not devices:
            return Numbers((), GapReason.NO_PHONE)
        marked = self._marked(devices)
        if not marked:
            return Numbers((), GapReason.NO_PREFERENCE)
        return self._numbers(marked, person.person_id, person.time_zone)

    def of_number(self, number: str, recipient_id: str) -> Numbers:
        """One number by itself, of no person: a test call."""
        return self._numbers([Device(DeviceKind.OTHER, number)], recipient_id, "")

    def _marked(self, devices: list[Device]) -> list[Device]:
        """The devices the preferences allow.

        A student needs no more than a phone: preferences are honored where any are set (C081, decision 53). A member of
        staff needs one voice box marked, whichever; the box of the message's reason decides where it is (C088). But
        only who is marked for it is told of a resolution (C200).
        """
        for_reason = [device for device in devices if device.voice_reasons & self._mask]
        # Off for a reason is a preference, too; and it is no box that was left unmarked (C212).
        with_any = [device for device in devices if device.voice_reasons or device.refused_reasons]
        open_to_any = [device for device in devices if device.voice_reasons and not device.refused_reasons & self._mask]
        if self._kind is AudienceKind.STUDENTS:
            return for_reason if with_any else devices
        if self._kind is AudienceKind.STAFF and self._reason is not Reason.STAFF:
            return for_reason or open_to_any
        return for_reason

    def _numbers(self, devices: Iterable[Device], recipient_id: str, time_zone: str) -> Numbers:
        steps: dict[str, Step] = {}
        skipped: list[tuple[DeviceKind, GapReason]] = []
        for device in devices:
            why = self._why_not(device)
            if why is not None:
                skipped.append((device.kind, why))
            elif device.number not in steps:
                steps[device.number] = step = self._step(device, recipient_id, time_zone)
                if (step.opens_at, step.closes_at) == BARRED:
                    skipped.append((device.kind, GapReason.RECIPIENT_HOURS))
        return Numbers(tuple(steps.values()), None if steps else skipped[0][1], tuple(skipped) if steps else ())

    def _step(self, device: Device, recipient_id: str, time_zone: str) -> Step:
        step = Step(device.kind, device.number, self._number_id(device.number), recipient_id)
        if self._hours is None:
            return step
        opens_at, closes_at = self._hours.bounds(time_zone, device.number)
        return msgspec.structs.replace(step, opens_at=opens_at, closes_at=closes_at)

    def _why_not(self, device: Device) -> GapReason | None:
        if device.private and self._settings.private_blocks_voice:
            return GapReason.PRIVATE
        if device.extension:
            return GapReason.EXTENSION
        return None if _E164.fullmatch(device.number) else GapReason.BAD_FORMAT

    def _number_id(self, number: str) -> int:
        found = self._number_ids.get(number)
        if found is None:
            found = self._number_ids[number] = number_id(number, self._settings.number_key)
        return found


def number_id(number: str, key: bytes) -> int:
    """What facts, locks and blocks know a number by: a hash of 63 bits that nobody can guess back without the key."""
    return int.from_bytes(blake2b(number.encode(), digest_size=8, key=key).digest(), "big") >> 1
