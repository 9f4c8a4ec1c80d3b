"""The plan of a live run with leaders: what is traded, what is read, from when on, and that a header brings it back."""

from decimal import Decimal
from pathlib import Path

import attrs
import pytest

from actors.app.live.house import LivePlan, live_kernel
from actors.app.live.journal import plan_of_header
from actors.app.live.planning import header_of, history_start, load_cards, plan_of
from actors.app.live.preflight import Preflight
from actors.app.names import strategy_ref
from actors.app.settings import load_settings
from actors.model.errors import InputError
from actors.strategy.actor import Strategy
from ideacards.card import Card
from tests.actors.builders import an_instrument
from tests.ideacards.builders import a_card_text
from tests.ideacards.led import LED_PARTS

NOW_MS = 1_733_011_200_000
BLOCKS = (
    LED_PARTS["blocks"].replace("BTCUSDT.close > slow", "close > far").replace("BTCUSDT.close < average", "far > 0")
)
FOLLOWER = {
    "id": "id: follower",
    "market": "market: {venue: bybit, category: linear, symbol: BTCUSDT}",
    "features": "features:\n  far: {use: sma, length: 1200}",
    "blocks": BLOCKS,
}


def cards_of(folder: Path, **other: str) -> tuple[tuple[Card, ...], list[Path]]:
    files = [folder / "led.yaml", folder / "follower.yaml"]
    files[0].write_text(a_card_text(**LED_PARTS), encoding="utf-8")
    files[1].write_text(a_card_text(**(FOLLOWER | other)), encoding="utf-8")
    return load_cards(files, ((), ())), files


def planned(cards: tuple[Card, ...]) -> tuple[LivePlan, Preflight]:
    found = Preflight(
        NOW_MS, {symbol: an_instrument(symbol=symbol) for symbol in ("ETHUSDT", "BTCUSDT")}, Decimal(1_000)
    )
    return plan_of(cards, load_settings("local"), found), found


def test_a_leader_is_read_as_far_back_as_its_card_needs_and_stays_out_of_the_account(tmp_path: Path) -> None:
    (led, _), _ = cards_of(tmp_path)
    plan, _ = planned((led,))
    assert (list(plan.instruments), list(plan.leaders)) == (["ETHUSDT"], ["BTCUSDT"])
    start_ms = history_start(led, plan.settings, NOW_MS)
    assert plan.since_ms == {"ETHUSDT": start_ms, "BTCUSDT": start_ms}
    kernel = live_kernel(plan)
    assert all("BTCUSDT" not in ref for ref in kernel.cells)
    strategy = kernel.cell(strategy_ref(led.id)).spec.factory()
    assert isinstance(strategy, Strategy)
    assert list(strategy._leaders) == ["BTCUSDT"]
    assert strategy._elsewhere == {}


def test_a_leader_that_another_card_trades_is_one_feed_with_the_longer_history(tmp_path: Path) -> None:
    cards, _ = cards_of(tmp_path)
    plan, _ = planned(cards)
    assert (sorted(plan.instruments), plan.leaders) == (["BTCUSDT", "ETHUSDT"], {})
    both = [history_start(card, plan.settings, NOW_MS) for card in cards]
    assert plan.since_ms == {"ETHUSDT": both[0], "BTCUSDT": min(both)}
    assert both[1] < both[0]
    assert planned(cards[::-1])[0].since_ms == plan.since_ms, "whichever card comes first"


def test_one_symbol_in_bars_of_two_lengths_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        cards_of(tmp_path, timeframes="timeframes: {exec: 5m}")
    assert "it needs BTCUSDT in bars of 5m, and the card probe in bars of 1m" in str(caught.value)


def test_the_journals_header_brings_the_leaders_back(tmp_path: Path) -> None:
    (led, _), files = cards_of(tmp_path)
    plan, found = planned((led,))
    again = plan_of_header(header_of(plan, found, "local", files[:1], ((),)), (led,))
    assert (again.leaders, again.since_ms) == (plan.leaders, plan.since_ms)
    assert again.instruments == plan.instruments
    assert attrs.evolve(again, policies=plan.policies).start_equity == plan.start_equity
