"""Whatever a cell holds, it is read back as it was, and acts neither as a formula, nor as markup, nor on a terminal."""

import csv
import io
import json
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.reports.formats.catalog import FORMATS
from engine.reports.formats.cells import BATCH_ROWS
from engine.reports.formats.csv_text import harmless
from engine.reports.report import Column, Figure, Kind, Report, Row, totals_of
from tests.fakes import ZONE, at

COLUMNS = (
    Column("job_id", "Job", Kind.ID),
    Column("subject", "Subject"),
    Column("who", "Who"),
    Column("chains", "Chains", Kind.COUNT),
    Column("minutes", "Minutes", Kind.DECIMAL),
    Column("at", "When", Kind.INSTANT),
)
NOW = at("2026-03-02 10:00")

nasty = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["=1+1", "+1", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1", "<script>alert(1)</script>", "&amp;",
         "</td>", '"; DROP', "a,b", "a;=b", "x\0y", "\x1b[31mred\x1b[0m", "O'Neil", '"', "'", "\u202egnp", "émile",
         "日本"]
    ),
)  # fmt: skip
rows = st.lists(
    st.tuples(
        st.integers(0, 9_999),
        nasty,
        st.one_of(st.none(), nasty),
        st.one_of(st.none(), st.integers(-9, 9_999_999)),
        st.one_of(st.none(), st.integers(-99_999, 99_999).map(lambda hundredths: hundredths / 100)),
        st.sampled_from([0, NOW, NOW + 61_500]),
    ),
    max_size=8,
)


def report_of(lines, title: str = "A title", **more) -> Report:
    return Report("test", title, COLUMNS, iter(lines), ZONE, NOW, **more)


def written(report: Report, form: str) -> str:
    out = io.StringIO(newline="")
    FORMATS[form](report, out)
    return out.getvalue()


