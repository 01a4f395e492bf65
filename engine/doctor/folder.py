"""Checks of a district's folder: who may read it, and whether its disk has room."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from engine.config import FILE_NAME
from engine.district.secret_box import KEY_FILE
from engine.doctor.finding import Finding, Topic
from engine.home import STORE_FOLDER
from engine.orders import SOCKET_NAME
from store.database import FREE_BYTES_MIN

FOLDER = Topic("folder")
DISK = Topic("disk")

OTHERS = 0o077
"""The rights of everybody but the owner."""

STRANGERS = 0o007
"""Of who is not in its group either: the door's socket may be given to a group."""

FREE_BYTES_LOW = 1 << 30
"""Below this a large district's week of calls may not fit any more."""

MIB = 1 << 20


def check_folder(home: Path) -> Iterator[Finding]:
    """Who may read what lies in it: the store holds phone numbers, the key opens passwords."""
    secret = (STORE_FOLDER, f"{STORE_FOLDER}/data.mdb", KEY_FILE, SOCKET_NAME)
    open_to_others = [
        name
        for name in secret
        if (home / name).exists() and _may(home / name, STRANGERS if name == SOCKET_NAME else OTHERS)
    ]
    yield from (
        FOLDER.problem(
            f"Others than its owner may read {home / name}: it holds what must stay secret.",
            f"Take it back with `chmod go= {home / name}`.",
        )
        for name in open_to_others
    )
    foreign = [name for name in (".", FILE_NAME, *secret) if (home / name).exists() and not _is_ours(home / name)]
    if foreign:
        yield FOLDER.warning(
            f"Files in {home} belong to another user: {', '.join(foreign)}. The engine may not be able to write them.",
            "Run the engine and these commands as one user, and give the files to it.",
        )
    if not open_to_others and not foreign:
        yield FOLDER.ok(f"Only their owner may read the store and the key in {home}.")


def check_disk(home: Path) -> Iterator[Finding]:
    """Whether what happens can still be written down."""
    free = shutil.disk_usage(home).free
    room = f"{free // MIB:,} MiB are free on the disk of {home}"
    if free < FREE_BYTES_MIN:
        yield DISK.problem(f"{room}. Only emergencies are dialed.", "Make room on this disk at once.")
    elif free < FREE_BYTES_LOW:
        yield DISK.warning(
            f"{room}. Below {FREE_BYTES_MIN // MIB} MiB only emergencies are dialed.", "Make room on this disk."
        )
    else:
        yield DISK.ok(f"{room}.")


def _may(path: Path, rights: int) -> bool:
    return bool(path.stat().st_mode & rights)


def _is_ours(path: Path) -> bool:
    return path.stat().st_uid == os.getuid()
