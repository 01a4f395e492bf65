"""The engine as an embedding program meets it."""

import threading
from collections.abc import Callable

import msgspec
import pytest

from engine.audit import Audit
from engine.config import CarrierSettings
from engine.messaging.windows import Window
from engine.reports import counter
from engine.service import Engine
from store.commands import Verb
from store.errors import (
    AudienceError,
    CallchainError,
    ConfigError,
    InvalidInputError,
    NotFoundError,
    RefusedError,
    StoreBusyError,
)
from store.facts import CommandTaken, JobPlanned
from store.records import Audience, DeviceKind, Message, Reason
from tests.engine.test_recovery import no_gateway
from tests.fakes import (
    CLEAN,
    HOUR,
    MINUTE,
    MONDAY_TEN,
    SNOW,
    SteppedTown,
    at,
    one_contact,
    roster_of,
    settings_of,
    soap_town,
)

SNOW_DAY = Message(Reason.GENERAL, "Snow day", SNOW)


def confirming(name: str = "Lopez"):
    family = one_contact(name)
    family.mom.cell.answers().presses("0").always()
    return family


# ---------------------------------------------------------------- prepare and send


@pytest.mark.row("C009", "C029")
def test_nothing_is_dialed_before_a_prepared_job_is_sent(tmp_path):
    """C009: Hand-over point: message created in the SIS and sent to the service, which takes over. C029: Client calls
    the service each time a task is ready.
    """
    with SteppedTown(tmp_path, confirming()) as town:
        prepared = town.engine.prepare(SNOW_DAY)
        town.run(minutes=60)
        assert not town.ledger()
        assert town.engine.jobs() == []
        assert town.engine.send(prepared, expect=1).state in ("waiting", "in_progress")
        assert town.wait(prepared.job_id).confirmed == 1


def test_another_count_than_expected_is_refused_and_nothing_is_sent(tmp_path):
    with SteppedTown(tmp_path, confirming()) as town:
        prepared = town.engine.prepare(SNOW_DAY)
        with pytest.raises(AudienceError, match="The audience is 1, not 2"):
            town.engine.send(prepared, expect=2)
        assert town.engine.jobs() == []


def test_an_audience_without_anybody_is_refused(tmp_path):
    with SteppedTown(tmp_path, confirming()) as town, pytest.raises(AudienceError, match="audience is empty"):
        town.engine.prepare(SNOW_DAY, Audience(grades=("12",)))


def test_a_job_nobody_of_which_can_be_called_is_refused(tmp_path):
    family = one_contact(kinds=())
    with SteppedTown(tmp_path, family) as town:
        prepared = town.engine.prepare(SNOW_DAY)
        assert (prepared.count, prepared.unreachable) == (0, 1)
        with pytest.raises(AudienceError, match="Nobody can be called"):
            town.engine.send(prepared)


@pytest.mark.row("C085")
def test_who_cannot_be_called_is_listed_before_sending(tmp_path):
    """Every student needs at least one messenger contact, or the message may not reach anyone (report the gap)."""
    reachable, lonely = confirming("Adams"), one_contact("Baker")
    lonely.contacts.clear()
    with SteppedTown(tmp_path, reachable, lonely) as town:
        prepared = town.engine.prepare(SNOW_DAY)
        assert [(gap.contact_name, gap.reason) for gap in prepared.gaps] == [("Son Baker", "no_contact")]
        assert (prepared.count, prepared.unreachable, prepared.students) == (1, 1, 2)


def test_a_job_is_sent_once(tmp_path):
    with SteppedTown(tmp_path, confirming()) as town:
        job = town.send()
        with pytest.raises(RefusedError, match="already sent"):
            town.engine.send(job)
        town.wait(job)
        with pytest.raises(RefusedError, match="already sent"):
            town.engine.send(job)


def test_a_prepared_job_outlives_its_engine_until_its_window_is_over(tmp_path):
    with SteppedTown(tmp_path, confirming()) as town:
        prepared, forgotten = town.engine.prepare(SNOW_DAY), town.engine.prepare(SNOW_DAY)
        town.restart()
        town.engine.send(prepared)
        assert town.wait(prepared.job_id).confirmed == 1
        town.run(minutes=24 * 60)
        town.restart()
        assert town.engine.station.vault.plans(forgotten.job_id, 0, 9) == []
        assert town.engine.station.vault.plans(prepared.job_id, 0, 9) != []
        with pytest.raises(RefusedError, match="window"):
            town.engine.send(forgotten)


