"""The world around a chain as the board alone knows it, for explanations that need no engine."""

from actors.gate import Gate
from engine.why.chain.case import FOREVER, Around
from store.alarms import Alarm
from tui.panels.sight import Sight


def around_of(sight: Sight) -> Around:
    """The world around a chain as far as the board knows it: no queue, no blocks, no hours but the job's own."""
    alarms = {alarm.word for alarm in sight.board.alarms}
    raised = frozenset(int(alarm) for alarm in Alarm if alarm.word in alarms)
    gate = Gate(
        district=(0, FOREVER),
        store_has_room=Alarm.STORE_FULL not in raised,
        clock_is_sound=raised.isdisjoint({Alarm.CLOCK_JUMPED, Alarm.CARRIER_CLOCK_FAR}),
    )
    return Around(now=sight.now(), zone=sight.zone, running=not sight.board.stopped_at, gate=gate, alarms=raised)
