"""What an engine says in its log: jobs, commands and alarms as they are committed; never a name, number or text."""

import logging

from store import facts
from store.access import Role
from store.alarms import Alarm
from store.commands import Verb

log = logging.getLogger("callchain")


def write(fact: facts.AnyFact) -> None:
    """A line for a fact that a person would want to read, and its fields for programs."""
    match fact:
        case facts.StoreOpened():
            restored = " after a restore" if fact.restored else ""
            _say("store_opened", f"incarnation {fact.incarnation} opened the store{restored}",
                 incarnation=fact.incarnation, restored=fact.restored)  # fmt: skip
        case facts.JobPlanned():
            _say("job_released", f"job {fact.job_id} ({fact.reason.word}) released: {fact.chains} chains",
                 job_id=fact.job_id, reason=fact.reason.word, chains=fact.chains)  # fmt: skip
        case facts.JobOpened():
            _say("job_opened", f"job {fact.job_id} opened", job_id=fact.job_id)
        case facts.JobEnded():
            state = fact.state.word
            _say("job_ended", f"job {fact.job_id} ended: {state}", job_id=fact.job_id, state=state)
        case facts.CommandTaken():
            verb, what = Verb(fact.verb).word, f" job {fact.job_id}" if fact.job_id else ""
            _say("command_taken", f"command {fact.command_id}: {verb}{what}",
                 command_id=fact.command_id, verb=verb, job_id=fact.job_id)  # fmt: skip
        case facts.CommandRefused():
            _refused(fact)
        case facts.AlarmRaised():
            alarm = Alarm(fact.code)
            _say("alarm_raised", f"alarm {alarm.word}: {alarm.meaning}", logging.WARNING, alarm=alarm.word)
        case facts.AlarmCleared():
            _say("alarm_cleared", f"alarm {Alarm(fact.code).word} cleared", alarm=Alarm(fact.code).word)
        case facts.DistrictMoved():
            _say("district_moved", "the district's hours of today were moved")
        case facts.EngineStopped():
            _say("engine_stopped", "stopped in good order")
        case _:
            pass


def _refused(fact: facts.CommandRefused) -> None:
    verb = Verb(fact.verb).word if fact.verb else "read"
    needed = Role(fact.needed).word
    _say("command_refused", f"refused: {verb} takes the role {needed}", logging.WARNING,
         verb=verb, job_id=fact.job_id, needed=needed, times=fact.times)  # fmt: skip


def _say(event: str, sentence: str, level: int = logging.INFO, **fields: object) -> None:
    log.log(level, "%s", sentence, extra={"event": event, **fields})
