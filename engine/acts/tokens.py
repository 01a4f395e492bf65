"""Tokens: what programs show to be let in over TCP. Made, listed and revoked here; the text of one is told once."""

import re
from typing import Annotated, Literal

import msgspec

from engine.acts.act import Act
from engine.acts.desk import Desk
from engine.acts.settings import Nothing
from engine.door.access.token_text import digest_of, new_text
from engine.orders import Id
from store.access import Role, Token
from store.commands import Verb
from store.errors import InvalidInputError, NotFoundError, RefusedError
from store.keys import seq_key, seq_of
from store.tables import Txn

DAY_MS = 24 * 3_600_000

DAYS_MAX = 3_660
"""Ten years; 0 is for ever."""

TOKENS_MAX = 1_000
"""Of one district, those revoked included: more is a program that makes them by itself."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}", re.ASCII)

RoleWord = Literal["viewer", "sender", "emergency_sender", "administrator"]
ROLE_WORDS = tuple(role.word for role in Role)


class AddToken(msgspec.Struct, frozen=True, kw_only=True):
    """A program to let in: under which name it is known, what it may do, and for how long."""

    name: str
    role: RoleWord
    days: Annotated[int, msgspec.Meta(ge=0, le=DAYS_MAX)] = 0
    """0: until it is revoked."""


class TokenId(msgspec.Struct, frozen=True, kw_only=True):
    """Which token."""

    token_id: Id


class TokenView(msgspec.Struct, frozen=True, kw_only=True):
    """A token without its text. Instants in ms UTC, 0 for none."""

    token_id: int
    name: str
    role: str
    state: str
    """`holds`, `ended` or `revoked`."""
    author: str
    made_at: int
    ends_at: int
    revoked_at: int


class TokenMade(msgspec.Struct, frozen=True, kw_only=True):
    """A new token, and its text: it is told this once."""

    view: TokenView
    token: str

    def __repr__(self) -> str:
        return f"TokenMade(view={self.view!r})"

    def __rich_repr__(self) -> list[tuple[str, object]]:
        return [("view", self.view)]


def _add(desk: Desk, asked: AddToken, author: str) -> TokenMade:
    if not _NAME.fullmatch(asked.name):
        raise InvalidInputError(
            "A token's name is 1 to 40 letters, digits, dots, dashes and underscores, like reports."
        )
    now, made = desk.clock.now(), list[tuple[Token, str]]()
    ends_at = now + asked.days * DAY_MS if asked.days else 0

    def write(txn: Txn) -> None:
        # Its id is drawn where nobody else draws one.
        last = desk.database.tokens.last_key(txn)
        token_id = (seq_of(last) if last else 0) + 1
        text = new_text(token_id)
        token = Token(token_id, asked.name, Role[asked.role.upper()], digest_of(text), author, now, ends_at)
        desk.database.tokens.put(txn, seq_key(token_id), token)
        made.append((token, text))

    _check_name(desk, asked.name, now)
    desk.change(Verb.TOKEN, author, write)
    token, text = made[-1]
    return TokenMade(view=_view(token, now), token=text)


def _check_name(desk: Desk, name: str, now: int) -> None:
    """Whoever reads who did what must know which one it was."""
    tokens = _all(desk)
    if len(tokens) >= TOKENS_MAX:
        raise RefusedError(f"There are {TOKENS_MAX:,} tokens already; that is more than anybody can watch over.")
    if any(token.name == name and _state(token, now) == "holds" for token in tokens):
        raise RefusedError(f"There is a token {name} already; revoke it first, or give another name.")


def _revoke(desk: Desk, asked: TokenId, author: str) -> TokenView:
    key, now = seq_key(asked.token_id), desk.clock.now()
    with desk.database.read() as txn:
        token = desk.database.tokens.get(txn, key)
    if token is None:
        raise NotFoundError(f"There is no token {asked.token_id}; see `callchain token list`.")
    revoked = token if token.revoked_at else msgspec.structs.replace(token, revoked_at=now)
    desk.change(Verb.TOKEN, author, lambda txn: desk.database.tokens.put(txn, key, revoked))
    return _view(revoked, now)


def _list(desk: Desk, _asked: Nothing, _author: str) -> list[TokenView]:
    now = desk.clock.now()
    return [_view(token, now) for token in _all(desk)]


def _all(desk: Desk) -> list[Token]:
    with desk.database.read() as txn:
        return [token for _, token in desk.database.tokens.scan(txn)]


def _state(token: Token, now: int) -> str:
    return "revoked" if token.revoked_at else "ended" if 0 < token.ends_at <= now else "holds"


def _view(token: Token, now: int) -> TokenView:
    return TokenView(
        token_id=token.token_id, name=token.name, role=token.role.word, state=_state(token, now), author=token.author,
        made_at=token.made_at, ends_at=token.ends_at, revoked_at=token.revoked_at,
    )  # fmt: skip


ADD = Act("tokens.add", AddToken, TokenMade, _add, role=Role.ADMINISTRATOR)
REVOKE = Act("tokens.revoke", TokenId, TokenView, _revoke, role=Role.ADMINISTRATOR)
LIST: Act[Nothing, list[TokenView]] = Act("tokens.list", Nothing, list[TokenView], _list, role=Role.ADMINISTRATOR)

ACTS = (ADD, REVOKE, LIST)
