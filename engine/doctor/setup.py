"""Checks of what a district should set before it phones: caller IDs, prompts, e-mail, pronunciations (C096, C097)."""

from collections.abc import Iterator

from engine.config import FILE_NAME, District, Settings
from engine.district.settings_store import edited_settings, kept_settings
from engine.doctor.finding import Finding, Topic, amount, some
from engine.doctor.patient import Patient

SETUP = Topic("set-up")
CALLER_ID = Topic("caller ID")


def check_setup(patient: Patient) -> Iterator[Finding]:
    """The five tools, as far as nobody has touched them, and whether what stands in the file is in force."""
    settings = patient.settings
    if patient.runs and _is_edited(patient):
        yield SETUP.warning(
            f"{FILE_NAME} was edited and the engine that runs still goes by what stood there before.",
            "Put it in force with `callchain settings reload`.",
        )
    if settings.district.name == District().name:
        yield SETUP.warning(
            'The district has no name: calls about no single school say "your school district".', "Set district.name."
        )
    if not settings.district.callback_number and not any(row.callback for row in settings.caller_ids):
        yield SETUP.note(
            "No call-back number is spoken after messages; a prerecorded message has to give one.",
            "Set district.callback_number, or one for each school.",
        )
    untouched = [name for name, touched in _tools(settings) if not touched]
    if untouched:
        yield SETUP.note(f"Still as delivered: {', '.join(untouched)}.", "Look at them with `callchain settings show`.")
    else:
        yield SETUP.ok("Voice settings, prompts, e-mail, caller IDs and pronunciations are set.")


def check_caller_ids(patient: Patient) -> Iterator[Finding]:
    """Whether families see a number they know (decision 58)."""
    settings, schools = patient.settings, patient.roster.schools
    own = {row.school for row in settings.caller_ids}
    without = [school.school_id for school in schools if not school.phone and school.school_id not in own]
    if settings.district.caller_id:
        yield CALLER_ID.ok("Every call shows a number: the school's own, or else the district's.")
    elif without:
        yield CALLER_ID.problem(
            f"{amount(len(without), 'school')} ({some(without)}) without a caller ID, and the district has none.",
            "Set district.caller_id, or a number for each school.",
        )
    elif schools:
        yield CALLER_ID.warning(
            "The district has no caller ID: calls about no single school show none.", "Set district.caller_id."
        )


def _is_edited(patient: Patient) -> bool:
    with patient.database.read() as txn:
        kept = kept_settings(patient.database, txn)
    return kept is not None and (patient.home / FILE_NAME).exists() and edited_settings(patient.home, kept) is not None


def _tools(settings: Settings) -> Iterator[tuple[str, bool]]:
    """Each of the five, and whether anything of it was set (C097 - C101)."""
    yield "voice settings", bool(settings.carrier.endpoints)
    yield "prompts", bool(settings.prompts)
    yield "e-mail", bool(settings.email.smtp_host)
    yield "caller IDs", bool(settings.district.caller_id or settings.caller_ids)
    yield "pronunciations", bool(settings.pronunciations)