class Page(HTMLParser):
    """What a browser would make of a page: its cells and everything that is a tag."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.lines: list[list[str]] = []
        self.tags: set[str] = set()
        self.title = ""
        self._in: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self._in.append(tag)
        if tag == "tr":
            self.lines.append([])
        elif tag in ("td", "th"):
            self.lines[-1].append("")
        assert set(dict(attrs)) <= {"lang", "charset", "class", "http-equiv", "content"}

    def handle_endtag(self, tag):
        while self._in and self._in.pop() != tag:
            pass

    def handle_data(self, data):
        if self._in and self._in[-1] in ("td", "th"):
            self.lines[-1][-1] += data
        elif self._in and self._in[-1] == "title":
            self.title += data


TAGS = {"html", "head", "meta", "title", "style", "body", "h1", "p", "table", "thead", "tbody", "tr", "th", "td"}


@given(rows)
def test_csv_is_read_back_as_it_was_but_for_an_apostrophe_before_what_would_act(lines):
    head, *found = csv.reader(io.StringIO(written(report_of(lines), "csv"), newline=""))
    assert head == [column.name for column in COLUMNS]
    assert [line[:5] for line in found] == [
        [str(job), harmless(subject), harmless(who or ""), _number(chains), _number(minutes)]
        for job, subject, who, chains, minutes, _at in lines
    ]


def _number(value) -> str:
    return "" if value is None else str(value)


@given(nasty)
def test_no_text_opens_like_a_formula(text):
    shown = harmless(text)
    assert shown in (text, "'" + text)
    assert not shown.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert not shown.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))


def test_numbers_stay_numbers_even_below_zero_and_texts_are_quoted():
    text = written(report_of([(1, "-5", "x;=1", -5, -0.25, 0)]), "csv")
    assert text.splitlines()[1] == '1,"\'-5","x;=1",-5,-0.25,""'


def test_line_ends_are_those_of_the_standard():
    assert written(report_of([(1, "a", "b", 1, 1.0, NOW)]), "csv").endswith('"2026-03-02 10:00:00"\r\n')


@given(rows, nasty)
def test_html_shows_every_cell_as_it_is_and_has_no_tag_but_its_own(lines, title):
    page = Page(written(report_of(lines, title), "html"))
    assert page.tags <= TAGS
    assert page.title == _printable(title)
    assert [line[1:3] for line in page.lines[1:]] == [
        [_printable(subject), _printable(who or "")] for _job, subject, who, *_ in lines
    ]


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() or char in "\t\n" else "�" for char in text)


@given(rows)
def test_a_table_holds_nothing_a_terminal_obeys_and_one_line_a_row(lines):
    text = written(report_of(lines, "t\x1b[2J"), "table")
    assert all(line.isprintable() for line in text.split("\n"))
    assert text.count("\n") == 1 + bool(lines) + len(lines)


@given(rows)
def test_json_is_read_back_as_it_was(lines):
    answer = json.loads(written(report_of(lines), "json"))
    assert [tuple(row.values()) for row in answer["rows"]] == [tuple(line) for line in lines]
    assert [list(row) for row in answer["rows"]] == [[column.name for column in COLUMNS]] * len(lines)


@settings(max_examples=20)
@given(st.integers(0, 3), st.sampled_from(sorted(FORMATS)))
def test_every_row_is_written_once_however_many_batches_they_take(more, form):
    count = BATCH_ROWS * more + more
    report = report_of([(n, f"row {n}", None, n, 0.5, NOW) for n in range(count)])
    out = io.StringIO(newline="")
    assert FORMATS[form](report, out) == count
    closing = {"csv": '"', "html": "<", "json": '"', "table": " "}[form]
    assert all(out.getvalue().count(f"row {n}{closing}") == 1 for n in {*range(0, count, 997), *range(count)[-1:]})


def test_rows_are_written_as_they_come():
    out = io.StringIO()

    def lines() -> Iterator[Row]:
        for n in range(3 * BATCH_ROWS):
            if n == 2 * BATCH_ROWS:
                assert f"row {BATCH_ROWS - 1}" in out.getvalue()
            yield (n, f"row {n}", None, n, 0.5, NOW)

    for write in FORMATS.values():
        out.seek(0)
        out.truncate()
        assert write(report_of(lines()), out) == 3 * BATCH_ROWS


def whole_report() -> Report:
    lines = [(1, "Snow & <ice>", None, 1_200, 0.5, NOW), (2, "=Menu()", "kim", 34, 1.25, 0)]
    figures = (Figure("subject", "Subject", "<Snow>", Kind.TEXT), Figure("chains", "Chains", 1_234))
    return report_of(lines, figures=figures, totals=totals_of(COLUMNS, lines), notes=("A note & more.",))


def test_a_table_looks_like_this():
    assert written(whole_report(), "table").splitlines() == [
        "A title",
        "Subject  <Snow>",
        "Chains   1,234",
        "",
        "  JOB  SUBJECT       WHO  CHAINS  MINUTES  WHEN",
        "    1  Snow & <ice>        1,200     0.50  2026-03-02 10:00:00",
        "    2  =Menu()       kim      34     1.25",
        "Total                      1,234     1.75",
        "A note & more.",
    ]


def test_a_page_says_when_it_was_made_repeats_its_head_in_print_and_has_totals_once():
    text = written(whole_report(), "html")
    assert "<h1>A title</h1>\n<p>Generated at 2026-03-02 10:00:00, America/Chicago</p>" in text
    assert "<tr><th>Subject</th><td>&lt;Snow&gt;</td></tr>" in text
    assert "thead { display: table-header-group; }" in text
    assert "tfoot { display: table-row-group; }" in text
    assert "break-inside: avoid" in text
    assert '<td class="n">1,234</td><td class="n">1.75</td>' in text.partition("<tfoot>")[2]
    assert "<p>A note &amp; more.</p>" in text
    assert "<script" not in text
    assert "default-src &#x27;none&#x27;" in text


def test_json_has_summary_totals_and_notes_and_instants_as_they_are():
    answer = json.loads(written(whole_report(), "json"))
    assert answer["summary"] == {"subject": "<Snow>", "chains": 1_234}
    assert answer["totals"]["minutes"] == 1.75
    assert answer["notes"] == ["A note & more."]
    assert (answer["made_at"], answer["rows"][0]["at"]) == (NOW, NOW)


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_a_report_without_rows_is_whole(form):
    text = written(report_of([], notes=("Nothing.",)), form)
    assert ("Nothing." in text) == (form != "csv")


def test_a_long_cell_is_cut_on_a_terminal_only():
    line = (1, "x" * 50, None, 1, 1.0, NOW)
    assert "x" * 31 + "…" in written(report_of([line]), "table")
    assert "x" * 50 in written(report_of([line]), "csv")
