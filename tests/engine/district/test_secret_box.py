"""Passwords at rest: encrypted in the store, opened by a key that lies elsewhere."""

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st

from engine.district.secret_box import KEY_FILE, KEY_VARIABLE, Secret, SecretBox, make_key, proof_of_key
from store.database import Database
from store.errors import ConfigError


@pytest.fixture
def database(tmp_path):
    """A store beside whose folder the key lies."""
    database = Database(tmp_path / "store", sync=False)
    yield database
    database.close()


def put(box: SecretBox, database: Database, secret: Secret, password: str) -> None:
    write = box.keep(secret, password)
    with database.write() as txn:
        write(txn)


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=40))
def test_any_password_comes_back_as_it_was(tmp_path_factory, password):
    home = tmp_path_factory.mktemp("home")
    database = Database(home / "store", sync=False)
    box = SecretBox(home, database)
    put(box, database, Secret.EMAIL, password)
    assert box.password(Secret.EMAIL) == password
    assert box.password(Secret.CARRIER) == ""
    database.close()


def test_the_key_is_its_owners_alone_and_drawn_once(tmp_path):
    key = make_key(tmp_path)
    assert make_key(tmp_path) == key
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o777 == 0o600


def test_the_key_may_come_from_the_environment_and_then_lies_in_no_file(tmp_path, database, monkeypatch):
    monkeypatch.setenv(KEY_VARIABLE, Fernet.generate_key().decode())
    box = SecretBox(tmp_path, database)
    put(box, database, Secret.CARRIER, "hush")
    assert box.password(Secret.CARRIER) == "hush"
    assert not (tmp_path / KEY_FILE).exists()


def test_another_key_opens_nothing_and_the_way_out_is_named(tmp_path, database):
    box = SecretBox(tmp_path, database)
    put(box, database, Secret.CARRIER, "hush")
    (tmp_path / KEY_FILE).write_bytes(Fernet.generate_key())
    with pytest.raises(ConfigError, match="does not open the carrier password") as error:
        box.password(Secret.CARRIER)
    assert "settings credentials" in str(error.value)
    assert "hush" not in str(error.value)
    (tmp_path / KEY_FILE).write_bytes(b"short")
    with pytest.raises(ConfigError, match="32 bytes"):
        box.password(Secret.CARRIER)


def test_an_empty_password_forgets_the_one_that_was_kept(tmp_path, database):
    box = SecretBox(tmp_path, database)
    put(box, database, Secret.DIAL_IN, "1234")
    put(box, database, Secret.DIAL_IN, "")
    assert box.kept() == {"carrier": False, "email": False, "dial-in": False}


def test_a_proof_is_about_one_thing_and_one_key(tmp_path):
    one, other = tmp_path / "one", tmp_path / "other"
    assert proof_of_key(one, "messenger on C-1") == proof_of_key(one, "messenger on C-1")
    assert proof_of_key(one, "messenger on C-1") != proof_of_key(one, "messenger on C-2")
    assert proof_of_key(one, "messenger on C-1") != proof_of_key(other, "messenger on C-1")


def test_an_empty_key_that_a_full_disk_left_behind_is_drawn_anew(tmp_path):
    (tmp_path / KEY_FILE).touch()
    key = make_key(tmp_path)
    assert make_key(tmp_path) == key
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [KEY_FILE]


def test_a_key_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "home").touch()
    with pytest.raises(ConfigError, match="cannot be"):
        make_key(tmp_path / "home")
