"""A report made in a process of its own, for whoever must not be slowed down by it: written as its rows come."""

from pathlib import Path
from typing import IO, TextIO

import msgspec

from engine.elsewhere import write_elsewhere, write_here
from engine.reports.asked import REPORTS
from engine.reports.formats.catalog import writer_of
from engine.reports.formats.csv_text import BYTE_ORDER_MARK
from engine.reports.source.records import read_records
from store.errors import InvalidInputError

SECONDS_MAX = 300
"""Of the largest job there is, on a busy machine."""


class ReportOrder(msgspec.Struct, frozen=True, array_like=True):
    """A report, of which district, and how it is to be written."""

    home: str
    time_zone: str
    now: int
    """ms UTC."""
    name: str
    asked: bytes
    """The question in msgpack, of the type the name asks for."""
    form: str = "json"
    excel: bool = False
    """CSV that Excel knows for UTF-8."""


def order_of(home: Path, time_zone: str, now: int, name: str, asked: object, form: str, excel: bool) -> ReportOrder:
    """The order for a report. Raises InvalidInputError for a format there is not."""
    writer_of(form)
    if excel and form != "csv":
        raise InvalidInputError(f"Excel's mark is for CSV; leave it out of a {form}.")
    return ReportOrder(str(home), time_zone, now, name, msgspec.msgpack.encode(asked), form, excel)


def report_elsewhere(order: ReportOrder, out: IO[bytes]) -> int:
    """Have a report written to a real file by another process; how many rows it has. Raises what making it raises."""
    return write_elsewhere("engine.reports.helper", order, out, SECONDS_MAX)


def report_here(order: ReportOrder, out: TextIO) -> int:
    """Write a report; how many rows it has."""
    kind = REPORTS[order.name]
    asked = msgspec.msgpack.decode(order.asked, type=kind.asks)
    with read_records(Path(order.home), order.time_zone, order.now) as records:
        if order.excel:
            out.write(BYTE_ORDER_MARK)
        return writer_of(order.form)(kind.make(records, asked), out)


if __name__ == "__main__":
    write_here(ReportOrder, report_here)
