"""Messenger with voice is off until the district's contract is approved; its operator enables it (C002, C003, C174)."""

import hmac

import msgspec

from engine.acts.act import Act
from engine.acts.desk import Desk
from engine.acts.settings import Nothing, standing_of
from engine.district.permission import change_permission
from engine.district.secret_box import KEY_FILE, KEY_VARIABLE, proof_of_key
from store.access import Role
from store.commands import Verb
from store.errors import InvalidInputError, RefusedError


class Switch(msgspec.Struct, frozen=True, kw_only=True):
    """Enable or disable. `proof`: `proof_for` of it, which only whoever may read the district's secret key can make."""

    on: bool
    contract: str = ""
    """Reference of the approved contract; enabling needs one."""
    proof: str

    def __repr__(self) -> str:
        return f"Switch(on={self.on}, contract={self.contract!r})"


class MessengerStatus(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the district may phone."""

    messenger: bool
    voice: bool
    drill: bool
    """The carrier is make-believe, or an embedding program's own: on without a contract."""
    contract: str
    by: str
    at: int
    """When it was last enabled or disabled, ms UTC; 0: never."""
    customer_id: str
    schools: int
    """Schools the carrier has given a customer id."""


def said_by(on: bool, contract: str) -> str:
    """What a proof is about."""
    return f"messenger {'on' if on else 'off'} {contract}"


def _switch(desk: Desk, asked: Switch, author: str) -> MessengerStatus:
    """An act of the operator's: a program that may only use the door cannot do it."""
    proof = proof_of_key(desk.home, said_by(asked.on, asked.contract))
    if not hmac.compare_digest(proof.encode(), asked.proof.encode()):
        raise RefusedError(
            f"Messenger is switched by the district's operator: whoever may read its {KEY_FILE}, or has it in "
            f"{KEY_VARIABLE}. Nothing was changed."
        )
    if asked.on and not asked.contract.strip():
        raise InvalidInputError("Enabling messenger needs the reference of the approved contract; give --contract.")
    now = desk.clock.now()
    fields: dict[str, object] = {"messenger": asked.on, "messenger_by": author, "messenger_at": now}
    if asked.on:
        fields["contract"] = asked.contract.strip()
    desk.change(Verb.MESSENGER, author, change_permission(desk.database, **fields))
    return _status(desk, Nothing(), author)


def _status(desk: Desk, _asked: Nothing, _author: str) -> MessengerStatus:
    said, now = standing_of(desk)
    return MessengerStatus(
        messenger=now.messenger,
        voice=now.voice,
        drill=now.drill,
        contract=said.contract,
        by=said.messenger_by,
        at=said.messenger_at,
        customer_id=said.customer_id,
        schools=len(said.school_ids),
    )


SWITCH = Act("messenger.switch", Switch, MessengerStatus, _switch, role=Role.ADMINISTRATOR)
STATUS = Act("messenger.status", Nothing, MessengerStatus, _status, role=Role.VIEWER)

ACTS = (SWITCH, STATUS)
