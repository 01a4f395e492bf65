"""Prints the checklist row by row with the passing tests that prove it: `pytest --checklist`, or `make checklist`.

A row counts as proved when a passing test is marked with it, with at most three rows in all, and quotes word for word
in its docstring what the row states. Line breaks, spaces and markdown signs are passed over; nothing else is.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import pytest

CHECKLIST = Path(__file__).with_name("checklist.md")

ROWS_MAX = 3
"""More rows on one test would be a claim, not a proof."""

LATER = {
    "fail-over between the call centers": ("C011", "C012", "C013"),
    "self-service": ("C092", "C093", "C094", "C095"),
}
"""Rows that wait for a part of the product that is not there yet, by that part."""

_WAITS_FOR = {row_id: part for part, row_ids in LATER.items() for row_id in row_ids}
_MARKDOWN = re.compile(r"[*_`\\]")


class Row(NamedTuple):
    """One thing the source documents state."""

    row_id: str
    section: str
    """Its heading: `E. Emergency delivery`."""
    states: str
    fit: str
    """CORE, SUP, ADJ, or CTX: context, which asks for no proof."""


@dataclass
class Claim:
    """A test that is marked with rows, and how it ended."""

    test: str
    """Its node id without parameters."""
    row_ids: tuple[str, ...]
    docstring: str
    outcomes: set[str] = field(default_factory=set)
    """Of all its cases: passed, failed, skipped."""

    @property
    def passed(self) -> bool:
        """Every case that ran passed, and one did."""
        return "passed" in self.outcomes and "failed" not in self.outcomes


# ---------------------------------------------------------------- what counts


def read_rows(text: str) -> dict[str, Row]:
    """The rows of a checklist in markdown, by id, in its order."""
    rows, section = {}, ""
    for line in text.splitlines():
        if line.startswith("## "):
            section = line[3:].strip()
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("|") and cells[0].isdigit():
            rows[f"C{cells[0]}"] = Row(f"C{cells[0]}", section, cells[2], cells[-1])
    return rows


def quotes(docstring: str, states: str) -> bool:
    """Whether a docstring holds a row's words, however its lines are broken."""
    return _plain(states) in _plain(docstring)


def faults(claim: Claim, rows: dict[str, Row]) -> Iterator[str]:
    """Why marks of a test do not count, one sentence each."""
    if len(claim.row_ids) > ROWS_MAX:
        yield f"is marked with {len(claim.row_ids)} rows; at most {ROWS_MAX} count"
    for row_id in claim.row_ids:
        if row_id not in rows:
            yield f"is marked with {row_id}, which is no row"
        elif not quotes(claim.docstring, rows[row_id].states):
            yield f'does not quote {row_id}: "{rows[row_id].states}"'


def proofs(claims: Iterable[Claim], rows: dict[str, Row]) -> dict[str, list[str]]:
    """The tests that prove each row that is proved."""
    proved = defaultdict(list)
    for claim in claims:
        if claim.passed and len(claim.row_ids) <= ROWS_MAX:
            for row_id in claim.row_ids:
                if row_id in rows and quotes(claim.docstring, rows[row_id].states):
                    proved[row_id].append(claim.test)
    return dict(proved)


def _plain(text: str) -> str:
    return "".join(_MARKDOWN.sub("", text).split())


# ---------------------------------------------------------------- what is printed


def report(rows: dict[str, Row], claims: list[Claim], asked: frozenset[str] = frozenset()) -> Iterator[str]:
    """The checklist line by line: each row (of those asked for), what is not proved, what does not count, sums."""
    proved = proofs(claims, rows)
    shown = {row_id: row for row_id, row in rows.items() if not asked or row_id in asked}
    yield from _row_by_row(shown, proved)
    yield from _not_proved(shown, proved)
    yield from _not_counted(rows, claims)
    yield from _sums(shown, proved)


def _row_by_row(rows: dict[str, Row], proved: dict[str, list[str]]) -> Iterator[str]:
    section = ""
    for row in rows.values():
        if row.section != section:
            section = row.section
            yield from ("", section)
        yield f"  {row.row_id} {_standing(row, proved):<10} {row.states}"
        yield from (f"         {test}" for test in proved.get(row.row_id, ()))


def _standing(row: Row, proved: dict[str, list[str]]) -> str:
    if row.row_id in proved:
        return "proved"
    if row.fit == "CTX":
        return "context"
    return "later" if row.row_id in _WAITS_FOR else "NOT PROVED"


