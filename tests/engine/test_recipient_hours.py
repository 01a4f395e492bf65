"""Recipient hours in phone language: who lives in another zone is rung in their own hours, or not at all."""

import msgspec

from engine.messaging.windows import Window
from store.records import Message, Reason
from tests.fakes import SteppedTown, at, one_contact, roster_of

HAWAII = "Pacific/Honolulu"
"""Four hours behind the town: 10:00 here is 06:00 there."""


def town_with_hours(tmp_path, *families) -> SteppedTown:
    """A town that keeps recipient hours; Mom Adams lives in Hawaii."""
    town = SteppedTown(tmp_path, *families)
    hours = msgspec.structs.replace(town.settings.district, recipient_hours="08:00-21:00")
    town.engine.apply_settings(msgspec.structs.replace(town.settings, district=hours))
    roster = roster_of(*families)
    people = tuple(
        msgspec.structs.replace(one, time_zone=HAWAII) if one.person_id == "Adams-Mom" else one for one in roster.people
    )
    town.engine.replace_roster(msgspec.structs.replace(roster, people=people))
    return town


def test_who_lives_in_another_zone_is_rung_once_their_own_hours_begin(tmp_path):
    adams, baker = one_contact("Adams"), one_contact("Baker")
    for family in (adams, baker):
        family.mom.cell.answers().presses("0")
    with town_with_hours(tmp_path, adams, baker) as town:
        job_id = town.send()
        town.wait(job_id)
        assert town.rings(baker.mom.cell)[0] < at("2026-03-02 10:01")
        assert at("2026-03-02 12:00") <= town.rings(adams.mom.cell)[0] < at("2026-03-02 12:02")


def test_who_is_barred_all_day_is_listed_before_sending_and_ends_expired_without_a_ring(tmp_path):
    adams, baker = one_contact("Adams"), one_contact("Baker")
    baker.mom.cell.answers().presses("0")
    with town_with_hours(tmp_path, adams, baker) as town:
        window = Window(opens_minute=10 * 60, closes_minute=11 * 60)
        prepared = town.engine.prepare(Message(Reason.GENERAL, "Soon", "Hello."), None, window)
        assert [(gap.contact_key, gap.reason) for gap in prepared.gaps] == [("p:Adams-Mom", "recipient_hours")]
        town.engine.send(prepared)
        town.wait(prepared.job_id)
        ended = {chain.outcome: chain.expiry for chain in town.chains_of(prepared.job_id)}
        assert ended == {"expired": "recipient_hours", "confirmed": "none"}
        assert town.rings(adams.mom.cell) == []


def test_an_emergency_rings_them_at_once(tmp_path):
    adams = one_contact("Adams")
    adams.mom.cell.answers().presses("0")
    with town_with_hours(tmp_path, adams) as town:
        town.wait(town.send(Reason.EMERGENCY))
        assert town.rings(adams.mom.cell)[0] < at("2026-03-02 10:01")