def test_a_preparation_that_was_broken_off_cannot_be_sent_and_its_id_stays_taken(tmp_path):
    with SteppedTown(tmp_path, confirming()) as town:
        whole = town.engine.prepare(SNOW_DAY)
        vault, database = town.engine.station.vault, town.database
        with database.read() as txn:
            job = vault.job(txn, whole.job_id)
        assert job is not None
        broken_off = msgspec.structs.replace(job, job_id=whole.job_id + 1)
        with database.write() as txn:
            next(iter(vault.plan_writes(broken_off, vault.plans(whole.job_id, 0, 9))))(txn)
        with pytest.raises(NotFoundError):
            town.engine.send(broken_off.job_id)
        assert town.engine.prepare(SNOW_DAY).job_id == broken_off.job_id + 1


def test_a_job_whose_window_is_over_is_not_sent(tmp_path):
    with SteppedTown(tmp_path, confirming()) as town:
        prepared = town.engine.prepare(SNOW_DAY, window=Window(opens_minute=600, closes_minute=660))
        town.run(minutes=60)
        with pytest.raises(RefusedError, match="window of job 1 is over"):
            town.engine.send(prepared)


def test_a_message_that_cannot_be_planned_is_refused_with_the_planners_sentence(tmp_path):
    with SteppedTown(tmp_path, confirming()) as town:
        with pytest.raises(InvalidInputError, match="says nothing"):
            town.engine.prepare(Message(Reason.GENERAL, "Nothing", "  "))
        with pytest.raises(RefusedError, match="30 minutes"):
            town.engine.prepare(
                Message(Reason.ATTENDANCE, "x", SNOW), window=Window(opens_minute=600, closes_minute=629)
            )


def test_a_fictional_roster_is_never_dialed_at_a_real_end_point(tmp_path):
    family = one_contact()
    carrier = CarrierSettings(user="oak", endpoints=("https://carrier.example/soap",))
    with SteppedTown(tmp_path, family, roster=None, carrier=carrier) as town:
        town.engine.replace_roster(roster_of(family, fictional=True))
        prepared = town.engine.prepare(SNOW_DAY)
        with pytest.raises(RefusedError, match="fictional"):
            town.engine.send(prepared)
        assert not town.ledger()


def test_a_carrier_that_is_called_a_stand_in_while_the_engine_runs_is_none_before_the_next_start(tmp_path):
    family = one_contact()
    family.mom.cell.answers().presses("0")
    with SteppedTown(tmp_path, family, carrier=CarrierSettings()) as town:
        town.engine.replace_roster(roster_of(family, fictional=True))
        town.settings = msgspec.structs.replace(town.settings, carrier=CarrierSettings(stand_in=True))
        town.engine.apply_settings(town.settings)
        job = town.prepare()
        with pytest.raises(RefusedError, match="fictional"):
            town.engine.send(job)
        town.restart()
        town.engine.send(job)
        assert town.wait(job).confirmed == 1


def test_an_unknown_job_is_not_found(tmp_path):
    with SteppedTown(tmp_path, confirming()) as town:
        for act in (town.engine.job, town.engine.send, town.engine.cancel, town.engine.students):
            with pytest.raises(NotFoundError, match="no job 7"):
                act(7)


def test_a_running_job_keeps_the_roster_it_was_planned_with(tmp_path):
    first, second = confirming("Adams"), confirming("Baker")
    with SteppedTown(tmp_path, first, second, now=at("2026-03-02 07:00")) as town:
        job = town.send()
        assert town.engine.replace_roster(roster_of(second), accept_loss_percent=100) == 2
        assert town.engine.replace_roster(roster_of(second)) == 3
        town.restart()
        assert town.wait(job).confirmed == 2
        assert town.engine.prepare(SNOW_DAY).count == 1


