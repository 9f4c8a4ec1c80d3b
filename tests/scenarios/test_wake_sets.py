"""A run that calls the card only where it may decide equals a run that calls it at every bar.

Same orders, fills, refusals, equity and digest, for random cards, markets, path policies, timers and budgets; and a
wake set that forgets a bar is found out.
"""

from decimal import Decimal
from typing import Any

import attrs
import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from actors.app.files.instruments import load_instrument
from actors.app.results.result import RunResult, build_result
from actors.app.runs.run import run_backtest
from actors.app.settings import IntervalSettings, LatencySettings, LimitSettings, Settings, load_settings
from actors.simulator.config import MarginMode
from actors.simulator.inputs import MarketInputs
from actors.simulator.margin.funding import Funding
from actors.simulator.matching.market import SymbolMarket
from actors.simulator.prices.lines import LineData, PriceInputs
from actors.simulator.prices.path import PathPolicy
from ideacards.card import Card
from ideacards.errors import CardError
from ideacards.feeds import Bars, WakeSet, WakeState
from ideacards.loader import read_card
from tests.oracle.story import MINUTE_MS, Row
from tests.scenarios.cards import cards
from tests.scenarios.markets import markets

NO_LATENCY = ("0", "0", "0")
LATENCIES = [
    ("0", "20", "20"),
    ("5", "0", "0"),
    ("uniform:10:4000", "lognormal:50:3000", "uniform:0:4000"),
    ("0", "uniform:100:4000", "3000"),
]
VENUES: list[tuple[tuple[str, Any], ...]] = [
    (("margin_mode", MarginMode.ISOLATED),),
    (("volume_share", Decimal("0.4")),),
    (("volume_share", Decimal("0.013")), ("margin_mode", MarginMode.ISOLATED)),
    (("slippage_tolerance", "3"),),
    (("slippage_tolerance", "20bp"), ("volume_share", Decimal("0.2"))),
]
CASES = 800  # about one in eight is refused by the checker
DIGITS = 2


def bars_of(rows: list[Row]) -> Bars:
    """Bars of the rows, in memory."""
    names = ("open", "high", "low", "close")
    prices = {name: [int(Decimal(row[1 + at]) * 10**DIGITS) for row in rows] for at, name in enumerate(names)}
    return Bars.of_columns("BTCUSDT", MINUTE_MS, DIGITS, [row[0] for row in rows], prices, [1.0] * len(rows))


