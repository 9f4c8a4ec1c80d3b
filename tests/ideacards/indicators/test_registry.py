"""The registry: which features a card may write, and at which bar each has its first value."""

import re
from typing import Any

import pytest

from ideacards.bars import BAR_COLUMNS
from ideacards.indicators.kernel import step_of
from ideacards.indicators.registry import FAMILIES, INDICATORS, ParamKind
from ideacards.store import TIME_COLUMNS

WARM: list[tuple[str, dict[str, Any], dict[str, int]]] = [
    ("sma", {"length": 20}, {"value": 19}),
    ("ema", {"length": 26, "seed": "first"}, {"value": 25}),
    ("rsi", {"length": 14}, {"value": 14}),
    ("atr", {"length": 14}, {"value": 14}),
    ("highest", {"length": 1}, {"value": 0}),
    ("lowest", {"length": 2}, {"value": 1}),
    (
        "bbands",
        {"length": 20, "multiplier": 2.0},
        {"upper": 19, "middle": 19, "lower": 19, "width": 19, "percent_b": 19},
    ),
    ("macd", {"fast": 12, "slow": 26, "signal": 9, "seed": "first"}, {"line": 25, "signal": 33, "histogram": 33}),
]


@pytest.mark.parametrize(("use", "params", "warm"), WARM)
def test_warm_indices_are_the_contracts(use: str, params: dict[str, Any], warm: dict[str, int]) -> None:
    assert INDICATORS[use].warm_index(params) == warm


def test_every_indicator_of_the_contract_is_there() -> None:
    assert {use for use, _, _ in WARM} < set(INDICATORS)
    assert len(INDICATORS) >= 50
    assert sum(map(len, FAMILIES.values())) == len(INDICATORS), "no name stands in two families"


def test_default_sources_are_the_contracts() -> None:
    special = {use: kind.default_of for use, kind in INDICATORS.items() if kind.default_of not in ("close", None)}
    prices = dict.fromkeys(("vwap", "anchored_vwap", "rolling_vwap"), "hlc3")
    extremes = {"highest": "high", "lowest": "low", "argmax_age": "high", "argmin_age": "low"}
    assert special == prices | extremes
    assert INDICATORS["atr"].bar_inputs == ("high", "low", "close")
    assert INDICATORS["atr"].sources == ()


@pytest.mark.parametrize("use", INDICATORS)
def test_a_kind_takes_of_exactly_if_it_has_a_default_for_it(use: str) -> None:
    kind = INDICATORS[use]
    assert ("of" in kind.sources) is (kind.default_of is not None)
    assert set(kind.bar_inputs) <= {*BAR_COLUMNS, *TIME_COLUMNS}


@pytest.mark.parametrize("use", INDICATORS)
def test_a_step_function_states_its_source_and_its_first_bar(use: str) -> None:
    text = " ".join((step_of(INDICATORS[use].step).__doc__ or "").split())
    assert re.search(r"defined (as|from)|first index as in", text, re.IGNORECASE), "the warm-up"
    assert re.search("TA-Lib|TradingView|textbook|As `vwma`", text), "where the definition is published"
    if INDICATORS[use].is_recursive:
        assert re.search("start is felt|[Ss]tart and first index as|depends on (all|every)", text), "its start"
    else:
        assert re.search("function of|As `vwma`", text), "its window"


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
    assert INDICATORS["stoch"].column_names("s") == {"k": "s.k", "d": "s.d"}


def test_a_macd_must_have_its_fast_average_shorter() -> None:
    check = INDICATORS["macd"].check
    assert check({"fast": 12, "slow": 26, "signal": 9}) is None
    assert check({"fast": 26, "slow": 12, "signal": 9}) == "fast (26) must be shorter than slow (12)"
