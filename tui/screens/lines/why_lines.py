"""Everything about one person in lines: each message, each chain with its cause, and the next ring."""

import textwrap
from collections.abc import Sequence
from datetime import tzinfo

from rich.text import Text

from engine.board.state import State
from engine.why.cause import Basis
from engine.why.view import WhyChain, WhyMessage, WhyPerson
from engine.why.words import chain_word, ring_words
from tui.look.palette import BRIGHT, FAINT, GREY, HOT, PAPER, STATES, STRONG
from tui.panels.text_lines import rule
from tui.panels.written import minute_of_day


def why_lines(found: WhyPerson, now: int, zone: tzinfo, width: int) -> list[Text]:
    """All messages, the newest first."""
    lines = [line for message in found.messages for line in _message(message, now, zone, width)]
    if not found.messages:
        lines.append(Text(" No message is theirs.", GREY))
    if found.looked_back_to:
        lines.append(Text(f" Jobs before {found.looked_back_to} were not looked through.", FAINT))
    return lines


def board_lines(chains: Sequence[WhyChain], now: int, zone: tzinfo, width: int) -> list[Text]:
    """The chains of one contact that are on the board, where nobody can be asked for the rest."""
    title = rule("On the board", width, "the engine was not asked")
    lines = [line for chain in chains for line in _chain(chain, now, zone, width)]
    return [title, *(lines or [Text(" No chain of theirs is on the board.", GREY)])]


def _message(message: WhyMessage, now: int, zone: tzinfo, width: int) -> list[Text]:
    window = f"{minute_of_day(message.opens_at, zone)}–{minute_of_day(message.closes_at, zone)}"
    by = f" · by {message.author}" if message.author else ""
    title = f"#{message.job_id} {message.subject or message.reason}"
    lines = [rule(title[: width - 40], width, f"{message.state.replace('_', ' ')} · {window}{by}")]
    if message.cause:
        lines += _wrapped(message.cause, message.sentence, width, BRIGHT)
        if message.next_ring_basis not in ("", Basis.NEVER):
            lines.append(_ring("", message.next_ring_at, message.next_ring_basis, now, zone))
    for chain in message.chains:
        lines += _chain(chain, now, zone, width)
    return lines


def _chain(chain: WhyChain, now: int, zone: tzinfo, width: int) -> list[Text]:
    sign = STATES[State[chain.state.upper()]]
    lines = [
        Text.assemble(
            (f" {sign.glyph} {sign.word:<12}", sign.style),
            (f" {chain_word(chain.chain_id)} ", GREY),
            (chain.contact_name, STRONG),
            (f"  about {', '.join(chain.student_ids)}" if chain.student_ids else "", GREY),
        )
    ]
    lines[0].truncate(width, overflow="ellipsis")
    lines += _wrapped(chain.cause, chain.sentence, width, PAPER)
    if chain.next_ring_basis != Basis.NEVER:
        device = f"{chain.device} {chain.number}" if chain.next_ring_at is not None else ""
        lines.append(_ring(device, chain.next_ring_at, chain.next_ring_basis, now, zone))
    return lines


def _wrapped(cause: str, sentence: str, width: int, style: str) -> list[Text]:
    wrapped = textwrap.wrap(f"{cause.replace('_', ' ')} — {sentence}", width - 4)
    return [Text(f"   {line}", style) for line in wrapped]


def _ring(device: str, at: int | None, basis: str, now: int, zone: tzinfo) -> Text:
    words = ring_words(at, basis, zone, now)
    return Text.assemble(("   next ring ", GREY), (f"{device} " if device else "", PAPER), (words, HOT if at else GREY))
