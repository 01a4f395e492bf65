"""What forecasts leave in the store: predictions, one for each job and instant, and the tallies of ended jobs."""

from collections.abc import Iterable

from engine.forecast.views import Forecast
from store.database import Database
from store.forecasts import Prediction, Tally
from store.keys import fire_key, id_key
from store.tables import Txn


def predictions(database: Database, txn: Txn, job_id: int) -> list[Prediction]:
    """What was predicted of a job, oldest first."""
    kept = database.forecasts.scan(txn, fire_key(job_id, 0), fire_key(job_id + 1, 0))
    return [prediction for _, prediction in kept]


def keep(database: Database, txn: Txn, prediction: Prediction) -> None:
    """Write one down."""
    database.forecasts.put(txn, fire_key(prediction.job_id, prediction.made_at), prediction)


def keep_tallies(database: Database, txn: Txn, tallies: Iterable[Tally]) -> None:
    """Write down what calls of ended jobs taught, each job's in place of what was there."""
    for tally in tallies:
        database.tallies.put(txn, id_key(tally.job_id), tally)


def prediction_of(forecast: Forecast) -> Prediction:
    """What is kept of a forecast."""
    half, nine, last = forecast.half_at, forecast.nine_in_ten_at, forecast.last_call_at
    return Prediction(
        forecast.job_id, forecast.made_at, forecast.starts_at, (half.p50, half.p90), (nine.p50, nine.p90),
        (last.p50, last.p90), forecast.reached, forecast.basis.lines, forecast.basis.calls, forecast.basis.runs,
    )  # fmt: skip
