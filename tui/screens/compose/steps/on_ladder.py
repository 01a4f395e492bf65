"""After the last key: the ladder's steps as the engine tells them, until it is out, recalled or expired."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, tzinfo
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult

from engine.views import Prepared
from store.errors import NotFoundError
from tui.look.palette import ALERT, BRIGHT, GREEN, GREY, HOT, NOTICE, OWED, STRONG, WARN
from tui.panels.text_lines import TextLines, rule
from tui.panels.written import age, time_of_day
from tui.screens.compose.sending import Sending, Stage
from tui.screens.compose.steps.count_lines import wrapped
from tui.screens.compose.steps.pane import Pane
from tui.screens.compose.work import Work
from tui.wall.big import big

HEADS = {
    Stage.ASKING: (" ASKING THE ENGINE … ", NOTICE),
    Stage.UNKNOWN: (" NOT KNOWN WHETHER IT WENT OUT ", ALERT),
    Stage.WAITING: (" ◆ WAITS FOR A SECOND PERSON ", OWED),
    Stage.COUNTING: (" ▲ GOES OUT WHEN THIS REACHES 0 ", ALERT),
    Stage.RELEASED: (" ✓ SENT ", NOTICE),
    Stage.RECALLED: (" – RECALLED: NOBODY WAS CALLED ", WARN),
    Stage.EXPIRED: (" ▽ EXPIRED: NOBODY WAS CALLED ", WARN),
    Stage.SCHEDULED: (" ✓ SCHEDULED ", NOTICE),
}

KEYS_OF = {
    Stage.WAITING: "r or Esc recalls it",
    Stage.COUNTING: "r or Esc recalls it",
    Stage.UNKNOWN: "it is looked for every second; send nothing again before it is known",
    Stage.RELEASED: "⏎ or Esc closes this; the job is in Live and Emergency",
    Stage.RECALLED: "⏎ back to the review, to send it after all  │  Esc keeps the draft and leaves",
    Stage.EXPIRED: "⏎ back to the review, to send it after all  │  Esc keeps the draft and leaves",
    Stage.SCHEDULED: "⏎ or Esc closes this",
}


class OnLadder(Pane, can_focus=True):
    """Holds the keys, so that nothing that is typed on reaches a field."""

    WORD: ClassVar[str] = "Send"
    FIRST: ClassVar[str] = "#on-ladder"

    def __init__(self, work: Work, sending: Sending) -> None:
        super().__init__(work, "on-ladder")
        self._sending = sending

    def compose(self) -> ComposeResult:
        """Lines."""
        yield TextLines(id="ladder", fills=True)

    @property
    def keys(self) -> str:
        """What can be done where it stands."""
        return KEYS_OF.get(self._sending.stage, "")

    def paint(self, width: int) -> None:
        """Where it stands."""
        head, style = HEADS.get(self._sending.stage, ("", ""))
        prepared = self._sending.prepared
        above = rule("Send", width, f"job {prepared.job_id}" if prepared else "")
        lines = [above, Text(), Text.assemble(" ", (head, style))]
        told = list(self._told(width))
        self.query_one("#ladder", TextLines).show([*lines, Text(), *told])

    def _told(self, width: int) -> Iterator[Text]:
        stage, prepared = self._sending.stage, self._sending.prepared
        if prepared is not None:
            yield Text.assemble(" ", (prepared.subject, STRONG), (f"   {prepared.count:,} calls", BRIGHT))
            yield Text()
        if stage is Stage.COUNTING:
            yield from self._countdown(width)
        elif stage is Stage.WAITING and prepared is not None:
            yield from self._waiting(prepared, width)
        elif stage.not_sent:
            yield from self._over(width)
        elif stage is Stage.RELEASED and prepared is not None:
            yield from self._progress(prepared)
        elif stage is Stage.SCHEDULED:
            yield from self._scheduled(width)
        elif stage is Stage.UNKNOWN:
            yield from wrapped(
                "The engine did not answer when it was asked to send. As soon as it answers again, this screen says "
                "whether the job went out.", width, BRIGHT,
            )  # fmt: skip
        if self._sending.trouble:
            yield Text()
            yield from wrapped(f"▲ {self._sending.trouble}", width, HOT)

    def _countdown(self, width: int) -> Iterator[Text]:
        release = self._sending.release
        now = self._work.place.sight.now()
        left = max(0, (release.release_at if release else now) - now)
        for row in big(f"{-(-left // 1000)}", wide=width >= 100):
            yield Text(f"   {row}", STRONG)
        yield Text()
        yield Text.assemble("   seconds until the first call.   ", (" r or Esc RECALLS IT ", ALERT))
        if release and release.approved_by:
            yield Text(f"   {release.asked_by} asked, {release.approved_by} agreed.", GREY)
        if self._sending.recalling:
            yield Text("   recalling …", HOT)

    def _waiting(self, prepared: Prepared, width: int) -> Iterator[Text]:
        release = self._sending.release
        if release is None:
            return
        left = max(0, release.expires_at - self._work.place.sight.now())
        yield Text.assemble(" ", (age(left), STRONG), (" left for somebody else to agree", BRIGHT))
        yield Text()
        yield from wrapped(
            f"Another person than {release.asked_by or 'you'} agrees in their own dashboard, or with "
            f"`callchain approve {prepared.job_id}`, and types the count {release.count:,} themselves. "
            "Nobody is called before.", width, GREY,
        )  # fmt: skip
        if self._sending.recalling:
            yield Text(" recalling …", HOT)

    def _over(self, width: int) -> Iterator[Text]:
        release, zone = self._sending.release, self._work.place.sight.zone
        if release is not None and release.ended_by:
            yield Text(f" {release.ended_by} took it back.", BRIGHT)
        if release is not None and release.why:
            yield from wrapped(release.why, width, BRIGHT)
        if release is not None:
            yield Text(f" It was asked for at {time_of_day(release.asked_at, zone)} by {release.asked_by}.", GREY)
        yield Text()
        yield Text(" The draft is as it was. Enter prepares it anew and goes back to the review.", BRIGHT)

    def _progress(self, prepared: Prepared) -> Iterator[Text]:
        """What the board knows of it by now."""
        with suppress(NotFoundError):
            job = self._work.place.sight.board.job(prepared.job_id)
            counts = job.counts
            yield Text.assemble(
                (" ✓ ", GREEN), (f"{job.counts.confirmed:,} confirmed   ", BRIGHT),
                (f"» {counts.at_carrier:,} at the carrier   {counts.live:,} live   {job.attempts:,} attempts", GREY),
            )  # fmt: skip
            return
        yield Text(" The engine has it; its first calls are on their way.", BRIGHT)

    def _scheduled(self, width: int) -> Iterator[Text]:
        answer, zone = self._sending.scheduled, self._work.place.sight.zone
        if answer is None:
            return
        plan = answer.schedule
        first = _day_and_time(plan.next_at[0], zone) if plan.next_at else "never"
        yield Text(f" “{plan.name}” is sent {plan.every}; the next time {first}.", BRIGHT)
        for warning in answer.warnings:
            yield from wrapped(f"▲ {warning}", width, HOT)


def _day_and_time(at: int, zone: tzinfo) -> str:
    return datetime.fromtimestamp(at / 1000, zone).strftime("%Y-%m-%d at %H:%M")
