"""`callchain schedule` and `callchain mails` on the command line."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from engine.acts.desk import at_store
from engine.mail.outbox import Outbox, new_mail
from engine.messaging.templates import template_key
from engine.schedules.presence import Presence
from store.documents import Template
from store.records import Message, Reason

TOMORROW = date.today() + timedelta(days=1)


@pytest.fixture
def district(tmp_path: Path, callchain) -> Path:
    """A district with templates `snow` (general), `absent` (attendance) and `fire` (emergency)."""
    home = tmp_path / "d"
    assert callchain("init", home, "--stand-in") == 0
    with at_store(home) as desk, desk.database.write() as txn:
        for name, reason in (("snow", Reason.GENERAL), ("absent", Reason.ATTENDANCE), ("fire", Reason.EMERGENCY)):
            template = Template(name, Message(reason, name, "School is closed."))
            desk.database.templates.put(txn, template_key(name), template)
    return home


def add(callchain, home: Path, name: str = "Morning", **options: str) -> int:
    given = {"template": "snow", "every": "daily", "at": "08:30", "from": str(TOMORROW), **options}
    words = [word for option, value in given.items() for word in (f"--{option.rstrip('_')}", value)]
    return int(callchain("schedule", "add", name, *words, "--home", home))


@pytest.mark.row("C133", "C134", "C135")
def test_a_schedule_is_added_listed_previewed_and_removed(district: Path, callchain):
    """C133: Has a name.

    C134: Start date and time.
    C135: Recurring frequency: monthly, daily, weekly, hourly.
    """
    assert add(callchain, district) == 0
    assert f"fires next {TOMORROW} 08:30" in callchain.out
    assert add(callchain, district, "Weekly", every="weekly", at="08:32") == 0
    assert "both fire about" in callchain.err
    assert callchain("schedule", "list", "--home", district) == 0
    assert "Morning" in callchain.out
    listed = callchain.json("schedule", "list", "--firings", 3, "--home", district)
    assert [len(one["next_at"]) for one in listed["schedules"]] == [3, 3]
    due = callchain.json("schedule", "preview", 3, "--home", district)
    assert [one["name"] for one in due] == ["Morning", "Weekly", "Morning"]
    assert [one["shares"] for one in due] == [True, True, False]
    assert callchain("schedule", "remove", "Morning", "--home", district) == 0
    assert callchain("schedule", "remove", "Morning", "--home", district) == 5


@pytest.mark.row("C132")
def test_a_schedule_is_disabled_and_enabled(district: Path, callchain):
    """C132: Disabled checkbox stops the schedule."""
    add(callchain, district)
    assert callchain("schedule", "disable", "morning", "--home", district) == 0
    assert "is disabled" in callchain.out
    assert callchain.json("schedule", "preview", "--home", district) == []
    assert callchain("schedule", "enable", "Morning", "--home", district) == 0
    assert "fires next" in callchain.out


def test_a_schedule_is_changed_in_part(district: Path, callchain):
    add(callchain, district, window="09:00-11:00")
    changed = callchain.json("schedule", "change", "Morning", "--at", "10:15", "--window", "", "--home", district)
    assert (changed["schedule"]["minute"], changed["schedule"]["window"]) == (615, "")
    assert changed["schedule"]["template"] == "snow"


@pytest.mark.row("C102", "C177", "C178")
def test_the_list_says_whether_a_scheduler_is_at_work_and_where(district: Path, callchain):
    """C102: Shows whether the scheduler is enabled (health message).

    C177: Not going out as scheduled → scheduler may be off.
    C178: Green light next to a task = active (one app server).
    """
    add(callchain, district)
    assert callchain("schedule", "list", "--home", district) == 0
    assert "○ The scheduler is off: nothing is sent by itself. No scheduler runs" in callchain.out
    presence = Presence(district)
    presence.show(1)
    presence.beat()
    assert callchain("schedule", "list", "--home", district) == 0
    assert "● The scheduler is at work: process" in callchain.out
    presence.hide()
    assert callchain("schedule", "list", "--home", district) == 0
    assert "○ The scheduler is off" in callchain.out


@pytest.mark.row("C038")
@pytest.mark.parametrize(
    ("options", "code", "sentence"),
    [
        ({"template": "fire"}, 4, "An emergency is never scheduled"),
        ({"template": "hail"}, 5, 'There is no template "hail"'),
        ({"template": "absent", "window": "09:00-09:29"}, 4, "at least 30 minutes"),
        ({"from": "2026-13-01"}, 2, "is no day"),
        ({"until": "2020-01-01"}, 2, "ends before it starts"),
        ({"at": "25:00"}, 2, "no time of day"),
        ({"at": "21:00"}, 4, "ends at"),
        ({"window": "05:00-06:00"}, 4, "outside the district's"),
        ({"filter": "status"}, 2, "write it like status=absent"),
        ({"template": "absent", "events": "attendance", "file": "a.csv", "filter": "below=5"}, 2, "no filter below"),
        ({"notify": "office"}, 2, "no e-mail address"),
    ],
)
def test_what_could_never_work_is_refused_in_a_sentence(district: Path, callchain, options, code, sentence):
    """C038: No user scheduling; sent immediately."""
    assert add(callchain, district, **options) == code
    assert sentence in callchain.err
    assert "Traceback" not in callchain.err
    assert callchain.json("schedule", "list", "--home", district)["schedules"] == []


@pytest.mark.row("C187")
def test_the_outbox_is_listed_with_what_waits_and_why(district: Path, callchain):
    """C187: Queued for more than a few minutes → the service is not running (health check)."""
    mail = new_mail("job/1/done", "office@example.org", "Message sent: Snow", "Text\n", 1_772_467_200_000, 1)
    with at_store(district) as desk, desk.database.write() as txn:
        Outbox(desk.database).put_new(txn, [mail])
    assert callchain("mails", "--home", district) == 0
    assert "queued" in callchain.out
    assert "No e-mail is sent: email.smtp_host is empty." in callchain.err
    (listed,) = callchain.json("mails", "--waiting", "--home", district)
    assert (listed["state"], listed["subject"]) == ("queued", "Message sent: Snow")
