"""Reports as tests read them: a row as a dict by column, a summary as a dict by figure."""

from typing import Any

from engine.reports.report import Report


def rows(report: Report) -> list[dict[str, Any]]:
    """The rows, each by column name."""
    names = [column.name for column in report.columns]
    return [dict(zip(names, row, strict=True)) for row in report.rows]


def summary(report: Report) -> dict[str, Any]:
    """The figures by name."""
    return {figure.name: figure.value for figure in report.figures}


def totals(report: Report) -> dict[str, Any]:
    """The totals by column name."""
    names = [column.name for column in report.columns]
    assert report.totals is not None
    return {name: total for name, total in zip(names, report.totals, strict=True) if total is not None}
