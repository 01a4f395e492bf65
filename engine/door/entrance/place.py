"""Where the door stands: a socket in a folder of its own that one group may enter, and TCP with TLS where it is set."""

import grp
import os
import socket
import ssl
import stat
from pathlib import Path

from engine.orders import SOCKET_NAME
from engine.service_settings import DoorSettings
from store.errors import ConfigError, StoreError

SOCKET_PATH_MAX = 100
"""Bytes; the kernel takes 107."""

BACKLOG = 128

OWN_FOLDER, OWN_SOCKET = 0o700, 0o600
GROUP_FOLDER, GROUP_SOCKET = 0o2750, 0o660
GROUP_HOME = 0o710
"""Whoever is in the group gets through the district's folder to the door, and can list nothing in it."""


def socket_path(home: Path) -> Path:
    """Where a district's socket lies. Raises ConfigError for a folder whose path is too long for one."""
    path = home / SOCKET_NAME
    if len(os.fsencode(path)) > SOCKET_PATH_MAX:
        raise ConfigError(f"The path {path} is too long for a socket; put the district in a shorter folder.")
    return path


def listening_socket(home: Path, group: str) -> socket.socket:
    """The socket, bound, for the own user and the members of `group`. Raises ConfigError, StoreError.

    It is made in a folder nobody else may enter, which is opened to the group only then.
    """
    path = socket_path(home)
    gid = _group_id(group)
    path.parent.mkdir(mode=OWN_FOLDER, exist_ok=True)
    _check_own(path)
    path.parent.chmod(OWN_FOLDER)
    path.unlink(missing_ok=True)
    found = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        found.bind(str(path))
        path.chmod(OWN_SOCKET)
        if gid is not None:
            _open_to(home, path, group, gid)
        found.setblocking(False)
    except BaseException:
        found.close()
        raise
    return found


def _check_own(path: Path) -> None:
    """Neither a folder that leads elsewhere, or is a stranger's, nor a file that is no socket is touched."""
    folder, owners = path.parent.lstat(), (os.geteuid(), path.parent.parent.stat().st_uid)
    if not stat.S_ISDIR(folder.st_mode) or folder.st_uid not in owners:
        raise StoreError(f"The door {path} cannot be opened (its folder is a link, or a stranger's); remove that.")
    if os.path.lexists(path) and not stat.S_ISSOCK(path.lstat().st_mode):
        raise StoreError(f"The door {path} cannot be opened (what stands there is no socket); remove it.")


def _group_id(group: str) -> int | None:
    if not group:
        return None
    try:
        return grp.getgrnam(group).gr_gid
    except KeyError:
        raise ConfigError(
            f'door.group is "{group}", and this system has no such group; make it, or name another.'
        ) from None


def _open_to(home: Path, path: Path, group: str, gid: int) -> None:
    try:
        for place in (home, path.parent, path):
            os.chown(place, -1, gid)
    except PermissionError:
        raise ConfigError(
            f"The door cannot be given to the group {group}: the engine's own user is not in it. Add it to the group, "
            "or leave door.group empty."
        ) from None
    home.chmod(GROUP_HOME)
    path.chmod(GROUP_SOCKET)
    path.parent.chmod(GROUP_FOLDER)


def tls_context(home: Path, door: DoorSettings) -> ssl.SSLContext:
    """TLS 1.2 and later under the certificate of the settings. Raises ConfigError where it cannot be used."""
    if not (door.certificate and door.key):
        raise ConfigError(
            f"door.listen is {door.listen} without door.certificate and door.key: over TCP the door is opened with TLS "
            "only. Name both PEM files, or leave door.listen empty."
        )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_cert_chain(home / door.certificate, home / door.key)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(
            f"door.certificate {home / door.certificate} and door.key {home / door.key} cannot be used together "
            f"({error.strerror or type(error).__name__}); both are PEM files, and the key is the certificate's."
        ) from None
    return context


def refused(path: Path, error: OSError) -> StoreError:
    """The sentence for a door that cannot be opened."""
    return StoreError(f"The door {path} cannot be opened ({error.strerror}); remove what stands there.")
