"""Settings are read strictly: every problem of a profile at once, each at its key."""

from decimal import Decimal
from pathlib import Path

import pytest

from actors.app.settings import ProfileName, Settings, config_dir, load_settings, profile_names, settings_object
from actors.model.errors import InputError
from actors.simulator.prices.path import PathPolicy


def problems_of(text: str, tmp_path: Path) -> list[str]:
    """The lines of a profile that must be refused, without the folder's name."""
    file = tmp_path / "my.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_settings(str(file))
    return [problem.text().removeprefix(f"{tmp_path}/") for problem in caught.value.problems]


def test_the_shipped_profile_holds_every_default() -> None:
    assert load_settings() == Settings(ProfileName.SIMULATOR)
    text = (config_dir() / "simulator.toml").read_text(encoding="utf-8")
    for table in settings_object(load_settings()).values():
        for key in table if isinstance(table, dict) else ():
            assert f"{key} = " in text


def test_a_profile_may_leave_keys_out(tmp_path: Path) -> None:
    file = tmp_path / "my.toml"
    file.write_text('profile = "simulator"\n[venue]\npath = "olhc"\n[risk]\nmax_loss_percent = 0.1\n', encoding="utf-8")
    settings = load_settings(str(file))
    assert settings.venue.path is PathPolicy.OLHC
    assert settings.risk.max_loss_percent == Decimal("0.1")
    assert settings_object(settings)["risk"]["max_loss_percent"] == "0.1"
    assert settings.limits == Settings(ProfileName.SIMULATOR).limits


def test_all_problems_come_at_once_and_in_order(tmp_path: Path) -> None:
    text = """profile = "simulator"
seeds = 3
deployment = "SIMU1"
every_bar = 1
[venue]
path = "ohcl"
limit_fill = "thru"
[limits]
create_per_second = 0
querry_per_second = 3
[risk]
max_loss_percent = "10"
"""
    assert problems_of(text, tmp_path) == [
        "my.toml:2:1: seeds: unknown key `seeds`; did you mean `seed`?",
        "my.toml:3:14: deployment: expected four characters a-z or 0-9, found the text `SIMU1`; like simu",
        "my.toml:4:13: every_bar: expected a truth value, found the number 1; write true or false",
        "my.toml:6:8: venue.path: unknown path `ohcl`; did you mean `olhc`?",
        "my.toml:7:14: venue.limit_fill: expected touch, through or through:<ticks>, found the text `thru`; "
        "like through:1",
        "my.toml:9:21: limits.create_per_second: the number 0 is out of range; at least 1 and at most 1000000000",
        "my.toml:10:1: limits.querry_per_second: unknown key `querry_per_second`; did you mean `query_per_second`?",
        "my.toml:12:20: risk.max_loss_percent: expected a number, found the text `10`; "
        "numbers stand without quotes and separators, like 1000 or 0.5",
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("seed = 1.5", "8: seed: expected a whole number, found the number 1.5; write it like 12"),
        ("seed = true", "8: seed: expected a whole number, found true; write it like 12"),
        ("seed = -1", "8: seed: the number -1 is out of range; at least 0 and at most 1000000000000000000"),
        (
            "deployment = 1234",
            "14: deployment: expected four characters a-z or 0-9, found the number 1234; write",
        ),
        ("venue = 5", "9: venue: expected a mapping of path, limit_fill, drift_ticks_per_second, slippage"),
        ("every_bar = 2025-01-31", "13: every_bar: expected a truth value, found 2025-01-31; write true or false"),
        ("risk = {max_loss_percent = nan}", "28: risk.max_loss_percent: expected a number, found nan; write it like"),
        ("risk = {max_loss_percent = 0}", "28: risk.max_loss_percent: the number 0 is out of range; above 0"),
    ],
)
def test_nothing_is_coerced(line: str, said: str, tmp_path: Path) -> None:
    (problem,) = problems_of(f'profile = "simulator"\n{line}\n', tmp_path)
    assert problem.startswith(f"my.toml:2:{said}")


def test_a_key_or_a_table_that_stands_twice_is_named_with_the_first(tmp_path: Path) -> None:
    start = 'profile = "simulator"\n[venue]\npath = "ohlc"\n'
    assert problems_of(f'{start}path = "olhc"\n', tmp_path) == ["my.toml:4:1: key `path` stands twice; first on line 3"]
    assert problems_of(f"{start}[venue]\n", tmp_path) == ["my.toml:4:2: key `venue` stands twice; first on line 2"]
    assert problems_of(f"{start}[[venue]]\n", tmp_path) == ["my.toml:4:3: key `venue` stands twice; first on line 2"]


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    assert problems_of("seed = 1\n", tmp_path) == ["my.toml:1:1: `profile` is missing; add it here"]


def test_broken_toml_has_its_place(tmp_path: Path) -> None:
    (problem,) = problems_of('profile = "simulator"\nseed 5\n', tmp_path)
    assert problem.startswith("my.toml:2:6: ")


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "my.toml"
    file.write_bytes(b"profile = \xff")
    with pytest.raises(InputError, match="is not UTF-8 text"):
        load_settings(str(file))


def test_a_missing_file_and_an_unreadable_one_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        load_settings(str(tmp_path / "gone.toml"))
    with pytest.raises(InputError, match="cannot be read: a directory"):
        load_settings(f"{tmp_path}/")


@pytest.mark.parametrize(("name", "hint"), [("demmo", "`demo`"), ("real", "simulator"), ("simulater", "`simulator`")])
def test_a_profile_that_is_not_there_is_refused_by_name(name: str, hint: str) -> None:
    with pytest.raises(InputError) as caught:
        load_settings(name)
    assert str(caught.value).startswith(f"--profile: {name}: ")
    assert str(caught.value).endswith(hint) or hint in str(caught.value)


def test_only_complete_profiles_have_names() -> None:
    assert profile_names() == ("demo", "live", "local", "paper", "simulator")
