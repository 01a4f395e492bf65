"""Blocked numbers among planned ones, listed for the author before anything is sent (decisions 21d, 55).

Their steps stay in the plans: the gate decides at each dial, so that a block that is taken away later counts at once.
"""

from collections.abc import Iterable, Iterator

from engine.audience.gaps import Gap, GapReason
from store.documents import NumberBlock
from store.records import Plan


def blocked_gaps(plans: Iterable[Plan], blocks: Iterable[NumberBlock], *, emergency: bool) -> Iterator[Gap]:
    """A gap for each contact whose numbers are blocked: all of them, or the device of each one that is.

    A contact whose numbers other chains dial is among them where all of those are blocked: nobody dials them at all.
    """
    blocked = {block.number_id for block in blocks if not (emergency and block.except_emergency)}
    told: set[tuple[str, str]] = set()
    for plan in plans if blocked else ():
        devices = [step.kind.word for step in plan.steps if step.number_id in blocked]
        elsewhere = [number_id in blocked for number_id, _ in plan.moved]
        if (devices or elsewhere) and len(devices) == len(plan.steps) and all(elsewhere):
            yield Gap(plan.contact_key, plan.contact_name, GapReason.BLOCKED, student_ids=plan.student_ids)
            continue
        for device in devices:
            if (plan.contact_key, device) not in told:
                told.add((plan.contact_key, device))
                yield Gap(plan.contact_key, plan.contact_name, GapReason.BLOCKED, device)
