"""An ad hoc filter: a list of ids, or a simple expression such as `grade=3,4 school=oak` (C208, C209)."""

from collections.abc import Callable, Iterable

from engine.audience.selection import grade_word
from engine.preferences.choices import Mode
from store.errors import InvalidInputError
from store.people import Person

_FIELDS: dict[str, Callable[[Person], Iterable[str]]] = {
    "id": lambda person: (person.person_id,),
    "grade": lambda person: (grade_word(person.grade),),
    "language": lambda person: (person.language,),
    "school": lambda person: (*(e.school_id for e in person.enrollments), *person.school_ids),
    "type": lambda person: person.staff_types,
}
"""What may be asked of a person; of several values one must hold, of several fields all must."""

_OF_MODE = {
    Mode.CONTACTS: ("id", "grade", "language", "school"),
    Mode.STUDENTS: ("id", "grade", "language", "school"),
    Mode.STAFF: ("id", "language", "school", "type"),
}
"""Students are filtered in the first two modes, staff in the third."""


class PeopleFilter:
    """Lets people through. Raises InvalidInputError where the expression is not understood or an id is unknown."""

    def __init__(self, expression: str, mode: Mode) -> None:
        self._asked: list[tuple[Callable[[Person], Iterable[str]], frozenset[str]]] = []
        self.ids: frozenset[str] = frozenset()
        """Those it names one by one."""
        for part in expression.replace(";", " ").split():
            name, equals, values = part.partition("=")
            wanted = frozenset(value.strip().lower() for value in values.split(",") if value.strip())
            if not equals or not wanted or name.lower() not in _OF_MODE[mode]:
                fields = ", ".join(f"{word}=" for word in _OF_MODE[mode])
                raise InvalidInputError(f"The filter {part!r} is not understood; ask for {fields} with some value.")
            compared = map(grade_word, wanted) if name.lower() == "grade" else wanted
            self._asked.append((_FIELDS[name.lower()], frozenset(compared)))

    def narrowed(self, ids: Iterable[str]) -> "PeopleFilter":
        """The same, for these people only."""
        self.ids = frozenset(ids)
        return self

    def passes(self, person: Person) -> bool:
        """Whether somebody is let through."""
        if self.ids and person.person_id not in self.ids:
            return False
        return all(any(value.lower() in wanted for value in field(person)) for field, wanted in self._asked)
