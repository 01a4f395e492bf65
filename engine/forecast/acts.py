"""Forecasts as acts: how a prepared or running job will go, and how it would."""

import msgspec

from engine.acts.act import Act
from engine.acts.desk import Desk
from engine.forecast.question import SEEDS_MAX, Question, WhatIf, checked
from engine.forecast.study import foresee
from engine.forecast.views import Forecast
from engine.release import checked_job_id
from store.access import Role
from store.errors import InvalidInputError

SECONDS_MAX = 20.0
"""Whoever asks at the door waits no longer; the answer is what there is by then."""


class AskForecast(msgspec.Struct, frozen=True, kw_only=True):
    """Of which job, and how carefully. Ask with no runs first, for an answer within two seconds, then with more."""

    job_id: int
    what_if: WhatIf = WhatIf()
    seeds: int = 0
    """Whole runs on paper, each about a second for 20,000 chains; 0: the first answer only."""
    seconds_max: float = SECONDS_MAX
    """The answer is what is known by then."""


def question_of(desk: Desk, job_id: int, what_if: WhatIf | None = None, seeds: int = 0) -> Question:
    """The question about a job of a desk's district, as it is now."""
    return Question(
        store_path=str(desk.database.path),
        settings=desk.settings,
        now=desk.clock.now(),
        job_id=job_id,
        lines=desk.engine.lines if desk.running else (0, 0),
        what_if=what_if or WhatIf(),
        seeds=seeds,
    )


def _forecast(desk: Desk, asked: AskForecast, _author: str) -> Forecast:
    """Raises NotFoundError, RefusedError for a job that is over, InvalidInputError for what makes no sense."""
    checked_job_id(asked.job_id)
    if not 0 <= asked.seeds <= SEEDS_MAX:
        raise InvalidInputError(f"A forecast takes 0 to {SEEDS_MAX} runs, not {asked.seeds}.")
    if not 0 < asked.seconds_max <= SECONDS_MAX:
        raise InvalidInputError(f"A forecast takes up to {SECONDS_MAX:g} seconds, not {asked.seconds_max:g}.")
    question = question_of(desk, asked.job_id, checked(asked.what_if), asked.seeds)
    return foresee(question, seconds_max=asked.seconds_max)


JOB: Act[AskForecast, Forecast] = Act("forecast.job", AskForecast, Forecast, _forecast, role=Role.VIEWER, studies=True)

ACTS: tuple[Act[AskForecast, Forecast], ...] = (JOB,)
"""They name schools and nobody else."""
