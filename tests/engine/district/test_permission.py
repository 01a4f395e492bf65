"""Whether a district may phone, where something was said and where nothing was."""

import pytest

from engine.config import CarrierSettings, Settings
from engine.district.permission import Permission, check_permitted, standing
from store.errors import RefusedError

REAL = Settings(carrier=CarrierSettings(endpoints=("https://carrier.example/ca",)))
DRILL = Settings(carrier=CarrierSettings(endpoints=("http://127.0.0.1:8099/ca", "http://[::1]:1/ny"), stand_in=True))
CLAIMED = Settings(carrier=CarrierSettings(endpoints=("http://127.0.0.1/", "https://carrier.example/"), stand_in=True))


@pytest.mark.parametrize(
    ("said", "settings", "own_carrier", "messenger", "voice"),
    [
        (Permission(), REAL, False, False, False),
        (Permission(), DRILL, False, True, True),
        (Permission(), CLAIMED, False, False, False),
        (Permission(), REAL, True, True, True),
        (Permission(messenger=False), DRILL, False, False, True),
        (Permission(messenger=False), REAL, True, False, True),
        (Permission(messenger=True), REAL, False, True, False),
        (Permission(messenger=True, voice=True), REAL, False, True, True),
        (Permission(voice=True), REAL, False, False, True),
    ],
)
def test_what_was_said_holds_and_where_nothing_was_only_make_believe_carriers_are_on(
    said, settings, own_carrier, messenger, voice
):
    now = standing(said, settings, own_carrier)
    assert (now.messenger, now.voice) == (messenger, voice)
    if messenger and voice:
        check_permitted(now)
    else:
        with pytest.raises(RefusedError, match=r"not enabled.*`callchain .*Nothing was sent"):
            check_permitted(now)


def test_naming_a_stand_in_while_the_engine_still_calls_the_real_carrier_enables_nothing():
    now = standing(Permission(), DRILL, called=REAL.carrier)
    assert (now.messenger, now.voice, now.drill) == (False, False, False)
    assert standing(Permission(), DRILL, called=DRILL.carrier).drill
