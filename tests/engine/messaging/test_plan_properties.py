"""What holds for every plan of every roster."""

import random
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.audience.selection import pair_key
from engine.messaging.encoding import encode_plans, plans_hash
from engine.messaging.planning import Planned
from store.errors import AudienceError
from store.people import Device, Enrollment, Household, Member, Person, Relationship, Role, Roster
from store.records import ALL_REASONS, Audience, AudienceKind, DeviceKind, Plan, Reason
from tests.engine.messaging.district import SCHOOLS, dialed, phone, send

numbers = st.one_of(st.integers(0, 11).map(phone), st.just("5550134"))
masks = st.sampled_from([0, ALL_REASONS, ALL_REASONS, Reason.EMERGENCY.mask, Reason.GENERAL.mask])
devices = st.builds(
    Device,
    kind=st.sampled_from(list(DeviceKind)),
    number=numbers,
    extension=st.sampled_from(["", "", "", "7"]),
    voice_reasons=masks,
)


@st.composite
def rosters(draw: st.DrawFn) -> Roster:
    """Up to six adults who share few numbers, up to six students (one surely enrolled), linked at random."""
    adults = [
        Person(f"a{n}", f"A{n % 3}", "Adult", draw(st.sampled_from([2, 6])), tuple(draw(st.lists(devices, max_size=4))))
        for n in range(draw(st.integers(1, 6)))
    ]
    students = [
        Person(
            f"{n}",
            f"S{n % 2}",
            "Student",
            Role.STUDENT,
            tuple(draw(st.lists(devices, max_size=2))),
            enrollments=(Enrollment(draw(st.sampled_from(["elm", "oak"]))),),
            active=n == 0 or draw(st.booleans()),
        )
        for n in range(draw(st.integers(1, 6)))
    ]
    some_adults = st.lists(st.sampled_from(adults), unique_by=lambda person: person.person_id, max_size=4)
    links = [
        Relationship(
            student.person_id, adult.person_id, "", draw(st.booleans()), emergency_priority=draw(st.integers(0, 2))
        )
        for student in students
        for adult in draw(some_adults)
    ]
    homes = [
        Household(
            f"h{n}", f"Home {n}", draw(numbers), "", draw(masks), tuple(Member(p.person_id) for p in draw(some_adults))
        )
        for n in range(draw(st.integers(0, 4)))
    ]
    return Roster(SCHOOLS, (*adults, *students), tuple(homes), tuple(links))


reasons = st.sampled_from([Reason.EMERGENCY, Reason.GENERAL, Reason.ATTENDANCE])
kinds = st.sampled_from([AudienceKind.CONTACTS, AudienceKind.STUDENTS])


@given(rosters(), reasons, kinds, st.booleans(), st.booleans())
def test_no_number_stands_twice_in_a_chain_and_counts_agree(roster, reason, kind, grouping, names):
    planned = send(roster, reason, to=kind, grouping=grouping, names=names)
    for chain in planned.plans:
        assert len({step.number_id for step in chain.steps}) == len(chain.steps)
        assert DeviceKind.PAGER not in {step.kind for step in chain.steps}
    assert planned.chains + planned.covered + planned.unreachable == len(planned.plans)
    assert all(chain.steps for chain in dialed(planned))
    rest = planned.plans[planned.chains :]
    assert not any(chain.steps for chain in rest)
    assert [chain.owner >= 0 for chain in rest] == [True] * planned.covered + [False] * planned.unreachable


@given(rosters(), st.sampled_from([(Reason.EMERGENCY, False), (Reason.GENERAL, True)]), kinds)
def test_a_number_filtered_as_a_duplicate_is_dialed_by_the_chain_it_points_to_and_by_no_other(roster, tool, kind):
    reason, names = tool
    planned = send(roster, reason, names=names, to=kind)
    dialers: dict[int, int] = {}
    for index, chain in enumerate(planned.plans):
        for step in chain.steps:
            assert step.number_id not in dialers
            dialers[step.number_id] = index
    for chain in planned.plans:
        assert all(dialers[number] == owner for number, owner in chain.moved)
        assert not {step.number_id for step in chain.steps} & {number for number, _ in chain.moved}
        if not chain.steps and chain.moved:
            assert chain.owner == chain.moved[0][1]


languages = st.sampled_from(["en", "es", "es-MX"])


def pairs(planned: Planned) -> list[tuple[str, str]]:
    return sorted((chain.contact_key, student) for chain in planned.plans for student in chain.student_ids)


@given(rosters(), reasons)
def test_grouping_reaches_the_same_contacts_about_the_same_students(roster, reason):
    assert pairs(send(roster, reason, grouping=True)) == pairs(send(roster, reason))


@given(rosters(), reasons, st.booleans())
def test_every_student_of_the_audience_is_in_some_plan(roster, reason, grouping):
    planned = send(roster, reason, grouping=grouping)
    enrolled = {person.person_id for person in roster.people if person.roles & Role.STUDENT and person.active}
    assert {student for chain in planned.plans for student in chain.student_ids} == enrolled
    assert planned.students == len(enrolled)


@given(rosters(), reasons, st.booleans(), st.booleans(), st.randoms(use_true_random=False))
@settings(max_examples=50)
def test_the_order_of_the_roster_changes_nothing(roster, reason, grouping, names, rng: random.Random):
    shuffled = Roster(
        tuple(rng.sample(roster.schools, len(roster.schools))),
        tuple(rng.sample(roster.people, len(roster.people))),
        tuple(
            msgspec.structs.replace(home, members=tuple(rng.sample(home.members, len(home.members))))
            for home in rng.sample(roster.households, len(roster.households))
        ),
        tuple(rng.sample(roster.relationships, len(roster.relationships))),
    )
    options: dict[str, Any] = {"grouping": grouping, "names": names, "text": "{recipient}: {students}"}
    first, second = (send(each, reason, **options) for each in (roster, shuffled))
    assert first == second
    assert plans_hash(encode_plans(first.plans)) == plans_hash(encode_plans(second.plans))


@given(rosters(), reasons)
@settings(max_examples=20)
def test_encoded_plans_come_back_as_they_were(roster, reason):
    plans = send(roster, reason, text="{recipient}").plans
    decode = msgspec.msgpack.Decoder(Plan).decode
    encoded = encode_plans(plans)
    assert [decode(each) for each in encoded] == plans
    assert plans_hash(encoded) != plans_hash(encoded[:-1])


@given(rosters(), reasons, st.booleans(), st.data())
def test_a_narrower_audience_calls_nobody_a_wider_one_does_not(roster, reason, grouping, data):
    """By language and by contact: exactly the contacts that pass, about the students they had before."""
    people = tuple(msgspec.structs.replace(one, language=data.draw(languages)) for one in roster.people)
    roster = msgspec.structs.replace(roster, people=people)
    everybody = set(pairs(send(roster, reason, grouping=grouping)))
    assert set(pairs_of(roster, reason, grouping, Audience(languages=("es",)))) <= everybody
    some = data.draw(st.sets(st.sampled_from(sorted(everybody))))
    keys = tuple(key if key.startswith("s:") else pair_key(key, student) for key, student in some)
    if keys:
        found = set(pairs_of(roster, reason, grouping, Audience(contact_keys=keys)))
        assert found == some if reason is not Reason.EMERGENCY else found <= some


def pairs_of(roster: Roster, reason: Reason, grouping: bool, audience: Audience) -> list[tuple[str, str]]:
    """The contacts and students of an audience; none where it is empty."""
    try:
        return pairs(send(roster, reason, grouping=grouping, audience=audience))
    except AudienceError:
        return []
