"""The oracle of exits: a card that enters after a rising close, told as one loop over the path of each bar.

It knows stops and targets of every unit, a ladder of resting limits, a trailing stop, break-even, time stop and
session end, at latency 0. It was written from the page of the card language alone, and imports nothing of the engine.
Prices are Fractions; a feature's value is a float, and enters as its shortest decimal text.
"""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import attrs

from tests.oracle.story import BTCUSDT, MINUTE_MS, Row, Venue, decimals
from tests.oracle.straight_loop import OracleFill, path_of

__all__ = ["ExitRun", "ExitStory", "exit_card", "tell_exits"]

MAKER_RATE = Fraction("0.0002")
MAX_MARKET_QTY = 500
DAY_MS = 86_400_000
Level = tuple[str, str]  # unit and number: ("percent", "1"), ("ticks", "5"), ("range", "2"), ("price", "low3")


@attrs.frozen
class ExitStory:
    """An entry and its exits; `high3` and `low3` are the extremes of three bars, `range` is the difference."""

    is_short: bool = False
    quantity: str | None = "1"
    risk: str | None = None  # percent of equity, in the place of the quantity
    stop: Level | None = None
    target: Level | None = None
    targets: tuple[tuple[Level, str], ...] = ()
    trail: Level | None = None
    activation: Level | None = None
    even_r: str | None = None
    even_target: int | None = None
    even_ticks: int = 0
    time_stop: int | None = None
    session_end: int | None = None  # minute of the day
    equity: str = "10000"
    path: str = "nearest_extreme"
    venue: Venue = BTCUSDT

    @property
    def sign(self) -> int:
        return -1 if self.is_short else 1


@attrs.frozen
class ExitRun:
    """What the loop saw."""

    fills: tuple[OracleFill, ...]
    orders: int
    refusals: dict[str, int]
    final_equity: Decimal


@attrs.define
class _Rung:
    number: int
    price: Fraction
    qty: Fraction


@attrs.define
class _State:
    cash: Fraction
    held: Fraction = Fraction(0)  # unsigned
    entry: Fraction = Fraction(0)
    entry_bar: int = 0
    stop: Fraction | None = None
    first_stop: Fraction | None = None
    target: Fraction | None = None
    rungs: list[_Rung] = attrs.field(factory=list)
    distance: Fraction | None = None  # of the trailing stop
    starts_at: Fraction | None = None
    best: Fraction | None = None  # since it trails
    gained: bool = False  # a close has come to break-even
    fixed: dict[str, Fraction] = attrs.field(factory=dict)  # distances and prices of the deciding bar
    due_qty: Fraction | None = None
    leaves: bool = False
    orders: int = 0
    fills: list[OracleFill] = attrs.field(factory=list)
    refusals: Counter[str] = attrs.field(factory=Counter)


def tell_exits(rows: Sequence[Row], story: ExitStory, lost: frozenset[int] = frozenset()) -> ExitRun:
    """Run the story over the rows; what is decided at the close of a bar in `lost` never leaves."""
    teller = _Teller(rows, story, lost)
    for i in range(len(rows)):
        teller.bar(i)
    s = teller.s
    equity = s.cash + story.sign * s.held * Fraction(rows[-1][4])
    return ExitRun(tuple(s.fills), s.orders, dict(s.refusals), _decimal(equity))


