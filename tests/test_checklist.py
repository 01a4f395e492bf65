"""The checklist: what counts as a proof, and what is printed of it."""

import pytest

from tests.checklist import CHECKLIST, Claim, faults, proofs, quotes, read_rows, report

ROWS = read_rows(
    """
## E. Emergency delivery

| ID | System | What the seed states | File | Quote | Fit |
|---|---|---|---|---|---|
| 037 | Emergency Messenger | Delivered instantly | a.txt | "delivered instantly" | CORE |
| 038 | Emergency Messenger | No user scheduling; sent immediately | a.txt | "sent immediately" | CORE |
| 042 | Emergency Messenger | The `grouping` option does **not** apply to it | a.txt | "does not apply" | SUP |

## X. Elsewhere

| 092 | Portal | Self-service | a.txt | "Self" | SUP |
| 214 | Portal | Dated | a.txt | "dated" | CTX |
"""
)

MARKED = '''
import pytest

@pytest.mark.row("C037", "C038")
def test_it_rings_at_once():
    """C037: Delivered
    instantly. C038: No user scheduling; sent
        immediately."""

@pytest.mark.row("C039")
def test_it_has_no_window():
    """C039: No delivery window and not bound by the district dialing window."""
    assert False

@pytest.mark.row("C040")
@pytest.mark.parametrize("n", [1, 2])
def test_it_is_fast(n):
    """C040: As fast as possible"""
    assert n == 1

def test_without_a_mark():
    assert False
'''


def claim(*row_ids: str, docstring: str = "", outcomes: tuple[str, ...] = ("passed",)) -> Claim:
    return Claim("tests/test_a.py::test_a", row_ids, docstring, set(outcomes))


def test_every_row_of_the_checklist_is_read_with_its_section():
    rows = read_rows(CHECKLIST.read_text(encoding="utf-8"))
    assert list(rows) == [f"C{n:03d}" for n in range(1, 303)]
    assert rows["C042"].states == "Message grouping option does not apply to it"
    assert rows["C042"].section == "E. Emergency delivery"
    fits = [row.fit for row in rows.values()]
    assert {fit: fits.count(fit) for fit in set(fits)} == {"CORE": 166, "SUP": 74, "ADJ": 47, "CTX": 15}


@pytest.mark.parametrize(
    "docstring",
    [
        "C042: The grouping option does not apply to it.",
        "What holds.\n\n    The grouping option\n    does not apply to it; so it is.",
        "The **grouping** option does not `apply` to it",
    ],
)
def test_a_quote_counts_however_its_lines_are_broken(docstring: str):
    assert quotes(docstring, ROWS["C042"].states)


@pytest.mark.parametrize("docstring", ["", "The grouping option … to it", "Grouping does not apply to it", "C042"])
def test_a_paraphrase_is_no_quote(docstring: str):
    assert not quotes(docstring, ROWS["C042"].states)


def test_a_passing_test_that_quotes_proves_its_rows():
    said = claim("C037", "C038", docstring="Delivered instantly. No user scheduling; sent immediately.")
    assert proofs([said], ROWS) == {"C037": [said.test], "C038": [said.test]}
    assert not list(faults(said, ROWS))


@pytest.mark.parametrize("outcomes", [(), ("failed",), ("passed", "failed"), ("skipped",)])
def test_a_test_that_does_not_pass_in_every_case_proves_nothing(outcomes: tuple[str, ...]):
    assert not proofs([claim("C037", docstring="Delivered instantly", outcomes=outcomes)], ROWS)


def test_marks_that_cannot_count_are_told_with_their_reason():
    four = claim("C037", "C038", "C042", "C999", docstring="Delivered instantly")
    assert not proofs([four], ROWS)
    assert list(faults(four, ROWS)) == [
        "is marked with 4 rows; at most 3 count",
        'does not quote C038: "No user scheduling; sent immediately"',
        'does not quote C042: "The `grouping` option does **not** apply to it"',
        "is marked with C999, which is no row",
    ]


def test_what_is_not_proved_is_listed_and_neither_context_nor_later_rows_ask_for_proof():
    lines = list(report(ROWS, [claim("C037", docstring="Delivered instantly")]))
    assert "  C037 proved     Delivered instantly" in lines
    assert "  C038 NOT PROVED No user scheduling; sent immediately" in lines
    assert "Not proved: 2" in lines
    assert "  C092 later      Self-service" in lines
    assert "  C214 context    Dated" in lines
    assert "    1 of   3  E. Emergency delivery" in lines
    assert lines[-1] == "    1 of   3  in all"


def test_only_marked_tests_are_run_and_a_failed_case_is_no_proof(pytester: pytest.Pytester):
    pytester.makepyfile(MARKED)
    result = run(pytester)
    result.assert_outcomes(passed=2, failed=2, deselected=1)
    result.stdout.fnmatch_lines(
        [
            "*C037 proved *Delivered instantly",
            "*::test_it_rings_at_once",
            "*C039 NOT PROVED*",
            "*C040 NOT PROVED*",
            "*::test_it_is_fast did not pass",
        ]
    )


def test_single_rows_can_be_looked_at(pytester: pytest.Pytester):
    pytester.makepyfile(MARKED)
    result = run(pytester, "--rows", "c038")
    result.assert_outcomes(passed=1, deselected=4)
    assert result.ret == pytest.ExitCode.OK
    result.stdout.no_fnmatch_line("*C039*")


def test_a_row_there_is_not_is_refused(pytester: pytest.Pytester):
    wrong = run(pytester, "--rows", "C999")
    assert wrong.ret == pytest.ExitCode.USAGE_ERROR
    wrong.stderr.fnmatch_lines(["*C999 is no row of the checklist*"])


def test_a_mark_that_does_not_count_fails_the_run(pytester: pytest.Pytester):
    pytester.makepyfile("import pytest\n@pytest.mark.row('C042')\ndef test_a():\n    'In my own words.'\n")
    result = run(pytester)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(['*does not quote C042: "Message grouping option does not apply to it"'])


def run(pytester: pytest.Pytester, *more: str) -> pytest.RunResult:
    pytester.makeini('[pytest]\nmarkers = ["row(*ids)"]')
    return pytester.runpytest_inprocess("-p", "tests.checklist", "--checklist", "-p", "no:cacheprovider", *more)
