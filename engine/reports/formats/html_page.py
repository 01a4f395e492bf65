"""A report as one HTML page without scripts, that prints well: head repeated, no row torn, everything escaped."""

from collections.abc import Sequence
from html import escape
from typing import TextIO

from engine.reports.formats.cells import PLAIN, Texts, Watch, batches, columns_of, shown_columns, shown_figure
from engine.reports.report import TOTAL, Column, Report
from engine.reports.source.local_time import LocalTime

STYLE = """
body { font: 14px/1.4 system-ui, sans-serif; margin: 2rem; color: #1b1b1b; }
h1 { font-size: 1.4rem; margin: 0 0 .3rem; }
p { margin: .3rem 0; color: #444; }
table { border-collapse: collapse; margin: 1rem 0; }
th, td { padding: .2rem .6rem; border-bottom: 1px solid #ccc; text-align: left; vertical-align: top; }
thead th { border-bottom: 2px solid #555; background: #f2f2f2; }
.n { text-align: right; font-variant-numeric: tabular-nums; }
tfoot td { border-top: 2px solid #555; font-weight: bold; }
@media print {
  @page { size: landscape; margin: 12mm; }
  body { margin: 0; font-size: 9pt; }
  thead { display: table-header-group; }
  tfoot { display: table-row-group; }
  tr { break-inside: avoid; }
  thead th { background: none; }
}
""".strip()

POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""What a browser may do with the page: show it."""


def write_html(report: Report, out: TextIO) -> int:
    """Write a report; the number of its rows."""
    local = LocalTime(report.time_zone)
    out.write(_head(report, local))
    titles = [(column.title,) for column in report.columns]
    out.write(f"<table>\n<thead>\n{_lines(report.columns, titles, 'th')}</thead>\n<tbody>\n")
    written = 0
    for columns in batches(report):
        out.write(_lines(report.columns, shown_columns(report.columns, columns, local)))
        written += len(columns[0])
    out.write("</tbody>\n")
    if report.totals is not None:
        first, *others = shown_columns(report.columns, columns_of([report.totals]), local)
        totals = [(first[0] or TOTAL,), *others]
        out.write(f"<tfoot>\n{_lines(report.columns, totals)}</tfoot>\n")
    out.write("</table>\n")
    out.write("".join(f"<p>{safe(note)}</p>\n" for note in report.notes))
    out.write("</body>\n</html>\n")
    return written


def safe(text: str) -> str:
    """The text as it may stand in a page or an attribute; control characters, which no page may hold, are replaced."""
    if not text.isprintable():
        text = "".join(char if char.isprintable() or char in "\t\n" else "�" for char in text)
    return escape(text)


_safe = Watch(rf"[&<>\"']|[^\0{PLAIN}]", safe)
"""Escapes what holds more than letters and signs that mean nothing to a browser."""


def _head(report: Report, local: LocalTime) -> str:
    figures = "".join(
        f"<tr><th>{safe(figure.title)}</th><td{_class(figure.kind.is_number)}>{safe(value)}</td></tr>\n"
        for figure in report.figures
        if (value := shown_figure(figure, local))
    )
    summary = f"<table>\n<tbody>\n{figures}</tbody>\n</table>\n" if figures else ""
    title = safe(report.title)
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{safe(POLICY)}">\n'
        f"<title>{title}</title>\n<style>\n{STYLE}\n</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
        f"<p>Generated at {safe(local.text(report.made_at))}, {safe(local.name)}</p>\n{summary}"
    )


def _lines(columns: Sequence[Column], texts: Sequence[Texts], tag: str = "td") -> str:
    """Columns of texts as lines of a table."""
    cells = (f"<{tag}{_class(column.kind.is_number)}>%s</{tag}>" for column in columns)
    form = f"<tr>{''.join(cells)}</tr>\n"
    return "".join([form % line for line in zip(*map(_safe, texts), strict=True)])


def _class(number: bool) -> str:
    return ' class="n"' if number else ""
