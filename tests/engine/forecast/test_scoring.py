"""Predictions that are kept, and how they are scored against what happened."""

import pytest

from engine.forecast.course import Use, course_of
from engine.forecast.happened import Happened
from engine.forecast.keeper import CHAINS_MIN, REST_MS, Keeper
from engine.forecast.kept import predictions
from engine.forecast.past.teller import TallyRequest
from engine.forecast.question import Question
from engine.forecast.views import Basis, Cause, Forecast, Instant, Verdict
from engine.reports.forecast import forecast_report, scores_of
from engine.reports.source.records import Records
from store.errors import CallchainError, NotFoundError
from store.forecasts import Prediction, Tally
from store.records import Reason
from tests.engine.forecast.paper import SamePhones, families
from tests.fakes import MINUTE, SECOND, ZONE, SteppedTown, at

TEN = at("2026-03-02 10:00")


def foreseen(minutes: float, p90: float) -> tuple[int, int]:
    return int(TEN + minutes * MINUTE), int(TEN + p90 * MINUTE)


def prediction(**more) -> Prediction:
    usual = {"half_at": foreseen(5, 6), "nine_in_ten_at": foreseen(9, 10), "last_call_at": foreseen(10, 12)}
    return Prediction(1, TEN, TEN, **(usual | more), reached=100, lines=10, calls=0, runs=4)


def real(reached: int = 100):
    """A hundred chains, one every six seconds: half after five minutes, nine in ten after nine, all after ten."""
    times = {index: TEN + (index + 1) * 6 * SECOND for index in range(100)}
    return course_of(
        Happened({index: times[index] for index in range(reached)}, times), dict.fromkeys(range(100), ""), Use()
    )


def test_a_prediction_that_came_true_is_not_off_at_all():
    scores = list(scores_of(prediction(), real(), over=True))
    assert [score.error for score in scores] == [0, 0, 0]
    assert all(score.held for score in scores)


def test_an_error_is_a_part_of_the_duration_and_p90_may_be_missed():
    half = next(scores_of(prediction(half_at=foreseen(4, 4.5)), real(), over=True))
    assert half.error == pytest.approx(0.1)
    assert not half.held


def test_what_never_came_and_was_never_predicted_is_right():
    (_, nine, _) = scores_of(prediction(nine_in_ten_at=(0, 0)), real(80), over=True)
    assert (nine.error, nine.held) == (0, True)
    (_, nine, _) = scores_of(prediction(), real(80), over=True)
    assert (nine.error, nine.held) == (None, False)


def test_what_was_over_when_it_was_predicted_is_no_prediction():
    later = prediction()
    later = Prediction(1, TEN + 6 * MINUTE, *[getattr(later, name) for name in later.__struct_fields__[2:]])
    assert [score.what for score in scores_of(later, real(), over=True)] == ["nine in ten reached", "last call"]


def test_what_has_not_happened_yet_is_left_out():
    assert [score.what for score in scores_of(prediction(), real(60), over=False)] == ["half reached"]


class Oracle:
    """Foresees a course of ten minutes for everything, and counts nothing."""

    def __init__(self) -> None:
        self.asked: list[Question] = []
        self.counted: list[TallyRequest] = []

    def foresee(self, question: Question) -> Forecast:
        self.asked.append(question)

        def after(minutes: int) -> Instant:
            return Instant(p50=TEN + minutes * MINUTE, p90=TEN + (minutes + 1) * MINUTE)

        basis = Basis(lines=1, answer_rate=1, hold_seconds=20, calls=0, days=0, runs=4, sampled=False)
        return Forecast(
            job_id=question.job_id, made_at=question.now, starts_at=TEN, closes_at=TEN, chains=1, reached=1,
            unreached=0, reached_now=0, half_at=after(5), nine_in_ten_at=after(9), last_call_at=after(10),
            verdict=Verdict.ON_TIME, cause=Cause.LINES, curve=(), schools=(), basis=basis,
        )  # fmt: skip

    def count(self, request: TallyRequest) -> tuple[Tally, ...]:
        self.counted.append(request)
        return tuple(Tally(job_id, Reason.GENERAL, 1, 1, {}, {}) for job_id in request.job_ids)


