"""A time of day as it is typed, as an instant."""

import re
from datetime import datetime, timedelta, tzinfo

_TIME = re.compile(r"(\d{1,2}):?(\d{2})(?::?(\d{2}))?")


def read_moment(text: str, now: int, zone: tzinfo) -> int | None:
    """`9:05`, `0905` or `09:05:30`, today, or yesterday where that is yet to come; ms UTC, None for anything else."""
    found = _TIME.fullmatch(text.strip())
    if found is None:
        return None
    hour, minute, second = (int(part or 0) for part in found.groups())
    if hour > 23 or minute > 59 or second > 59:
        return None
    today = datetime.fromtimestamp(now / 1000, zone)
    moment = today.replace(hour=hour, minute=minute, second=second, microsecond=0)
    if moment > today:
        moment -= timedelta(days=1)
    return int(moment.timestamp() * 1000)
