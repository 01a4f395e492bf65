"""OneRoster 1.1 and 1.2: organizations, people, roles, enrollments, and who is whose agent (facts §2.4)."""

import re
from collections.abc import Iterator

from engine.roster.bundle import Bundle
from engine.roster.classes import read_calendars, read_classes, take_seat
from engine.roster.draft import ROLE_WORDS, PersonDraft, RosterDraft, Span, hull
from engine.roster.numbers import Number, read_number
from engine.roster.problems import Problems, shown
from engine.roster.row import Columns, Row, is_active, zone_name
from store.people import Enrollment, Role, School

ORGS = Columns("orgs", ("sourcedId", "name", "type"), ("status", "metadata.msgr.phone"))
USERS = Columns(
    "users",
    ("sourcedId", "givenName", "familyName"),
    ("status", "enabledUser", "orgSourcedIds", "role", "sms", "phone", "agentSourcedIds", "agents", "grades",
     "preferredGivenName", "preferredFamilyName", "metadata.msgr.language", "metadata.msgr.timeZone", "email",
     "metadata.msgr.secondaryEmail"),
)  # fmt: skip
ROLES = Columns(
    "roles",
    ("userSourcedId", "role", "orgSourcedId"),
    ("sourcedId", "status", "beginDate", "endDate", "roleStartDate", "roleEndDate", "grade"),
)
ENROLLMENTS = Columns(
    "enrollments",
    ("userSourcedId", "role"),
    ("sourcedId", "status", "classSourcedId", "schoolSourcedId", "beginDate", "endDate"),
)
_ADDRESS = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s.]+")
BEGIN, END = ("beginDate", "roleStartDate"), ("endDate", "roleEndDate")


def read_oneroster(bundle: Bundle, problems: Problems) -> RosterDraft:
    """Schools, people and plain links of a bundle. Bad rows are reported, good ones loaded."""
    draft = RosterDraft()
    _read_orgs(bundle, draft)
    read_calendars(bundle, draft)
    read_classes(bundle, draft)
    agents = _read_users(bundle, draft)
    _read_roles(bundle, draft)
    _read_enrollments(bundle, draft)
    _link_agents(agents, draft, problems)
    return draft


def known_person(row: Row, column: str, draft: RosterDraft) -> PersonDraft | None:
    """The person a cell names; None where blank or unknown (reported), or to be deleted (silent)."""
    person_id = row.identity(column)
    person = draft.people.get(person_id)
    if person is None and person_id and person_id not in draft.gone:
        row.bad(column, f"{shown(person_id)} is not in users.csv")
    return person


def _read_orgs(bundle: Bundle, draft: RosterDraft) -> None:
    for row in bundle.rows(ORGS):
        org_id, active = row.identity("sourcedId"), is_active(row)
        if not org_id or active is None:
            continue
        if org_id in draft.schools or org_id in draft.other_orgs:
            row.bad("sourcedId", f"{shown(org_id)} is there twice")
        elif not active or row["type"].lower() != "school":
            draft.other_orgs.add(org_id)
        elif not row["name"]:
            row.bad("name", "is blank")
            draft.other_orgs.add(org_id)
        else:
            number = phone(row, "metadata.msgr.phone")
            draft.schools[org_id] = School(org_id, row.words("name"), number.e164 if number else "")


def _read_users(bundle: Bundle, draft: RosterDraft) -> list[tuple[int, str, str]]:
    """People, and the (line, user, agent) of every agent named."""
    agents: list[tuple[int, str, str]] = []
    for row in bundle.rows(USERS):
        person_id, active = row.identity("sourcedId"), is_active(row)
        if not person_id or active is None:
            continue
        if person_id in draft.people or person_id in draft.gone:
            row.bad("sourcedId", f"{shown(person_id)} is there twice")
        elif not active:
            draft.gone.add(person_id)
        elif person := _person(row, person_id):
            draft.people[person_id] = person
            if row["role"]:
                _take_roles(row, person, row.items("orgSourcedIds"), (0, 0), draft)
            agents += [(row.line, person_id, agent) for agent in row.items(row.first("agentSourcedIds", "agents")[0])]
    return agents


