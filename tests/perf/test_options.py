"""The options of a measurement: what cannot be measured is refused before anything is prepared."""

import pytest

from perf.__main__ import main


@pytest.mark.parametrize("name", ["dispatch", "profile"])
@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--lines", "0"),
        ("--lines", "-1"),
        ("--chains", "0"),
        ("--chains", "-5"),
        ("--chains", "many"),
        ("--poll-seconds", "0"),
        ("--poll-seconds", "16"),
        ("--poll-seconds", "nan"),
    ],
)
def test_a_count_below_one_is_a_usage_error(capsys, name, option, value):
    with pytest.raises(SystemExit) as exit_:
        main([name, option, value])
    assert exit_.value.code == 2
    said = capsys.readouterr().err
    assert f"argument {option}: {value} " in said
    assert "Traceback" not in said
