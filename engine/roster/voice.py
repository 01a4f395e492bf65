"""For which reasons a contact point is marked: as preferences.csv says, or by default (decision 3; C057, C058)."""

from store.documents import Point


class Voice:
    """Marks of one delivery per owner and point. Made with `default`, every point but a pager has that mask."""

    def __init__(self, default: int | None = None) -> None:
        self._default = default
        self._marked: dict[tuple[str, Point], tuple[int, int]] = {}

    @staticmethod
    def household(household_id: str) -> str:
        """The owner key of a household; its separator is a control character, which no id holds."""
        return f"\x1f{household_id}"

    def mark(self, owner: str, point: Point, masks: int, on: bool) -> bool:
        """Mark reasons on or off. False, and nothing changed, where an earlier mark says the contrary."""
        is_on, is_off = self._marked.get((owner, point), (0, 0))
        if masks & (is_off if on else is_on):
            return False
        self._marked[(owner, point)] = (is_on | masks, is_off) if on else (is_on, is_off | masks)
        return True

    def of_person(self, person_id: str, point: int) -> int:
        """The mask of a person's point; `point` may be a device's kind, whose numbers are the same."""
        if self._default is not None:
            return 0 if point == Point.PAGER else self._default
        return self._marked.get((person_id, Point(point)), (0, 0))[0]

    def refused_by(self, person_id: str, point: int) -> int:
        """The reasons a person's point is marked off for, in so many words; by default none are."""
        return self._marked.get((person_id, Point(point)), (0, 0))[1]

    def of_household(self, household_id: str, member_ids: list[str]) -> int:
        """The mask of a household's phone: a mark of the household, or of any member on it, holds for all (C060)."""
        if self._default is not None:
            return self._default
        owners = [self.household(household_id), *member_ids]
        masks = 0
        for owner in owners:
            masks |= self._marked.get((owner, Point.HOUSEHOLD), (0, 0))[0]
        return masks


class Preferences:
    """The marks of all deliveries. Without a file Voice has its default, texts and mail are on for nothing."""

    def __init__(self, default: int | None = None) -> None:
        self.voice = Voice(default)
        self.text = Voice(None if default is None else 0)
        self.mail = Voice(None if default is None else 0)

    def of(self, delivery: str) -> Voice:
        """The marks of one delivery: `voice`, `text` or `mail`."""
        return {"voice": self.voice, "text": self.text, "mail": self.mail}[delivery]
