"""Proofs about broken rows: each is reported where it stands, and the next one is read."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from engine.roster.importer import import_bundle
from tests.engine.roster.bundles import ORGS, told, write

HEADER = "sourcedId,givenName,familyName,role,orgSourcedIds\n"


def imported(tmp_path: Path, rows: str) -> tuple[list[str], list[str]]:
    found = import_bundle(write(tmp_path, orgs=ORGS, users=HEADER + rows))
    return [person.person_id for person in found.roster.people], told(found)


def test_lines_are_counted_as_an_editor_shows_them_even_after_quoted_line_ends(tmp_path):
    rows = 's1,"Ann\nMarie",Lee,student,elm\n\ns2,Bo,Lee,wizard,elm\n'
    ids, problems = imported(tmp_path, rows)
    assert ids == ["s1"]
    assert problems[0] == "users.csv line 5, role: 'wizard' is no OneRoster role"


def test_a_name_over_two_lines_is_spoken_as_one(tmp_path):
    users = HEADER + 's1,"Ann\n Marie\x1b",Lee,student,elm\n'
    found = import_bundle(write(tmp_path, orgs=ORGS, users=users))
    assert found.roster.people[0].name == "Ann Marie Lee"


def test_a_quote_that_never_closes_costs_one_row(tmp_path):
    good = "".join(f"s{index},Bo,Lee,student,elm\n" for index in range(2, 60))
    ids, problems = imported(tmp_path, 's1,"Ann,Lee,student,elm\n' + good)
    assert ids == [f"s{index}" for index in range(2, 60)]
    assert problems == ["users.csv line 2: a quote is opened and not closed, or stands in a wrong place"]


def test_a_quote_closed_by_a_later_stray_one_costs_two_rows_and_none_between(tmp_path):
    rows = 's1,"Ann,Lee,student,elm\ns2,Bo,Lee,student,elm\ns3,"Cy,Lee,student,elm\ns4,Di,Lee,student,elm\n'
    ids, problems = imported(tmp_path, rows)
    assert ids == ["s2", "s4"]
    assert [problem.split(":")[0] for problem in problems] == ["users.csv line 2", "users.csv line 4"]


def test_a_quote_inside_a_name_is_a_sign_like_others(tmp_path):
    ids, problems = imported(tmp_path, 's1,Bo "Bear",Lee,student,elm\ns2,6" Jo,Lee,student,elm\n')
    assert (ids, problems) == (["s1", "s2"], [])


def test_a_row_cut_short_or_too_long_is_reported_and_blank_rows_are_passed_over(tmp_path):
    rows = "s1,Bo,Lee\n,,,,\n\ns2,Bo,Lee,student,elm,,\ns3,Bo,Lee,student,elm,x\ns4,Bo"
    ids, problems = imported(tmp_path, rows)
    assert ids == ["s2"]
    assert problems == [
        "users.csv line 2: has 3 fields, the header has 5",
        "users.csv line 6: has 6 fields, the header has 5",
        "users.csv line 7: has 2 fields, the header has 5",
    ]


def test_ids_unfit_for_a_key_are_reported(tmp_path):
    rows = f"{'ü' * 128},Bo,Lee,student,elm\na\x07b,Bo,Lee,student,elm\n,Bo,Lee,student,elm\n"
    ids, problems = imported(tmp_path, rows)
    assert ids == []
    assert problems == [
        "users.csv line 2, sourcedId: is longer than 255 bytes",
        "users.csv line 3, sourcedId: holds control characters",
        "users.csv line 4, sourcedId: is blank",
    ]


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=200))
def test_no_text_after_a_good_row_loses_that_row_or_stops_the_import(tmp_path_factory, junk):
    folder = write(
        tmp_path_factory.mktemp("junk"), orgs=ORGS, users=HEADER + "s1,Ann,Lee,student,elm\n" + junk.lstrip("\r\n")
    )
    assert import_bundle(folder).roster.people[0].person_id == "s1"
