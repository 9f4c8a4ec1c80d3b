"""The oracle: the contract's meaning of the crossover card as one straight loop, written from the contract alone.

Each bar is walked as the path its price takes: the open, one extreme, the other, the close. What is due acts at the
open; a level is met where the path comes to it. Money is exact (Decimal with inexactness trapped, Fraction where a
quotient is wanted); only the averages are floats, as the contract says. It imports nothing of the engine.
"""

import decimal
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import attrs

from tests.oracle.story import Row, Story, decimals

__all__ = [
    "EXACT",
    "OracleFill",
    "OracleRun",
    "RoundTrip",
    "averages",
    "bar_s",
    "levels_of",
    "on_tick",
    "path_of",
    "tell",
]

EXACT = decimal.Context(prec=400, traps=[decimal.Inexact, decimal.InvalidOperation, decimal.DivisionByZero])


@attrs.frozen
class OracleFill:
    """One execution in bar `bar`; `origin` is user, stop_loss or take_profit; `fee` is positive when paid."""

    bar: int
    side: str
    qty: Decimal
    price: Decimal
    fee: Decimal
    origin: str


@attrs.frozen
class RoundTrip:
    """From flat to flat; `pnl` before fees."""

    entry: OracleFill
    exit: OracleFill
    pnl: Decimal


@attrs.frozen
class OracleRun:
    """What the loop saw; `position` is signed, `max_drawdown` the largest fraction lost from a peak of close equity."""

    fills: tuple[OracleFill, ...]
    round_trips: tuple[RoundTrip, ...]
    position: Decimal
    orders: int
    open_at_end: int
    refusals: Mapping[str, int]
    final_equity: Decimal
    max_drawdown: Fraction


@attrs.define
class _State:
    """The account, what is held, and the one order on its way (`due` is the bar at whose open it acts)."""

    cash: Decimal
    held: Decimal = Decimal(0)
    entry: OracleFill | None = None
    levels: dict[str, Decimal] = attrs.field(factory=dict)
    due: int | None = None
    wanted: Decimal = Decimal(0)  # signed quantity of an entry on its way; 0 for an exit
    late_s: int = 0  # how long after that open it arrives
    orders: int = 0
    fills: list[OracleFill] = attrs.field(factory=list)
    trips: list[RoundTrip] = attrs.field(factory=list)
    refusals: Counter[str] = attrs.field(factory=Counter)


def averages(closes: Sequence[float], length: int) -> list[float]:
    """EMA of the closes: the first close at index 0, then a*x + (1-a)*s in that order, a = 2/(length+1)."""
    a = 2.0 / (length + 1.0)
    s = closes[0]
    out = [s]
    for x in closes[1:]:
        s = a * x + (1.0 - a) * s
        out.append(s)
    return out


def path_of(bar: tuple[Decimal, Decimal, Decimal, Decimal], policy: str) -> list[Decimal]:
    """The four points of a bar's path; the extreme nearer to the open comes first, the low when both are as near."""
    o, h, low, c = bar
    is_high_first = {"nearest_extreme": h - o < o - low, "ohlc": True, "olhc": False}[policy]
    return [o, h, low, c] if is_high_first else [o, low, h, c]


def tell(
    rows: Sequence[Row],
    story: Story,
    *,
    start: int = 0,
    stop: int | None = None,
    lost: frozenset[int] = frozenset(),
    late: Mapping[int, int] | None = None,
    late_s: Mapping[int, int] | None = None,
) -> OracleRun:
    """Run the story over `rows`; decisions fall on bars [start, stop).

    `lost`: bars whose decision never leaves. `late`: bars of delay for the decision of a bar (it acts so much later);
    `late_s`: seconds of delay, fewer than a third of a bar, so that it acts inside the bar and not at its open.
    """
    with decimal.localcontext(EXACT):
        return _tell(rows[:stop], story, start, lost, late or {}, late_s or {})


def _tell(
    rows: Sequence[Row],
    story: Story,
    start: int,
    lost: frozenset[int],
    late: Mapping[int, int],
    late_s: Mapping[int, int],
) -> OracleRun:
    closes = [float(row[4]) for row in rows]
    fast, slow = averages(closes, story.fast), averages(closes, story.slow)
    first = max(story.warmup or 0, story.fast, story.slow, start)  # warm at length - 1, and a cross looks one bar back
    state = _State(cash=Decimal(story.equity))
    peak, drawdown = Decimal(story.equity), Fraction(0)
    for i in range(start, len(rows)):
        bar = decimals(rows[i])
        _walk(state, story, i, bar)
        if i >= first and i not in lost:
            is_up = fast[i] > slow[i] and fast[i - 1] <= slow[i - 1]
            is_down = fast[i] < slow[i] and fast[i - 1] >= slow[i - 1]
            begins, ends = (is_down, is_up) if story.is_short else (is_up, is_down)
            state.late_s = late_s.get(i, 0)
            _decide(state, story, i + 1 + late.get(i, 0), bar[3], begins, ends)
        equity = state.cash + state.held * bar[3]
        peak = max(peak, equity)
        drawdown = max(drawdown, Fraction(peak - equity) / Fraction(peak))
    return OracleRun(
        fills=tuple(state.fills),
        round_trips=tuple(state.trips),
        position=state.held,
        orders=state.orders,
        open_at_end=int(state.due is not None),
        refusals=dict(state.refusals),
        final_equity=state.cash + state.held * decimals(rows[-1])[3],
        max_drawdown=drawdown,
    )


