"""One strict loader for YAML and TOML: the same faults give the same problems, and no text gives a traceback."""

import random
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest

import ideacards.cards
from actors.app.files.instruments import TierEntry, load_instrument
from actors.app.settings import ProfileName, Settings, config_dir, load_settings, settings_object
from actors.model.errors import InputError
from ideacards.errors import CardError, Problem
from ideacards.loader import read_card
from ideacards.loading.structuring import read
from ideacards.loading.toml_text import parse_toml
from ideacards.loading.tree import MapNode, Node, label
from ideacards.loading.yaml_text import parse_tree
from tests.actors.app.corpus import as_toml, as_yaml, mutated_text, mutated_tree

CARD = Path(ideacards.cards.__file__).with_name("ema_cross.yaml")


@attrs.frozen
class Tiers:
    tiers: tuple[TierEntry, ...]
    flag: bool = False


PROFILE: dict[str, Any] = settings_object(Settings(ProfileName.SIMULATOR))
PROFILE["risk"] = {"max_loss_percent": 10}
PROFILE["venue"]["volume_share"] = 1
BASES: dict[type, dict[str, Any]] = {
    Settings: PROFILE,
    Tiers: {
        "flag": True,
        "tiers": [{"limit": n, "maintenance_margin_rate": 0, "max_leverage": 9 - n} for n in (1, 2, 3)],
    },
}


def said(problem: Problem) -> tuple[str, str, str]:
    return problem.path, problem.what, problem.hint


def outcome(root: Node, kind: type) -> Any:
    try:
        return read(root, kind)
    except CardError as error:
        return sorted(map(said, error.problems))


@pytest.mark.parametrize("kind", BASES)
def test_the_same_faults_give_the_same_problems_in_both_languages(kind: type) -> None:
    dice = random.Random(7)
    sound = 0
    for _ in range(500):
        tree = mutated_tree(BASES[kind], dice)
        in_yaml, in_toml = parse_tree(as_yaml(tree), "a"), parse_toml(as_toml(tree), "a")
        assert isinstance(in_yaml, MapNode)
        label(in_yaml)
        found = outcome(in_yaml, kind)
        assert found == outcome(in_toml, kind), tree
        sound += not isinstance(found, list)
    assert 5 < sound < 250  # dropping a key with a default is no fault


def load_card_text(text: str, _: Path) -> None:
    read_card(text, "a.yaml")


def load_profile_text(text: str, file: Path) -> None:
    file.write_text(text, encoding="utf-8", newline="")
    load_settings(str(file))


def load_instrument_text(text: str, file: Path) -> None:
    file.write_text(text, encoding="utf-8", newline="")
    load_instrument("BTCUSDT", 2, file)


INSTRUMENT = """[[BTCUSDT.tiers]]
limit = 2000000
maintenance_margin_rate = 0.005
max_leverage = 100
"""


def texts() -> dict[str, tuple[str, Callable[[str, Path], None], int]]:
    """The sound text of each kind of file, how it is loaded, and how many mutants are."""
    instruments = (config_dir() / "instruments.toml").read_text(encoding="utf-8")
    one = instruments[instruments.index("[BTCUSDT]") : instruments.index("[ETHUSDT]")]
    return {
        "a card": (CARD.read_text(encoding="utf-8"), load_card_text, 3_000),
        "a profile": ((config_dir() / "simulator.toml").read_text(encoding="utf-8"), load_profile_text, 1_500),
        "instruments": (one.replace("maintenance_margin_rate", "# ") + INSTRUMENT, load_instrument_text, 1_500),
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", texts())
def test_a_mutated_text_is_read_or_refused_by_lines_with_a_place(name: str, tmp_path: Path) -> None:
    text, load, mutants = texts()[name]
    file = tmp_path / "a.toml"
    load(text, file)
    dice = random.Random(11)
    refused = 0
    for _ in range(mutants):
        mutant = mutated_text(text, dice)
        try:
            load(mutant, file)
        except (CardError, InputError) as error:
            refused += 1
            lines = [problem.text() for problem in error.problems]
            assert lines, mutant
            assert all(line.isprintable() and line.removeprefix(f"{tmp_path}/").startswith("a.") for line in lines)
    assert refused > mutants // 4


def test_a_number_never_passes_through_a_float() -> None:
    for text in ("0.1", "123456789012345.123456789012", "1e-7"):
        with suppress(CardError):
            entry = read(parse_toml(f"limit = {text}\nmaintenance_margin_rate = 0\nmax_leverage = 1\n", "a"), TierEntry)
        assert entry.limit == Decimal(text)
