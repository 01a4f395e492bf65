"""The doctor: every check of a district, the bad and the good, in a few seconds, with an engine or without."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from engine.config import FILE_NAME, Settings, load_settings
from engine.district.settings_store import kept_settings
from engine.doctor.carrier import CARRIER, MESSENGER, CarrierCheck, check_permission
from engine.doctor.finding import Finding, Grade, Topic
from engine.doctor.folder import DISK, FOLDER, check_disk, check_folder
from engine.doctor.jobs import JOBS, check_jobs
from engine.doctor.mail import MAIL, MailServerCheck, check_mails
from engine.doctor.patient import Patient, Watch
from engine.doctor.people import ROSTER, check_roster
from engine.doctor.running import ALARMS, ENGINE, STORE, check_alarms, check_engine, check_store, knock
from engine.doctor.schedules import SCHEDULES, check_schedules
from engine.doctor.setup import CALLER_ID, SETUP, check_caller_ids, check_setup
from engine.home import STORE_FOLDER, require_store
from engine.orders import Health
from store.database import Database
from store.errors import CallchainError, ConfigError, StoreError

SETTINGS = Topic("settings")

RESTORE = "Restore a backup, or ask support with this sentence."

IN_STORE: tuple[tuple[Topic, Callable[[Patient], Iterator[Finding]]], ...] = (
    (STORE, check_store),
    (ALARMS, check_alarms),
    (MESSENGER, check_permission),
    (JOBS, check_jobs),
    (SCHEDULES, check_schedules),
    (ROSTER, check_roster),
    (CALLER_ID, check_caller_ids),
    (SETUP, check_setup),
    (MAIL, check_mails),
)
"""Checks of what the store says, in the order in which they are read."""


def examine(
    home: Path,
    *,
    settings: Settings | None = None,
    database: Database | None = None,
    now: int | None = None,
    network: bool = True,
) -> list[Finding]:
    """Every finding about a district, in the order of the checks; changes nothing.

    `settings`, `database`: of a process that has them; it may not open a store twice. `now`: the instant it is, ms UTC,
    where no engine tells it. `network`: ask carrier and mail server. Raises StoreError where there is no district.
    """
    require_store(home)
    found = [*_guarded(FOLDER, lambda: check_folder(home)), *_guarded(DISK, lambda: check_disk(home))]
    try:
        opened = database or Database(home / STORE_FOLDER, readonly=True)
    except StoreError as error:
        return [*found, STORE.problem(str(error), RESTORE)]
    try:
        settings = settings or _settings(home, opened)
        health, hangs = _knock(home)
        patient = Patient(home, settings, opened, health, Watch(health, now))
        return found + _of_patient(patient, hangs, network)
    except ConfigError as error:
        return [*found, SETTINGS.problem(str(error), "Mend the settings; nothing else can be examined before.")]
    finally:
        if database is None:
            opened.close()


def _settings(home: Path, database: Database) -> Settings:
    """Those in force at the next start: the file's, or where only the file is lost the store's. Raises ConfigError."""
    with database.read() as txn:
        kept = kept_settings(database, txn)
    return kept.in_force() if kept is not None and not (home / FILE_NAME).exists() else load_settings(home)


def _knock(home: Path) -> tuple[Health | None, bool]:
    """What the engine says of itself, and whether it is there and says nothing."""
    try:
        return knock(home), False
    except TimeoutError:
        return None, True


def has_problem(findings: list[Finding]) -> bool:
    """Whether something does not work."""
    return any(finding.grade is Grade.PROBLEM for finding in findings)


def _of_patient(patient: Patient, hangs: bool, network: bool) -> list[Finding]:
    """The network is asked first and listened to last: the other checks happen while its answers are on their way."""
    asked: list[tuple[Topic, Callable[[], Iterator[Finding]]]] = []
    unasked: list[Finding] = []
    for topic, ask in ((CARRIER, CarrierCheck), (MAIL, MailServerCheck)) if network else ():
        try:
            asked.append((topic, ask(patient).findings))
        except CallchainError as error:
            unasked.append(topic.problem(str(error), RESTORE))
    found = _guarded(ENGINE, lambda: check_engine(patient, hangs))
    for topic, check in IN_STORE:
        found += _guarded(topic, partial(check, patient))
    for topic, listen in asked:
        found += _guarded(topic, listen)
    return found + unasked


def _guarded(topic: Topic, check: Callable[[], Iterator[Finding]]) -> list[Finding]:
    """What a check finds; one that fails is a finding itself and takes no other check with it."""
    try:
        return list(check())
    except CallchainError as error:
        return [topic.problem(str(error), RESTORE)]
    except Exception as error:  # what an error says may be a name or a number, so only its kind is told
        kind = type(error).__name__
        return [topic.problem(f"This check failed by an error of its own ({kind}).", "Tell support; trust the others.")]