def test_a_roster_that_loses_more_than_a_tenth_is_refused_unless_that_is_accepted(tmp_path):
    families = [one_contact(f"Family{n}") for n in range(10)]
    with SteppedTown(tmp_path, *families) as town:
        with pytest.raises(RefusedError, match=r"4 of 20 people.*more than 10 %.*--accept-loss 20\."):
            town.engine.replace_roster(roster_of(*families[:8]))
        with pytest.raises(InvalidInputError, match="0 to 100"):
            town.engine.replace_roster(roster_of(*families), accept_loss_percent=float("nan"))
        assert town.engine.prepare(SNOW_DAY).count == 10
        assert town.engine.replace_roster(roster_of(*families[:9])) == 2
        assert town.engine.replace_roster(roster_of(*families[:3]), accept_loss_percent=67) == 3


def test_two_imports_at_once_come_one_after_the_other(tmp_path):
    families = [one_contact(f"Family{n}") for n in range(4)]
    with soap_town(tmp_path, *families, now=at("2026-03-02 07:00"), speed=1) as town:
        roster, versions = roster_of(*families), []
        threads = [
            threading.Thread(target=lambda: versions.append(town.engine.replace_roster(roster))) for _ in range(6)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
        assert sorted(versions) == [2, 3, 4, 5, 6, 7]
        with town.database.read() as txn:
            assert len(town.engine.station.vault.roster(txn).people) == 8


# ---------------------------------------------------------------- commands


@pytest.mark.parametrize("command", ["pause", "resume", "cancel", "refresh"])
def test_a_job_that_has_ended_takes_no_command(tmp_path, command):
    with SteppedTown(tmp_path, confirming()) as town:
        job = town.send()
        town.wait(job)
        with pytest.raises(RefusedError, match="has ended \\(sent\\)"):
            getattr(town.engine, command)(job)


def test_commands_that_change_nothing_are_refused(tmp_path):
    with SteppedTown(tmp_path, confirming(), now=at("2026-03-02 07:00")) as town:
        job = town.send()
        with pytest.raises(RefusedError, match="not paused"):
            town.engine.resume(job)
        town.engine.pause(job)
        with pytest.raises(RefusedError, match="already paused"):
            town.engine.pause(job)
        town.engine.cancel(job)
        assert town.job(job).state == "canceled"


def test_a_command_is_a_fact_with_the_hash_of_who_gave_it(tmp_path):
    with SteppedTown(tmp_path, confirming(), now=at("2026-03-02 07:00")) as town:
        job = town.send()
        town.engine.pause(job, author="principal")
        town.engine.cancel(job, author="principal")
        sent, paused, canceled = town.facts(CommandTaken)
        assert (paused.verb, canceled.verb, paused.job_id) == (Verb.PAUSE, Verb.CANCEL, job)
        assert paused.author_id == canceled.author_id != sent.author_id == 0
        assert b"principal" not in b"".join(repr(block).encode() for block in town.blocks())


@pytest.mark.parametrize("command_id", [0, -1, 2**63, 2**70])
def test_a_command_id_no_fact_can_hold_is_refused_before_anything_happens(tmp_path, command_id):
    with SteppedTown(tmp_path, confirming(), now=at("2026-03-02 07:00")) as town:
        prepared = town.engine.prepare(SNOW_DAY)
        with pytest.raises(InvalidInputError, match="command's id"):
            town.engine.send(prepared, command_id=command_id)
        job = town.engine.send(prepared, command_id=2**63 - 1).job_id
        with pytest.raises(InvalidInputError, match="command's id"):
            town.engine.command(Verb.PAUSE, job, command_id=command_id)
        town.engine.command(Verb.PAUSE, job, command_id=7)
        assert [fact.command_id for fact in town.facts(CommandTaken)] == [2**63 - 1, 7]


@pytest.mark.parametrize("job_id", [-1, 0, 2**32, 2**70])
def test_a_job_id_no_job_can_have_is_not_found(tmp_path, job_id):
    with SteppedTown(tmp_path, confirming()) as town:
        for act in (town.engine.job, town.engine.send, town.engine.cancel, town.engine.students):
            with pytest.raises(NotFoundError, match="no job"):
                act(job_id)


# ---------------------------------------------------------------- watching, live


def test_watching_a_stepped_job_lets_it_happen(tmp_path):
    with SteppedTown(tmp_path, confirming("Adams"), confirming("Baker"), lines=1) as town:
        views = list(town.engine.watch(town.send()))
        assert views[-1].state == "sent"
        assert {0, 1, 2} <= {view.confirmed for view in views}


def test_watching_a_job_shows_every_step_until_it_has_ended(tmp_path):
    with soap_town(tmp_path, confirming("Adams"), confirming("Baker"), lines=1) as town:
        job = town.send()
        views = list(town.engine.watch(job))
        assert views[-1].state == "sent"
        assert [view.confirmed for view in views] == sorted(view.confirmed for view in views)
        assert {0, 2} <= {view.confirmed for view in views}
        assert town.engine.students(job).covered == 2


def test_waiting_too_short_is_said_so(tmp_path):
    family = one_contact()
    with soap_town(tmp_path, family, now=at("2026-03-02 07:00"), speed=1) as town:
        job = town.send()
        with pytest.raises(CallchainError, match="did not answer in time"):
            town.engine.wait(job, 0.05)
        town.engine.cancel(job)


def test_a_stepped_wait_ends_with_its_job_or_with_its_time(tmp_path):
    now, tomorrow = confirming("Adams"), confirming("Baker")
    with SteppedTown(tmp_path, now, tomorrow) as town:
        later = town.send(Reason.GENERAL, tomorrow, window=Window(opens_minute=18 * 60, closes_minute=19 * 60))
        assert town.engine.wait(town.send(Reason.GENERAL, now)).confirmed == 1
        assert town.now < MONDAY_TEN + 5 * MINUTE
        town.engine.pause(later)
        with pytest.raises(CallchainError, match="did not answer in time"):
            town.engine.wait(later, 3600)
        assert town.now < MONDAY_TEN + 66 * MINUTE
        town.engine.resume(later)
        assert town.engine.wait(later).confirmed == 1


def test_commands_may_come_from_any_thread(tmp_path):
    families = [confirming(f"Family{n}") for n in range(4)]
    with soap_town(tmp_path, *families, now=at("2026-03-02 07:00"), speed=1) as town:
        jobs = [town.prepare(Reason.GENERAL, family) for family in families]

        def send_and_cancel(job: int) -> None:
            town.engine.send(job)
            town.engine.cancel(job)

        threads = [threading.Thread(target=send_and_cancel, args=[job]) for job in jobs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
        assert [town.engine.wait(job, 10).state for job in jobs] == ["canceled"] * 4


def test_a_job_that_two_send_at_once_is_sent_once(tmp_path, monkeypatch):
    with SteppedTown(tmp_path, confirming()) as town:
        job = town.prepare(Reason.GENERAL)
        wait_for = town.engine.station.wait_for

        def somebody_else_sends_it(ready: Callable[[], bool]) -> None:
            """Comes between the check and the commit of the first."""
            monkeypatch.undo()
            with pytest.raises(RefusedError, match="already sent"):
                town.engine.send(job)
            wait_for(ready)

        monkeypatch.setattr(town.engine.station, "wait_for", somebody_else_sends_it)
        town.engine.send(job)
        assert town.wait(job).confirmed == 1
        assert len([fact for fact in town.facts(JobPlanned) if fact.job_id == job]) == 1


# ---------------------------------------------------------------- life


def test_before_its_start_and_after_its_stop_an_engine_refuses_every_act_in_a_sentence(tmp_path):
    engine = Engine(tmp_path, settings=settings_of(), gateway=no_gateway)
    acts: list[Callable[[], object]] = [
        engine.jobs,
        lambda: engine.job(1),
        lambda: engine.prepare(SNOW_DAY),
        lambda: engine.send(1),
        lambda: engine.cancel(1),
        lambda: engine.wait(1),
        lambda: next(engine.watch(1)),
        lambda: engine.students(1),
        lambda: engine.replace_roster(roster_of(confirming())),
        lambda: engine.backup(tmp_path / "copy"),
        engine.run,
        lambda: engine.lines,
        lambda: engine.failed,
    ]
    engine.stop()
    for _ in range(2):
        for act in acts:
            with pytest.raises(RefusedError, match="does not run"):
                act()
        with engine:
            assert engine.jobs() == []
        engine.stop()


def test_an_error_in_the_block_is_not_hidden_by_what_stopping_says(tmp_path):
    def work() -> None:
        with Engine(tmp_path, settings=settings_of(), gateway=no_gateway) as engine:
            engine.station.team.pool.ref.tell("no letter of ours")
            with pytest.raises(CallchainError, match="stopped by an error"):
                engine.station.wait_for(lambda: False, 10)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        work()
    Engine(tmp_path, settings=settings_of(), gateway=no_gateway).start().stop()


def test_leaving_the_context_lets_go_of_the_store_and_the_next_engine_goes_on(tmp_path):
    family = confirming()
    with SteppedTown(tmp_path, family) as town:
        job = town.send()
        town.run(seconds=3)
        town.engine.stop()
        town.start()
        assert town.engine.incarnation == 2
        assert town.wait(job).confirmed == 1
        assert town.audit() == CLEAN


def test_an_engine_that_cannot_start_lets_go_of_the_store(tmp_path):
    settings = settings_of(carrier=CarrierSettings(user="oak", endpoints=("https://carrier.example/soap",)))
    with pytest.raises(ConfigError, match="No password for the carrier"):
        Engine(tmp_path, settings=settings).start()
    with Engine(tmp_path, settings=settings, gateway=no_gateway) as engine:
        assert engine.jobs() == []


def test_an_engine_whose_loop_has_died_says_so_and_lets_go_of_the_store(tmp_path):
    settings = settings_of()
    engine = Engine(tmp_path, settings=settings, gateway=no_gateway).start()
    engine.replace_roster(roster_of(confirming()))
    engine.station.team.pool.ref.tell("no letter of ours")
    with pytest.raises(CallchainError, match="stopped by an error"):
        engine.station.wait_for(lambda: False, 10)
    with pytest.raises(CallchainError, match="stopped by an error"):
        engine.prepare(SNOW_DAY)
    with pytest.raises(CallchainError, match="stopped by an error"):
        engine.stop()
    engine.stop()
    with Engine(tmp_path, settings=settings, gateway=no_gateway) as again:
        assert again.incarnation == 2


def test_two_engines_on_one_home_are_refused(tmp_path):
    settings = settings_of()
    with Engine(tmp_path, settings=settings, gateway=no_gateway), pytest.raises(StoreBusyError):
        Engine(tmp_path, settings=settings, gateway=no_gateway).start()


@pytest.mark.row("C014", "C015")
def test_lines_follow_the_size_of_the_district_unless_set(tmp_path):
    """C014: Phone-line capacity varies by district size (per-tenant concurrency limit). C015: A number of lines is
    dedicated to emergencies, per district.
    """
    with Engine(tmp_path, settings=settings_of(lines=0, emergency_lines=None), gateway=no_gateway) as engine:
        assert engine.lines == (24, 8)
    with Engine(tmp_path, settings=settings_of(lines=5, emergency_lines=2), gateway=no_gateway) as engine:
        assert engine.lines == (5, 2)
    with Engine(tmp_path, settings=settings_of(lines=5, emergency_lines=0), gateway=no_gateway) as engine:
        assert engine.lines == (5, 0)


@pytest.mark.parametrize("inline_chains_max", [0, 100])
def test_students_are_covered_told_or_missed(tmp_path, monkeypatch, inline_chains_max):
    monkeypatch.setattr(counter, "INLINE_CHAINS_MAX", inline_chains_max)
    covered, told, missed = confirming("Adams"), one_contact("Baker"), one_contact("Clark", kinds=(DeviceKind.WORK,))
    told.mom.cell.answers()
    missed.mom.work.is_dead()
    with SteppedTown(tmp_path, covered, told, missed) as town:
        job = town.send()
        town.wait(job)
        counts = town.engine.students(job)
        assert (counts.covered, counts.told, counts.missed) == (1, 1, 1)
        assert town.audit() == Audit(duplicate_rings=0, rings_after_confirm=0, unknown_to_journal=0)


def test_a_scheduled_start_is_the_later_of_start_and_window(tmp_path):
    family = confirming()
    with SteppedTown(tmp_path, family, now=at("2026-03-02 08:30")) as town:
        window = Window(opens_minute=9 * 60, closes_minute=12 * 60, starts_at=MONDAY_TEN)
        job = town.send(window=window)
        assert town.wait(job).confirmed == 1
        (rang,) = town.rings(family.mom.cell)
        assert MONDAY_TEN <= rang < MONDAY_TEN + MINUTE
        assert town.job(job).closes_at == MONDAY_TEN + 2 * HOUR
