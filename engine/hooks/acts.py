"""Acts on webhooks: add, list, remove, pause, resume and test them."""

import msgspec

from engine.acts.act import Act
from engine.acts.desk import Desk
from engine.acts.settings import Nothing
from engine.config import suggestion
from engine.hooks.happenings import BY_NAME_ONLY, EVENTS
from engine.hooks.hook_book import HookBook
from engine.hooks.hook_secrets import put_secret, read_secret, sealed_secret
from engine.hooks.letters import body, delivery_id
from engine.hooks.posting import HttpPost, Post, checked_url
from engine.hooks.signature import headers, new_secret
from engine.orders import Id
from store.commands import Verb
from store.errors import InvalidInputError, NotFoundError, RefusedError
from store.hooks import Delivery, Webhook
from store.journal import Journal
from store.tables import Txn

HOOKS_MAX = 20
"""Programs of one district that want to be told; each reads the whole journal."""

TEST_EVENT = "webhook.test"


class AddWebhook(msgspec.Struct, frozen=True, kw_only=True):
    """Whom to tell, and what of."""

    url: str
    """https, or http on this machine. Addresses of the district's own network are allowed."""
    events: tuple[str, ...] = ()
    """Like `job.ended`; empty: all but `chain.ended`, which is told to who names it."""


class WebhookId(msgspec.Struct, frozen=True, kw_only=True):
    """Which webhook."""

    webhook_id: Id


class WebhookMade(msgspec.Struct, frozen=True, kw_only=True):
    """A new webhook, and its secret: it is told this once."""

    webhook_id: int
    url: str
    events: tuple[str, ...]
    secret: str
    """Begins with `whsec_`; deliveries are signed with it after the Standard Webhooks scheme."""

    def __repr__(self) -> str:
        return f"WebhookMade(webhook_id={self.webhook_id!r}, url={self.url!r})"

    def __rich_repr__(self) -> list[tuple[str, object]]:
        return [("webhook_id", self.webhook_id), ("url", self.url)]