def _not_proved(rows: dict[str, Row], proved: dict[str, list[str]]) -> Iterator[str]:
    open_rows = [row for row in rows.values() if _standing(row, proved) == "NOT PROVED"]
    yield from ("", f"Not proved: {len(open_rows)}")
    section = ""
    for row in open_rows:
        if row.section != section:
            section = row.section
            yield f"  {section}"
        yield f"    {row.row_id} {row.fit:<4} {row.states}"
    for part, row_ids in LATER.items():
        waiting = [row_id for row_id in row_ids if row_id in rows and row_id not in proved]
        if waiting:
            yield f"  {' '.join(waiting)} wait for {part}"


def _not_counted(rows: dict[str, Row], claims: list[Claim]) -> Iterator[str]:
    lines = [f"  {claim.test} {fault}" for claim in claims for fault in faults(claim, rows)]
    lines += [f"  {claim.test} did not pass" for claim in claims if not claim.passed]
    if lines:
        yield from ("", "Marks that do not count:", *lines)


def _sums(rows: dict[str, Row], proved: dict[str, list[str]]) -> Iterator[str]:
    asking = [row for row in rows.values() if _standing(row, proved) not in ("context", "later")]
    yield from ("", "Proved, of the rows that ask for a proof today:")
    for section in dict.fromkeys(row.section for row in asking):
        of_section = [row.row_id in proved for row in asking if row.section == section]
        yield f"  {sum(of_section):>3} of {len(of_section):>3}  {section}"
    yield f"  {sum(row.row_id in proved for row in asking):>3} of {len(asking):>3}  in all"


# ---------------------------------------------------------------- the plugin


class ChecklistPlugin:
    """Runs marked tests only and prints the checklist when they are through."""

    def __init__(self, rows: dict[str, Row], asked: frozenset[str], collect_only: bool) -> None:
        self._rows = rows
        self._asked = asked
        """Ids of the rows to look at; empty: all."""
        self._collect_only = collect_only
        self._claims: dict[str, Claim] = {}

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Keep the tests that are marked, with a row asked for."""
        kept = [item for item in items if self._wants(_row_ids(item))]
        config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
        items[:] = kept
        for item in kept:
            test = _without_parameters(item.nodeid)
            claim = self._claims.setdefault(test, Claim(test, _row_ids(item), _docstring(item)))
            if self._collect_only:
                claim.outcomes.add("passed")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember how each case ended; a failure in setting up or tearing down is one as well."""
        claim = self._claims.get(_without_parameters(report.nodeid))
        if claim and (report.when == "call" or report.outcome != "passed"):
            claim.outcomes.add(report.outcome)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """A mark that does not count fails the run, so that it is seen."""
        faulty = any(fault for claim in self._claims.values() for fault in faults(claim, self._rows))
        if exitstatus == pytest.ExitCode.OK and faulty:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print it."""
        terminalreporter.section("checklist" + (", as if every test had passed" if self._collect_only else ""))
        for line in report(self._rows, list(self._claims.values()), self._asked):
            terminalreporter.write_line(line)

    def _wants(self, row_ids: tuple[str, ...]) -> bool:
        return bool(self._asked.intersection(row_ids)) if self._asked else bool(row_ids)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of this plugin."""
    group = parser.getgroup("checklist")
    group.addoption("--checklist", action="store_true", help="run marked tests and print the checklist's proofs")
    group.addoption("--rows", default="", metavar="C042,C043", help="with --checklist: only these rows")


def pytest_configure(config: pytest.Config) -> None:
    """Take part where the checklist is asked for."""
    if not config.getoption("checklist"):
        return
    rows = read_rows(CHECKLIST.read_text(encoding="utf-8"))
    asked = frozenset(filter(None, re.split(r"[\s,]+", config.getoption("rows").upper())))
    if unknown := sorted(asked - rows.keys()):
        raise pytest.UsageError(f"--rows: {', '.join(unknown)} is no row of the checklist; write them like C042,C043.")
    config.pluginmanager.register(ChecklistPlugin(rows, asked, config.getoption("collectonly")))


def _row_ids(item: pytest.Item) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(row_id) for mark in item.iter_markers("row") for row_id in mark.args))


def _docstring(item: pytest.Item) -> str:
    return getattr(getattr(item, "obj", None), "__doc__", None) or ""


def _without_parameters(nodeid: str) -> str:
    return nodeid.partition("[")[0]
