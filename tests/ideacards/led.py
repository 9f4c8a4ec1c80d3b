"""Builders for cards with a leader: random bars of two symbols that fit together badly, and a card that reads both."""

import attrs
import numpy as np

from ideacards.card import Card
from ideacards.feeds import Bars
from ideacards.loader import read_card
from tests.ideacards.builders import a_card_text
from tests.ideacards.markets import MINUTE_MS, random_bars

__all__ = ["FEW_FEATURES", "LEADER", "LED_PARTS", "MAX_AGE", "a_led_card", "led_markets", "until_ms"]

LEADER, OWN = "BTCUSDT", "ETHUSDT"
MAX_AGE = 7
FEW_FEATURES = """features:
  average: {use: ema, length: 4, symbol: BTCUSDT}
  slow: {use: sma, length: 3, symbol: BTCUSDT, timeframe: mtf, fresh: {bars: 7}}
  ratio: close / BTCUSDT.close
  strength: {use: sma, of: ratio, length: 6}"""
LED_PARTS = {
    "market": "market: {venue: bybit, category: linear, symbol: ETHUSDT}",
    "timeframes": "timeframes: {exec: 1m, mtf: 5m}",
    "leaders": "leaders: [BTCUSDT]",
    "features": f"""{FEW_FEATURES}
  together: {{use: correlation, of: close, with: BTCUSDT.close, length: 5}}
  gap: close - average
  smooth: {{use: ema, of: average, length: 3}}
  gap_mean: {{use: ema, of: gap, length: 4}}""",
    "blocks": """blocks:
- id: entry
  cases:
  - when: position.flat and BTCUSDT.close > slow
    emit: {action: enter_long, size: {quantity: 1}}
- id: exit
  cases:
  - when: position.long and BTCUSDT.close < average
    emit: {action: exit}""",
}


def a_led_card(**parts: str) -> Card:
    """A card that trades ETHUSDT led by BTCUSDT; arguments as of `a_card_text`."""
    return read_card(a_card_text(**(LED_PARTS | parts)), "led.yaml")


def led_markets(count: int, seed: int) -> tuple[Bars, Bars]:
    """The card's own bars and the leader's, both with gaps; the leader begins and ends earlier or later."""
    dice = np.random.default_rng(seed)
    first = int(dice.integers(0, 30))
    own = random_bars(count, seed, first * MINUTE_MS, _lost(dice, count))
    begins, more = int(dice.integers(-20, 30)), int(dice.integers(-count // 2, 30))
    length = max(2, count + more - begins)
    start_ms = max(0, first + begins) * MINUTE_MS
    leader = random_bars(length, seed + 1, start_ms, _lost(dice, length))
    return attrs.evolve(own, symbol=OWN), attrs.evolve(leader, symbol=LEADER)


def _lost(dice: np.random.Generator, count: int) -> list[int]:
    """Places of bars that are not there: single ones, and one longer gap."""
    lost = np.flatnonzero(dice.random(count) < 0.1)
    gap = int(dice.integers(0, count))
    lost = np.union1d(lost, np.arange(gap, min(count, gap + int(dice.integers(0, 25)))))
    found: list[int] = lost[lost < count - 1].tolist()
    return found


def until_ms(bars: Bars, close_ms: int) -> Bars:
    """The bars that close by then."""
    return bars.head(int((bars.ts_close <= close_ms).sum()))
