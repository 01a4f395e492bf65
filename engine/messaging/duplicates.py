"""A number that several chains of a job share is kept by one of them (decisions 17, 18, 20)."""

from collections.abc import Iterable

from engine.messaging.drafts import Draft
from store.records import Step


def keep_once(drafts: Iterable[Draft]) -> None:
    """Leave each distinct number to the first draft that has it; the others note whose it is now."""
    owners: dict[int, Draft] = {}
    for draft in drafts:
        kept: list[Step] = []
        moved: list[tuple[int, Draft]] = []
        for step in draft.numbers.steps:
            owner = owners.setdefault(step.number_id, draft)
            if owner is draft:
                kept.append(step)
            else:
                moved.append((step.number_id, owner))
        draft.kept, draft.moved = tuple(kept), tuple(moved)
