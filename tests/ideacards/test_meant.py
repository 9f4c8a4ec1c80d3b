"""Every row of the table of words from elsewhere, read through the loader: the hint is where the user looks for it."""

import re
from collections.abc import Callable

import pytest

from ideacards.expressions.calls import NUMBER_CALLS, TRUTH_CALLS
from ideacards.expressions.scope import ACCOUNT_NAMES, CLOCK_NAMES
from ideacards.hints import CHARACTERS, KINDS, PHRASES, PREFIXES, WORDS, Meant
from ideacards.indicators.registry import INDICATORS
from ideacards.intents import OrderKind, SizeKind
from ideacards.loading.structuring import key_of
from ideacards.loading.written import ACTION_KEYS, EMIT_KEYS, WrittenCard, WrittenOrder, WrittenPrice
from tests.ideacards.builders import a_card_text, faults_of

FEATURES = "features:\n  fast: {use: ema, length: 2}\n  slow: {use: ema, length: 4}\n  x: "
LATER = ("risk",)  # sizes that a later version of the card has; until then their rows do not count


def when(text: str) -> dict[str, str]:
    quoted = "'" + text.replace("'", "''") + "'"
    return {"blocks": f"blocks:\n- id: e\n  cases:\n  - when: {quoted}\n    emit: {{action: none}}"}


def emit(text: str) -> dict[str, str]:
    return {"blocks": f"blocks:\n- id: e\n  cases:\n  - when: fast > slow\n    emit: {{{text}}}"}


def keys_of(written: type) -> tuple[str, ...]:
    return tuple(key_of(field) for field in written.__attrs_attrs__)  # type: ignore[attr-defined]


LIMIT = "action: exit, order: {type: limit, price: {ref: close"
# Where a word may stand: the words known there, and the parts of a card with another word in such a place.
PLACES: tuple[tuple[tuple[str, ...], Callable[[str], dict[str, str]]], ...] = (
    (keys_of(WrittenCard), lambda typed: {"x": f"{typed}: 1"}),
    (
        ("venue", "category", "symbol"),
        lambda typed: {"market": f"market: {{venue: bybit, category: linear, {typed}: X}}"},
    ),
    (("equity", "leverage"), lambda typed: {"account": f"account: {{{typed}: 1000}}"}),
    (("fast", "slow", "signal", "use", "of"), lambda typed: {"features": f"{FEATURES}{{use: macd, {typed}: 3}}"}),
    (("length", "multiplier", "timeframe"), lambda typed: {"features": f"{FEATURES}{{use: bbands, {typed}: 3}}"}),
    (("default", "min", "max"), lambda typed: {"parameters": f"parameters: {{p: {{{typed}: 3}}}}"}),
    (("id", "cases", "else"), lambda typed: {"blocks": f"blocks:\n- id: e\n  {typed}: 3"}),
    (("when", "emit"), lambda typed: {"blocks": f"blocks:\n- id: e\n  cases:\n  - {typed}: 3"}),
    (("action", *EMIT_KEYS), lambda typed: emit(f"action: enter_long, size: {{quantity: 1}}, {typed}: 3")),
    (tuple(SizeKind), lambda typed: emit(f"action: enter_long, size: {{{typed}: 3}}")),
    (keys_of(WrittenOrder), lambda typed: emit(f"action: exit, order: {{{typed}: 3}}")),
    (keys_of(WrittenPrice), lambda typed: emit(f"{LIMIT}, {typed}: 3}}}}")),
    (tuple(ACTION_KEYS), lambda typed: emit(f"action: {typed}")),
    (tuple(OrderKind), lambda typed: emit(f"action: exit, order: {{type: {typed}, price: {{ref: close}}}}")),
    ((*TRUTH_CALLS, *NUMBER_CALLS), lambda typed: when(f"{typed}(fast, slow)")),
    ((*ACCOUNT_NAMES, *CLOCK_NAMES), lambda typed: when(f"{typed} > 1")),
)


def told(parts: dict[str, str]) -> list[str]:
    return faults_of(a_card_text(**parts))


@pytest.mark.parametrize("row", WORDS, ids=lambda row: f"{row.typed}-{row.word}")
def test_a_word_gets_its_hint_in_each_place_that_knows_what_it_means(row: Meant) -> None:
    places = [make for known, make in PLACES if row.word in known and row.typed not in known]
    assert places or row.word in LATER
    for make in places:
        lines = told(make(row.typed))
        first = next(each for each in WORDS if each.typed == row.typed and each.word in _known_by(make))
        assert any(line.endswith(f"; {first.hint}") for line in lines), lines


def _known_by(make: object) -> tuple[str, ...]:
    return next(known for known, each in PLACES if each is make)


@pytest.mark.parametrize("row", KINDS, ids=lambda row: row.typed)
def test_a_foreign_indicator_gets_its_kind(row: Meant) -> None:
    assert row.word in INDICATORS
    assert row.typed not in INDICATORS
    for typed in (row.typed, row.typed.upper(), f"ta.{row.typed}"):
        lines = told({"features": f"{FEATURES}{{use: {typed}, length: 5}}"})
        assert [line for line in lines if line.endswith(f"unknown use `{typed}`; {row.hint}")] == lines


