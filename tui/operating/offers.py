"""What the palette offers: screens, verbs, jobs, people and saved views."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from store.commands import Verb
from store.errors import NotFoundError
from store.keys import chain_id
from tui.dialogs.command_palette import Offer
from tui.live.chain_order import Sort
from tui.panels.chain_text import chain_word
from tui.panels.written import counted
from tui.screens.catalog import SHOWN

if TYPE_CHECKING:
    from tui.operating.operated import Operated

PEOPLE_MAX = 8
"""People found by a name; another letter finds fewer."""

LETTERS_MIN = 2
"""From so many letters on people are looked for."""

JOBS_MAX = 30

SAVE, FORGET, FILTER = "save view", "forget view", "filter"


def offers(app: "Operated", typed: str) -> Iterator[Offer]:
    """Everything that fits, and more: the palette itself picks by words."""
    yield from _screens(app)
    yield from _views(app, typed)
    yield from _list_verbs(app)
    yield from _app_verbs(app)
    yield from _ladder(app)
    yield from _jobs(app)
    yield from _people(app, typed.strip())


def _screens(app: "Operated") -> Iterator[Offer]:
    for entry in SHOWN:
        yield Offer(entry.name.lower(), f"the screen, key {entry.key}", partial(app.action_go, entry.name))
    yield Offer("new message", "write a general message", partial(app.compose_message, emergency=False))
    yield Offer("new emergency message", "write an emergency message", partial(app.compose_message, emergency=True))


def _views(app: "Operated", typed: str) -> Iterator[Offer]:
    for name, view in app.views.all().items():
        what = view.filter or view.sort
        yield Offer(f"view {name}", what, partial(app.show_view, view))
        yield Offer(f"{FORGET} {name}", what, partial(app.forget_view, name))
    for verb, do in ((SAVE, app.save_view), (FILTER, app.show_filter)):
        rest = typed.strip().removeprefix(verb)
        if rest != typed.strip() and rest.strip():
            yield Offer(
                f"{verb} {rest.strip()}",
                "filter and order, under this name" * (verb == SAVE),
                partial(do, rest.strip()),
            )
        else:
            yield Offer(f"{verb} …", "go on typing: a name" if verb == SAVE else "go on typing", _nothing)


def _list_verbs(app: "Operated") -> Iterator[Offer]:
    chains = app.live.chains
    for sort in Sort:
        yield Offer(f"sort by {sort}", "the live list", partial(chains.sort_by, sort))
    yield Offer("faults only", "chains nobody heard, or all again", chains.action_faults)
    yield Offer("freeze the order", "or let it go", chains.action_freeze)
    yield Offer("follow the selected chain", "wherever it goes", chains.action_follow)
    yield Offer("zoom the list", "or show all again", app.live.action_zoom)
    yield Offer("unmark all", counted(len(chains.marks), "chain"), chains.action_unmark)
    if chains.marks:
        yield Offer("cancel marked chains", counted(len(chains.marks), "chain"), app.action_cancel_chains, risky=True)


def _app_verbs(app: "Operated") -> Iterator[Offer]:
    yield Offer("theme", "dark, or light", app.action_theme)
    yield Offer("acknowledge alarms", "they have been seen", app.action_acknowledge)
    yield Offer("retry", "ask the engine how it is", app.action_retry)
    yield Offer("diagnose", "what the doctor finds", app.action_diagnose)
    yield Offer("quit", "leave; the engine goes on", app.action_leave)
    yield Offer("cancel all", "every open job", app.hand.ask_about_everything, risky=True)


def _ladder(app: "Operated") -> Iterator[Offer]:
    if app.sight.releases:
        yield Offer("review what waits", "as the second person", app.hand.review, risky=True)
    if app.hand.counts_down:
        yield Offer("recall what counts down", "at once", app.hand.recall)


def _jobs(app: "Operated") -> Iterator[Offer]:
    for job in app.sight.jobs[:JOBS_MAX]:
        what = job.subject or job.reason
        show: Callable[[], None] = partial(app.show_filter, f"job:{job.job_id}")
        yield Offer(f"job {job.job_id} {what}", "its chains", show)
        for verb in () if job.ended_at or job.canceling else (Verb.PAUSE, Verb.RESUME, Verb.CANCEL):
            if (verb is Verb.RESUME) == (job.state == "paused") or verb is Verb.CANCEL:
                do = partial(app.hand.ask_about_job, verb, chain_id(job.job_id, 0))
                yield Offer(f"{verb.word} job {job.job_id}", what, do, risky=True)


def _people(app: "Operated", typed: str) -> Iterator[Offer]:
    """Chains of the people whose name has what was typed in it."""
    name = typed.removeprefix("why ").strip()
    if len(name) < LETTERS_MIN:
        return
    board = app.sight.board
    for slot in board.named(name)[:PEOPLE_MAX].tolist():
        chain = int(board.columns.chain_ids[slot])
        try:
            view = app.live.chains.view(chain)
        except NotFoundError:
            continue
        what = f"{chain_word(chain)} {view.subject}"
        yield Offer(view.contact_name, what, partial(app.open_chain_by_id, chain))
        yield Offer(f"why {view.contact_name}", what, partial(app.tell_why, chain))


def _nothing() -> None:
    """An offer that waits for the rest of its words."""
