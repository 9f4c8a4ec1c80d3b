"""A stop or target fills at its level, but for an open beyond it, or at once where its arrival finds it passed.

For every path policy, random cards and random orders, and latencies up to more than a bar. What may be is reckoned from
the bars alone: the path is straight between its points, so its price of a millisecond is a fraction.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

import attrs
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from actors.model.fixed import Price
from actors.model.origins import Origin
from actors.simulator.matching.engine import MatchingEngine
from actors.simulator.matching.pending import PendingOrder
from actors.simulator.prices.path import PathPolicy
from actors.simulator.prices.walk import BarWalk
from tests.actors.builders import an_instrument
from tests.actors.simulator.builders import Hand
from tests.actors.simulator.straight_walk import Act, Bar
from tests.actors.simulator.walks import a_bar, changes, delays, prices, tell
from tests.scenarios.cards import cards
from tests.scenarios.markets import markets
from tests.scenarios.test_wake_sets import LATENCIES, Case, bars_of

LEVELS = (Origin.STOP_LOSS, Origin.TAKE_PROFIT)


@attrs.frozen
class LevelFill:
    """A fill of a stop or target; `arrived_ms` is when the venue got the level."""

    level: int
    side: int
    price: int
    time_ms: int
    arrived_ms: int


@contextmanager
def watched() -> Iterator[list[LevelFill]]:
    """Every fill of a stop or target meanwhile, also of those that only rehearse a path."""
    found: list[LevelFill] = []
    execute = MatchingEngine._execute

    def spy(self: MatchingEngine, order: PendingOrder, price: int, time_ms: int, point: int, **rest: Any) -> None:
        if order.origin in LEVELS:
            level = order.request.trigger_price
            assert level is not None
            found.append(LevelFill(level, order.request.side, price, time_ms, order.arrived_ms))
        execute(self, order, price, time_ms, point, **rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MatchingEngine, "_execute", spy)
        yield found


def judge(fill: LevelFill, bars: Any, policy: PathPolicy, tick: int) -> str:
    """Why the fill is right; AssertionError if it is not."""
    assert fill.time_ms >= fill.arrived_ms
    index = max(at for at, open_ms in enumerate(bars.ts_open.tolist()) if open_ms <= fill.time_ms)
    columns = (bars.price_open, bars.price_high, bars.price_low, bars.price_close)
    open_, high, low, close = (int(column[index]) for column in columns)
    if fill.price == fill.level:
        assert low <= fill.price <= high
        return "at its level"
    if fill.time_ms == bars.ts_open[index] and fill.price == open_:
        return "at an open beyond it"
    assert fill.time_ms == fill.arrived_ms, fill
    nearest = PathPolicy.OHLC if high - open_ < open_ - low else PathPolicy.OLHC
    way = nearest if policy is PathPolicy.NEAREST_EXTREME else policy
    if policy.chooses:  # it may have turned on its way to the first extreme
        assert low - tick < fill.price < high + tick
        return "at once"
    points = [open_, high, low, close] if way is PathPolicy.OHLC else [open_, low, high, close]
    length_ms = int(bars.ts_close[index] - bars.ts_open[index])
    times = [0, length_ms // 3, 2 * length_ms // 3, length_ms - 1]
    since_ms = fill.time_ms - int(bars.ts_open[index])
    reached = [_on_path(points, times, ms) for ms in (since_ms, min(since_ms + 1, times[-1]))]
    on_tick = [-(-price // tick) * tick if fill.side > 0 else price // tick * tick for price in reached]
    is_printed = fill.price % tick and min(reached) <= fill.price <= max(reached)  # by an event of that millisecond
    assert is_printed or min(on_tick) <= fill.price <= max(on_tick), (fill, reached)
    return "at once"


def _on_path(points: list[int], times: list[int], since_ms: int) -> Fraction:
    leg = next(number for number in (1, 2, 3) if since_ms <= times[number])
    start, end, start_ms, end_ms = points[leg - 1], points[leg], times[leg - 1], times[leg]
    return start + Fraction((end - start) * (since_ms - start_ms), end_ms - start_ms)


BRACKETED = """\
id: bracketed
market: {{venue: bybit, category: linear, symbol: BTCUSDT}}
timeframes: {{exec: 1m}}
account: {{equity: 1000, leverage: 5}}
blocks:
- id: entry
  cases:
  - when: {when}
    emit:
      action: {action}
      size: {{quantity: 1}}
      stop_loss: {{percent: {stop}}}
      take_profit: {{percent: {target}}}
      order: {order}
