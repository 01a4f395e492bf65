"""Who lives together where no file says so: people with the same phone, linked to the same student (facts §2.4)."""

from collections.abc import Iterator

from engine.roster.draft import PersonDraft, RosterDraft
from engine.roster.numbers import Number
from store.people import Household, Member, Role

ID_PREFIX = "home-"
"""Before the first member's id. A household's id never holds its number: facts carry ids, not numbers."""


def shared_households(draft: RosterDraft) -> Iterator[Household]:
    """Households by shared phone, in file order of their first members.

    Two people belong together where both give the phone and are linked to the same student, the student being linked
    to itself. Several families behind one desk number stay apart; a phone nobody shares makes no household.
    """
    students_of: dict[str, list[str]] = {}
    for student_id, contact_id in draft.links.keys() | {(r.student_id, r.contact_id) for r in draft.relationships}:
        students_of.setdefault(contact_id, []).append(student_id)
    holders: dict[Number, list[PersonDraft]] = {}
    for person in draft.people.values():
        if person.phone and person.active:
            holders.setdefault(person.phone, []).append(person)
    place = {person_id: index for index, person_id in enumerate(draft.people)}
    groups = [
        (number, group)
        for number, people in holders.items()
        if len(people) > 1
        for group in _groups(people, students_of)
    ]
    for number, group in sorted(groups, key=lambda pair: place[pair[1][0].person_id]):
        yield _household(number, group)


def _groups(people: list[PersonDraft], students_of: dict[str, list[str]]) -> Iterator[list[PersonDraft]]:
    """Split the holders of one number into those connected through students; a lone holder is no group."""
    leader: dict[str, str] = {}

    def leads(anchor: str) -> str:
        while (upper := leader.setdefault(anchor, anchor)) != anchor:
            leader[anchor] = anchor = leader.setdefault(upper, upper)
        return anchor

    for person in people:
        for student_id in students_of.get(person.person_id, ()):
            leader[leads(student_id)] = leads(person.person_id)
    groups: dict[str, list[PersonDraft]] = {}
    for person in people:
        groups.setdefault(leads(person.person_id), []).append(person)
    return (group for group in groups.values() if len(group) > 1)


def _household(number: Number, people: list[PersonDraft]) -> Household:
    members = tuple(Member(person.person_id) for person in people)
    return Household(ID_PREFIX + people[0].person_id, _name(people), number.e164, number.extension, 0, members)


def _name(people: list[PersonDraft]) -> str:
    """`Alisa & Jeremy Anderson household`: by its adults."""
    adults = [person for person in people if not person.roles & Role.STUDENT] or people
    if len({person.family_name for person in adults}) == 1:
        names = " & ".join(person.given_name for person in adults) + f" {adults[0].family_name}"
    else:
        names = " & ".join(f"{person.given_name} {person.family_name}".strip() for person in adults)
    return f"{names.strip()} household"
