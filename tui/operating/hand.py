"""The operator's hand: asks, and then gives to the engine what was asked about, if it can still be heard."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from textual.app import App
from textual.screen import ModalScreen

from engine.acts.chain_cancels import CANCEL as CANCEL_CHAINS
from engine.acts.chain_cancels import CancelChains
from engine.board.views import JobSummary
from engine.views import ReleaseView
from store.commands import Verb
from store.errors import NotFoundError
from store.keys import job_of
from store.releases import Rung
from store.vault import Vault
from tui.dialogs.chains_dialog import ChainDialog, Picked, every_job, several
from tui.dialogs.keep_dialog import KeepDialog, Question
from tui.dialogs.review_dialog import review
from tui.live.marks import by_job
from tui.panels.chain_text import chain_word
from tui.panels.command_log import Entry
from tui.panels.notices import standing
from tui.panels.written import counted
from tui.screens.live import LiveScreen
from tui.screens.room import Place


class Hand:
    """Whatever is confirmed was fixed when its dialog opened; filter, order and marks may change meanwhile."""

    def __init__(self, app: App[Any], place: Place, live: LiveScreen) -> None:
        self._app = app
        self._place = place
        self._live = live

    # -- jobs

    def ask_about_job(self, verb: Verb, chain: int) -> None:
        """Ask before the job of a chain is paused, resumed or canceled; say why not, where that cannot be."""
        if self._is_off():
            return
        if not chain:
            self._app.notify("Select a chain of the job first.", severity="warning")
            return
        with suppress(NotFoundError):
            question = Question(verb, self._place.sight.board.job(job_of(chain)))
            self._ask(
                KeepDialog(question),
                f"Job {question.job.job_id} is kept as it is.",
                lambda: self._give(verb, [question.job]),
            )

    def ask_about_everything(self) -> None:
        """Ask before every open job is canceled."""
        jobs = [job for job in self._place.sight.jobs if not job.ended_at and not job.canceling]
        if self._is_off():
            return
        if not jobs:
            self._app.notify("No job is open.")
            return
        self._ask(every_job(jobs), "Everything is kept as it is.", lambda: self._give(Verb.CANCEL, jobs))

    def _give(self, verb: Verb, jobs: Sequence[JobSummary]) -> None:
        for job in jobs:
            self._place.commands.give(self._place.sight.now(), verb, job.job_id, job.subject)

    # -- chains

    def ask_about_chains(self, chain: int) -> None:
        """Ask before the marked chains are canceled, or this one where none is marked."""
        marked = self._live.chains.marks.chains
        chains = sorted(marked) or [chain] * bool(chain)
        if self._is_off():
            return
        picked = self._picked(chains)
        if not picked.chains:
            nothing = "All of them have ended." if chains else "Select or mark a chain first."
            self._app.notify(nothing, severity="warning")
            return
        only = picked.chains[0]
        dialog = several(picked) if marked else ChainDialog(self._place.sight.board.chain(only), picked)
        words = counted(len(picked.chains), "chain") if marked else chain_word(only)
        self._ask(dialog, f"{words} kept.", lambda: self._cancel_chains(picked, words))

    def _picked(self, chains: Sequence[int]) -> Picked:
        """Those that go on, with their jobs."""
        board = self._place.sight.board
        slots = {chain: board.columns.slot(chain) for chain in chains}
        alive = [chain for chain, slot in slots.items() if slot is not None and board.columns.goes_on(slot)]
        jobs = [(board.job(job_id), len(some)) for job_id, some in by_job(alive).items()]
        return Picked(tuple(alive), tuple(jobs))

    def _cancel_chains(self, picked: Picked, words: str) -> None:
        door = self._place.door
        if door is not None:
            entry = Entry(self._place.sight.now(), Verb.CANCEL, picked.jobs[0][0].job_id, "", words=words)
            asked = CancelChains(chain_ids=picked.chains)
            self._place.commands.ask(entry, lambda: door.act(CANCEL_CHAINS, asked))
            self._live.chains.action_unmark()

    # -- the ladder

    def review(self) -> None:
        """Look at the oldest release that waits for a second person, and agree by typing."""
        waiting = [one for one in standing(self._place.sight.releases) if one.rung == Rung.ASKED.word]
        if not waiting:
            self._app.notify("Nothing waits for a second person.")
        elif not self._is_off():
            release, board = waiting[0], self._place.sight.board
            with board.database.read() as txn:
                job = Vault(board.database).job(txn, release.job_id)
            dialog = review(release, job, self._place.sight.zone, live=not self._place.sight.pretense)
            self._ask(dialog, "Not approved; it still waits.", lambda: self._approve(release))

    def _approve(self, release: ReleaseView) -> None:
        door = self._place.door
        if door is not None:
            entry = Entry(self._place.sight.now(), Verb.APPROVE, release.job_id, release.subject)
            self._place.commands.ask(entry, lambda: door.approve(release.job_id, release.count))

    def recall(self) -> None:
        """Take back at once what goes out next: to stop is quicker than to send."""
        door, found = self._place.door, standing(self._place.sight.releases)
        counting = [one for one in found if one.rung == Rung.COUNTING.word]
        if not counting or door is None:
            self._app.notify("Nothing counts down.")
            return
        entry = Entry(self._place.sight.now(), Verb.RECALL, counting[0].job_id, counting[0].subject)
        self._place.commands.ask(entry, lambda: door.recall(counting[0].job_id))

    @property
    def counts_down(self) -> bool:
        """Something goes out within seconds."""
        return any(one.rung == Rung.COUNTING.word for one in standing(self._place.sight.releases))

    # -- asking

    def _is_off(self) -> bool:
        """Whether no command can be given now; says so."""
        why_not = self._place.sight.vitals.no_commands
        if why_not:
            self._app.notify(f"Commands are off: {why_not}.", severity="warning")
        return bool(why_not)

    def _ask(self, dialog: ModalScreen[bool], kept: str, do: Callable[[], None]) -> None:
        """Hold the list still, ask, and do it only if the engine can still hear it."""
        self._live.chains.shown.asking = True

        def answered(confirmed: bool | None) -> None:
            self._live.chains.shown.asking = False
            why_not = self._place.sight.vitals.no_commands
            if not confirmed:
                self._app.notify(kept)
            elif why_not:
                self._app.notify(f"Not sent: {why_not}.", severity="warning")
            else:
                do()

        self._app.push_screen(dialog, answered)
