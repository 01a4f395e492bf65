"""What an engine says in its log: jobs, commands and alarms as they are committed; never a name, number or text."""

import logging

from store import facts
from store.alarms import Alarm
from store.commands import Verb

log = logging.getLogger("callchain")


def write(fact: facts.AnyFact) -> None:
    """A line for a fact that a person would want to read."""
    match fact:
        case facts.StoreOpened():
            log.info("incarnation %d opened the store%s", fact.incarnation, " after a restore" if fact.restored else "")
        case facts.JobPlanned():
            log.info("job %d (%s) released: %d chains", fact.job_id, fact.reason.word, fact.chains)
        case facts.JobOpened():
            log.info("job %d opened", fact.job_id)
        case facts.JobEnded():
            log.info("job %d ended: %s", fact.job_id, fact.state.word)
        case facts.CommandTaken():
            what = f" job {fact.job_id}" if fact.job_id else ""
            log.info("command %d: %s%s", fact.command_id, Verb(fact.verb).word, what)
        case facts.AlarmRaised():
            log.warning("alarm %s: %s", Alarm(fact.code).word, Alarm(fact.code).meaning)
        case facts.AlarmCleared():
            log.info("alarm %s cleared", Alarm(fact.code).word)
        case facts.DistrictMoved():
            log.info("the district's hours of today were moved")
        case facts.EngineStopped():
            log.info("stopped in good order")
        case _:
            pass