def _decide(state: _State, story: Story, acts_at: int, close: Decimal, begins: bool, ends: bool) -> None:
    """What the card sends at this close: at most one order is ever on its way."""
    if state.due is not None:
        return
    if state.held == 0 and begins:
        venue = story.venue
        steps = Fraction(story.notional) / Fraction(close) / Fraction(venue.step)
        qty = (steps.numerator // steps.denominator) * Decimal(venue.step)
        if qty == 0 or qty < Decimal(venue.min_qty) or qty * close < Decimal(venue.min_notional):
            state.refusals["BELOW_MINIMUM"] += 1
            return
        state.wanted = -qty if story.is_short else qty
    elif state.held != 0 and ends:
        state.wanted = Decimal(0)
    else:
        return
    state.due = acts_at
    state.orders += 1


def _walk(state: _State, story: Story, i: int, bar: tuple[Decimal, Decimal, Decimal, Decimal]) -> None:
    """Bar i along its path: first what is due at the open, then levels the open has passed, then the way."""
    points = path_of(bar, story.path)
    at = points[0]
    if state.due == i and not state.late_s:
        _act(state, story, i, at)
    below, above = ("take_profit", "stop_loss") if story.is_short else ("stop_loss", "take_profit")
    if below in state.levels and at <= state.levels[below]:
        _fill(state, story, i, -state.held, at, below)
    elif above in state.levels and at >= state.levels[above]:
        _fill(state, story, i, -state.held, at, above)
    if state.due == i:
        third_s = bar_s(story) // 3
        there = Fraction(at) + Fraction(points[1] - at) * state.late_s / third_s  # the path when the order arrives
        _go(state, story, i, Fraction(at), there)
        is_buy = (state.wanted if state.wanted != 0 else -state.held) > 0
        drift = state.late_s * Decimal(story.venue.tick)  # a tick a second, against the taker
        _act(state, story, i, on_tick(there, story, is_buy) + (drift if is_buy else -drift))
        is_passed = {below: lambda level: level >= there, above: lambda level: level <= there}
        for name, level in state.levels.items():
            if is_passed[name](Fraction(level)):  # a taker pays so much that the market is beyond it already
                _fill(state, story, i, -state.held, on_tick(there, story, state.held < 0), name)
                break
        _go(state, story, i, there, Fraction(points[1]))
        points = points[1:]
    for start, end in pairwise(points):
        _go(state, story, i, Fraction(start), Fraction(end))


def on_tick(price: Fraction, story: Story, is_buy: bool) -> Decimal:
    """A buyer's price rounded up to the tick, a seller's down."""
    ticks = price / Fraction(story.venue.tick)
    whole = -(-ticks.numerator // ticks.denominator) if is_buy else ticks.numerator // ticks.denominator
    return whole * Decimal(story.venue.tick)


def bar_s(story: Story) -> int:
    """Seconds of a bar."""
    return {"m": 60, "h": 3_600}[story.timeframe[-1]] * int(story.timeframe[:-1])


def _act(state: _State, story: Story, i: int, price: Decimal) -> None:
    """The order that is due acts at `price`."""
    state.due = None
    if state.wanted != 0:
        _fill(state, story, i, state.wanted, price, "user")
        state.levels = levels_of(story, price)
    elif state.held != 0:
        _fill(state, story, i, -state.held, price, "user")


def _go(state: _State, story: Story, i: int, at: Fraction, to: Fraction) -> None:
    """Along a straight way: the nearer of the levels on it ends the position."""
    ways = ((Fraction(level), name) for name, level in state.levels.items())
    met = [(abs(level - at), name) for level, name in ways if min(at, to) <= level <= max(at, to)]
    if met:
        _, name = min(met)
        _fill(state, story, i, -state.held, state.levels[name], name)


def levels_of(story: Story, entry: Decimal) -> dict[str, Decimal]:
    """Stop and target of an entry filled at `entry`, each rounded to the tick away from it."""
    is_up = {"stop_loss": story.is_short, "take_profit": not story.is_short}
    levels = {}
    for name, percent in (("stop_loss", story.stop), ("take_profit", story.target)):
        if percent is None:
            continue
        sign = 1 if is_up[name] else -1
        ticks = Fraction(entry) * (1 + sign * Fraction(percent) / 100) / Fraction(story.venue.tick)
        whole = -(-ticks.numerator // ticks.denominator) if is_up[name] else ticks.numerator // ticks.denominator
        levels[name] = whole * Decimal(story.venue.tick)
    return levels


def _fill(state: _State, story: Story, i: int, signed: Decimal, price: Decimal, origin: str) -> None:
    """Book one execution; whatever ends the position takes its levels with it."""
    fee = abs(signed) * price * Decimal(story.venue.taker_rate)
    fill = OracleFill(i, "buy" if signed > 0 else "sell", abs(signed), price, fee, origin)
    state.cash -= signed * price + fee
    state.held += signed
    state.fills.append(fill)
    if state.held != 0:
        state.entry = fill
        return
    assert state.entry is not None
    state.trips.append(RoundTrip(state.entry, fill, -signed * (price - state.entry.price)))
    state.entry = None
    state.levels = {}