@pytest.mark.parametrize("use", INDICATORS)
def test_a_kind_in_capitals_or_with_its_library_is_found(use: str) -> None:
    for typed in (use.upper(), *(f"{prefix}{use}" for prefix in PREFIXES)):
        (line,) = told({"features": f"{FEATURES}{{use: {typed}}}"})
        assert line.endswith(f"; did you mean `{use}`?")


@pytest.mark.parametrize("char", CHARACTERS)
def test_a_foreign_character_gets_its_hint(char: str) -> None:
    (line,) = told(when(f"close > open {char} 1"))
    assert line.endswith(f"is not part of the expression language; {CHARACTERS[char]}")


SAID = {
    "fast crosses above slow": "write `crosses_above(fast, slow)`",
    "fast crossed over 30": "write `crosses_above(fast, 30)`",
    "fast[1] crosses below slow": "write `crosses_below(fast[1], slow)`",
    "close is between fast and slow": "write `between(close, fast, slow)`",
    "close is above fast": "write `close > fast`",
    "close is lower than fast": "write `close < fast`",
    "close <> fast": "write `!=`",
    "close =< fast": "write `<=`",
    "close => fast": "write `>=`",
    "close > fast AND close > slow": "write `and`",
    "close > fast Or close > slow": "write `or`",
    "NOT close > fast": "write `not`",
    "if close > fast": "write the condition alone; what follows from it is under `emit`",
    "1000PEPEUSDT.close > fast": "no name begins with a digit: write a feature, like `its_close: {use: sma, "
    "of: close, length: 1, symbol: 1000PEPEUSDT}`",
    "close > fast then 1": "write the condition alone; what follows from it is under `emit`",
}


@pytest.mark.parametrize("text", SAID)
def test_a_phrase_gets_its_expression(text: str) -> None:
    (line,) = told(when(text))
    assert line.endswith(f"; {SAID[text]}")


def test_every_phrase_has_an_example() -> None:
    assert [pattern for pattern, _ in PHRASES if not any(re.search(pattern, text) for text in SAID)] == []


CALLS = {
    "crossover(fast, slow)": "did you mean `crosses_above`?",
    "ta.crossunder(fast, slow)": "did you mean `crosses_below`?",
    "qtpylib.crossed_above(fast, slow)": "did you mean `crosses_above`?",
    "ta.cross(fast, slow)": "`crosses_above(a, b)` or `crosses_below(a, b)`: a cross has a direction",
    "math.abs(close) > 1": "did you mean `abs`?",
    "close > ta.sma(close, 20)": "`sma` is a kind of feature: write `my_sma: {use: sma, of: close, length: 20}` under "
    "`features`, and its name here",
    "ta.rsi(14) < 30": "`rsi` is a kind of feature: write `my_rsi: {use: rsi, length: 14}` under `features`, and its "
    "name here",
    "rsi < 30": "`rsi` is a kind of feature: write `my_rsi: {use: rsi}` under `features`, and its name here",
    "close.shift(2) > 1": "write `close[2]`",
    "Close > 1": "did you mean `close`?",
    "EMA(close, 9) > 1": "`ema` is a kind of feature: write `my_ema: {use: ema, of: close, length: 9}` under "
    "`features`, and its name here",
}


@pytest.mark.parametrize("text", CALLS)
def test_a_call_of_elsewhere_gets_its_own_form(text: str) -> None:
    (line,) = told(when(text))
    assert line.endswith(f"; {CALLS[text]}")


@pytest.mark.parametrize(
    ("parts", "hint"),
    [
        (emit("action: enter_long, size: {quantity: 1}, stop_loss: 1%"), "write `{percent: 1}`"),
        (emit("action: enter_long, size: {quantity: 1}, take_profit: 2.5 %"), "write `{percent: 2.5}`"),
        (
            {"features": f"{FEATURES}EMA"},
            "`ema` is a kind of feature: write `my_ema: {use: ema}` under `features`, and",
        ),
    ],
)
def test_a_value_in_anothers_form_gets_ours(parts: dict[str, str], hint: str) -> None:
    (line,) = told(parts)
    assert f"; {hint}" in line


def test_no_row_leads_to_another_amount_side_or_price() -> None:
    """Words that fit the same place: a row may not go from one of them to another."""
    apart = (
        {"risk", "equity", "notional", "quantity", "available", "percent"},
        {"long", "short"},
        {"buy", "short"},
        {"sell", "long"},
        {"above", "below"},
        {"over", "below"},
        {"under", "above"},
        {"high", "low"},
        {"max", "lowest"},
        {"min", "highest"},
        {"loss", "profit"},
        {"stop", "profit"},
        {"tp", "loss"},
        {"sl", "profit"},
    )
    for row in (*WORDS, *KINDS):
        mine, theirs = (set(re.split(r"[_.]", text)) for text in (row.typed, row.word))
        for words in apart:
            assert not (mine & words and theirs & words and not mine & theirs & words), row
    sizes = {row.typed: row.word for row in WORDS if row.word in (*SizeKind, *LATER)}
    assert sizes["risk_percent"] == "risk"
    assert "percent" not in sizes
    assert "amount" not in sizes