@attrs.frozen
class Case:
    """A card over a market, and how it is run."""

    text: str
    rows: list[Row]
    path: PathPolicy
    every_s: int
    create_per_second: int
    start: int
    latency: tuple[str, str, str] = ("0", "0", "0")
    slippage: str = "0"
    funding: tuple[tuple[int, int], ...] = ()  # half minutes since the epoch, rates
    venue: tuple[tuple[str, Any], ...] = ()  # further settings of the venue
    mark_ticks: int | None = None  # a mark price so far beside the last
    spread_ticks: int | None = None  # quotes so far on both sides of it

    def card(self) -> Card | None:
        """None for one that the checker refuses, as any user's."""
        try:
            return read_card(self.text, "drawn.yaml")
        except CardError:
            return None

    def run(self, card: Card, *, every_bar: bool) -> RunResult:
        bars = bars_of(self.rows)
        ordinary: Settings = attrs.evolve(
            load_settings("simulator"),
            every_bar=every_bar,
            intervals=IntervalSettings(self.every_s, self.every_s),
            limits=LimitSettings(create_per_second=self.create_per_second),
        )
        venue = attrs.evolve(ordinary.venue, path=self.path, slippage=self.slippage, **dict(self.venue))
        given_settings = attrs.evolve(ordinary, venue=venue, latency=LatencySettings(*self.latency))
        instrument = load_instrument("BTCUSDT", bars.price_digits)
        times, rates = [minute * MINUTE_MS // 2 for minute, _ in self.funding], [rate for _, rate in self.funding]
        funding = Funding(times, rates) if self.funding else None
        inputs = MarketInputs(self.lines(bars, instrument.tick), funding)
        tape = run_backtest(card, bars, instrument, given_settings, start=self.start, inputs=inputs)
        return build_result(tape, data_digest="", card_digest="")

    def lines(self, bars: Bars, tick: int) -> PriceInputs:
        """The other prices, each the last one moved."""

        def beside(ticks: int) -> LineData:
            names = ("price_open", "price_high", "price_low", "price_close")
            return LineData(attrs.evolve(bars, **{name: getattr(bars, name) + ticks * tick for name in names}))

        mark, spread = self.mark_ticks, self.spread_ticks
        return PriceInputs(
            mark=None if mark is None else beside(mark),
            ask=None if spread is None else beside(spread),
            bid=None if spread is None else beside(-spread),
        )


cases = st.builds(
    Case,
    cards(),
    markets(),
    st.sampled_from(PathPolicy),
    st.sampled_from([86_400, 86_400, 420, 97]),
    st.sampled_from([10, 10, 1]),
    st.sampled_from([0, 0, 5]),
    st.sampled_from([NO_LATENCY, NO_LATENCY, *LATENCIES]),
    st.sampled_from(["0", "0", "2", "10bp"]),
    st.sampled_from([(), (), ((5, 30), (10, -20), (17, 9), (26, 50), (40, 7), (41, -30))]),
    st.sampled_from([(), (), *VENUES]),
    st.sampled_from([None, None, -40, 3]),
    st.sampled_from([None, None, None, 2]),
)


def told(result: RunResult) -> dict[str, object]:
    """All that a user gets, but for how many bars were delivered and how long it took."""
    left_out = ("bars_delivered", "settings", "seconds_engine", "bars_per_second", "peak_rss_mb")
    facts = {key: value for key, value in result.object.items() if key not in left_out}
    return facts | {"fill rows": tuple(result.tape.fills), "order rows": tuple(result.tape.orders)}


@pytest.mark.slow
@given(case=cases)
@settings(max_examples=CASES)
def test_a_run_by_wake_set_equals_the_run_of_every_bar(case: Case) -> None:
    card = case.card()
    if card is None:
        event("refused by the checker")
        return
    every, woken = case.run(card, every_bar=True), case.run(card, every_bar=False)
    assert told(woken) == told(every)
    assert woken.object["bars_delivered"] <= every.object["bars_delivered"] == len(case.rows) - case.start
    event(f"fills: {min(len(every.tape.fills), 5)}")
    event("left bars out" if woken.object["bars_delivered"] < every.object["bars_delivered"] else "all delivered")


SPARSE = """\
id: sparse
market: {venue: bybit, category: linear, symbol: BTCUSDT}
timeframes: {exec: 1m}
account: {equity: 1000}
features: {fast: {use: ema, length: 2}, slow: {use: sma, length: 4}}
blocks:
- id: entry
  cases:
  - when: position.flat and crosses_above(fast, slow)
    emit: {action: enter_long, size: {quantity: 1}, stop_loss: {percent: 1}}
- id: exit
  cases:
  - when: position.long and crosses_below(fast, slow)
    emit: {action: exit}
"""


def a_wave(count: int = 240) -> list[Row]:
    closes = 100 + 5 * np.sin(np.arange(count) / 7)
    texts = [f"{close:.2f}" for close in closes]
    rows: list[Row] = []
    for index, (before, close) in enumerate(zip([texts[0], *texts], texts, strict=False)):
        rows.append(
            (index * MINUTE_MS, before, max(before, close, key=Decimal), min(before, close, key=Decimal), close)
        )
    return rows


def a_sparse_case() -> Case:
    return Case(SPARSE, a_wave(), PathPolicy.NEAREST_EXTREME, 86_400, 10, 0)


def test_a_sparse_card_is_called_at_its_crosses_alone() -> None:
    case = a_sparse_case()
    card = case.card()
    assert card is not None
    result = case.run(card, every_bar=False)
    assert result.object["round_trips"] > 3
    assert result.object["bars_delivered"] <= 2 * result.object["orders"] + 2


@pytest.mark.parametrize("state", ["flat", "long"])
def test_a_wake_set_that_forgets_bars_is_found_out(state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault planted: every other bar of one column is gone."""
    case = a_sparse_case()
    card = case.card()
    assert card is not None
    every = told(case.run(card, every_bar=True))
    column = WakeSet.column

    def forgetful(self: WakeSet, which: object) -> object:
        found = column(self, which).copy()  # type: ignore[arg-type]
        if str(which) == state:
            found[np.flatnonzero(found)[::2]] = False
        return found

    monkeypatch.setattr(WakeSet, "column", forgetful)
    assert told(case.run(card, every_bar=False)) != every


LEVELS = SPARSE.replace("position.long and crosses_below(fast, slow)", "close > position.entry_price * 1.03")


def test_a_level_that_the_entry_fixes_is_looked_for_ahead() -> None:
    case = attrs.evolve(a_sparse_case(), text=LEVELS)
    card = case.card()
    assert card is not None
    every, woken = case.run(card, every_bar=True), case.run(card, every_bar=False)
    assert told(woken) == told(every)
    assert woken.object["round_trips"] > 3
    assert woken.object["bars_delivered"] <= 2 * woken.object["orders"] + 2


def test_a_narrowing_by_another_entry_price_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault planted: the venue is told of an entry price a little higher."""
    case = attrs.evolve(a_sparse_case(), text=LEVELS)
    card = case.card()
    assert card is not None
    every = told(case.run(card, every_bar=True))
    wake = SymbolMarket.wake

    def misheard(
        self: SymbolMarket,
        state: WakeState,
        size: float = 0.0,
        entry_price: float | None = None,
        held: tuple[float, ...] = (),
    ) -> None:
        wake(self, state, size, None if entry_price is None else entry_price * 1.02, held)

    monkeypatch.setattr(SymbolMarket, "wake", misheard)
    assert told(case.run(card, every_bar=False)) != every


COUNTED = SPARSE.replace(
    "position.long and crosses_below(fast, slow)",
    "position.bars_in_trade >= 4 or position.unrealised_percent > 3 or position.unrealised_r < -0.9",
)


def test_bars_in_a_trade_and_unrealised_gains_are_looked_for_ahead() -> None:
    case = attrs.evolve(a_sparse_case(), text=COUNTED)
    card = case.card()
    assert card is not None
    every, woken = case.run(card, every_bar=True), case.run(card, every_bar=False)
    assert told(woken) == told(every)
    assert woken.object["round_trips"] > 3
    assert woken.object["bars_delivered"] <= 2 * woken.object["orders"] + 2


def test_a_narrowing_by_another_entry_bar_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault planted: the venue is told of a later entry."""
    case = attrs.evolve(a_sparse_case(), text=COUNTED)
    card = case.card()
    assert card is not None
    every = told(case.run(card, every_bar=True))
    wake = SymbolMarket.wake

    def misheard(self: SymbolMarket, *told_of: Any) -> None:
        state, size, price, held = told_of
        wake(self, state, size, price, tuple(each + 2 for each in held))

    monkeypatch.setattr(SymbolMarket, "wake", misheard)
    assert told(case.run(card, every_bar=False)) != every


ENDS = SPARSE.replace("position.flat and", "position.flat and position.bars_since_exit >= 20 and").replace(
    "position.long and crosses_below(fast, slow)", "close < position.best_price * 0.99"
)


def test_a_cooldown_lets_the_first_trade_through_and_keeps_the_next_ones_apart() -> None:
    case = attrs.evolve(a_sparse_case(), text=ENDS)
    card = case.card()
    assert card is not None
    every, woken = case.run(card, every_bar=True), case.run(card, every_bar=False)
    assert told(woken) == told(every)
    times = [fill.time_ms // MINUTE_MS for fill in woken.tape.fills]
    assert len(times) > 4
    assert all(entry - exit_ >= 20 for exit_, entry in zip(times[1::2], times[2::2], strict=False))
