"""What keeps a replay that begins too early from changing rows twice."""


class Guard:
    """Tells, within one replayed block, the rows that already reflected it from those it is changing."""

    def __init__(self, seq: int) -> None:
        self._seq = seq
        self._changing: set[int] = set()
        self.day_began = False
        """The fact in it that a day began has been met."""
        self.changes_day = False
        """No row reflected that fact yet."""

    def is_before(self, day_seq: int) -> bool:
        """Whether what it says now happened before the day that began with block `day_seq`."""
        return self._seq < day_seq or (self._seq == day_seq and not self.day_began)

    def reflects(self, row_id: int, row_seq: int) -> bool:
        """Whether a row was changed by this block before the replay began; else it counts as being changed now."""
        if row_id in self._changing:
            return False
        if row_seq >= self._seq:
            return True
        self._changing.add(row_id)
        return False