def _person(row: Row, person_id: str) -> PersonDraft | None:
    """One person. A blank half of the name is reported and the person kept: they can still be reached."""
    given_name, family_name = row.words("givenName"), row.words("familyName")
    if not given_name:
        row.bad("givenName", "is blank")
    if not family_name:
        row.bad("familyName", "is blank")
    enabled = row.truth("enabledUser", default=True)
    if enabled is None or not (given_name or family_name):
        return None
    return PersonDraft(
        person_id,
        row.line,
        row.words("preferredGivenName") or given_name,
        row.words("preferredFamilyName") or family_name,
        enabled,
        next(iter(row.items("grades")), ""),
        row["metadata.msgr.language"].lower() or "en",
        phone(row, "sms"),
        phone(row, "phone"),
        time_zone=zone_name(row, "metadata.msgr.timeZone"),
        emails=tuple(_emails(row)),
    )


def _emails(row: Row) -> Iterator[tuple[str, bool]]:
    """A person's addresses; what is none is reported and left out."""
    for column, secondary in (("email", False), ("metadata.msgr.secondaryEmail", True)):
        if address := row[column]:
            if _ADDRESS.fullmatch(address) and address.isprintable():
                yield address, secondary
            else:
                row.bad(column, "is no e-mail address")


def phone(row: Row, column: str) -> Number | None:
    """The number in a cell; None where blank, or where it is none (reported)."""
    text = row[column]
    if not text:
        return None
    number = read_number(text)
    if isinstance(number, str):
        row.bad(column, number)
        return None
    return number


def _read_roles(bundle: Bundle, draft: RosterDraft) -> None:
    seen: set[str] = set()
    for row in bundle.rows(ROLES):
        if not _is_fresh(row, seen) or not is_active(row):
            continue
        person = known_person(row, "userSourcedId", draft)
        span = row.span(BEGIN, END)
        org_id = row.identity("orgSourcedId")
        if person and span and org_id:
            _take_roles(row, person, [org_id], span, draft)
            person.grade = person.grade or row["grade"]


def _is_fresh(row: Row, seen: set[str]) -> bool:
    """Whether the row's sourcedId, where it has one, was not there before."""
    if not (row_id := row["sourcedId"]):
        return True
    if row_id in seen:
        row.bad("sourcedId", f"{shown(row_id)} is there twice")
        return False
    seen.add(row_id)
    return True


def _take_roles(row: Row, person: PersonDraft, org_ids: list[str], span: Span, draft: RosterDraft) -> None:
    """One role at each of its organizations; an unknown one is reported and the role kept."""
    word, kind = ROLE_WORDS.get(row["role"].lower(), ("", Role(0)))
    if not kind:
        row.bad("role", f"{shown(row['role'])} is no OneRoster role")
        return
    for org_id in org_ids or [""]:
        if org_id and org_id not in draft.schools and org_id not in draft.other_orgs:
            row.bad("orgSourcedIds" if row["orgSourcedIds"] else "orgSourcedId", f"{shown(org_id)} is not in orgs.csv")
        person.take_role(word, kind, draft.schools.get(org_id), span)


def _read_enrollments(bundle: Bundle, draft: RosterDraft) -> None:
    """Schools that only a class tells of. A school a person is listed at is never narrowed by the dates of a class."""
    seen: set[str] = set()
    spans: dict[tuple[str, str], tuple[Span, ...]] = {}
    for row in bundle.rows(ENROLLMENTS):
        if not _is_fresh(row, seen) or not is_active(row):
            continue
        person, span, school_id = (
            known_person(row, "userSourcedId", draft),
            row.span(BEGIN, END),
            row["schoolSourcedId"],
        )
        if school_id and school_id not in draft.schools and school_id not in draft.other_orgs:
            row.bad("schoolSourcedId", f"{shown(school_id)} is not in orgs.csv")
            continue
        if person and span:
            take_seat(row, person, span, draft)
        if person and span and school_id in draft.schools and row["role"].lower() == "student":
            listed = any(enrollment.school_id == school_id for enrollment in person.enrollments)
            if not listed:
                key = (person.person_id, school_id)
                spans[key] = (*spans.get(key, ()), span)
    for (person_id, school_id), known in spans.items():
        draft.people[person_id].enrollments += (Enrollment(school_id, *hull(known)),)


def _link_agents(agents: list[tuple[int, str, str]], draft: RosterDraft, problems: Problems) -> None:
    """The union of both directions: some exporters name adults on students, some students on adults."""
    for line, user_id, agent_id in agents:
        agent = draft.people.get(agent_id)
        if agent is None:
            if agent_id not in draft.gone:
                problems.add("users.csv", line, "agentSourcedIds", f"{shown(agent_id)} is not in users.csv")
        elif link := draft.oriented(draft.people[user_id], agent):
            draft.links.setdefault(link, draft.people[link[1]].word)
        else:
            problems.add("users.csv", line, "agentSourcedIds", f"no link of a student and an adult: {shown(agent_id)}")
