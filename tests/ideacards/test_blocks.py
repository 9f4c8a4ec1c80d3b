"""Blocks at a bar's close: first match wins, all see one snapshot, Intents in card order, nothing before readiness."""

from collections.abc import Sequence

import pytest

from ideacards.blocks import PositionView, StrategyBlocksExecutor
from ideacards.card import Card
from ideacards.feeds import Feeds, Snapshot
from ideacards.intents import Action, Intent, IntentMetadata, Size, SizeKind
from tests.ideacards.builders import MINUTE_MS, a_card, an_executor, bars_of

FLAT = PositionView()
LONG = PositionView(qty_sign=1, size=1.0, entry_price=10.0)
NO_FEATURES = ""


def a_case(when: str, quantity: int) -> str:
    return f"  - when: {when}\n    emit: {{action: enter_long, size: {{quantity: {quantity}}}}}\n"


def a_block(name: str, *cases: str, otherwise: str = "") -> str:
    return f"- id: {name}\n  cases:\n{''.join(cases)}" + (f"  else: {{emit: {otherwise}}}\n" if otherwise else "")


def blocks(*each: str) -> Card:
    return a_card(features=NO_FEATURES, blocks="blocks:\n" + "".join(each).rstrip("\n"))


def decided(card: Card, closes: Sequence[int], view: PositionView = FLAT) -> list[list[tuple[str, Action, str]]]:
    """(block, action, quantity) of every Intent, by bar."""
    feeds = Feeds.build(card, bars_of(closes))
    executor = StrategyBlocksExecutor(card, feeds)
    found = [executor.evaluate(Snapshot(feeds, stop), view) for stop in range(1, len(closes) + 1)]
    return [
        [(i.block_id, i.action, str(i.metadata.size.value) if i.metadata.size else "") for i in intents]
        for intents in found
    ]


def test_the_first_case_that_holds_wins() -> None:
    card = blocks(a_block("e", a_case("close > 20", 1), a_case("close > 10", 2), a_case("close > 15", 3)))
    bought = Action.ENTER_LONG
    assert decided(card, [5, 11, 16, 21]) == [[], [("e", bought, "2")], [("e", bought, "2")], [("e", bought, "1")]]


def test_an_else_speaks_when_no_case_holds_and_only_then() -> None:
    card = blocks(a_block("e", a_case("close > 10", 1), otherwise="{action: exit}"))
    assert decided(card, [5, 11]) == [[("e", Action.EXIT, "")], [("e", Action.ENTER_LONG, "1")]]


def test_a_case_of_no_action_ends_its_block_in_silence() -> None:
    nothing = "  - when: close > 10\n    emit: {action: none}\n"
    card = blocks(a_block("e", nothing, a_case("close > 5", 1), otherwise="{action: exit}"))
    assert decided(card, [11, 6, 1]) == [[], [("e", Action.ENTER_LONG, "1")], [("e", Action.EXIT, "")]]


def test_blocks_speak_in_card_order_about_one_snapshot() -> None:
    leave = "  - when: position.long\n    emit: {action: exit}\n"
    card = blocks(a_block("b", leave), a_block("a", a_case("position.long", 1)))
    assert decided(card, [1], LONG) == [[("b", Action.EXIT, ""), ("a", Action.ENTER_LONG, "1")]]
    assert decided(card, [1], FLAT) == [[]]


def test_an_intent_carries_card_block_and_the_close_it_was_decided_at() -> None:
    card = blocks(a_block("e", a_case("true", 3)))
    feeds = Feeds.build(card, bars_of([1, 2]))
    size = Size(SizeKind.QUANTITY, card.blocks[0].cases[0].emit.metadata.size.value)  # type: ignore[union-attr]
    assert StrategyBlocksExecutor(card, feeds).evaluate(Snapshot(feeds, 2), FLAT) == (
        Intent(Action.ENTER_LONG, "probe", "e", 2 * MINUTE_MS, IntentMetadata(size=size)),
    )


def test_an_unknown_condition_does_not_match_and_neither_does_its_opposite() -> None:
    for when in ("1 / (close - 5) > 0", "not 1 / (close - 5) > 0"):
        assert decided(blocks(a_block("e", a_case(when, 1))), [5]) == [[]]


def test_nothing_is_decided_before_the_first_ready_bar() -> None:
    for warmup, first in (("", 2), ("warmup: 1", 2), ("warmup: 2", 2), ("warmup: 3", 3)):
        card = a_card(
            features="features:\n  mean: {use: sma, length: 3}",
            blocks="blocks:\n" + a_block("e", a_case("mean > 0 or true", 1)).rstrip("\n"),
            warmup=warmup,
        )
        assert an_executor(card, [1] * 5).first_index == first
        assert [bool(intents) for intents in decided(card, [1] * 5)] == [i >= first for i in range(5)]


def test_a_cross_is_seen_at_one_bar() -> None:
    card = blocks(a_block("e", a_case("crosses_above(close, 10)", 1)))
    assert [bool(intents) for intents in decided(card, [11, 11, 10, 11, 12, 10, 10, 13])] == [
        False,
        False,
        False,
        True,
        False,
        False,
        False,
        True,
    ]


def test_a_lag_counts_exec_bars() -> None:
    card = blocks(a_block("e", a_case("close[2] > close", 1)))
    assert [bool(intents) for intents in decided(card, [9, 5, 8, 6, 7, 6])] == [False, False, True, False, True, False]


@pytest.mark.parametrize(
    ("when", "count"),
    [
        ("close > 1", 0),
        ("1 / (close - 5) > 0", 2),
        ("position.long and 1 / (close - 5) > 0", 2),  # whatever the account
        ("false and 1 / (close - 5) > 0", 2),  # no short cut
        ("1 / (position.size - 5) > 0", 0),  # not from the arrays alone
        ("1 / (close - 5) > 0 or 2 / (close - 5) > 0", 2),  # a pair of case and bar counts once
    ],
)
def test_unknown_clauses_are_pairs_of_case_and_ready_bar(when: str, count: int) -> None:
    executor = an_executor(blocks(a_block("e", a_case(when, 1))), [5, 6, 7, 5])
    assert executor.unknown_clauses(0, 4) == count


def test_unknown_clauses_count_ready_bars_of_the_range_only() -> None:
    card = blocks(a_block("e", a_case("1 / (close - 5) > 0", 1)), a_block("f", a_case("1 / (close[1] - 5) > 0", 1)))
    executor = an_executor(card, [5, 5, 5, 5])
    assert executor.first_index == 1
    assert executor.unknown_clauses(0, 4) == 6
    assert executor.unknown_clauses(2, 3) == 2
    assert executor.unknown_clauses(4, 4) == 0
    assert executor.unknown_clauses(0, 1) == 0


def test_evaluating_twice_or_backwards_gives_the_same() -> None:
    card = blocks(a_block("e", a_case("crosses_above(close, 10)", 1)))
    feeds = Feeds.build(card, bars_of([9, 11, 9, 11]))
    executor = StrategyBlocksExecutor(card, feeds)
    forwards = [executor.evaluate(Snapshot(feeds, stop), FLAT) for stop in (1, 2, 3, 4)]
    backwards = [executor.evaluate(Snapshot(feeds, stop), FLAT) for stop in (4, 3, 2, 1)]
    assert forwards == backwards[::-1]


def test_equity_read_by_a_condition_is_known() -> None:
    assert an_executor(blocks(a_block("e", a_case("equity > 1", 1))), [1]).reads_equity
    assert not an_executor(blocks(a_block("e", a_case("close > 1", 1))), [1]).reads_equity
