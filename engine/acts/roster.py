"""The roster before the last import, put in force again; a new one is too large for an act: `PUT /roster`."""

from engine.acts.act import Act
from engine.acts.desk import Desk
from engine.acts.settings import Nothing
from store.access import Role
from store.commands import Verb
from store.errors import RefusedError
from store.tables import Txn


def _restore(desk: Desk, _asked: Nothing, author: str) -> int:
    """The version that is in force then; running jobs keep what they were sent with."""
    restored: list[bool] = []

    def write(txn: Txn) -> None:
        restored.append(desk.vault.restore_previous(txn))

    desk.change(Verb.ROSTER, author, write)
    if not restored[-1]:
        raise RefusedError("There is no earlier roster to go back to.")
    with desk.database.read() as txn:
        return desk.vault.roster_version(txn)


RESTORE: Act[Nothing, int] = Act("roster.restore", Nothing, int, _restore, role=Role.ADMINISTRATOR)

ACTS = (RESTORE,)
