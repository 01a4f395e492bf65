"""For which reasons Voice is on, phone by phone: as preferences.csv marks it, or by default (decision 3)."""

from store.records import DeviceKind


class Voice:
    """Marks per owner and kind of phone. Made with `default`, every phone but a pager has that mask."""

    def __init__(self, default: int | None = None) -> None:
        self._default = default
        self._marked: dict[tuple[str, DeviceKind], tuple[int, int]] = {}

    @staticmethod
    def household(household_id: str) -> str:
        """The owner key of a household; its separator is a control character, which no id holds."""
        return f"\x1f{household_id}"

    def mark(self, owner: str, kind: DeviceKind, masks: int, on: bool) -> bool:
        """Mark reasons on or off. False, and nothing changed, where an earlier mark says the contrary."""
        is_on, is_off = self._marked.get((owner, kind), (0, 0))
        if masks & (is_off if on else is_on):
            return False
        self._marked[(owner, kind)] = (is_on | masks, is_off) if on else (is_on, is_off | masks)
        return True

    def of_person(self, person_id: str, kind: DeviceKind) -> int:
        """The mask of a person's phone."""
        if kind == DeviceKind.PAGER:
            return 0
        return self._marked.get((person_id, kind), (0, 0))[0] if self._default is None else self._default

    def of_household(self, household_id: str, member_ids: list[str]) -> int:
        """The mask of a household's phone: a mark of the household, or of any member on it, holds for all (C060)."""
        if self._default is not None:
            return self._default
        owners = [self.household(household_id), *member_ids]
        masks = 0
        for owner in owners:
            masks |= self._marked.get((owner, DeviceKind.HOUSEHOLD), (0, 0))[0]
        return masks
