"""What a card writes about sizes, stops and targets: each form as it is read, each fault with its place and hint."""

from decimal import Decimal

import pytest

from ideacards.digest import canonical_form, card_digest
from ideacards.intents import (
    Distance,
    IntentMetadata,
    LevelAt,
    Size,
    SizeKind,
    TickDistance,
    UnderMinimum,
    references_of,
)
from ideacards.readiness import readiness_of
from tests.ideacards.builders import a_card, a_card_text, an_executor, faults_of

FEATURES = "features:\n  noise: {use: atr, length: 3}\n  low3: {use: lowest, length: 3}\n  fast: {use: ema, length: 2}"


def blocks(emit: str, when: str = "fast > 1") -> str:
    return f"blocks:\n- id: entry\n  cases:\n  - when: {when}\n    emit: {emit}"


def metadata(emit: str) -> IntentMetadata:
    stated = a_card(features=FEATURES, blocks=blocks(emit)).blocks[0].cases[0].emit
    assert stated is not None
    return stated.metadata


def test_every_size_and_level_is_read() -> None:
    stop = "stop_loss: {atr: {feature: noise, multiple: 2}}, take_profit: {price: low3}"
    found = metadata(f"{{action: enter_long, size: {{risk: {{percent: 0.5}}}}, {stop}, max_layers: 3}}")
    assert found == IntentMetadata(
        Size(SizeKind.RISK, Decimal("0.5")),
        stop_loss=Distance("noise", Decimal(2)),
        take_profit=LevelAt("low3"),
        max_layers=3,
    )
    assert references_of(found) == ("noise", "low3")
    found = metadata(
        "{action: enter_short, size: {volatility: {percent: 1, feature: noise}},"
        " stop_loss: {ticks: 30}, take_profit: {atr: {feature: noise}}, under_minimum: round_up}"
    )
    assert found == IntentMetadata(
        Size(SizeKind.VOLATILITY, Decimal(1), "noise"),
        stop_loss=TickDistance(30),
        take_profit=Distance("noise"),
        under_minimum=UnderMinimum.ROUND_UP,
    )
    assert metadata("{action: enter_long, size: {available_percent: 50}}").size == Size(
        SizeKind.AVAILABLE_PERCENT, Decimal(50)
    )


def test_an_expression_is_a_number_of_the_bar_and_the_account() -> None:
    emit = "{action: enter_long, size: {expression: 'equity * 0.1 / close[2]'}}"
    card = a_card(features=FEATURES, blocks=blocks(emit, "close > 0"))
    size = card.blocks[0].cases[0].emit.metadata.size  # type: ignore[union-attr]
    executor = an_executor(card, [4, 5, 8, 10, 20])
    executor_view = type("View", (), {"equity": 80.0, "qty_sign": 0, "size": 0.0, "entry_price": None})()
    assert size is not None
    assert size.expression is not None
    assert executor.number(size.expression, 4, executor_view) == 1.0
    assert executor.reads_equity  # every bar counts for a card that reads equity


def test_a_card_is_ready_when_its_levels_and_sizes_are() -> None:
    plain = a_card(features=FEATURES, blocks=blocks("{action: enter_long, size: {expression: 'low3[7] * 2'}}"))
    executor = an_executor(plain, [1, 2, 3, 4, 5])
    assert readiness_of(plain, executor._feeds) >= 5  # more than there are: 2 and 7 back
    assert an_executor(plain, list(range(1, 20))).first_index == 9


def test_a_card_without_the_new_words_keeps_its_digest() -> None:
    form = canonical_form(a_card())["blocks"][0]["Block"]["cases"][0]["Case"]["emit"]["Emit"]["metadata"]
    assert list(form) == ["size", "order", "stop_loss", "take_profit", "fraction", "add"]
    assert list(form["size"]) == ["kind", "value"]
    same = a_card(blocks=blocks("{action: enter_long, size: {quantity: 1}, under_minimum: refuse}", "fast > slow"))
    assert card_digest(same) == card_digest(a_card())
    other = a_card(blocks=blocks("{action: enter_long, size: {quantity: 1}, under_minimum: skip}", "fast > slow"))
    assert card_digest(other) != card_digest(a_card())


def test_levels_of_different_kinds_have_different_digests() -> None:
    stops = ("{percent: 1}", "{ticks: 1}", "{price: noise}", "{atr: {feature: noise}}")
    emits = (f"{{action: enter_long, size: {{quantity: 1}}, stop_loss: {stop}}}" for stop in stops)
    assert len({card_digest(a_card(features=FEATURES, blocks=blocks(emit))) for emit in emits}) == 4


SIZE = "size: {quantity: 1}"


@pytest.mark.parametrize(
    ("emit", "words"),
    [
        ("{action: enter_long, size: {risk: {percent: 1}}}", ("size.risk", "stop_loss", "add one")),
        ("{action: enter_long, size: {risk: 1}, stop_loss: {ticks: 2}}", ("size.risk", "a mapping of percent")),
        ("{action: enter_long, size: {risk: {percent: 101}}, stop_loss: {ticks: 2}}", ("at most 100",)),
        ("{action: enter_long, size: {risk: {percent: 1}, quantity: 1}}", ("one unit, found risk and quantity",)),
        ("{action: enter_long, size: {expression: 'equity *'}}", ("size.expression",)),
        ("{action: enter_long, size: {expression: 'fast > 1'}}", ("size.expression", "expected a number")),
        ("{action: enter_long, size: {expression: 'equity * nois'}}", ("undefined name `nois`", "`noise`")),
        ("{action: enter_long, size: {volatility: {percent: 1, feature: close}}}", ("`close` is a bar column",)),
        (f"{{action: enter_long, {SIZE}, stop_loss: {{}}}}", ("`stop_loss` has one unit, found no unit",)),
        (
            f"{{action: enter_long, {SIZE}, stop_loss: {{percent: 1, ticks: 2}}}}",
            ("found percent and ticks", "percent, atr, ticks, price"),
        ),
        (f"{{action: enter_long, {SIZE}, stop_loss: {{atr: {{feature: nois}}}}}}", ("atr.feature", "`noise`")),
        (f"{{action: enter_long, {SIZE}, stop_loss: {{atr: 2}}}}", ("stop_loss.atr", "a mapping of feature")),
        (f"{{action: enter_long, {SIZE}, stop_loss: {{price: high}}}}", ("`high` is a bar column",)),
        (f"{{action: enter_long, {SIZE}, stop_loss: {{ticks: -3}}}}", ("stop_loss.ticks", "out of range")),
        (f"{{action: enter_long, {SIZE}, take_profit: {{ticks: 1.5}}}}", ("take_profit.ticks", "whole number")),
        (f"{{action: enter_long, {SIZE}, under_minimum: roundup}}", ("under_minimum", "`round_up`")),
        (f"{{action: enter_long, {SIZE}, max_layers: 0}}", ("max_layers", "out of range")),
        ("{action: exit, under_minimum: skip}", ("`under_minimum` does not go with `exit`",)),
    ],
)
def test_a_fault_has_its_place_and_a_hint(emit: str, words: tuple[str, ...]) -> None:
    lines = faults_of(a_card_text(features=FEATURES, blocks=blocks(emit)))
    assert any(all(word in line for word in words) for line in lines), lines
    assert all(line.startswith("probe.yaml:") and "; " in line for line in lines)
