"""Parameters: named numbers that stand wherever a number may, set by name, bounded, and part of the card's digest."""

from decimal import Decimal

import pytest

from ideacards.card import Card
from ideacards.digest import card_digest
from tests.ideacards.builders import a_card, a_card_text, faults_of

PARAMETERS = "parameters:\n  n: {default: 3, min: 2, max: 50}\n  share: {default: 0.5}\n  level: {default: 2, max: 20}"
FEATURES = "features:\n  fast: {use: ema, length: n}\n  band: {use: bbands, length: 4, multiplier: share}"
BLOCKS = """blocks:
- id: entry
  cases:
  - when: fast[n] > share * fast and rising(fast, n) and near(fast, close, percent=share) and fast > level
    emit: {action: enter_long, size: {equity_percent: share}, stop_loss: {percent: n}}"""
WRITTEN_OUT = {
    "features": FEATURES.replace("length: n", "length: 3").replace("share", "0.5"),
    "blocks": BLOCKS.replace("[n]", "[3]")
    .replace("share", "0.5")
    .replace(", n)", ", 3)")
    .replace(": n}", ": 3}")
    .replace("level", "2"),
}


def the_card(*overrides: str) -> Card:
    return a_card(overrides, parameters=PARAMETERS, features=FEATURES, blocks=BLOCKS)


def test_a_parameter_means_its_value_wherever_a_number_stands() -> None:
    card, plain = the_card(), a_card(**WRITTEN_OUT)
    assert card.features == plain.features
    assert card.blocks == plain.blocks
    assert {one.name: one.value for one in card.parameters} == {
        "n": Decimal(3),
        "share": Decimal("0.5"),
        "level": Decimal(2),
    }


def test_set_by_its_name_it_changes_every_place() -> None:
    card = the_card("n=7")
    assert card.features[0].params["length"] == 7
    emit = card.blocks[0].cases[0].emit
    assert emit is not None
    assert emit.metadata.stop_loss == 7
    assert card == the_card("parameters.n.default=7")
    assert card == a_card(parameters=PARAMETERS.replace("default: 3", "default: 7"), features=FEATURES, blocks=BLOCKS)


def test_the_digest_holds_the_value_and_a_card_without_parameters_keeps_its_own() -> None:
    assert card_digest(the_card()) == card_digest(the_card("n=3"))
    assert len({card_digest(the_card()), card_digest(the_card("n=7")), card_digest(a_card(**WRITTEN_OUT))}) == 3


def test_a_text_that_is_no_number_stays_a_text() -> None:
    card = a_card(parameters="parameters: {probe: {default: 3}}", thesis="thesis: probe")
    assert (card.id, card.thesis) == ("probe", "probe")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("n: {min: 2}", "parameters.n: `default` is missing"),
        ("n: {default: 1, min: 2, max: 5}", "parameters.n.default: n = 1 is out of range; at least 2 and at most 5"),
        ("n: {default: 9, max: 5}", "n = 9 is out of range; at most 5"),
        ("n: {default: 3, min: 5, max: 2}", "parameters.n.max: max 2 is below min 5"),
        ("n: {default: three}", "parameters.n.default: expected a number"),
        ("n: {defualt: 3}", "unknown key `defualt`; did you mean `default`?"),
        ("n: 3", "expected a mapping of default, min, max"),
        ("fast: {default: 3}", "`fast` is a key or a feature too; give the parameter another name"),
        ("warmup: {default: 3}", "`warmup` is a key or a feature too"),
        ("close: {default: 3}", "`close` is a word of the grammar"),
        ("1n: {default: 3}", "`1n` is not a parameter name"),
        ("n: {default: m}\n  m: {default: 3}", "expected a number, found the text `m`"),
    ],
)
def test_a_wrong_parameter_is_named_at_its_place(text: str, words: str) -> None:
    (line,) = faults_of(a_card_text(parameters=f"parameters:\n  {text}"))
    assert words in line
    assert line.startswith("probe.yaml:")


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("n=51", "--set: parameters.n.default: n = 51 is out of range; at least 2 and at most 50"),
        ("n=2.5", "features.fast.length: expected a whole number, found the parameter n = 2.5"),
        ("share=0", "features.band.multiplier: the parameter share = 0 is out of range; above 0"),
        ("m=3", "--set: m: unknown key `m`"),
        ("features.fast.length=m", "expected a whole number, found the text `m`"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(override: str, words: str) -> None:
    lines = faults_of(a_card_text(parameters=PARAMETERS, features=FEATURES, blocks=BLOCKS), [override])
    assert any(words in line for line in lines), lines


def test_a_fault_of_a_parameter_is_told_once() -> None:
    (line,) = faults_of(a_card_text(parameters=PARAMETERS, features=FEATURES, blocks=BLOCKS), ["n=51"])
    assert "n = 51 is out of range" in line


def test_an_unknown_name_is_led_to_a_parameter() -> None:
    (line,) = faults_of(
        a_card_text(
            parameters="parameters: {level: {default: 3}}",
            blocks="blocks:\n- id: e\n  cases:\n  - when: fast > levle\n    emit: {action: exit}",
        )
    )
    assert "did you mean `level`?" in line
