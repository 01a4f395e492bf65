"""Asking, agreeing, counting down, recalling: who may do what, and when a phone rings."""

import msgspec
import pytest

from engine.ladder import rungs
from engine.ladder.rungs import LATE_MS_MAX
from engine.release import author_id
from store import facts
from store.commands import Verb
from store.errors import AudienceError, NotFoundError, RefusedError
from store.records import Audience, Message, Origin, Reason
from store.releases import Release, Rung
from tests.engine.ladder.town import BOTH, COUNTDOWN, TWO_PEOPLE, is_out, ladder_town, rung, set_ladder, verbs
from tests.fakes import MINUTE, SECOND, SNOW, SteppedTown, at, one_contact

# ---------------------------------------------------------------- off


def test_without_a_ladder_an_emergency_is_out_in_one_commit_and_leaves_nothing_on_it(tmp_path):
    with ladder_town(tmp_path) as town:
        job = town.prepare(Reason.EMERGENCY)
        blocks = len(town.blocks())
        view = town.engine.ask_to_send(job, expect=1, author="anna")
        assert (view.rung, view.job and view.job.job_id, view.needs_second) == ("released", job, False)
        released = [block for block in town.blocks()[blocks:] if any(type(f) is facts.JobPlanned for f in block.facts)]
        assert [type(fact) for fact in released[0].facts[:2]] == [facts.CommandTaken, facts.JobPlanned]
        assert verbs(town, job) == [Verb.SEND]
        assert town.engine.releases() == []
        with pytest.raises(NotFoundError):
            town.engine.release(job)
        assert town.wait(job).confirmed == 1


def test_a_second_person_for_emergencies_only_leaves_every_other_message_alone(tmp_path):
    with ladder_town(tmp_path, second_person="emergency") as town:
        assert town.engine.ask_to_send(town.prepare(Reason.GENERAL), expect=1).rung == "released"
        assert town.engine.ask_to_send(town.prepare(Reason.EMERGENCY), expect=1, author="anna").rung == "asked"


# ---------------------------------------------------------------- a second person


def test_no_phone_rings_until_somebody_else_agrees_to_the_count(tmp_path):
    with ladder_town(tmp_path, **TWO_PEOPLE) as town:
        job = town.prepare()
        asked = town.engine.ask_to_send(job, expect=1, author="anna")
        assert asked.needs_second
        assert (asked.rung, asked.asked_by, asked.count, asked.subject) == ("asked", "anna", 1, "Snow day")
        assert asked.expires_at == town.now + 2 * MINUTE
        town.run(seconds=100)
        assert not town.ring_times()
        assert not town.engine.jobs()
        agreed = town.engine.approve(job, expect=1, author="ben")
        assert (agreed.rung, agreed.approved_by, agreed.needs_second) == ("released", "ben", False)
        assert agreed.job is not None
        assert town.wait(job).confirmed == 1
        assert verbs(town, job) == [Verb.ASK, Verb.APPROVE, Verb.SEND]
        authors = [fact.author_id for fact in town.facts(facts.CommandTaken)]
        assert authors == [author_id("anna"), author_id("ben"), author_id("anna")]


def test_agreement_and_release_are_one_commit(tmp_path):
    with ladder_town(tmp_path, **TWO_PEOPLE) as town:
        job = town.prepare()
        town.engine.ask_to_send(job, expect=1, author="anna")
        town.engine.approve(job, expect=1, author="ben")
        (block,) = [block for block in town.blocks() if any(type(fact) is facts.JobPlanned for fact in block.facts)]
        commands = [fact.verb for fact in block.facts if isinstance(fact, facts.CommandTaken)]
        assert commands == [Verb.APPROVE, Verb.SEND]


@pytest.mark.parametrize(
    ("who", "count", "kind", "says"),
    [
        ("anna", 1, RefusedError, "somebody else must agree"),
        ("", 1, RefusedError, "must be named"),
        ("ben", 2, AudienceError, "The audience is 1, not 2"),
        ("ben", None, AudienceError, "confirms its count"),
    ],
)
def test_who_may_not_agree_is_told_why_and_it_waits_on(tmp_path, who, count, kind, says):
    with ladder_town(tmp_path, **TWO_PEOPLE) as town:
        job = town.prepare()
        town.engine.ask_to_send(job, expect=1, author="anna")
        with pytest.raises(kind, match=says):
            town.engine.approve(job, expect=count, author=who)
        assert rung(town, job) == "asked"
        assert town.engine.approve(job, expect=1, author="ben").job is not None


def test_who_asks_must_be_named_where_another_must_agree(tmp_path):
    with ladder_town(tmp_path, **TWO_PEOPLE) as town:
        job = town.prepare()
        with pytest.raises(RefusedError, match="must be named"):
            town.engine.ask_to_send(job, expect=1)
        assert town.engine.releases() == []


