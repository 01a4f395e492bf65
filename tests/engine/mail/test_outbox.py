"""How often a mail is tried, and when it is given up."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from engine.mail.addresses import is_address
from engine.mail.outbox import (
    GIVEN_UP_AFTER_MS,
    LONGEST_WAIT_MS,
    SUBJECT_MAX,
    mail_id,
    new_mail,
    one_line,
    put_off,
    taken,
)
from store.documents import Mail

NOW = 1_772_467_200_000
MAIL = new_mail("job/1/done", "office@example.org", "Snow day", "Text\n", NOW, 1)


def tried_until_given_up(mail: Mail) -> list[int]:
    """When it was tried, from its making on."""
    tries, now = [], mail.made_at
    while not mail.failed:
        tries.append(now - mail.made_at)
        mail = put_off(mail, "The server is down.", now, final=False)
        now = mail.next_at
    assert mail.failed == "The server is down."
    return tries


def test_a_server_that_is_down_is_tried_less_and_less_often_for_a_day():
    tries = tried_until_given_up(MAIL)
    waits = [later - sooner for sooner, later in pairwise(tries)]
    assert waits[:4] == [60_000, 120_000, 240_000, 480_000]
    assert max(waits) == LONGEST_WAIT_MS
    assert GIVEN_UP_AFTER_MS <= tries[-1] <= GIVEN_UP_AFTER_MS + LONGEST_WAIT_MS


def test_a_final_refusal_is_not_tried_again():
    assert put_off(MAIL, "No such user.", NOW, final=True).failed == "No such user."


def test_a_mail_that_was_taken_says_when():
    mail = taken(put_off(MAIL, "Busy.", NOW, final=False), NOW + 60_000)
    assert (mail.sent_at, mail.tries, mail.trouble) == (NOW + 60_000, 2, "")


def test_an_occasion_and_an_address_are_one_mail():
    assert mail_id(MAIL.occasion) == MAIL.mail_id
    assert new_mail("job/1/done", "other@example.org", "Snow day", "Text\n", NOW).mail_id != MAIL.mail_id
    assert new_mail("job/1/error", "office@example.org", "Snow day", "Text\n", NOW).mail_id != MAIL.mail_id


@given(st.text())
def test_a_subject_is_one_short_line_whatever_it_is_made_of(text: str):
    line = one_line(text)
    assert line.isprintable()
    assert len(line) <= SUBJECT_MAX


@given(st.text())
def test_nothing_that_ends_a_line_or_names_a_second_recipient_is_an_address(text: str):
    for address in (text, f"a@b.org{text}", f"{text}@b.org"):
        if is_address(address):
            assert address.isascii()
            assert address.isprintable()
            assert not set(address) & set(' ,;<>"\\()[]:')
