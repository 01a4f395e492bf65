"""What a live chain weighs: resident memory before and after a job's chains have all come to life and wait."""

import gc
from pathlib import Path

from perf.measure import anonymous_bytes
from perf.rig import Rig


def waiting_chain_bytes(home: Path, job_id: int, chains: int, seed: int) -> float:
    """Bytes per live chain of a prepared job of `chains` chains. Call it in a fresh process.

    With one line all chains but one wait. Memory is the kernel's count of anonymous pages: allocator slack, mailboxes,
    places in the line queue and entries in the job's table are all in it, mapped pages of the store are not.
    """
    with Rig(home, lines=1, seed=seed, sync=False) as rig:
        gc.collect()
        before = anonymous_bytes()
        rig.engine.send(job_id)
        rig.engine.run(until=rig.clock.now())
        gc.collect()
        return (anonymous_bytes() - before) / max(1, chains)
