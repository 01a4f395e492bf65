"""A call center goes away in the middle of a job, in every way there is: nothing is lost and nobody rung twice."""

import pytest

from engine.gateways.stand_in.phone_network import SeededNetwork
from engine.gateways.stand_in.soap_server import CenterMode
from store.alarms import Alarm
from store.records import Reason
from tests.fakes import CLEAN, Family, one_contact, soap_town
from tests.invariants import check_all

FAILING = (CenterMode.DROPS, CenterMode.UNAVAILABLE, CenterMode.LOSES_ANSWERS, CenterMode.DRAINING)


@pytest.mark.row("C011", "C012", "C013")
@pytest.mark.parametrize("mode", FAILING, ids=lambda mode: mode.name.lower())
def test_a_job_goes_on_through_the_other_center(tmp_path, mode):
    """C011: Two domestic sites: California and New York. C012: Dedicated database servers at both sites. C013:
    Fail-over: a server going offline in a vital messaging period must not lose delivery.
    """
    families = [Family(f"Family{n}") for n in range(4)]
    redial = {"call_delay_minutes": 1, "busy_delay_minutes": 1}
    with soap_town(tmp_path, *families, network=SeededNetwork(3), redial=redial, lines=12) as town:
        job = town.send()
        town.until(lambda: town.job(job).attempts >= 10)
        town.server.center_down("CA", mode)
        town.until(lambda: town.job(job).attempts >= 24)
        town.server.center_up("CA")
        town.server.center_down("NY", mode)
        view = town.wait(job)
        assert (view.state, view.live, view.chains) == ("sent", 0, 24)
        assert town.audit() == CLEAN
        check_all(town.history())
        assert {entry.center for entry in town.ledger()} == {"CA", "NY"}


@pytest.mark.row("C013")
def test_a_center_that_takes_requests_and_never_answers_holds_up_nothing(tmp_path):
    """Fail-over: a server going offline in a vital messaging period must not lose delivery."""
    families = [one_contact(f"Family{n}") for n in range(12)]
    for family in families:
        family.mom.cell.answers().presses("0")
    with soap_town(tmp_path, *families, lines=4, deadline_s=0.2) as town:
        job = town.send()
        town.until(lambda: town.job(job).confirmed >= 2)
        town.server.center_down("CA", CenterMode.SILENT)
        assert town.wait(job).confirmed == 12
        assert town.audit() == CLEAN


def test_with_both_centers_away_calls_wait_and_go_out_once_when_one_is_back(tmp_path):
    families = [one_contact(f"Family{n}") for n in range(8)]
    for family in families:
        family.mom.cell.answers().presses("0")
    with soap_town(tmp_path, *families, lines=4, deadline_s=0.2) as town:
        job = town.send()
        town.until(lambda: town.job(job).confirmed >= 2)
        town.server.center_down("CA", CenterMode.LOSES_ANSWERS)
        town.server.center_down("NY", CenterMode.DROPS)
        town.until(lambda: Alarm.CARRIER_UNREACHABLE in town.alarms())
        town.server.center_up("NY")
        assert town.wait(job).confirmed == 8
        assert town.audit() == CLEAN
        town.until(lambda: Alarm.CARRIER_UNREACHABLE not in town.alarms())


def test_an_emergency_gets_through_while_a_center_is_silent(tmp_path):
    family = one_contact()
    family.mom.cell.answers().presses("0")
    with soap_town(tmp_path, family, deadline_s=0.2) as town:
        town.server.center_down("CA", CenterMode.SILENT)
        job = town.send(Reason.EMERGENCY)
        assert town.wait(job).confirmed == 1


@pytest.mark.row("C018", "C019", "C022")
def test_with_a_wrong_password_the_carrier_takes_nothing_and_an_alarm_says_so(tmp_path):
    """C018: Three items are issued per district: user name, password, end-point URL. C019: Required for every kind of
    voice messaging. C022: Failed verification returns an error and leaves messaging disabled.
    """
    family = one_contact()
    with soap_town(tmp_path, family, password="wrong") as town:
        job = town.send()
        town.until(lambda: Alarm.CARRIER_REFUSES_LOGIN in town.alarms())
        assert not town.ledger()
        town.engine.cancel(job)
        town.wait(job)
