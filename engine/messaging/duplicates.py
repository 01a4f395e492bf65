"""A number that several chains of a job share is kept by one of them (decisions 17, 18, 20)."""

from collections.abc import Sequence

from engine.messaging.drafts import Draft
from engine.messaging.recipient_hours import BARRED
from store.records import Step


def keep_once(drafts: Sequence[Draft]) -> None:
    """Leave each distinct number to the first draft that has it; the others note whose it is now."""
    owners = _owners(drafts)
    for draft in drafts:
        kept: list[Step] = []
        moved: list[tuple[int, Draft]] = []
        for step in draft.numbers.steps:
            owner = owners[step.number_id]
            if owner is draft:
                kept.append(step)
            else:
                moved.append((step.number_id, owner))
        draft.kept, draft.moved = tuple(kept), tuple(moved)


def _owners(drafts: Sequence[Draft]) -> dict[int, Draft]:
    """Number → who keeps it: the first one whose own hours let it ring today; where nobody's do, the first one."""
    owners: dict[int, Draft] = {}
    barred: set[int] = set()
    for draft in drafts:
        for step in draft.numbers.steps:
            if step.number_id not in owners:
                owners[step.number_id] = draft
                if step.closes_at and (step.opens_at, step.closes_at) == BARRED:
                    barred.add(step.number_id)
            elif step.number_id in barred and (step.opens_at, step.closes_at) != BARRED:
                owners[step.number_id] = draft
                barred.remove(step.number_id)
    return owners
