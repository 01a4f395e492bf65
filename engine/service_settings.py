"""The settings of the engine as a service: who may reach it, what lies before sending, how it logs, who leads."""

from engine.section import Section


class EngineSettings(Section, frozen=True):
    """Several engines on one store, of which one leads."""

    lease_seconds: float = 10.0
    """Without a beat for so long the leader hangs, and one that stands by takes over (C179). It beats every second; ten
    without one are no busy machine any more. `serve --lease` goes before it."""


class DoorSettings(Section, frozen=True):
    """How the engine is reached by people and programs. It counts at the next start, but for roles."""

    group: str = ""
    """Members of this group of the system may use the door's socket; empty: only the engine's own user."""
    listen: str = ""
    """Like "0.0.0.0:8443": also over TCP, with TLS and tokens; empty: only the socket."""
    certificate: str = ""
    """PEM file of the server's certificate, in the district's folder unless it is absolute."""
    key: str = ""
    """PEM file of its key."""


class DoorRole(Section, frozen=True):
    """What somebody may do at the socket. The engine's own user may everything, who is not named nothing."""

    who: str
    """A user of the system, or a group of it like "@office"; a user's own row goes before those of groups."""
    role: str
    """viewer, sender, emergency_sender or administrator."""


class LadderSettings(Section, frozen=True):
    """What lies between wanting to send and sending, at every door. All off: an emergency is instant."""

    second_person: str = "never"
    """Who else must agree: "never", "emergency" or "always" (another identity than who asked)."""
    approval_minutes: float = 2.0
    """So long the second person may take."""
    recall_seconds: float = 0.0
    """Between the last word and the first call, in which it can be recalled; 0: none."""


class LogSettings(Section, frozen=True):
    """What the engine writes to its log."""

    format: str = "text"
    """"text" for people, "json" for programs."""
    level: str = "info"
    """debug, info, warning or error."""
