"""Checks of the way to the carrier: may we, with which password, and does each call center answer as it should."""

import time
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from actors.gateway import Failure, FailureKind, LineStatus
from actors.lines.soundness import CARRIER_SKEW_MS
from engine.config import Settings
from engine.district.carrier_access import Login, make_gateway
from engine.district.permission import standing
from engine.district.secret_box import Secret, SecretBox
from engine.doctor.finding import Finding, Topic
from engine.doctor.network import FIREWALL, Late, all_at_once, way_to
from engine.doctor.patient import Patient, Watch
from store.errors import CallchainError

if TYPE_CHECKING:
    from engine.gateways.shoutpoint import ShoutpointGateway

MESSENGER = Topic("messenger")
CARRIER = Topic("carrier")

ANSWER_SECONDS = 4.0
"""For one request of a check; the carrier needs a tenth of a second."""

CENTER_SECONDS_MAX = 12.0
"""For all that is asked of one center; a look-up of its name has no time-out of its own."""

SKEW_NOTED_MS = 30_000
"""A quarter of what closes the gate: both clocks should be within a second of true time."""


def check_permission(patient: Patient) -> Iterator[Finding]:
    """Whether messenger and voice are enabled (C002, C022, C174)."""
    now = standing(patient.permission, patient.settings)
    if not now.messenger:
        yield MESSENGER.problem(
            "Messenger is not enabled for this district, as it is by default: nothing can be sent.",
            "Once the contract is approved, the operator enables it with `callchain messenger enable`.",
        )
    if not now.voice:
        yield MESSENGER.problem(
            "Voice is not enabled: the carrier has not verified this district's credentials.",
            "Save them with `callchain settings credentials`.",
        )
    if now.drill:
        yield MESSENGER.note("The carrier is a stand-in on this machine: nobody real is called.")
    elif now.messenger and now.voice:
        yield MESSENGER.ok("Messenger is enabled, and the carrier has verified the credentials.")


class CarrierCheck:
    """Asks every call center at once; made first and read last, so that nobody waits for it."""

    def __init__(self, patient: Patient) -> None:
        """Raises ConfigError where the password cannot be opened."""
        self._settings = patient.settings
        password = SecretBox(patient.home, patient.database).password(Secret.CARRIER)
        self._missing = list(_missing(patient.home, patient.settings, password))
        urls = () if self._missing else patient.settings.carrier.endpoints
        login = Login(password, patient.permission.customer_id)
        self._asked: list[Late[list[Finding]]] = all_at_once(
            [partial(_ask_center, patient.home, patient.settings, url, login, patient.watch) for url in urls]
        )

    def findings(self) -> Iterator[Finding]:
        """What every center answered."""
        yield from self._missing
        until = time.monotonic() + CENTER_SECONDS_MAX
        for url, late in zip(self._settings.carrier.endpoints, self._asked, strict=False):
            try:
                yield from late.answer(max(0.0, until - time.monotonic()))
            except TimeoutError:
                says = f"Call center {center_name(url)} does not answer within {CENTER_SECONDS_MAX:.0f} seconds."
                yield CARRIER.problem(says, f"Check this machine's DNS and network. {FIREWALL}")
            except CallchainError as error:
                yield CARRIER.problem(f"Call center {center_name(url)} cannot be asked: {error}", "Mend what it says.")
        if len(self._asked) == 1:
            yield CARRIER.note(
                "Only one URL End Point is set: when that call center is down, nobody can be called.",
                "Add the other call center's to carrier.endpoints.",
            )


def center_name(url: str) -> str:
    """A call center as findings name it: host and path, without anything secret a URL can hold."""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.hostname}{port}{parts.path}"


