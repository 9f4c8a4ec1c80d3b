"""Every shipped card end to end: it trades on some market, and calling it at every bar changes nothing."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from actors.app.results.result import RunResult
from ideacards.card import Card
from ideacards.cards import shipped_cards
from ideacards.feeds import Bars
from ideacards.loader import load_card
from tests.scenarios.shipped import KLINES, made_leaders, made_market, real_leaders, real_market, run_over

CARDS = shipped_cards()
needs_klines = pytest.mark.skipif(not KLINES.is_dir(), reason="real candles not here: ../shared/data is absent")
each_card = pytest.mark.parametrize("path", CARDS, ids=lambda path: path.stem)


def _check(path: Path, bars: Bars, leaders: Mapping[str, Bars]) -> RunResult:
    card = load_card(path)
    result = run_over(card, path, bars, leaders=leaders)
    every = run_over(card, path, bars, every_bar=True, leaders=leaders)
    assert result.object["output_digest"] == every.object["output_digest"]
    assert every.object["bars_delivered"] >= result.object["bars_delivered"]
    assert result.object["orders"] > 0
    assert result.object["round_trips"] > 0
    return result


def _timeframe(card: Card) -> str:
    return card.timeframes.exec.text


@pytest.mark.slow
@each_card
def test_a_shipped_card_trades_on_a_made_market(path: Path) -> None:
    card = load_card(path)
    _check(path, made_market(_timeframe(card), symbol=card.market.symbol), made_leaders(card))


@pytest.mark.slow
@needs_klines
@each_card
def test_a_shipped_card_trades_on_real_candles(path: Path) -> None:
    card = load_card(path)
    _check(path, real_market(_timeframe(card), card.market.symbol), real_leaders(card))


@each_card
def test_a_shipped_card_says_what_it_believes_and_is_named_as_its_file(path: Path) -> None:
    card = load_card(path)
    assert card.id == path.stem
    assert card.thesis.endswith(".")
    assert path.read_text(encoding="utf-8").startswith("# ")


def test_there_are_a_dozen_of_different_bars() -> None:
    cards = [load_card(path) for path in CARDS]
    assert len(cards) >= 12
    assert len({_timeframe(card) for card in cards}) >= 4