def test_asking_with_another_count_puts_nothing_on_the_ladder(tmp_path):
    with ladder_town(tmp_path, **TWO_PEOPLE) as town:
        with pytest.raises(AudienceError, match="The audience is 1, not 7"):
            town.engine.ask_to_send(town.prepare(), expect=7, author="anna")
        assert town.engine.releases() == []


def test_plain_sending_asks_says_what_it_waits_for_and_the_asking_stands(tmp_path):
    with ladder_town(tmp_path, **TWO_PEOPLE) as town:
        job = town.prepare()
        for _ in range(2):
            with pytest.raises(RefusedError, match=f"waits for a second person, 120 s more: `callchain approve {job}`"):
                town.engine.send(job, expect=1, author="anna")
        assert verbs(town, job) == [Verb.ASK]
        assert town.engine.approve(job, expect=1, author="ben").job is not None


def test_of_two_who_agree_the_second_is_told_that_it_was_sent(tmp_path):
    with ladder_town(tmp_path, **TWO_PEOPLE) as town:
        job = town.prepare()
        town.engine.ask_to_send(job, expect=1, author="anna")
        town.engine.approve(job, expect=1, author="ben")
        with pytest.raises(RefusedError, match="already sent"):
            town.engine.approve(job, expect=1, author="cleo")
        assert is_out(town, job)


def test_what_nobody_agreed_to_in_time_is_never_sent(tmp_path):
    with ladder_town(tmp_path, second_person="always", approval_minutes=5) as town:
        job = town.prepare()
        town.engine.ask_to_send(job, expect=1, author="anna")
        town.run(minutes=5)
        view = town.engine.release(job)
        assert (view.rung, view.why) == ("expired", "Nobody else agreed in time.")
        with pytest.raises(RefusedError, match=r"expired\. Nobody else agreed in time\. It is never sent"):
            town.engine.approve(job, expect=1, author="ben")
        with pytest.raises(RefusedError, match="expired"):
            town.engine.ask_to_send(job, expect=1, author="anna")
        set_ladder(town)
        with pytest.raises(RefusedError, match="expired"):
            town.engine.send(job)
        assert not is_out(town, job)


def test_nobody_agrees_in_the_very_moment_it_expires(tmp_path):
    with ladder_town(tmp_path, **TWO_PEOPLE) as town:
        job = town.prepare()
        town.engine.ask_to_send(job, expect=1, author="anna")
        town.clock.move_to(town.now + 2 * MINUTE)  # and nothing has looked at the ladder yet
        with pytest.raises(RefusedError, match="Nobody else agreed in time"):
            town.engine.approve(job, expect=1, author="ben")
        town.run(seconds=1)
        assert rung(town, job) == "expired"


# ---------------------------------------------------------------- a countdown


def test_it_goes_out_by_itself_when_the_countdown_ends(tmp_path):
    with ladder_town(tmp_path, **COUNTDOWN) as town:
        job = town.prepare()
        asked = town.engine.ask_to_send(job, expect=1, author="anna")
        assert (asked.rung, asked.release_at, asked.needs_second) == ("counting", town.now + 30 * SECOND, False)
        town.run(seconds=29)
        assert not is_out(town, job)
        town.run(seconds=1)
        assert town.engine.release(job).job is not None
        assert town.wait(job).confirmed == 1
        assert verbs(town, job) == [Verb.ASK, Verb.SEND]


def test_plain_sending_says_how_to_recall_it(tmp_path):
    with ladder_town(tmp_path, **COUNTDOWN) as town:
        job = town.prepare()
        with pytest.raises(RefusedError, match=f"goes out in 30 s; until then `callchain recall {job}`"):
            town.engine.send(job)


def test_what_is_recalled_in_the_last_moment_never_goes_out(tmp_path):
    with ladder_town(tmp_path, **COUNTDOWN) as town:
        job = town.prepare()
        town.engine.ask_to_send(job, expect=1, author="anna")
        town.clock.move_to(town.now + 30 * SECOND)  # it is due, and nothing has looked yet
        recalled = town.engine.recall(job, author="ben")
        assert (recalled.rung, recalled.ended_by) == ("recalled", "ben")
        town.run(minutes=10)
        assert not is_out(town, job)
        assert verbs(town, job) == [Verb.ASK, Verb.RECALL]
        for act in (town.engine.recall, town.engine.send):
            with pytest.raises(RefusedError, match="was recalled by ben"):
                act(job)


