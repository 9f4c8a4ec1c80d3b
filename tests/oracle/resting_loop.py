"""The oracle of resting entries: one limit order or a ladder that expires and follows its price, as one loop over bars.

It knows shares by weight, expiry by bars, by the time of day and by a condition, re-quotes, a time stop, and what
becomes of the rest of a ladder; at latency 0 in any market, with messages under way in markets without gaps and without
exits. It was written from the page of the card language alone, and imports nothing of the engine. Prices are Fractions.
"""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import attrs

from tests.oracle.exits_loop import DAY_MS, MAKER_RATE, ExitRun
from tests.oracle.story import BTCUSDT, MINUTE_MS, Row, Venue, decimals
from tests.oracle.straight_loop import OracleFill, path_of

__all__ = ["WHENS", "RestingStory", "resting_card", "tell_resting"]

WHENS = {"falls": "close < close[1]", "breaks": "close < low3[1]", "two": "close > close[1] and close[1] > close[2]"}


@attrs.frozen
class RestingStory:
    """`rungs` are (weight, reference, offset in ticks) with references `close`, `low3` and `high3`; with `is_ladder`
    False there is one. `expires` is ("bars", n), ("until", minute of the day) or ("when", a key of WHENS).

    With `adds` entries go on top of the position and nothing ever leaves. Fills are known `response_ms` later.
    """

    rungs: tuple[tuple[str, str, int], ...] = (("1", "close", -2),)
    is_ladder: bool = False
    is_short: bool = False
    quantity: str = "1"
    follow_ticks: int | None = None
    follow_percent: str | None = None
    expires: tuple[str, int | str] | None = None
    time_stop: int | None = None
    adds: bool = False
    response_ms: int = 0
    equity: str = "1000000"
    path: str = "nearest_extreme"
    venue: Venue = BTCUSDT

    @property
    def sign(self) -> int:
        return -1 if self.is_short else 1


@attrs.define(eq=False)
class _Order:
    number: int
    price: Fraction
    qty: Fraction
    since_ms: int
    arrives: bool = True  # at the next open, with new terms
    filled_ms: int | None = None
    is_changing: bool = False  # a request is under way
    becomes: Fraction | None = None  # the price that it asks for, None to end the order


