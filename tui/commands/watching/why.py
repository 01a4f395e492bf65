"""`callchain why PERSON`: every message of somebody, and what explains each of their calls, with the next ring."""

from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from engine.why.acts import PERSON, PersonAsked
from engine.why.cause import Basis
from engine.why.chain.moments import clock
from engine.why.view import Match, WhyChain, WhyMessage, WhyPerson
from engine.why.words import chain_word, ring_words
from tui.acts import ask
from tui.commands import say
from tui.commands.options import HOME, Home, Json
from tui.door import zone_of


def why(
    person: Annotated[str, typer.Argument(help="A student, contact or member of staff: an id or a part of the name.")],
    home: Home = HOME,
    json: Json = False,
) -> None:
    """Say why somebody has or has not been called: each message, each chain, and when their phone rings next."""
    found = ask(home, PERSON, PersonAsked(who=person))
    if json:
        say.json(found)
    elif found.person is None:
        _say_matches(found)
    else:
        _say_person(found, found.person, ZoneInfo(zone_of(home)))


def _say_matches(found: WhyPerson) -> None:
    more = found.matches_in_all - len(found.matches)
    say.table(
        f"{found.matches_in_all} people may be meant; give the id of one",
        ("ID!", "NAME", "IS", "ABOUT"),
        ((one.person_id, one.name, ", ".join(one.roles), one.about) for one in found.matches),
    )
    if more:
        say.line(f"… and {more} more; give more of the name.")


def _say_person(found: WhyPerson, person: Match, zone: ZoneInfo) -> None:
    roles = f", {' and '.join(person.roles)}" if person.roles else ", not in the roster in force"
    say.line(
        f"{person.name or person.person_id} ({person.person_id}{roles}{', ' + person.about if person.about else ''})"
    )
    if not found.running:
        say.line("No engine runs.")
    if not found.messages:
        say.line("No message is theirs: none that is open, none that ended today, and none before.")
    for message in found.messages:
        _say_message(message, zone, found.at)
    if found.looked_back_to:
        say.line(f"Jobs before {found.looked_back_to} were not looked through; see `callchain report recipient`.")


def _say_message(message: WhyMessage, zone: ZoneInfo, now: int) -> None:
    by = f", by {message.author}" if message.author else ""
    say.line("")
    say.line(
        f"Job {message.job_id}: {message.subject or message.reason} ({message.reason}, {message.state}{by}), "
        f"{clock(message.opens_at, zone, now)} to {clock(message.closes_at, zone, now)}"
    )
    if message.cause:
        say.line(f"  {message.cause}: {message.sentence}")
    if message.next_ring_basis:
        say.line(f"    next ring: {ring_words(message.next_ring_at, message.next_ring_basis, zone, now)}")
    for chain in message.chains:
        _say_chain(chain, zone, now)


def _say_chain(chain: WhyChain, zone: ZoneInfo, now: int) -> None:
    say.line(f"  {chain_word(chain.chain_id)} {chain.contact_name}")
    say.line(f"    {chain.cause}: {chain.sentence}")
    if chain.next_ring_basis != Basis.NEVER:
        number = f" on {chain.device} {chain.number}" if chain.device and chain.next_ring_at is not None else ""
        say.line(f"    next ring{number}: {ring_words(chain.next_ring_at, chain.next_ring_basis, zone, now)}")