@pytest.mark.parametrize("nth", [1, 2])
def test_what_is_recalled_while_it_goes_out_does_not(tmp_path, monkeypatch, nth):
    with ladder_town(tmp_path, **COUNTDOWN) as town:
        job, calls = town.prepare(), []
        town.engine.ask_to_send(job, expect=1, author="anna")

        def recalled_meanwhile(_job):
            calls.append(_job)
            if len(calls) == nth:
                town.engine.recall(job, author="ben")

        monkeypatch.setattr(town.engine._sending, "bring", recalled_meanwhile)
        town.run(minutes=5)
        assert len(calls) == 2
        assert rung(town, job) == "recalled"
        assert not is_out(town, job)


def test_a_recording_the_carrier_does_not_take_at_once_is_tried_again_until_it_is_too_late(tmp_path, monkeypatch):
    with ladder_town(tmp_path, **COUNTDOWN) as town:
        lucky, late = town.prepare(), town.prepare()
        tries = {lucky: 0, late: 0}

        def bring(job):
            tries[job.job_id] += 1
            if job.job_id == late or tries[lucky] < 4:
                raise RefusedError("The recording is not with the carrier.")

        monkeypatch.setattr(town.engine._sending, "bring", bring)
        for job in (lucky, late):
            town.engine.ask_to_send(job, expect=1, author="anna")
        town.run(seconds=40)
        assert (rung(town, lucky), rung(town, late)) == ("released", "counting")
        town.run(minutes=3)
        assert rung(town, late) == "expired"
        assert town.wait(lucky).confirmed == 1


def test_a_step_is_taken_from_the_rung_before_it_and_in_time_only():
    waiting = Release(job_id=7, rung=Rung.ASKED, expect=1, asked_by="anna", asked_at=0, expires_at=100, recall_ms=10)
    with pytest.raises(RefusedError, match="waits for a second person"):
        rungs.released(waiting, 50)
    counting = rungs.counting(waiting, 50)
    with pytest.raises(RefusedError, match="goes out in 1 s"):
        rungs.released(counting, 59)
    assert rungs.released(counting, 60).rung is Rung.RELEASED
    with pytest.raises(RefusedError, match="did not run"):
        rungs.released(counting, 60 + LATE_MS_MAX)


def test_what_has_gone_out_is_canceled_and_not_recalled(tmp_path):
    with ladder_town(tmp_path, **COUNTDOWN) as town:
        job = town.prepare()
        town.engine.ask_to_send(job, expect=1, author="anna")
        town.run(seconds=30)
        with pytest.raises(RefusedError, match=f"gone out already; `callchain cancel {job}`"):
            town.engine.recall(job)
        set_ladder(town)
        at_once = town.send()
        with pytest.raises(RefusedError, match="gone out already"):
            town.engine.recall(at_once)


def test_the_countdown_begins_when_the_second_person_agrees(tmp_path):
    with ladder_town(tmp_path, **BOTH) as town:
        job = town.prepare(Reason.EMERGENCY)
        town.engine.ask_to_send(job, expect=1, author="anna")
        town.run(seconds=50)
        agreed = town.engine.approve(job, expect=1, author="ben")
        assert (agreed.rung, agreed.release_at) == ("counting", town.now + 30 * SECOND)
        with pytest.raises(RefusedError, match="goes out in 30 s"):
            town.engine.approve(job, expect=1, author="cleo")
        town.run(seconds=30)
        assert town.wait(job).confirmed == 1
        assert verbs(town, job) == [Verb.ASK, Verb.APPROVE, Verb.SEND]


def test_what_waits_for_a_second_person_can_be_recalled_too(tmp_path):
    with ladder_town(tmp_path, **BOTH) as town:
        job = town.prepare()
        town.engine.ask_to_send(job, expect=1, author="anna")
        assert town.engine.recall(job, author="anna").rung == "recalled"
        with pytest.raises(RefusedError, match="was recalled by anna"):
            town.engine.approve(job, expect=1, author="ben")


def test_what_nobody_asked_for_can_neither_be_agreed_to_nor_recalled(tmp_path):
    with ladder_town(tmp_path, **BOTH) as town:
        job = town.prepare()
        for act in (lambda: town.engine.approve(job, expect=1, author="ben"), lambda: town.engine.recall(job)):
            with pytest.raises(RefusedError, match="Nobody has asked"):
                act()
        with pytest.raises(NotFoundError):
            town.engine.recall(job + 1)


def test_a_job_whose_window_ends_first_expires_and_says_so(tmp_path):
    with SteppedTown(tmp_path, one_contact(), now=at("2026-03-02 19:59")) as town:
        set_ladder(town, recall_seconds=120)
        job = town.prepare()
        town.engine.ask_to_send(job, expect=1, author="anna")
        town.run(minutes=3)
        view = town.engine.release(job)
        assert view.rung == "expired"
        assert "window" in view.why
        assert not is_out(town, job)


