"""`--set PATH=VALUE`: what it reaches, what it may add, and how it says that it cannot."""

import pytest

from ideacards.card import Card
from tests.ideacards.builders import a_card, a_card_text, faults_of


def lengths(card: Card) -> dict[str, object]:
    return {feature.name: feature.params["length"] for feature in card.features}


def test_a_value_is_replaced_by_its_path_of_keys() -> None:
    assert lengths(a_card(["features.fast.length=9"])) == {"fast": 9, "slow": 4}


def test_a_block_is_found_by_its_id_or_index_and_a_case_by_index() -> None:
    for path in ("blocks.entry.cases.0.when", "blocks.0.cases.0.when"):
        changed = a_card([f"{path}=fast < slow"])
        assert changed.blocks == a_card(blocks=a_card_text().partition("blocks")[1] + BLOCK).blocks


BLOCK = """:
- id: entry
  cases:
  - when: fast < slow
    emit: {action: enter_long, size: {quantity: 1}}"""


def test_a_value_is_yaml_and_may_be_a_whole_part() -> None:
    card = a_card(["features.fast={use: sma, length: 3}", "blocks.entry.cases.0.emit={action: exit}"])
    assert [feature.use for feature in card.features] == ["sma", "ema"]
    assert a_card(["blocks.entry.cases.0.when={not: fast > slow}"]).blocks != card.blocks
    assert str(a_card(["account.equity=0.10"]).account.equity) == "0.10"
    assert a_card(["thesis=a = b"]).thesis == "a = b"


def test_a_missing_last_key_is_added() -> None:
    assert a_card(["warmup=7"]).warmup == 7
    emit = a_card(["blocks.entry.cases.0.emit.stop_loss={percent: 1}"]).blocks[0].cases[0].emit
    assert emit is not None
    assert str(emit.metadata.stop_loss) == "1"


def test_later_overrides_see_what_earlier_ones_did() -> None:
    overrides = ["features.slow={use: sma, length: 3}", "features.slow.length=5", "features.slow.length=6"]
    assert lengths(a_card(overrides)) == {"fast": 2, "slow": 6}


@pytest.mark.parametrize(
    ("override", "line"),
    [
        ("features.fasst.length=3", "features.fasst: unknown path: no `fasst` here; did you mean `fast`?"),
        ("blocks.entri.cases.0.when=x", "blocks.entri: unknown path: no item `entri` here; did you mean `entry`?"),
        ("blocks.entry.cases.1.when=x", "blocks.entry.cases.1: unknown path: no item `1` here; known: 0"),
        ("blocks.entry.cases.-1.when=x", "blocks.entry.cases.-1: unknown path: no item `-1` here; known: 0"),
        ("blocks.1=x", "blocks.1: unknown path: no item `1` here; known: entry"),
        ("id.x=1", "id.x: unknown path: there is nothing under `id`; set the whole of it"),
        ("id.x.y=1", "id.x: unknown path: there is nothing under `id`; set the whole of it"),
        ("features.fast.length", "features.fast.length: expected PATH=VALUE; like features.fast.length=9"),
        ("=3", "=3: expected PATH=VALUE; like features.fast.length=9"),
        ("features..length=3", "features..length=3: expected PATH=VALUE; like features.fast.length=9"),
        ("warmup=", "warmup: the value is empty; write PATH=VALUE"),
        ("warmpu=3", "warmpu: unknown key `warmpu`; did you mean `warmup`?"),
        (
            "features.fast.length=0",
            "features.fast.length: the number 0 is out of range; at least 1 and at most 1000000",
        ),
        ("id=&a x", "id: anchor `&a`; cards have no anchors: write it out"),
    ],
)
def test_an_override_that_cannot_be_is_named(override: str, line: str) -> None:
    assert faults_of(a_card_text(), [override]) == [f"--set: {line}"]


def test_all_bad_overrides_are_told_at_once() -> None:
    assert len(faults_of(a_card_text(), ["a.b=1", "c", "features.fast.length=3", "d.e=1"])) == 3


def test_broken_yaml_in_a_value_is_told_with_its_path() -> None:
    (line,) = faults_of(a_card_text(), ["warmup=[1"])
    assert line.startswith("--set: warmup: broken YAML")


def test_an_expression_set_from_outside_has_no_column() -> None:
    (line,) = faults_of(a_card_text(), ["blocks.entry.cases.0.when=fasst > 1"])
    assert line == "--set: blocks.entry.cases.0.when: undefined name `fasst`; did you mean `fast`?"
