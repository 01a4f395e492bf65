"""Blocked numbers: nobody calls them from now on, running jobs included (decision 21d)."""

from typing import cast

import msgspec

from actors.messages import BlockNumber, UnblockNumber
from engine.acts.act import Act
from engine.acts.desk import Desk
from engine.messaging.steps import number_id
from engine.preferences.matrix import masked_number
from engine.roster.numbers import read_number
from store.access import Role
from store.commands import Verb
from store.documents import NumberBlock
from store.errors import InvalidInputError, NotFoundError, RefusedError
from store.keys import seq_key

REASON_CHARS_MAX = 500
"""Of why; a note, not a letter."""


class Adding(msgspec.Struct, kw_only=True, frozen=True):
    """A number to block."""

    number: str
    reason: str
    except_emergency: bool = False


class Removing(msgspec.Struct, kw_only=True, frozen=True):
    """A number to call again."""

    number: str


class Listing(msgspec.Struct, kw_only=True, frozen=True):
    """All of them are meant."""


class Blocked(msgspec.Struct, kw_only=True, frozen=True):
    """A blocked number, masked."""

    number: str
    except_emergency: bool
    reason: str
    author: str
    at: int


def _add(desk: Desk, asked: Adding, author: str) -> Blocked:
    number, reason = e164(asked.number), checked_reason(asked.reason)
    blocked = NumberBlock(number, _id_of(desk, number), asked.except_emergency, reason, author, desk.clock.now())
    key = seq_key(blocked.number_id)
    desk.change(Verb.BLOCK, author, lambda txn: desk.database.blocks.put(txn, key, blocked))
    if desk.running:
        desk.engine.station.tell_pool(BlockNumber(blocked.number_id, blocked.except_emergency))
    return _shown(blocked)


def _remove(desk: Desk, asked: Removing, author: str) -> Blocked:
    number = e164(asked.number)
    key = seq_key(_id_of(desk, number))
    with desk.database.read() as txn:
        blocked = desk.database.blocks.get(txn, key)
    if blocked is None:
        raise NotFoundError(f"The number {masked_number(number)} is not blocked; see `callchain block list`.")
    desk.change(Verb.UNBLOCK, author, lambda txn: cast("None", desk.database.blocks.delete(txn, key)))
    if desk.running:
        desk.engine.station.tell_pool(UnblockNumber(blocked.number_id))
    return _shown(blocked)


def _list(desk: Desk, _asked: Listing, _author: str) -> tuple[Blocked, ...]:
    with desk.database.read() as txn:
        found = [block for _, block in desk.database.blocks.scan(txn)]
    return tuple(_shown(block) for block in sorted(found, key=lambda block: (block.at, block.number)))


def e164(text: str) -> str:
    """The number somebody typed. Raises InvalidInputError where it is none."""
    number = read_number(text)
    if isinstance(number, str):
        raise InvalidInputError(f"This is no phone number ({number}); give ten digits, such as 612-555-0125.")
    if number.extension:
        raise InvalidInputError("A number behind an extension cannot be blocked by itself; give the number alone.")
    return number.e164


def checked_reason(reason: str) -> str:
    """Why, on one line; InvalidInputError where nothing is said: whoever reads it later must understand."""
    said = " ".join(reason.split())
    if not said or len(said) > REASON_CHARS_MAX:
        raise InvalidInputError(f"Say why with --reason, in 1 to {REASON_CHARS_MAX} characters.")
    return said


def _id_of(desk: Desk, number: str) -> int:
    with desk.database.read() as txn:
        key = desk.vault.number_key(txn)
    if not key:
        raise RefusedError("This store has never been run, so it knows numbers by no key yet; start the engine once.")
    return number_id(number, key)


def _shown(block: NumberBlock) -> Blocked:
    return Blocked(
        number=masked_number(block.number),
        except_emergency=block.except_emergency,
        reason=block.reason,
        author=block.author,
        at=block.at,
    )


ADD = Act("blocks.add", Adding, Blocked, _add, role=Role.SENDER)
REMOVE = Act("blocks.remove", Removing, Blocked, _remove, role=Role.SENDER)
LIST: Act[Listing, tuple[Blocked, ...]] = Act("blocks.list", Listing, tuple[Blocked, ...], _list, role=Role.SENDER)

ACTS = (ADD, REMOVE, LIST)