def test_the_keeper_notes_a_prediction_at_the_release_and_one_each_quarter_and_counts_when_it_is_over(tmp_path):
    oracle = Oracle()
    with SteppedTown(tmp_path, *families(30), network=SamePhones(), lines=1) as town:
        keeper = Keeper(town.engine, oracle.foresee, oracle.count)
        job_id = town.send()
        keeper.look()
        keeper.look()
        assert len(oracle.asked) == 1, "nothing new has happened"
        for _ in range(3):
            town.run(minutes=2.6)
            keeper.look()
            keeper.look()
        assert len(oracle.asked) == 4
        assert not oracle.counted
        town.wait(job_id)
        keeper.look()
        keeper.look()
        assert [request.job_ids for request in oracle.counted] == [(job_id,)]
        with town.database.read() as txn:
            records = Records(town.database, txn, ZONE, town.now)
            report = forecast_report(records, job_id)
            assert report.figures[0].value == 4
            assert len(list(report.rows)) >= 4


def test_after_a_restart_the_keeper_knows_what_it_kept(tmp_path):
    oracle = Oracle()
    with SteppedTown(tmp_path, *families(30), network=SamePhones(), lines=1) as town:
        town.send()
        Keeper(town.engine, oracle.foresee, oracle.count).look()
        Keeper(town.engine, oracle.foresee, oracle.count).look()
        assert len(oracle.asked) == 1


def test_nobody_needs_a_forecast_of_a_handful_of_calls(tmp_path):
    oracle = Oracle()
    with SteppedTown(tmp_path, *families(3), network=SamePhones(), lines=1) as town:
        job_id = town.send()
        assert CHAINS_MIN > 3
        Keeper(town.engine, oracle.foresee, oracle.count).look()
        assert not oracle.asked
        town.wait(job_id)
        with town.database.read() as txn, pytest.raises(NotFoundError):
            forecast_report(Records(town.database, txn, ZONE, town.now), job_id)


class Blind(Oracle):
    """Foresees nothing of one job."""

    def foresee(self, question: Question) -> Forecast:
        if question.job_id == 1:
            self.asked.append(question)
            raise CallchainError("The forecast took too long.")
        return super().foresee(question)


def test_a_job_nobody_can_foresee_is_left_alone_for_a_while_and_takes_nothing_from_the_others(tmp_path):
    oracle = Blind()
    with SteppedTown(tmp_path, *families(30), network=SamePhones(), lines=1) as town:
        keeper = Keeper(town.engine, oracle.foresee, oracle.count)
        town.send()
        town.send(text="Another.")
        keeper.look()
        keeper.look()
        assert [question.job_id for question in oracle.asked] == [1, 2]
        town.run(minutes=REST_MS / MINUTE)
        keeper.look()
        assert [question.job_id for question in oracle.asked].count(1) == 2


def test_beside_an_emergency_only_first_answers_are_made_its_own_before_all_others_and_nothing_is_counted(tmp_path):
    oracle = Oracle()
    with SteppedTown(tmp_path, *families(30), network=SamePhones(), lines=1) as town:
        keeper = Keeper(town.engine, oracle.foresee, oracle.count)
        ended = town.send()
        town.wait(ended)
        town.send(text="Another.")
        town.send(Reason.EMERGENCY)
        keeper.look()
        assert [(question.job_id, question.seeds, question.patient) for question in oracle.asked] == [
            (3, 0, True), (2, 0, True),
        ]  # fmt: skip
        assert not oracle.counted


def test_a_keeper_that_was_told_to_stop_keeps_no_prediction_of_an_engine_that_is_gone(tmp_path):
    oracle = Oracle()
    with SteppedTown(tmp_path, *families(30), network=SamePhones(), lines=1) as town:

        def foresee(question: Question) -> Forecast:
            keeper.stop()
            return oracle.foresee(question)

        keeper = Keeper(town.engine, foresee, oracle.count)
        job_id = town.send()
        keeper.look()
        with town.database.read() as txn:
            assert not predictions(town.database, txn, job_id)