class _Teller:
    def __init__(self, rows: Sequence[Row], story: ExitStory, lost: frozenset[int]) -> None:
        self.rows, self.story, self.lost = rows, story, lost
        self.s = _State(Fraction(story.equity))
        self.tick, self.step = Fraction(story.venue.tick), Fraction(story.venue.step)

    # -- a bar ----------------------------------------------------------------------------------------------------

    def bar(self, i: int) -> None:
        points = [Fraction(point) for point in path_of(decimals(self.rows[i]), self.story.path)]
        s = self.s
        at = points[0]
        if s.leaves:
            s.leaves = False
            if s.held:
                self.leave(i, s.held, at, "user", self.taker)
        elif s.due_qty is not None:
            self.enter(i, s.due_qty, at)
        self.meet_at_open(i, at)
        for start, end in pairwise(points):
            self.leg(i, start, end)
        self.close(i, points[-1])

    def enter(self, i: int, qty: Fraction, at: Fraction) -> None:
        s, story = self.s, self.story
        s.due_qty = None
        s.held, s.entry, s.entry_bar = qty, at, i
        self.fill(i, story.sign, qty, at, "user", self.taker)
        s.stop = s.first_stop = self.level(story.stop, at, -story.sign)
        s.target = self.level(story.target, at, story.sign)
        s.distance = s.starts_at = s.best = None
        s.gained = False
        if story.trail is not None and story.trail[0] != "price":
            s.distance = self.distance(story.trail, at)
            s.starts_at = self.level(story.activation, at, story.sign)
            s.best = at if s.starts_at is None else None
        share = placed = Fraction(0)
        for number, (level, fraction) in enumerate(story.targets, 1):
            share += Fraction(fraction)
            want = qty * share // self.step * self.step
            if want - placed >= Fraction(story.venue.min_qty):
                price = self.level(level, at, story.sign)
                assert price is not None
                s.rungs.append(_Rung(number, price, want - placed))
                s.orders += 1
                placed = want

    def meet_at_open(self, i: int, at: Fraction) -> None:
        """Whatever the open has passed already acts there; limits at their own price."""
        s, sign = self.s, self.story.sign
        if not s.held:
            return
        for rung in list(s.rungs):
            if s.held and sign * (at - rung.price) >= self.tick:
                taken = s.entry_bar == i  # it has just come, and takes
                self.take_rung(i, rung, at if taken else rung.price, self.taker if taken else MAKER_RATE)
        if s.held and s.best is None and s.starts_at is not None and sign * (at - s.starts_at) >= 0:
            s.best = at
        met = [(level, origin) for level, origin in self.stops() if sign * (level - at) >= 0]
        if s.held and met:
            self.leave(i, s.held, at, max(met, key=lambda each: sign * each[0])[1], self.taker)
        if s.held and s.target is not None and sign * (at - s.target) >= 0:
            self.leave(i, s.held, at, "take_profit", self.taker)
        if s.held and s.best is not None:
            s.best = max(s.best, at) if sign > 0 else min(s.best, at)

    def leg(self, i: int, start: Fraction, end: Fraction) -> None:
        s, sign = self.s, self.story.sign
        if not s.held or start == end:
            return
        if sign * (end - start) < 0:  # against the position: the nearest stop
            met = [(level, origin) for level, origin in self.stops() if sign * (level - end) >= 0]
            if met:
                level, origin = max(met, key=lambda each: sign * each[0])
                self.leave(i, s.held, level, origin, self.taker)
            return
        self.favourable(i, end)

    def favourable(self, i: int, end: Fraction) -> None:
        """In favour of the position: targets, and where the trailing stop starts, in the order of their prices."""
        s, sign = self.s, self.story.sign
        events = [(rung.price + sign * self.tick, rung) for rung in s.rungs]
        for at, rung in sorted(events, key=lambda each: sign * each[0]):
            if s.held and sign * (end - at) >= 0 and rung in s.rungs:
                self.take_rung(i, rung, rung.price, MAKER_RATE)
        if s.held and s.target is not None and sign * (end - s.target) >= 0:
            self.leave(i, s.held, s.target, "take_profit", self.taker)
        if s.held and s.distance is not None:
            if s.best is None and s.starts_at is not None and sign * (end - s.starts_at) >= 0:
                s.best = s.starts_at
            if s.best is not None:
                s.best = max(s.best, end) if sign > 0 else min(s.best, end)

    def stops(self) -> list[tuple[Fraction, str]]:
        s, sign = self.s, self.story.sign
        found = [] if s.stop is None else [(s.stop, "stop_loss")]
        if s.best is not None and s.distance is not None:
            found.append((s.best - sign * s.distance, "trailing_stop"))
        return found

    # -- the close -------------------------------------------------------------------------------------------------

    def close(self, i: int, close: Fraction) -> None:
        s = self.s
        self.look(close)
        if i in self.lost:
            return
        if s.held:
            if self.is_over(i):
                s.leaves = True
                s.orders += 1
                return
            self.move_stop(i, close)
        elif i >= 2 and close > Fraction(self.rows[i - 1][4]):
            self.decide(i, close)

    def look(self, close: Fraction) -> None:
        """Note whether a close has gained so many times the first risk."""
        s, sign = self.s, self.story.sign
        if s.held and self.story.even_r is not None and s.first_stop is not None:
            risk = sign * (s.entry - s.first_stop)
            s.gained = s.gained or sign * (close - s.entry) >= risk * Fraction(self.story.even_r)

    def is_over(self, i: int) -> bool:
        s, story = self.s, self.story
        close_ms, opened_ms = self.rows[i][0] + MINUTE_MS, self.rows[s.entry_bar][0]
        if story.session_end is not None:
            due = opened_ms - opened_ms % DAY_MS + story.session_end * MINUTE_MS
            due += 0 if due > opened_ms else DAY_MS
            if close_ms >= due:
                return True
        return story.time_stop is not None and close_ms >= opened_ms + story.time_stop * MINUTE_MS

    def move_stop(self, i: int, close: Fraction) -> None:
        s, story, sign = self.s, self.story, self.story.sign
        wanted = []
        if s.gained:
            wanted.append(self.even())
        if story.trail is not None and story.trail[0] == "price":
            wanted.append(self.rounded(self.feature(story.trail[1], i), -sign))
        for price in sorted(wanted, key=lambda each: -sign * each)[:1]:
            assert s.stop is not None
            if sign * (price - s.stop) > 0 and sign * (close - price) > 0:
                s.stop = price

    def even(self) -> Fraction:
        return self.rounded(self.s.entry + self.story.sign * self.story.even_ticks * self.tick, -self.story.sign)

    def decide(self, i: int, close: Fraction) -> None:
        s, story, sign = self.s, self.story, self.story.sign
        s.fixed = {}
        levels = [story.stop, story.target, story.trail, story.activation, *(level for level, _ in story.targets)]
        for level in levels:
            if level is None or (level is story.trail and level[0] == "price"):
                continue
            unit, value = level
            if unit == "range":
                raw = self.feature("range", i) * Fraction(value)
                s.fixed[f"range {value}"] = -(-raw // self.tick) * self.tick
                if raw <= 0:
                    s.refusals["UNRESOLVED_PRICE"] += 1
                    return
            if unit == "price":
                s.fixed[f"price {value}"] = self.feature(value, i)
        for level, side in ((story.stop, -sign), (story.target, sign)):
            if level is not None and level[0] == "price":
                price = self.level(level, close, side)
                assert price is not None
                if side * (price - close) <= 0:
                    s.refusals["LEVEL_SIDE"] += 1
                    return
        if story.risk is not None:
            stop = self.level(story.stop, close, -sign)
            assert stop is not None
            equity = s.cash
            raw = equity * Fraction(story.risk) / 100 / abs(close - stop)
            qty = raw // self.step * self.step
        else:
            assert story.quantity is not None
            qty = Fraction(story.quantity)
        if qty < Fraction(story.venue.min_qty) or qty * close < Fraction(story.venue.min_notional):
            s.refusals["BELOW_MINIMUM"] += 1
            return
        if qty > MAX_MARKET_QTY:
            s.refusals["ABOVE_MAXIMUM"] += 1
            return
        s.due_qty = qty
        s.orders += 1

    # -- arithmetic ------------------------------------------------------------------------------------------------

    def feature(self, name: str, i: int) -> Fraction:
        last = self.rows[i - 2 : i + 1]
        high, low = max(float(row[2]) for row in last), min(float(row[3]) for row in last)
        return Fraction(repr({"range": high - low, "low3": low, "high3": high}[name]))

    def distance(self, level: Level, entry: Fraction) -> Fraction:
        unit, value = level
        if unit == "ticks":
            return int(value) * self.tick
        if unit == "range":
            return self.s.fixed[f"range {value}"]
        raw = entry * Fraction(value) / 100
        return max(self.tick, -(-raw // self.tick) * self.tick)

    def level(self, level: Level | None, entry: Fraction, sign: int) -> Fraction | None:
        """A level above (+1) or below (-1) the entry, rounded away from it."""
        if level is None:
            return None
        unit, value = level
        if unit == "price":
            return self.rounded(self.s.fixed[f"price {value}"], sign)
        exact = entry * Fraction(value) / 100 if unit == "percent" else self.distance(level, entry)
        return self.rounded(entry + sign * exact, sign)

    def rounded(self, price: Fraction, sign: int) -> Fraction:
        ticks = price / self.tick
        return (-(-ticks // 1) if sign > 0 else ticks // 1) * self.tick

    # -- booking ---------------------------------------------------------------------------------------------------

    @property
    def taker(self) -> Fraction:
        return Fraction(self.story.venue.taker_rate)

    def take_rung(self, i: int, rung: _Rung, price: Fraction, rate: Fraction) -> None:
        s = self.s
        s.rungs.remove(rung)
        qty = min(rung.qty, s.held)
        self.leave(i, qty, price, "user", rate)
        if s.held and self.story.even_target == rung.number:
            even = self.even()
            assert s.stop is not None
            if self.story.sign * (even - s.stop) > 0:
                s.stop = even

    def leave(self, i: int, qty: Fraction, price: Fraction, origin: str, rate: Fraction) -> None:
        s = self.s
        self.fill(i, -self.story.sign, qty, price, origin, rate)
        s.held -= qty
        if not s.held:
            s.stop = s.target = s.distance = s.best = s.starts_at = None
            s.rungs = []

    def fill(self, i: int, side: int, qty: Fraction, price: Fraction, origin: str, rate: Fraction) -> None:
        s = self.s
        fee = qty * price * rate
        s.cash -= side * qty * price + fee
        name = "buy" if side > 0 else "sell"
        s.fills.append(OracleFill(i, name, _decimal(qty), _decimal(price), _decimal(fee), origin))


def _decimal(value: Fraction) -> Decimal:
    """Exactly; every number here has a finite decimal expansion."""
    scaled = value * 10**18
    assert scaled.denominator == 1
    return Decimal(scaled.numerator).scaleb(-18).normalize()


def exit_card(story: ExitStory) -> str:
    """The story as a card."""

    def level(stated: Level, more: str = "") -> str:
        unit, value = stated
        body = f"atr: {{feature: range3, multiple: {value}}}" if unit == "range" else f"{unit}: {value}"
        return f"{{{body}{more}}}"

    size = f"risk: {{percent: {story.risk}}}" if story.risk is not None else f"quantity: {story.quantity}"
    parts = [f"action: {'enter_short' if story.is_short else 'enter_long'}", f"size: {{{size}}}"]
    parts += [] if story.stop is None else [f"stop_loss: {level(story.stop)}"]
    parts += [] if story.target is None else [f"take_profit: {level(story.target)}"]
    if story.targets:
        parts.append("targets: [" + ", ".join(level(at, f", fraction: {share}") for at, share in story.targets) + "]")
    if story.trail is not None:
        activation = "" if story.activation is None else f", activation: {level(story.activation)}"
        parts.append(f"trail: {level(story.trail, activation)}")
    if story.even_r is not None:
        parts.append(f"break_even: {{at_r: {story.even_r}, offset_ticks: {story.even_ticks}}}")
    if story.even_target is not None:
        parts.append(f"break_even: {{at_target: {story.even_target}, offset_ticks: {story.even_ticks}}}")
    parts += [] if story.time_stop is None else [f"time_stop: {{bars: {story.time_stop}}}"]
    if story.session_end is not None:
        parts.append(f'session_end: "{story.session_end // 60:02}:{story.session_end % 60:02}"')
    return f"""id: exits
market: {{venue: bybit, category: linear, symbol: {story.venue.symbol}}}
timeframes: {{exec: 1m}}
account: {{equity: {story.equity}, leverage: 50}}
features:
  high3: {{use: highest, length: 3}}
  low3: {{use: lowest, length: 3}}
  range3: high3 - low3
blocks:
  - id: entry
    cases:
      - when: position.flat and close > close[1]
        emit: {{{", ".join(parts)}}}
"""