@attrs.define
class _Teller:
    rows: Sequence[Row]
    story: RestingStory
    lost: frozenset[int]
    cash: Fraction
    held: Fraction = Fraction(0)  # unsigned
    newest_fill_bar: int = 0
    resting: list[_Order] = attrs.field(factory=list)
    ladder_has_filled: bool = False
    leaves: bool = False
    orders: int = 0
    fills: list[OracleFill] = attrs.field(factory=list)
    refusals: Counter[str] = attrs.field(factory=Counter)

    # -- a bar ----------------------------------------------------------------------------------------------------

    def bar(self, i: int) -> None:
        points = [Fraction(point) for point in path_of(decimals(self.rows[i]), self.story.path)]
        if self.leaves:
            self.leaves = False
            self.leave(i, points[0])
        for order in [each for each in self.by_price() if each.is_changing]:
            self.change(i, order, points)
        stood = [order for order in self.by_price() if not order.arrives]
        for order in [*stood, *(order for order in self.resting if order.arrives and order.filled_ms is None)]:
            taken, order.arrives = order.arrives, False
            if self.is_beyond(points[0], order, Fraction(0) if taken else self.tick):
                at = points[0] if taken else order.price
                self.enter(i, order, at, Fraction(self.story.venue.taker_rate) if taken else MAKER_RATE, 0)
        third = MINUTE_MS // 3
        times = (0, third, 2 * third, MINUTE_MS - 1)
        for (start, start_ms), (end, end_ms) in pairwise(zip(points, times, strict=True)):
            for order in self.by_price():
                if self.is_beyond(end, order, self.tick):
                    share = (order.price - start) / (end - start)
                    self.enter(i, order, order.price, MAKER_RATE, int(start_ms + share * (end_ms - start_ms)))
        self.close(i)

    def change(self, i: int, order: _Order, points: list[Fraction]) -> None:
        """A request arrives; with messages under way the bar has begun by then, at the order's own price perhaps."""
        order.is_changing = False
        is_met = order.price == points[0] and self.is_beyond(points[1], order, self.tick)
        if self.story.response_ms and is_met:
            self.enter(i, order, order.price, MAKER_RATE, 0)
        elif order.becomes is None:
            self.resting.remove(order)
        else:
            order.price, order.arrives = order.becomes, True

    def by_price(self) -> list[_Order]:
        """Those that rest at the venue, the one that a falling (for shorts: rising) price meets first in front."""
        alive = [order for order in self.resting if order.filled_ms is None]
        return sorted(alive, key=lambda order: -self.story.sign * order.price)

    def is_beyond(self, at: Fraction, order: _Order, distance: Fraction) -> bool:
        """Whether a price is so far beyond the order's: one that arrives takes what is there, one that rests waits."""
        return self.story.sign * (order.price - at) >= distance

    def enter(self, i: int, order: _Order, price: Fraction, rate: Fraction, ms: int) -> None:
        order.filled_ms = self.rows[i][0] + ms
        self.held += order.qty
        self.newest_fill_bar = i
        self.ladder_has_filled = self.story.is_ladder
        self.fill(i, self.story.sign, order.qty, price, rate)

    def leave(self, i: int, at: Fraction) -> None:
        self.fill(i, -self.story.sign, self.held, at, Fraction(self.story.venue.taker_rate))
        self.held = Fraction(0)
        if self.ladder_has_filled:
            self.resting = []

    # -- the close -------------------------------------------------------------------------------------------------

    def close(self, i: int) -> None:
        now = self.rows[i][0] + MINUTE_MS
        known = self.story.response_ms
        self.resting = [each for each in self.resting if each.filled_ms is None or each.filled_ms + known > now]
        if i in self.lost:
            return
        if self.is_over(now):
            self.leaves = True
            self.orders += 1
            return
        was_in_flight = bool(self.resting)
        if self.resting and self.has_expired(i, now):
            for order in self.resting:
                order.is_changing, order.becomes = True, None
        else:
            self.follow(i)
        if i < self.first or not Fraction(self.rows[i][4]) > Fraction(self.rows[i - 1][4]):
            return
        if self.story.adds and was_in_flight:
            self.refusals["ENTRY_IN_FLIGHT"] += 1
        elif not was_in_flight and (self.story.adds or not self.held):
            self.lay(i, now)

    @property
    def first(self) -> int:
        """`low3[1]` needs a bar more than the rest."""
        return 3 if self.story.expires == ("when", "breaks") else 2

    def is_over(self, now: int) -> bool:
        stop = self.story.time_stop
        return bool(self.held) and stop is not None and now >= self.rows[self.newest_fill_bar][0] + stop * MINUTE_MS

    def has_expired(self, i: int, now: int) -> bool:
        since = self.resting[0].since_ms
        match self.story.expires:
            case ("bars", int(count)):
                return now >= since + count * MINUTE_MS
            case ("until", int(minute)):
                due = since - since % DAY_MS + minute * MINUTE_MS
                return now >= (due if due > since else due + DAY_MS)
            case ("when", "falls"):
                return Fraction(self.rows[i][4]) < Fraction(self.rows[i - 1][4])
            case ("when", "breaks"):
                return Fraction(self.rows[i][4]) < self.reference("low3", i - 1)
            case ("when", "two"):
                last = [Fraction(row[4]) for row in self.rows[i - 2 : i + 1]]
                return last[0] < last[1] < last[2]
        return False

    def follow(self, i: int) -> None:
        story = self.story
        for order in self.resting:
            price = self.price_of(order.number, i)
            moved = abs(price - order.price)
            far = story.follow_ticks is not None and moved > story.follow_ticks * self.tick
            if story.follow_percent is not None:
                far = moved * 100 > order.price * Fraction(story.follow_percent)
            if far and order.filled_ms is None:
                order.is_changing, order.becomes = True, price

    def lay(self, i: int, now: int) -> None:
        weights = [Fraction(weight) for weight, _, _ in self.story.rungs]
        qty, share, placed = Fraction(self.story.quantity), Fraction(0), Fraction(0)
        self.ladder_has_filled = False
        for number, weight in enumerate(weights):
            share += weight
            upto = qty * share / sum(weights) // self.step * self.step
            self.resting.append(_Order(number, self.price_of(number, i), upto - placed, now))
            self.orders += 1
            placed = upto

    # -- arithmetic ------------------------------------------------------------------------------------------------

    @property
    def tick(self) -> Fraction:
        return Fraction(self.story.venue.tick)

    @property
    def step(self) -> Fraction:
        return Fraction(self.story.venue.step)

    def price_of(self, number: int, i: int) -> Fraction:
        """Rounded to the passive side."""
        _, ref, ticks = self.story.rungs[number]
        steps = self.reference(ref, i) / self.tick + ticks
        return (steps // 1 if self.story.sign > 0 else -(-steps // 1)) * self.tick

    def reference(self, name: str, i: int) -> Fraction:
        last = self.rows[max(0, i - 2) : i + 1]
        return {
            "close": Fraction(last[-1][4]),
            "low3": min(Fraction(row[3]) for row in last),
            "high3": max(Fraction(row[2]) for row in last),
        }[name]

    def fill(self, i: int, side: int, qty: Fraction, price: Fraction, rate: Fraction) -> None:
        fee = qty * price * rate
        self.cash -= side * qty * price + fee
        name = "buy" if side > 0 else "sell"
        self.fills.append(OracleFill(i, name, _decimal(qty), _decimal(price), _decimal(fee), "user"))


def tell_resting(rows: Sequence[Row], story: RestingStory, lost: frozenset[int] = frozenset()) -> ExitRun:
    """Run the story over the rows; what is decided at the close of a bar in `lost` never leaves."""
    teller = _Teller(rows, story, lost, Fraction(story.equity))
    for i in range(len(rows)):
        teller.bar(i)
    equity = teller.cash + story.sign * teller.held * Fraction(rows[-1][4])
    return ExitRun(tuple(teller.fills), teller.orders, dict(teller.refusals), _decimal(equity))


def _decimal(value: Fraction) -> Decimal:
    """Exactly; every number here has a finite decimal expansion."""
    scaled = value * 10**18
    assert scaled.denominator == 1
    return Decimal(scaled.numerator).scaleb(-18).normalize()


def resting_card(story: RestingStory) -> str:
    """The story as a card."""
    prices = [f"{{ref: {ref}, offset_ticks: {ticks}}}" for _, ref, ticks in story.rungs]
    rungs = [f"{{weight: {rung[0]}, price: {price}}}" for rung, price in zip(story.rungs, prices, strict=True)]
    order = [f"ladder: [{', '.join(rungs)}]" if story.is_ladder else f"price: {prices[0]}"]
    order += [] if story.follow_ticks is None else [f"follow: {{ticks: {story.follow_ticks}}}"]
    order += [] if story.follow_percent is None else [f"follow: {{percent: {story.follow_percent}}}"]
    match story.expires:
        case ("until", int(minute)):
            order.append(f'expires: {{until: "{minute // 60:02}:{minute % 60:02}"}}')
        case ("when", str(name)):
            order.append(f'expires: {{when: "{WHENS[name]}"}}')
        case (str(_), count):
            order.append(f"expires: {{bars: {count}}}")
    parts = [f"action: {'enter_short' if story.is_short else 'enter_long'}", f"size: {{quantity: {story.quantity}}}"]
    parts.append(f"order: {{type: limit, {', '.join(order)}}}")
    parts += [] if story.time_stop is None else [f"time_stop: {{bars: {story.time_stop}}}"]
    parts += ["add: true"] if story.adds else []
    return f"""id: resting
market: {{venue: bybit, category: linear, symbol: {story.venue.symbol}}}
timeframes: {{exec: 1m}}
account: {{equity: {story.equity}, leverage: 50}}
features:
  high3: {{use: highest, length: 3}}
  low3: {{use: lowest, length: 3}}
blocks:
  - id: entry
    cases:
      - when: {"" if story.adds else "position.flat and "}close > close[1]
        emit: {{{", ".join(parts)}}}
"""
