"""An engine that dies between any two writes: what was agreed to goes out once, and what was recalled never does."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from actors.writer import Writer
from store import facts
from store.commands import Verb
from store.errors import RefusedError
from tests.engine.ladder.town import BOTH, TWO_PEOPLE, is_out, ladder_town, rung, verbs
from tests.fakes import SteppedTown

COMMITS = range(1, 9)
"""More than any of these lives has before its job is out."""


class Died(BaseException):
    """The engine's process is gone."""


@contextmanager
def dying(monkeypatch: pytest.MonkeyPatch, commit: int, *, after: bool) -> Iterator[None]:
    """The engine dies at its nth commit from now on: before it is on disk, or just after."""
    commits, really = iter(range(1, 1_000)), Writer._commit

    def commit_or_die(writer: Writer, block: facts.Block) -> None:
        nth = next(commits)
        if nth == commit and not after:
            raise Died
        really(writer, block)
        if nth == commit:
            raise Died

    with monkeypatch.context() as patched:
        patched.setattr(Writer, "_commit", commit_or_die)
        yield


def tried(act: Callable[[], object]) -> None:
    """An operator does it again after a crash, not knowing whether it was done."""
    done = ""
    try:
        act()
    except RefusedError as error:
        done = str(error)
    assert not done or any(word in done for word in ("waits for", "goes out in", "already", "recalled")), done


def lives_on(town: SteppedTown, act: Callable[[], object]) -> bool:
    """Whether the engine survives an act; else another one starts, and the act is repeated."""
    try:
        act()
    except Died:
        town.restart()
        tried(act)
        return False
    return True


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("commit", COMMITS)
@pytest.mark.parametrize("ladder", [BOTH, TWO_PEOPLE], ids=["countdown", "at once"])
def test_what_was_agreed_to_goes_out_once_wherever_the_engine_dies(tmp_path, monkeypatch, ladder, commit, after):
    with ladder_town(tmp_path, **ladder) as town:
        job = town.prepare()
        with dying(monkeypatch, commit, after=after):
            lives_on(town, lambda: town.engine.ask_to_send(job, expect=1, author="anna"))
            lives_on(town, lambda: town.engine.approve(job, expect=1, author="ben"))
            lives_on(town, lambda: town.run(seconds=60))
        town.run(seconds=60)
        assert is_out(town, job)
        assert verbs(town, job) == [Verb.ASK, Verb.APPROVE, Verb.SEND]
        assert rung(town, job) == "released"
        assert town.wait(job).confirmed == 1
        assert len(town.ring_times()) == 1


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("commit", COMMITS)
def test_what_was_recalled_never_goes_out_wherever_the_engine_dies(tmp_path, monkeypatch, commit, after):
    with ladder_town(tmp_path, **BOTH) as town:
        job = town.prepare()
        with dying(monkeypatch, commit, after=after):
            lives_on(town, lambda: town.engine.ask_to_send(job, expect=1, author="anna"))
            lives_on(town, lambda: town.engine.approve(job, expect=1, author="ben"))
            lives_on(town, lambda: town.engine.recall(job, author="anna"))
            lives_on(town, lambda: town.run(seconds=60))
        town.restart()
        town.run(minutes=5)
        assert not is_out(town, job)
        assert rung(town, job) == "recalled"
        assert verbs(town, job) == [Verb.ASK, Verb.APPROVE, Verb.RECALL]
        assert not town.ring_times()


def test_a_command_is_on_disk_with_what_it_did_or_neither_is(tmp_path):
    with ladder_town(tmp_path, **BOTH) as town:
        job = town.prepare()
        town.engine.ask_to_send(job, expect=1, author="anna")
        town.engine.approve(job, expect=1, author="ben")
        town.engine.recall(job, author="anna")
        taken = [
            [fact.verb for fact in block.facts if isinstance(fact, facts.CommandTaken)]
            for block in town.blocks()
            if any(isinstance(fact, facts.CommandTaken) for fact in block.facts)
        ]
        assert taken == [[Verb.ASK], [Verb.APPROVE], [Verb.RECALL]]
