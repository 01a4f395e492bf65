"""Templates of a district: save one, list them, show one, remove one."""

import msgspec

from engine.acts.act import Act
from engine.acts.desk import Desk
from engine.acts.notices import role_to_send
from engine.acts.recordings import recordings_of
from engine.acts.schedules import role_to_schedule
from engine.messaging.templates import make_template, template_key
from engine.orders import PrepareRequest
from store.access import Role
from store.commands import Verb
from store.documents import Template
from store.errors import AudienceError, NotFoundError, RefusedError
from store.tables import Txn


class SaveTemplate(msgspec.Struct, kw_only=True, frozen=True):
    """A message and its recipients to keep, in place of what was kept under the name."""

    name: str
    request: PrepareRequest


class ListTemplates(msgspec.Struct, kw_only=True, frozen=True):
    """Which templates there are."""


class NamedTemplate(msgspec.Struct, kw_only=True, frozen=True):
    """One template, whatever the case of its name."""

    name: str


def _save(desk: Desk, request: SaveTemplate, author: str) -> Template:
    template = make_template(request.name, request.request, author, desk.clock.now())
    with desk.database.read() as txn:
        known = {school.school_id for school in desk.vault.schools(txn)}
        unknown = sorted(set(template.audience.school_ids) - known)
        # Without a roster nobody can say; the message is looked at again before it is sent.
        if unknown and known:
            raise AudienceError(f"The roster has no school {unknown[0]}; known are {', '.join(sorted(known))}.")
        for recording_id in sorted(recordings_of(template.message)):
            if desk.database.recordings.raw(txn, recording_id.encode()) is None:
                raise NotFoundError(f"There is no recording {recording_id}; see `callchain recording list`.")
    table, key = desk.database.templates, template_key(template.name)
    desk.change(Verb.TEMPLATE, author, lambda txn: table.put(txn, key, template))
    return template


def _list(desk: Desk, _request: ListTemplates, _author: str) -> list[Template]:
    with desk.database.read() as txn:
        return [template for _, template in desk.database.templates.scan(txn)]


def _show(desk: Desk, request: NamedTemplate, _author: str) -> Template:
    with desk.database.read() as txn:
        return find_template(desk, txn, request.name)


def _remove(desk: Desk, request: NamedTemplate, author: str) -> Template:
    with desk.database.read() as txn:
        template = find_template(desk, txn, request.name)
        for _, schedule in desk.database.schedules.scan(txn):
            if template_key(schedule.template) == template_key(template.name):
                raise RefusedError(f"The schedule {schedule.name} sends this template; remove that one first.")
    table, key = desk.database.templates, template_key(template.name)

    def remove(txn: Txn) -> None:
        table.delete(txn, key)

    desk.change(Verb.TEMPLATE, author, remove)
    return template


def find_template(desk: Desk, txn: Txn, name: str) -> Template:
    """The template of a name. Raises NotFoundError."""
    key = template_key(name)
    # No key is empty: a blank name is nobody's.
    template = desk.database.templates.get(txn, key) if key else None
    if template is None:
        raise NotFoundError(f'There is no template "{name}"; see `callchain template list`.')
    return template


def _role_to_save(desk: Desk, asked: SaveTemplate) -> Role:
    scheduled = role_to_schedule(desk) if _is_scheduled(desk, asked.name) else Role.SENDER
    return max(role_to_send(asked.request.reason), _role_to_change(desk, NamedTemplate(name=asked.name)), scheduled)


def _is_scheduled(desk: Desk, name: str) -> bool:
    """Whether a schedule sends what is kept under a name: whoever words it says what goes out."""
    with desk.database.read() as txn:
        schedules = [schedule for _, schedule in desk.database.schedules.scan(txn)]
    return any(template_key(schedule.template) == template_key(name) for schedule in schedules)


def _role_to_change(desk: Desk, asked: NamedTemplate) -> Role:
    """What is sent in an emergency is worded by those who may send one."""
    key = template_key(asked.name)
    with desk.database.read() as txn:
        kept = desk.database.templates.get(txn, key) if key else None
    return role_to_send(kept.message.reason.name if kept is not None else "")


SAVE = Act("templates.save", SaveTemplate, Template, _save, role=Role.SENDER, needs=_role_to_save)
LIST = Act("templates.list", ListTemplates, list[Template], _list, role=Role.SENDER)
SHOW = Act("templates.show", NamedTemplate, Template, _show, role=Role.SENDER)
REMOVE = Act("templates.remove", NamedTemplate, Template, _remove, role=Role.SENDER, needs=_role_to_change)
ACTS = (SAVE, LIST, SHOW, REMOVE)
