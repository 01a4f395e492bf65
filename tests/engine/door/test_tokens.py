"""A token's life: told once, kept as a hash, held until it ends or is revoked."""

import hashlib

import msgspec
import pytest

from engine.acts import tokens
from engine.acts.desk import LiveDesk
from engine.acts.settings import Nothing
from engine.acts.tokens import DAY_MS, LIST, REVOKE, AddToken, TokenId
from engine.door.access.token_text import digest_of, id_in, new_text
from store.access import Role, Token
from store.errors import InvalidInputError, NotFoundError, RefusedError
from store.keys import seq_key
from tests.engine.door.knocking import TcpDoor, token_for


def kept(tcp: TcpDoor, token_id: int) -> Token:
    database = tcp.engine.station.database
    with database.read() as txn:
        token = database.tokens.get(txn, seq_key(token_id))
    assert token is not None
    return token


def test_a_token_is_told_once_and_only_its_hash_is_kept(tcp):
    made = token_for(tcp.engine, Role.SENDER, "once")
    token = kept(tcp, made.view.token_id)
    assert token.digest == hashlib.sha256(made.token.encode()).digest()
    assert made.token not in repr(made) + repr(token)
    assert made.token.encode() not in (tcp.engine.home / "store" / "data.mdb").read_bytes()
    assert made.token not in str(LIST.carry_out(LiveDesk(tcp.engine), Nothing(), "tests"))
    assert made.token.startswith(f"cc_{made.view.token_id}_")
    assert tcp.with_token(made.token).ask("GET", "/health")[0] == 200


def test_a_token_holds_until_it_ends(tcp):
    made = token_for(tcp.engine, Role.VIEWER, "a-day", days=1)
    caller = tcp.with_token(made.token)
    assert made.view.ends_at - made.view.made_at == DAY_MS
    assert caller.ask("GET", "/health")[0] == 200
    ended = msgspec.structs.replace(kept(tcp, made.view.token_id), ends_at=tcp.engine.clock.now())
    database, key = tcp.engine.station.database, seq_key(made.view.token_id)
    tcp.engine.station.write(lambda txn: database.tokens.put(txn, key, ended))
    assert caller.refused("GET", "/health")[0] == 401
    (view,) = [one for one in LIST.carry_out(LiveDesk(tcp.engine), Nothing(), "tests") if one.name == "a-day"]
    assert view.state == "ended"


def test_a_revoked_token_is_refused_at_once_and_revoking_it_again_changes_nothing(tcp):
    made, desk = token_for(tcp.engine, Role.VIEWER, "gone"), LiveDesk(tcp.engine)
    first = REVOKE.carry_out(desk, TokenId(token_id=made.view.token_id), "tests")
    assert REVOKE.carry_out(desk, TokenId(token_id=made.view.token_id), "tests") == first
    assert first.state == "revoked"
    assert tcp.with_token(made.token).refused("GET", "/health")[0] == 401
    with pytest.raises(NotFoundError):
        REVOKE.carry_out(desk, TokenId(token_id=999_999), "tests")


@pytest.mark.parametrize("change", [lambda text: text[:-1], lambda text: text + "x", lambda text: text.upper()])
def test_a_token_that_is_nearly_right_is_wrong(tcp, change):
    text = tcp_token(tcp).token
    assert tcp.with_token(change(text)).refused("GET", "/health")[0] == 401


def tcp_token(tcp: TcpDoor) -> tokens.TokenMade:
    name = f"near-{tcp.engine.station.random.getrandbits(32)}"
    return token_for(tcp.engine, Role.VIEWER, name)


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic abc", "Bearer cc_0_x", "Bearer " + "x" * 5_000])
def test_what_is_no_token_is_nobodys(tcp, header):
    caller = tcp.with_token("")
    caller._headers = {"Authorization": header}
    status, refusal = caller.refused("GET", "/health")
    assert (status, refusal.error) == (401, "This takes a token that holds.")


def test_two_programs_are_never_known_by_one_name(tcp):
    made = token_for(tcp.engine, Role.VIEWER, "reports")
    with pytest.raises(RefusedError, match="revoke it first"):
        token_for(tcp.engine, Role.VIEWER, "reports")
    REVOKE.carry_out(LiveDesk(tcp.engine), TokenId(token_id=made.view.token_id), "tests")
    assert token_for(tcp.engine, Role.VIEWER, "reports").view.token_id != made.view.token_id


@pytest.mark.parametrize("name", ["", " ", "a b", "-x", "é", "x" * 41, "a:b"])
def test_a_token_needs_a_name_that_can_be_written_down(tcp, name):
    with pytest.raises(InvalidInputError):
        tokens.ADD.carry_out(LiveDesk(tcp.engine), AddToken(name=name, role="viewer"), "tests")


def test_a_tokens_text_is_long_its_own_and_names_its_id():
    first, second = new_text(7), new_text(7)
    assert first != second
    assert len(first) > 43
    assert id_in(first) == 7
    assert id_in("cc_7_short") == id_in("") == 0
    assert digest_of("\ud800") != digest_of("")
