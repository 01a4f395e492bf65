"""`callchain resend` and `followup`: the same message again to whom it did not reach, another word after it."""

from typing import Annotated

import typer

from engine.acts.notices import FOLLOW_UP, RESEND, FollowUpRequest, ResendRequest
from engine.audience.following import Whom
from engine.orders import PrepareRequest
from store.errors import InvalidInputError
from store.records import Reason
from tui.acts import ask
from tui.commands.option_groups import with_groups
from tui.commands.options import JobId
from tui.commands.sending.confirming import send_prepared
from tui.commands.sending.message_options import Sending, Words, said
from tui.commands.sending.typed_values import known, read_window


@with_groups
def resend(
    *,
    job: JobId,
    not_reached: Annotated[
        bool, typer.Option("--not-reached", help="To contacts whose chains ended neither confirmed nor delivered.")
    ] = False,
    sending: Sending,
) -> None:
    """Send a job's message again to the contacts it did not reach, as today's roster has them, as a new job."""
    if not not_reached:
        raise InvalidInputError("Say --not-reached: a job is sent again only to whom it did not reach.")
    opens, closes = read_window(sending.window)
    asked = ResendRequest(job_id=job, notify=sending.notify, opens_minute=opens, closes_minute=closes)
    send_prepared(sending.home, ask(sending.home, RESEND, asked), sending.expect, sending.json, sending.follow)


@with_groups
def followup(
    *,
    job: JobId,
    text: Annotated[str, typer.Argument(help="What is said, such as an all-clear.")] = "",
    reached: Annotated[bool, typer.Option("--reached", help="Only to contacts the job reached.")] = False,
    everyone: Annotated[bool, typer.Option("--everyone", help="To all contacts of the job; if none is said.")] = False,
    reason: Annotated[str, typer.Option("--reason", help="The reason; the job's own if none is given.")] = "",
    words: Words,
    sending: Sending,
) -> None:
    """Send another message to the contacts of a job: the all-clear. Those who are contacts no more are listed."""
    if reached and everyone:
        raise InvalidInputError("--reached and --everyone exclude each other; give one of them.")
    if reason:
        known(reason, Reason, "--reason")
    opens, closes = read_window(sending.window)
    fields = {"subject": f"Follow-up of job {job}", "text": "", **said(text, words)}
    request = PrepareRequest(**fields, reason=reason, notify=sending.notify, opens_minute=opens, closes_minute=closes)
    asked = FollowUpRequest(job_id=job, whom=Whom.REACHED if reached else Whom.EVERYONE, request=request)
    send_prepared(sending.home, ask(sending.home, FOLLOW_UP, asked), sending.expect, sending.json, sending.follow)
