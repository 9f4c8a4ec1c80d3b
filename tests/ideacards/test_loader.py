"""A sound card: what the loader makes of it; nothing on the way is coerced, guessed or passed through a float."""

from decimal import Decimal
from pathlib import Path

import pytest

from ideacards.card import Feature, Timeframe, Timeframes, timeframe_of
from ideacards.cards import shipped_cards
from ideacards.expressions.nodes import And, Compare, CompareOp, Not, Or, PositionTruth, Series, TruthFact
from ideacards.intents import Action, IntentMetadata, OrderKind, OrderSpec, PriceRef, Size, SizeKind
from ideacards.loader import load_card
from tests.ideacards.builders import a_card


def emit_block(emit: str, when: str = "fast > slow") -> str:
    return f"blocks:\n- id: entry\n  cases:\n  - when: {when}\n    emit: {emit}"


def metadata_of(emit: str) -> IntentMetadata:
    stated = a_card(blocks=emit_block(emit)).blocks[0].cases[0].emit
    assert stated is not None
    return stated.metadata


def test_the_first_card_of_the_contract_is_shipped_and_read() -> None:
    (path,) = [path for path in shipped_cards() if path.stem == "ema_cross"]
    card = load_card(path)
    assert (card.id, card.warmup, card.account.equity) == ("ema_cross", 26, Decimal(1000000))
    assert card.features == (
        Feature("fast", "ema", "close", "exec", {"length": 12, "seed": "first"}),
        Feature("slow", "ema", "close", "exec", {"length": 26, "seed": "first"}),
    )
    assert [block.id for block in card.blocks] == ["entry", "exit"]


@pytest.mark.parametrize("path", shipped_cards(), ids=lambda path: path.stem)
def test_every_shipped_card_is_sound_and_called_like_its_file(path: Path) -> None:
    assert load_card(path).id == path.stem


def test_a_cross_compares_now_and_one_bar_before() -> None:
    card = a_card(blocks=emit_block("{action: none}", "position.flat and crosses_above(fast, slow[2])"))
    assert card.blocks[0].cases[0].when == And(
        (
            PositionTruth(TruthFact.FLAT),
            And(
                (
                    Compare(CompareOp.GT, Series("fast"), Series("slow", 2)),
                    Compare(CompareOp.LE, Series("fast", 1), Series("slow", 3)),
                )
            ),
        )
    )


def test_all_any_and_not_hold_texts_or_lists() -> None:
    when = "{all: [fast > slow, {any: [position.long, {not: [position.short, position.flat]}]}, {not: fast < slow}]}"
    long, short, flat = (PositionTruth(fact) for fact in (TruthFact.LONG, TruthFact.SHORT, TruthFact.FLAT))
    above, below = (Compare(op, Series("fast"), Series("slow")) for op in (CompareOp.GT, CompareOp.LT))
    card = a_card(blocks=emit_block("{action: none}", when))
    assert card.blocks[0].cases[0].when == And((above, Or((long, Not(Or((short, flat))))), Not(below)))


def test_numbers_keep_every_digit_of_their_text() -> None:
    assert metadata_of("{action: enter_long, size: {notional: 123456789012345.000000000001}}").size == Size(
        SizeKind.NOTIONAL, Decimal("123456789012345.000000000001")
    )
    assert str(a_card(account="account: {equity: 0.10}").account.equity) == "0.10"
    assert a_card(account="account: {equity: 1e3}").account.equity == 1000


def test_an_emit_is_read_in_full() -> None:
    order = "{type: limit, price: {ref: fast, offset_ticks: -3}}"
    emit = (
        f"{{action: enter_short, size: {{equity_percent: 2.5}}, order: {order}, stop_loss: {{percent: 1}}, add: true}}"
    )
    assert metadata_of(emit) == IntentMetadata(
        size=Size(SizeKind.EQUITY_PERCENT, Decimal("2.5")),
        order=OrderSpec(OrderKind.LIMIT, PriceRef("fast", None, -3)),
        stop_loss=Decimal(1),
        add=True,
    )
    exit_at = "{action: exit, fraction: 0.5, order: {type: stop, price: {ref: entry, offset_percent: -0.5}}}"
    assert metadata_of(exit_at) == IntentMetadata(
        order=OrderSpec(OrderKind.STOP, PriceRef("entry", Decimal("-0.5"))), fraction=Decimal("0.5")
    )


def test_defaults_stand_in_the_card_it_becomes() -> None:
    features = """features:
  m: {use: macd}
  smooth: {use: sma, of: m.histogram, length: 3}
  bb: {use: bbands, length: 20, timeframe: htf}
  top: {use: highest, length: 5, history: 500}
  range: {use: atr, length: 14}"""
    card = a_card(
        features=features, timeframes="timeframes: {exec: 1m, htf: 4h}", blocks=emit_block("{action: exit}", "true")
    )
    assert card.features == (
        Feature("m", "macd", "close", "exec", {"fast": 12, "slow": 26, "signal": 9, "seed": "first"}),
        Feature("smooth", "sma", "m.histogram", "exec", {"length": 3}),
        Feature("bb", "bbands", "close", "htf", {"length": 20, "multiplier": 2.0}),
        Feature("top", "highest", "high", "exec", {"length": 5}, 500),
        Feature("range", "atr", "", "exec", {"length": 14}),
    )


def test_a_feature_of_a_feature_takes_its_timeframe_wherever_it_stands() -> None:
    features = """features:
  third: {use: sma, of: second, length: 2}
  second: {use: sma, of: first, length: 2, timeframe: htf}
  first: {use: sma, length: 2, timeframe: htf}"""
    card = a_card(
        features=features,
        timeframes="timeframes: {exec: 1m, htf: 5m}",
        blocks=emit_block("{action: exit}", "third > 1"),
    )
    assert [feature.timeframe for feature in card.features] == ["htf", "htf", "htf"]


def test_a_block_may_have_an_else_and_a_case_may_want_nothing() -> None:
    blocks = emit_block("{action: none}") + "\n  else: {emit: {action: exit}}"
    (block,) = a_card(blocks=blocks).blocks
    assert block.cases[0].emit is None
    assert block.otherwise is not None
    assert block.otherwise.action is Action.EXIT


@pytest.mark.parametrize("text", ["1m", "15m", "4h", "1d", "1w", "9999m"])
def test_a_timeframe_has_its_length(text: str) -> None:
    unit = {"m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}[text[-1]]
    assert timeframe_of(text) == Timeframe(text, int(text[:-1]) * unit)


def test_slower_timeframes_are_read() -> None:
    one, quarter, week = (timeframe_of(text) for text in ("1m", "15m", "1w"))
    assert a_card(timeframes="timeframes: {exec: 1m, mtf: 15m, htf: 1w}").timeframes == Timeframes(one, quarter, week)


def test_yaml_1_2_words_are_what_they_say() -> None:
    assert a_card(id="id: no", thesis="thesis: 'yes'").id == "no"


def test_a_byte_order_mark_and_a_windows_line_end_do_no_harm(tmp_path: Path) -> None:
    (path,) = [path for path in shipped_cards() if path.stem == "ema_cross"]
    copy = tmp_path / "card.yaml"
    copy.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert load_card(copy) == load_card(path)