def test_a_district_that_may_not_phone_any_more_sends_nothing_when_the_countdown_ends(tmp_path, monkeypatch):
    with ladder_town(tmp_path, **COUNTDOWN) as town:
        job = town.prepare()
        town.engine.ask_to_send(job, expect=1, author="anna")
        off = msgspec.structs.replace(town.engine.standing(), voice=False)
        monkeypatch.setattr(town.engine._sending, "_standing", lambda: off)
        town.run(seconds=30)
        assert rung(town, job) == "expired"
        assert "Voice is not enabled" in town.engine.release(job).why


def test_a_release_that_has_begun_keeps_its_rungs_whatever_the_settings_say_later(tmp_path):
    with ladder_town(tmp_path, one_contact("Adams"), one_contact("Baker"), **BOTH) as town:
        begun = town.prepare()
        town.engine.ask_to_send(begun, expect=2, author="anna")
        set_ladder(town)
        with pytest.raises(RefusedError, match="waits for a second person"):
            town.engine.send(begun, author="anna")
        assert town.engine.send(town.prepare()).state == "in_progress"
        assert town.engine.approve(begun, expect=2, author="ben").rung == "counting"
        town.run(seconds=30)
        assert is_out(town, begun)


# ---------------------------------------------------------------- who needs no ladder


def test_a_schedule_was_confirmed_when_it_was_made(tmp_path):
    with ladder_town(tmp_path, **BOTH) as town:
        message = Message(Reason.GENERAL, "Lunch menu", SNOW)
        prepared = town.engine.prepare(message, origin=Origin("anna", schedule_id=3, fire_at=town.now))
        assert town.engine.send(prepared, author="anna").chains == 1
        assert verbs(town, prepared.job_id) == [Verb.SEND]


def test_a_test_call_reaches_its_author_only(tmp_path):
    family = one_contact()
    with ladder_town(tmp_path, family, **BOTH) as town:
        job = town.prepare(audience=Audience(number=family.mom.cell.number))
        assert town.engine.send(job).chains == 1


# ---------------------------------------------------------------- starting anew


def test_an_engine_that_was_away_for_a_moment_sends_what_came_due(tmp_path):
    with ladder_town(tmp_path, **COUNTDOWN) as town:
        job = town.prepare()
        town.engine.ask_to_send(job, expect=1, author="anna")
        town.crash()
        town.clock.move_to(town.now + 30 * SECOND + LATE_MS_MAX - 1)
        town.start()
        town.run(until=town.now)
        assert rung(town, job) == "released"
        assert town.wait(job).confirmed == 1


def test_an_engine_that_was_away_too_long_sends_nothing_that_came_due(tmp_path):
    with ladder_town(tmp_path, **COUNTDOWN) as town:
        job = town.prepare()
        town.engine.ask_to_send(job, expect=1, author="anna")
        town.crash()
        town.clock.move_to(town.now + 30 * SECOND + LATE_MS_MAX)
        town.start()
        town.run(minutes=10)
        assert town.engine.release(job).why == "The engine did not run when its countdown ended."
        assert not is_out(town, job)
        assert not town.alarms()


def test_who_was_asked_before_a_crash_may_agree_after_it(tmp_path):
    with ladder_town(tmp_path, **TWO_PEOPLE) as town:
        job, late = town.prepare(), town.prepare()
        town.engine.ask_to_send(job, expect=1, author="anna")
        town.engine.ask_to_send(late, expect=1, author="anna")
        town.restart()
        assert town.engine.approve(job, expect=1, author="ben").rung == "released"
        town.crash()
        town.clock.move_to(town.now + 2 * MINUTE)
        town.start()
        town.run(seconds=1)
        assert rung(town, late) == "expired"
        assert town.wait(job).confirmed == 1


def test_what_a_restored_backup_has_on_its_ladder_is_never_sent(tmp_path):
    with ladder_town(tmp_path / "town", **COUNTDOWN) as town:
        job = town.prepare()
        town.engine.ask_to_send(job, expect=1, author="anna")
        town.engine.backup(tmp_path / "backup" / "store")
        town.restore(tmp_path / "backup")
        town.run(minutes=2)
        assert rung(town, job) == "expired"
        assert "restored from a backup" in town.engine.release(job).why
        assert not is_out(town, job)


def test_a_ladder_comes_to_the_same_journal_under_the_same_seed(tmp_path):
    def a_life(home):
        with ladder_town(home, **BOTH) as town:
            job = town.prepare()
            town.engine.ask_to_send(job, expect=1, author="anna")
            town.engine.approve(job, expect=1, author="ben")
            town.run(seconds=40)
            town.wait(job)
            return [facts.encode_block(block) for block in town.blocks()]

    assert a_life(tmp_path / "one") == a_life(tmp_path / "two")