def _missing(home: Path, settings: Settings, password: str) -> Iterator[Finding]:
    carrier = settings.carrier
    if not carrier.endpoints:
        yield CARRIER.problem("No URL End Point is set.", "Save it with `callchain settings credentials`.")
    if not carrier.user or not password:
        which = "User Name" if not carrier.user else "Password"
        yield CARRIER.problem(f"No {which} for the carrier is kept.", "Save it with `callchain settings credentials`.")
    if carrier.ca_file and not (home / carrier.ca_file).is_file():
        yield CARRIER.problem(
            f"The file {carrier.ca_file} with the certificates to trust is not there.",
            "Put it back, or correct carrier.ca_file.",
        )


def _ask_center(home: Path, settings: Settings, url: str, login: Login, watch: Watch) -> list[Finding]:
    """One call center: the way there, the credentials, its state and its clock."""
    name = center_name(url)
    ca_file = str(home / settings.carrier.ca_file) if settings.carrier.ca_file else None
    blocked = way_to(url, ca_file)
    if blocked is not None:
        return [CARRIER.problem(f"Call center {name} cannot be reached: {blocked.says}.", blocked.todo)]
    carrier = msgspec.structs.replace(settings.carrier, endpoints=(url,), deadline_seconds=ANSWER_SECONDS)
    with closing(make_gateway(home, msgspec.structs.replace(settings, carrier=carrier), login)) as gateway:
        answer = gateway.verify()
        if isinstance(answer, Failure):
            return [_failure(name, answer)]
        return list(_state(name, gateway, watch))


def _state(name: str, gateway: "ShoutpointGateway", watch: Watch) -> Iterator[Finding]:
    answers: SimpleQueue[LineStatus | Failure] = SimpleQueue()
    asked_at = watch.now()
    gateway.line_status(answers.put)
    try:
        status = answers.get(timeout=ANSWER_SECONDS + 1)
    except Empty:
        status = Failure(FailureKind.UNREACHABLE, True, "The carrier did not answer completely in time.")
    if isinstance(status, Failure):
        yield _failure(name, status)
        return
    skew = status.server_time_at - (asked_at + watch.now()) // 2
    yield CARRIER.ok(
        f"Call center {name} answers and knows our credentials; {status.lines_in_use} of {status.lines_total} lines "
        f"are in use and {status.queued + status.queued_emergency} calls wait there."
    )
    yield from (
        CARRIER.warning(
            f"Call center {name} says that {center.name} is {center.state.lower()}.",
            "Calls go through the other center meanwhile; ask the carrier when it lasts.",
        )
        for center in status.centers
        if center.state != "UP"
    )
    yield from _clock(name, skew)


def _clock(name: str, skew: int) -> Iterator[Finding]:
    apart = (
        f"The clock of call center {name} is {abs(skew) // 1000} seconds {'ahead of' if skew > 0 else 'behind'} ours"
    )
    if abs(skew) > CARRIER_SKEW_MS:
        yield CARRIER.problem(f"{apart}: only emergencies are dialed.", "Have this machine's clock set by NTP.")
    elif abs(skew) > SKEW_NOTED_MS:
        yield CARRIER.warning(f"{apart}.", "Have this machine's clock set by NTP before it closes the gate.")


def _failure(name: str, failure: Failure) -> Finding:
    if failure.kind is FailureKind.AUTH:
        return CARRIER.problem(
            f"Call center {name} refuses our User Name and Password: nothing can be dialed.",
            "Save the right ones with `callchain settings credentials`.",
        )
    if failure.kind is FailureKind.BUSY:
        return CARRIER.warning(f"Call center {name} asks to come back later.", "Ask again in a few minutes.")
    if failure.kind is FailureKind.UNREACHABLE:
        says = f"Call center {name} takes a connection but gives no answer. {failure.detail}"
        return CARRIER.problem(says, "Ask the carrier about its state; look for a proxy or filter on the way.")
    says = f"Call center {name} does not answer as its contract says. {failure.detail}"
    return CARRIER.problem(says, "Check the path of the URL End Point; then call the carrier.")
