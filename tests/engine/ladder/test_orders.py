"""Orders at the door: each acts once, and says what became of it, also to whoever asks after a restart."""

import pytest

from engine.door.orders.order_book import OrderBook
from engine.door.orders.past_commands import past_command
from engine.orders import CommandState, Order
from store.commands import Verb
from store.errors import AudienceError, CallchainError, NotFoundError, RefusedError
from tests.engine.ladder.town import BOTH, TWO_PEOPLE, is_out, ladder_town, verbs
from tests.fakes import MINUTE

ASKING, AGREEING, TAKING_BACK = 2**40 + 1, 2**40 + 2, 2**40 + 3


def order(town, command_id, **other):
    engine = town.engine
    usual = {"expires_at": town.now + MINUTE, "incarnation": engine.incarnation}
    return Order(command_id=command_id, **{**usual, **other})


def book_of(town):
    return OrderBook(town.engine)


def state(book, command_id):
    view = book.view(command_id)
    return view.state, view.why


def test_the_same_order_twice_acts_once(tmp_path):
    with ladder_town(tmp_path, **TWO_PEOPLE) as town:
        job, book = town.prepare(), book_of(town)
        for _ in range(2):
            asked = book.carry_out(order(town, ASKING, expect=1), Verb.SEND, job, "anna")
            assert asked.needs_second
        for _ in range(2):
            agreed = book.carry_out(order(town, AGREEING, expect=1), Verb.APPROVE, job, "ben")
            assert agreed.job.job_id == job
        assert verbs(town, job) == [Verb.ASK, Verb.APPROVE, Verb.SEND]
        assert town.wait(job).confirmed == 1
        view = book.view(AGREEING)
        assert (view.verb, view.state, view.author, view.release.rung) == ("approve", "applied", "ben", "released")


def test_an_order_that_was_refused_says_why_and_is_tried_again_when_repeated(tmp_path):
    with ladder_town(tmp_path, **BOTH) as town:
        job, book = town.prepare(), book_of(town)
        with pytest.raises(RefusedError, match="Nobody has asked"):
            book.carry_out(order(town, TAKING_BACK), Verb.RECALL, job, "anna")
        became, why = state(book, TAKING_BACK)
        assert became is CommandState.REJECTED
        assert "Nobody has asked" in why
        book.carry_out(order(town, ASKING, expect=1), Verb.ASK, job, "anna")
        assert book.carry_out(order(town, TAKING_BACK), Verb.RECALL, job, "anna").rung == "recalled"
        assert state(book, TAKING_BACK) == (CommandState.APPLIED, "")


def test_another_count_is_rejected_and_nothing_is_asked(tmp_path):
    with ladder_town(tmp_path, **BOTH) as town:
        job, book = town.prepare(), book_of(town)
        with pytest.raises(AudienceError):
            book.carry_out(order(town, ASKING, expect=9), Verb.ASK, job, "anna")
        assert state(book, ASKING)[0] is CommandState.REJECTED
        assert not verbs(town, job)


def test_an_order_that_came_too_late_or_to_another_engine_is_expired_and_never_acts(tmp_path):
    with ladder_town(tmp_path) as town:
        job, book = town.prepare(), book_of(town)
        with pytest.raises(RefusedError, match="too late"):
            book.carry_out(order(town, ASKING, expires_at=town.now), Verb.SEND, job, "anna")
        with pytest.raises(RefusedError, match="started anew"):
            book.carry_out(order(town, AGREEING, incarnation=9), Verb.SEND, job, "anna")
        assert [state(book, command)[0] for command in (ASKING, AGREEING)] == [CommandState.EXPIRED] * 2
        assert not is_out(town, job)


def test_nobody_acts_under_the_id_of_somebody_elses_order(tmp_path):
    with ladder_town(tmp_path, **TWO_PEOPLE) as town:
        job, book = town.prepare(), book_of(town)
        book.carry_out(order(town, ASKING, expect=1), Verb.ASK, job, "anna")
        with pytest.raises(AudienceError):
            book.carry_out(order(town, AGREEING, expect=5), Verb.APPROVE, job, "ben")
        with pytest.raises(RefusedError, match="somebody else"):
            book.carry_out(order(town, AGREEING, expect=1), Verb.APPROVE, job, "anna")
        assert not is_out(town, job)


def test_after_a_restart_the_journal_says_what_became_of_an_order_and_it_never_acts_again(tmp_path):
    with ladder_town(tmp_path, **BOTH) as town:
        job, book = town.prepare(), book_of(town)
        given = order(town, ASKING, expect=1)
        book.carry_out(given, Verb.ASK, job, "anna")
        town.restart()
        again = book_of(town)
        view = again.view(ASKING)
        assert (view.verb, view.job_id, view.state, view.release.rung) == ("ask", job, "applied", "asked")
        with pytest.raises(RefusedError, match="started anew"):
            again.carry_out(given, Verb.ASK, job, "anna")
        assert verbs(town, job) == [Verb.ASK]


def test_a_command_nobody_gave_is_not_found_however_small_its_number(tmp_path, monkeypatch):
    with ladder_town(tmp_path) as town:
        book = book_of(town)
        for command_id in (1, 2, 2**50):
            with pytest.raises(NotFoundError, match="never received"):
                book.view(command_id)
        taken = order(town, ASKING)
        job = town.send()
        book.carry_out(taken, Verb.PAUSE, job, "anna")
        past = past_command(town.database, ASKING)
        assert past is not None
        assert past.verb == "pause"
        monkeypatch.setattr("engine.door.orders.past_commands.BLOCKS_BACK_MAX", 1)
        town.engine.resume(job)
        assert past_command(town.database, ASKING) is None


def test_an_order_without_an_answer_stays_accepted_until_its_fact_is_seen(tmp_path, monkeypatch):
    with ladder_town(tmp_path) as town:
        job, book = town.prepare(), book_of(town)

        def silent(*_given, **_more):
            raise CallchainError("The engine did not answer in time; look at its log and at `callchain jobs`.")

        with monkeypatch.context() as patched:
            patched.setattr(town.engine, "ask_to_send", silent)
            with pytest.raises(CallchainError):
                book.carry_out(order(town, ASKING), Verb.SEND, job, "anna")
        became, why = state(book, ASKING)
        assert became is CommandState.ACCEPTED
        assert "did not answer" in why
        town.engine.send(job, command_id=ASKING, author="anna")  # it was carried out all the same
        view = book.view(ASKING)
        assert (view.state, view.why, view.job.job_id) == ("applied", "", job)
