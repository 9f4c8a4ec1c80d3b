"""The registry: which features a card may write, and at which bar each has its first value."""

from typing import Any

import pytest

from ideacards.indicators.registry import INDICATORS, ParamKind

WARM: list[tuple[str, dict[str, Any], dict[str, int]]] = [
    ("sma", {"length": 20}, {"value": 19}),
    ("ema", {"length": 26, "seed": "first"}, {"value": 25}),
    ("rsi", {"length": 14}, {"value": 14}),
    ("atr", {"length": 14}, {"value": 14}),
    ("highest", {"length": 1}, {"value": 0}),
    ("lowest", {"length": 2}, {"value": 1}),
    ("bbands", {"length": 20, "multiplier": 2.0}, {"upper": 19, "middle": 19, "lower": 19}),
    ("macd", {"fast": 12, "slow": 26, "signal": 9, "seed": "first"}, {"line": 25, "signal": 33, "histogram": 33}),
]


@pytest.mark.parametrize(("use", "params", "warm"), WARM)
def test_warm_indices_are_the_contracts(use: str, params: dict[str, Any], warm: dict[str, int]) -> None:
    assert INDICATORS[use].warm_index(params) == warm


def test_every_indicator_of_the_contract_is_there() -> None:
    assert set(INDICATORS) == {use for use, _, _ in WARM}


def test_default_sources_are_the_contracts() -> None:
    special = {use: one.default_of for use, one in INDICATORS.items() if one.default_of != "close"}
    assert special == {"highest": "high", "lowest": "low", "atr": None}
    assert INDICATORS["atr"].bar_inputs == ("high", "low", "close")


def test_defaults_are_the_contracts() -> None:
    assert [(param.name, param.default) for param in INDICATORS["macd"].params] == [
        ("fast", 12),
        ("slow", 26),
        ("signal", 9),
        ("seed", "first"),
    ]
    assert [(p.name, p.kind, p.default) for p in INDICATORS["bbands"].params] == [
        ("length", ParamKind.LENGTH, None),
        ("multiplier", ParamKind.NUMBER, 2.0),
    ]


def test_columns_are_named_after_the_feature_and_its_outputs() -> None:
    assert INDICATORS["ema"].column_names("fast") == {"value": "fast"}
    assert INDICATORS["bbands"].column_names("bb") == {"upper": "bb.upper", "middle": "bb.middle", "lower": "bb.lower"}


def test_a_macd_must_have_its_fast_average_shorter() -> None:
    check = INDICATORS["macd"].check
    assert check({"fast": 12, "slow": 26, "signal": 9}) is None
    assert check({"fast": 26, "slow": 12, "signal": 9}) == "fast (26) must be shorter than slow (12)"