- id: exit
  cases:
  - when: not position.flat and {out}
    emit: {{action: exit}}
"""
percents = st.sampled_from(["0.1", "0.5", "1", "2"])
bracketed = st.builds(
    BRACKETED.format,
    when=st.sampled_from(["position.flat", "position.flat and close > close[1]", "position.flat and close < close[1]"]),
    action=st.sampled_from(["enter_long", "enter_short"]),
    stop=percents,
    target=percents,
    out=st.sampled_from(["close > close[3]", "high - low > 2", "close > 100000"]),
    order=st.sampled_from(["{type: market}", "{type: market}", "{type: limit, price: {ref: close, offset_ticks: -2}}"]),
)
late = [*LATENCIES, ("61000", "0", "0"), ("0", "1", "1"), ("1", "20000", "1")]
cases = st.builds(
    Case,
    bracketed | bracketed | cards(),
    markets(),
    st.sampled_from(PathPolicy),
    st.just(86_400),
    st.just(10),
    st.just(0),
    st.sampled_from([("0", "0", "0"), *late]),
)


@pytest.mark.slow
@given(case=cases)
@settings(max_examples=600, deadline=None)
def test_levels_of_any_card_fill_where_the_price_is(case: Case) -> None:
    card = case.card()
    if card is None:
        event("refused by the checker")
        return
    with watched() as fills:
        case.run(card, every_bar=False)
    bars = bars_of(case.rows)
    for fill in fills:
        event(judge(fill, bars, case.path, 10))


new_orders = st.builds(
    Act,
    verb=st.just("new"),
    side=st.sampled_from([1, -1]),
    qty=st.integers(1, 3),
    price=st.none() | prices,
    trigger=st.none() | st.none() | prices,
    rises=st.booleans(),
    late_ms=delays,
)


@pytest.mark.slow
@given(
    st.lists(a_bar(), min_size=2, max_size=6),
    st.lists(st.lists(new_orders | changes, max_size=4), min_size=1, max_size=5),
    st.sampled_from(PathPolicy),
    st.tuples(st.integers(0, 6), st.integers(0, 6)),
    delays,
    st.sampled_from([1, 4]),
)
@settings(max_examples=800, deadline=None)
def test_levels_after_any_orders_fill_where_the_price_is(
    bars: list[Bar], acts: list[list[Act]], policy: PathPolicy, habit: tuple[int, int], lag_ms: int, tick: int
) -> None:
    with watched() as fills:
        hand = a_story(bars, acts, policy, habit, lag_ms, tick)
    for fill in fills:
        event(judge(fill, hand.bars, policy, tick))


def a_story(
    bars: list[Bar], acts: list[list[Act]], policy: PathPolicy, habit: tuple[int, int], lag_ms: int, tick: int = 1
) -> Hand:
    """Whole prices of the story are units of price, `tick` of them a tick."""
    instrument = an_instrument(tick=Price(tick), step=1000, min_qty=1000, min_notional=0)
    hand = Hand([[value / 100 for value in bar] for bar in bars], instrument=instrument, path=policy)
    tell(hand, acts, habit, 100, lag_ms)
    return hand


def next_point(walk: BarWalk, time_ms: int) -> None:
    """As it once was: what arrives meets the next point that is known."""
    if time_ms > walk.time_ms:
        walk.move_to_point(walk.leg if walk.point_ms(walk.leg) >= time_ms else walk.leg + 1)


def nothing(walk: BarWalk, time_ms: int) -> None:
    """What arrives meets the price of the last event."""


@pytest.mark.parametrize("fault", [next_point, nothing, None])
def test_a_price_of_another_millisecond_is_found_out(fault: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bought at 40, a target of 42 arrives at 15 s, when the path to 50 is at 47.5."""
    if fault is not None:
        monkeypatch.setattr(BarWalk, "reach", fault)

    def told() -> list[str]:
        with watched() as fills:
            hand = a_story([(40, 40, 40, 40), (40, 50, 38, 45)], [[Act("new")]], PathPolicy.OHLC, (0, 2), 15_000)
        return [f"{fill.price}, {judge(fill, hand.bars, PathPolicy.OHLC, 1)}" for fill in fills]

    if fault is None:
        assert told() == ["47, at once"]
        return
    with pytest.raises(AssertionError):
        told()
