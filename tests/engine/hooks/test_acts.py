"""Webhooks as an administrator has them: added, listed, paused, tried out, at the command line too."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from engine.acts.desk import at_store
from engine.acts.settings import Nothing
from engine.config import District, Settings
from engine.home import make_home
from engine.hooks import acts
from engine.hooks.acts import AddWebhook, WebhookId
from engine.orders import NUMBER_MAX
from store.access import Role
from store.commands import Verb
from store.errors import GatewayError, InvalidInputError, NotFoundError, RefusedError
from store.facts import CommandTaken
from store.journal import Journal
from tests.engine.hooks.receiver import DOWN, Receiver, signed_by
from tui.commands.keeping.webhook import webhook

URL = "https://hooks.oak.example/calls"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    make_home(tmp_path / "oak", Settings(district=District(name="Oak")))
    return tmp_path / "oak"


def test_a_webhook_is_added_listed_paused_resumed_and_removed_and_the_journal_has_each(home):
    with at_store(home) as desk:
        made = acts.add(desk, AddWebhook(url=URL, events=("job.ended", "job.ended")), "anna")
        asked = WebhookId(webhook_id=made.webhook_id)
        (view,) = acts.list_hooks(desk, Nothing(), "anna")
        assert (view.url, view.events, view.author, view.state) == (URL, ("job.ended",), "anna", "active")
        assert acts.pause(desk, asked, "anna").state == "paused"
        assert acts.resume(desk, asked, "anna").state == "active"
        assert acts.remove(desk, asked, "anna").url == URL
        assert acts.list_hooks(desk, Nothing(), "anna") == ()
        with desk.database.read() as txn:
            given = [fact for block in Journal(desk.database).since(txn, 0) for fact in block.facts]
    assert [fact.verb for fact in given if isinstance(fact, CommandTaken)] == [Verb.WEBHOOK] * 4


def test_every_act_on_webhooks_takes_an_administrator():
    assert {act.role for act in acts.ACTS} == {Role.ADMINISTRATOR}


def test_an_event_there_is_not_is_refused_with_a_suggestion(home):
    with at_store(home) as desk, pytest.raises(InvalidInputError, match=r"Did you mean job\.ended\?"):
        acts.add(desk, AddWebhook(url=URL, events=("job.endet",)), "anna")


def test_a_webhook_there_is_not_is_not_found(home):
    with at_store(home) as desk:
        for number in (1, NUMBER_MAX):
            for act in (acts.remove, acts.pause, acts.resume, acts.try_out):
                with pytest.raises(NotFoundError):
                    act(desk, WebhookId(webhook_id=number), "anna")


def test_more_webhooks_than_there_may_be_are_refused(home):
    with at_store(home) as desk:
        for _ in range(acts.HOOKS_MAX):
            acts.add(desk, AddWebhook(url=URL), "anna")
        with pytest.raises(RefusedError, match="remove one first"):
            acts.add(desk, AddWebhook(url=URL), "anna")


def test_trying_a_webhook_out_says_what_became_of_it(home):
    receiver = Receiver()
    with at_store(home) as desk:
        made = acts.add(desk, AddWebhook(url=URL), "anna")
        asked = WebhookId(webhook_id=made.webhook_id)
        assert acts.try_out(desk, asked, "anna", receiver).heard
        receiver.always = DOWN
        assert not acts.try_out(desk, asked, "anna", receiver).heard
    assert receiver.events() == ["webhook.test"]
    assert signed_by(made.secret, receiver.headers[0], receiver.bodies[0])


def test_the_command_line_adds_lists_tries_and_removes(home):
    run = CliRunner().invoke
    at = ["--home", str(home)]
    added = run(webhook, ["add", "http://127.0.0.1:1/calls", "--event", "job.ended", "--json", *at])
    made = json.loads(added.stdout)
    assert made["secret"].startswith("whsec_")
    said = run(webhook, ["add", URL, *at]).stdout
    assert "everything but single chains" in said
    assert "whsec_" in said
    assert [hook["url"] for hook in json.loads(run(webhook, ["list", "--json", *at]).stdout)] == [made["url"], URL]
    assert "job.ended" in run(webhook, ["list", *at]).stdout
    assert "paused" in run(webhook, ["pause", "1", *at]).stdout
    assert "told again" in run(webhook, ["resume", "1", *at]).stdout
    tried = run(webhook, ["test", "1", *at])
    assert isinstance(tried.exception, GatewayError)
    assert "removed" in run(webhook, ["remove", "1", *at]).stdout
