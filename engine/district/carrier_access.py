"""How a district reaches its carrier: the gateway of its settings and password, and whether both are right."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from actors.gateway import Failure, FailureKind
from actors.runtime.dispatcher import Dispatcher
from engine.config import Settings
from store.errors import ConfigError, GatewayError

if TYPE_CHECKING:
    from engine.gateways.shoutpoint import ShoutpointGateway


class Login(NamedTuple):
    """What the carrier wants to know. It is never shown: its repr says nothing."""

    password: str
    customer_id: str = ""

    def __repr__(self) -> str:
        return "Login(…)"


def make_gateway(home: Path, settings: Settings, login: Login) -> "ShoutpointGateway":
    """The gateway to the district's carrier. Raises ConfigError for what cannot be used."""
    carrier = settings.carrier
    if not login.password:
        way = f"`callchain settings credentials --home {home}`"
        raise ConfigError(f"No password for the carrier is kept in {home}; save it with {way}.")
    # SOAP takes 15 MB and a quarter of a second to load: only who speaks to a carrier pays for it.
    from engine.gateways.shoutpoint import ShoutpointGateway

    return ShoutpointGateway(
        carrier.endpoints,
        carrier.user,
        login.password,
        ca_file=str(home / carrier.ca_file) if carrier.ca_file else None,
        customer_id=login.customer_id,
        deadline_s=carrier.deadline_seconds,
    )


def gateway_maker(home: Path, settings: Settings, login: Login) -> Callable[[Dispatcher], "ShoutpointGateway"]:
    """What an engine makes its gateway with."""
    return lambda _dispatcher: make_gateway(home, settings, login)


def verify(home: Path, settings: Settings, password: str) -> str | Failure:
    """The district's customer id, when the carrier knows user name and password (C021, C027). Blocks.

    Both call centers are asked in turn. Raises ConfigError where something to ask with is missing.
    """
    if not settings.carrier.user:
        raise ConfigError("A User Name is needed; give --user.")
    if not settings.carrier.endpoints:
        raise ConfigError("A URL End Point is needed; give --endpoint, once for each call center.")
    with closing(make_gateway(home, settings, Login(password))) as gateway:
        return gateway.verify()


def verified(home: Path, settings: Settings, password: str) -> str:
    """The same. Raises GatewayError, its sentence about the kind of failure, where the carrier does not say yes."""
    answer = verify(home, settings, password)
    if isinstance(answer, Failure):
        raise refusal(answer)
    return answer


def refusal(failure: Failure) -> GatewayError:
    """Why nothing was stored, as an error."""
    if failure.kind is FailureKind.AUTH:
        return GatewayError(
            "The carrier does not know this User Name and Password. Nothing was stored, voice stays as it was; "
            "check both and save them again."
        )
    if is_unreachable(failure):
        return GatewayError(
            f"The carrier could not be asked about the credentials: {failure.detail} Nothing was stored, voice stays "
            "as it was; check the URL End Points, or try again later."
        )
    return GatewayError(
        f"The carrier could not verify the credentials: {failure.detail} Nothing was stored, voice stays as it was."
    )


def is_unreachable(failure: Failure) -> bool:
    """The carrier could not be asked, so nothing is known about the credentials."""
    return failure.kind in (FailureKind.UNREACHABLE, FailureKind.BUSY)
