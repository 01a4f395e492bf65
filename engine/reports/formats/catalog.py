"""Every format there is, by name."""

from collections.abc import Callable
from typing import TextIO

from engine.reports.formats.csv_text import write_csv
from engine.reports.formats.html_page import write_html
from engine.reports.formats.json_text import write_json
from engine.reports.formats.plain_table import write_table
from engine.reports.report import Report
from store.errors import InvalidInputError

Writer = Callable[[Report, TextIO], int]
"""Writes a report as its rows come, and answers how many there were."""

FORMATS: dict[str, Writer] = {"table": write_table, "csv": write_csv, "html": write_html, "json": write_json}


def writer_of(name: str) -> Writer:
    """The writer of a format. Raises InvalidInputError for another."""
    if name not in FORMATS:
        raise InvalidInputError(f'There is no format "{name}"; choose among {", ".join(FORMATS)}.')
    return FORMATS[name]
