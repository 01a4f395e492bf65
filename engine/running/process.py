"""What a process that runs an engine sets for all its threads."""

import gc
import sys

SWITCH_SECONDS = 0.0005
"""The loop takes its turn back from a busy thread after this long; with Python's own 5 ms a commit takes 18 ms."""

GC_THRESHOLDS = (50_000, 20, 100)
"""Letters and facts make no cycles: with Python's own 700 a fifth of a dial was spent looking for some."""


def settle_in() -> None:
    """Call it once, when everything is imported: in a process whose main work is the engine."""
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