class WebhookView(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook and how it does. Instants in ms UTC, 0 for none."""

    webhook_id: int
    url: str
    events: tuple[str, ...]
    """What it is told of."""
    author: str
    made_at: int
    state: str
    """`active` or `paused`."""
    waiting: int = 0
    """Deliveries it has not heard yet."""
    blocks_behind: int = 0
    """Blocks of the journal that were not made into deliveries yet, or told it nothing."""
    given_up: int = 0
    """Among the newest that are over."""
    heard_at: int = 0
    """When it last heard something."""
    tries: int = 0
    """Of the oldest delivery that waits."""
    next_at: int = 0
    """When that is tried next."""
    note: str = ""
    """What its last try ended with."""


class WebhookTested(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one delivery that was sent to try a webhook."""

    webhook_id: int
    heard: bool
    note: str


def add(desk: Desk, asked: AddWebhook, author: str) -> WebhookMade:
    """Add a webhook; it is told what happens from now on. Raises InvalidInputError, RefusedError above HOOKS_MAX."""
    url, events, book = checked_url(asked.url), checked_events(asked.events), HookBook(desk.database)
    with desk.database.read() as txn:
        if len(book.hooks(txn)) >= HOOKS_MAX:
            raise RefusedError(f"There are {HOOKS_MAX} webhooks already; remove one first.")
        seq = Journal(desk.database).last_seq(txn)
    secret = new_secret()
    sealed, new = sealed_secret(desk.home, secret), Webhook(0, url, events, author, desk.clock.now(), seq=seq)
    made: list[Webhook] = []

    def enter(txn: Txn) -> None:
        made[:] = [book.enter(txn, new)]
        put_secret(desk.database, txn, made[0].webhook_id, sealed)

    desk.change(Verb.WEBHOOK, author, enter)
    return WebhookMade(webhook_id=made[0].webhook_id, url=url, events=events, secret=secret)


def list_hooks(desk: Desk, _asked: Nothing, _author: str) -> tuple[WebhookView, ...]:
    """All webhooks, oldest first."""
    book = HookBook(desk.database)
    with desk.database.read() as txn:
        last = Journal(desk.database).last_seq(txn)
        return tuple(_view(hook, [one for _, one in book.deliveries(txn, hook.webhook_id)], last)
                     for hook in book.hooks(txn))  # fmt: skip


def remove(desk: Desk, asked: WebhookId, author: str) -> WebhookView:
    """Forget a webhook, its secret and what it was still to be told."""
    view, book = _seen(desk, asked.webhook_id), HookBook(desk.database)

    def forget(txn: Txn) -> None:
        book.remove(txn, asked.webhook_id)
        put_secret(desk.database, txn, asked.webhook_id, b"")

    desk.change(Verb.WEBHOOK, author, forget)
    return view


def pause(desk: Desk, asked: WebhookId, author: str) -> WebhookView:
    """Tell a webhook nothing until it is resumed; what happens meanwhile is told then, up to three days back."""
    return _steer(desk, asked.webhook_id, author, paused=True)


def resume(desk: Desk, asked: WebhookId, author: str) -> WebhookView:
    """Go on telling a webhook."""
    return _steer(desk, asked.webhook_id, author, paused=False)


def _steer(desk: Desk, webhook_id: int, author: str, *, paused: bool) -> WebhookView:
    _seen(desk, webhook_id)
    desk.change(Verb.WEBHOOK, author, lambda txn: HookBook(desk.database).pause(txn, webhook_id, paused))
    return _seen(desk, webhook_id)


def try_out(desk: Desk, asked: WebhookId, _author: str, post: Post | None = None) -> WebhookTested:
    """Post one delivery of `webhook.test` now, whether the webhook is paused or not; it is not tried again."""
    hook, now = _hook(desk, asked.webhook_id), desk.clock.now()
    content = body(TEST_EVENT, now, {"webhook_id": hook.webhook_id})
    signed = headers(
        read_secret(desk.home, desk.database, hook.webhook_id),
        delivery_id(hook.webhook_id, TEST_EVENT, str(now)),
        now // 1000,
        content,
    )
    answer = (post or HttpPost())(hook.url, signed, content)
    return WebhookTested(webhook_id=hook.webhook_id, heard=answer.heard, note=answer.note)


def checked_events(events: tuple[str, ...]) -> tuple[str, ...]:
    """The events, once each. Raises InvalidInputError with a suggestion for one there is not."""
    for event in events:
        if event not in EVENTS:
            raise InvalidInputError(f"There is no event {event[:50]}.{suggestion(event, EVENTS)}")
    return tuple(dict.fromkeys(events))


def _hook(desk: Desk, webhook_id: int) -> Webhook:
    with desk.database.read() as txn:
        hook = HookBook(desk.database).hook(txn, webhook_id) if webhook_id < 1 << 32 else None
    if hook is None:
        raise NotFoundError(f"There is no webhook {webhook_id}; see `callchain webhook list`.")
    return hook


def _seen(desk: Desk, webhook_id: int) -> WebhookView:
    hook = _hook(desk, webhook_id)
    with desk.database.read() as txn:
        last = Journal(desk.database).last_seq(txn)
        return _view(hook, [one for _, one in HookBook(desk.database).deliveries(txn, webhook_id)], last)


def _view(hook: Webhook, kept: list[Delivery], last_seq: int) -> WebhookView:
    waiting = [one for one in kept if not (one.done_at or one.failed)]
    first = waiting[0] if waiting else None
    return WebhookView(
        webhook_id=hook.webhook_id,
        url=hook.url,
        events=hook.events or tuple(event for event in EVENTS if event not in BY_NAME_ONLY),
        author=hook.author,
        made_at=hook.made_at,
        state="paused" if hook.paused else "active",
        waiting=len(waiting),
        blocks_behind=max(0, last_seq - hook.seq),
        given_up=sum(one.failed for one in kept),
        heard_at=max((one.done_at for one in kept if not one.failed), default=0),
        tries=first.tries if first is not None else 0,
        next_at=first.due_at if first is not None else 0,
        note=first.note if first is not None else "",
    )


ADD = Act("webhooks.add", AddWebhook, WebhookMade, add)
LIST = Act("webhooks.list", Nothing, tuple[WebhookView, ...], list_hooks)
REMOVE = Act("webhooks.remove", WebhookId, WebhookView, remove)
PAUSE = Act("webhooks.pause", WebhookId, WebhookView, pause)
RESUME = Act("webhooks.resume", WebhookId, WebhookView, resume)
TEST = Act("webhooks.test", WebhookId, WebhookTested, try_out)

ACTS = (ADD, LIST, REMOVE, PAUSE, RESUME, TEST)
