"""The slow venue: a straight loop that walks every bar tick by tick and looks at every order at every tick.

Written from the rules alone, for whole prices and a tick of 1, to be compared with the real one. It knows what is sent
at closes, how much later that arrives, the stop and target that an order brings along, and one habit of its user: after
each own fill, stop and target so many ticks from it. Times are fractions of milliseconds: the price comes to each tick
of a leg at one of them. Several symbols share one time line: `run_together`.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import count

import attrs

__all__ = ["BAR_MS", "Act", "Bar", "SlowFill", "SlowVenue", "run_together"]

Bar = tuple[int, int, int, int]
SlowFill = tuple[int, str, int, int, int, bool]  # time (ms), id or origin, side, quantity, price, is_maker
Turn = tuple[int, int, int]  # what comes next: time (ms), 0 for a message and 1 for the market, number of the message
BAR_MS = 60_000
POINTS_MS = (0, 20_000, 40_000, 59_999)


@attrs.frozen
class Act:
    """Sent at a close, it arrives `late_ms` later: a new order, or `change`/`cancel` of the order `target`.

    `brings` are the stop and the target that go with a new order, and become the position's when it fills.
    """

    verb: str
    side: int = 1
    qty: int = 1
    price: int | None = None
    trigger: int | None = None
    rises: bool = True
    policy: str = "GTC"
    reduce_only: bool = False
    target: int = 0
    late_ms: int = 0
    brings: tuple[int | None, int | None] = (None, None)


Levels = tuple[int | None, int | None]  # stop and target


@attrs.define(eq=False)
class _Order:
    id: str
    act: Act
    number: int
    qty: int
    armed: bool
    resting: bool = False
    is_due: bool = True


@attrs.define(eq=False)
class SlowVenue:
    """`through`: ticks beyond a resting limit; `habit`: (stop, target) distances in ticks, 0 for none, which arrive
    `lag_ms` after the fill; `drift`: ticks a taker pays for each started second since the path was at a point.
    """

    high_first: str
    through: int
    habit: tuple[int, int]
    held: int = 0
    price: int = 0
    bar: int = 0
    orders: list[_Order] = attrs.Factory(list)
    levels: dict[str, tuple[int, int]] = attrs.Factory(dict)  # origin -> (price, number)
    fills: list[SlowFill] = attrs.Factory(list)
    made: int = 0
    numbers: int = 0
    lag_ms: int = 0
    drift: int = 0
    now: int = 0
    seen: int = 0  # when the path was at a point
    exact: Fraction | None = None  # the price of now, between two points
    sent: list[tuple[int, int, Act | Levels]] = attrs.Factory(list)  # arrival, number, what
    sendings: Iterator[int] = attrs.Factory(count)
    path: list[int] = attrs.Factory(list)  # of the bar

    def run(self, bars: Sequence[Bar], acts: Sequence[Sequence[Act]]) -> None:
        """Every bar along its path, and what is sent at closes when it arrives."""
        for number, sent in enumerate(acts[: len(bars)]):
            self.send_at_close(number, sent)
        for _ in self.turns(bars):
            pass

    def send_at_close(self, bar: int, acts: Sequence[Act]) -> None:
        """What its user sends at the close of a bar."""
        for act in acts:
            self._post((bar + 1) * BAR_MS + act.late_ms, act)

    def turns(self, bars: Sequence[Bar]) -> Iterator[Turn]:
        """The bars step by step: yields what comes next, and does it when it is resumed."""
        for number, bar in enumerate(bars):
            path, times = self._path(bar), [number * BAR_MS + ms for ms in POINTS_MS]
            yield times[0], 1, 0
            self.bar, self.path = number, path
            self._start_bar()
            self.price, self.now, self.seen = path[0], times[0], times[0]
            self._judge_due()
            self._touch(self.price)
            for leg in range(1, 4):
                yield from self._walk(path[leg - 1], path[leg], times[leg - 1], times[leg])
            self.now = (self.bar + 1) * BAR_MS
            yield from self._messages()

    def price_at(self, now: int) -> int:
        """The last price at a whole millisecond of this bar, rounded towards where its leg began."""
        ms = now - self.bar * BAR_MS
        for leg in range(1, 4):
            start, end, start_ms, end_ms = *self.path[leg - 1 : leg + 1], POINTS_MS[leg - 1], POINTS_MS[leg]
            if ms < end_ms:
                return start + int(Fraction((end - start) * (ms - start_ms), end_ms - start_ms))
        return self.path[3]

    def _post(self, time_ms: int, what: Act | Levels) -> None:
        self.sent.append((time_ms, next(self.sendings), what))

    def _messages(self) -> Iterator[Turn]:
        """What arrives now, one by one."""
        while found := [each for each in self.sent if each[0] == self.now]:
            message = min(found, key=lambda each: each[1])
            yield self.now, 0, message[1]
            self._take(message)

    def _take(self, message: tuple[int, int, Act | Levels]) -> None:
        self.sent.remove(message)
        if isinstance(message[2], Act):
            self._send(message[2])
        elif self.held:
            self._protect("stop_loss", message[2][0])
            self._protect("take_profit", message[2][1])

    def _judge_due(self) -> None:
        for order in [order for order in self.orders if order.is_due]:
            if order in self.orders:
                order.is_due = False
                self._judge(order, 0 if self.exact is None else -(-(self.now - self.seen) // 1000))

    def market(self, side: int) -> int:
        """What a taker meets: a buyer's price is rounded up, a seller's down."""
        if self.exact is None:
            return self.price
        return -(-self.exact.numerator // self.exact.denominator) if side > 0 else int(self.exact // 1)

    def _start_bar(self) -> None:
        """Before its open."""

    def _triggered(self, order: "_Order") -> bool:
        """Whether an order whose trigger has acted may go on."""
        return True

    def _path(self, bar: Bar) -> list[int]:
        o, h, low, c = bar
        up = self.high_first == "ohlc" or (self.high_first == "nearest_extreme" and h - o < o - low)
        return [o, h, low, c] if up else [o, low, h, c]

    def _walk(self, start: int, end: int, start_ms: int, end_ms: int) -> Iterator[Turn]:
        """One leg, tick by tick: before each what arrives until then."""
        step = 1 if end > start else -1
        yield start_ms, 1, 0
        self.seen = self.now = start_ms
        self._touch(end)
        while self.price != end:
            there = self.price + step
            there_ms = start_ms + Fraction((end_ms - start_ms) * abs(there - start), abs(end - start))
            yield from self._arrivals(start, end, start_ms, end_ms, there_ms)
            self.price, self.now = there, int(there_ms)
            if self.now == there_ms:
                yield from self._arrive(Fraction(there) if self.now < end_ms else None, end)
            yield self.now, 1, 0
            self._touch(end)
        yield from self._arrivals(start, end, start_ms, end_ms, Fraction(end_ms + 1))

    def _arrivals(self, start: int, end: int, start_ms: int, end_ms: int, until_ms: Fraction) -> Iterator[Turn]:
        """What arrives before a time, with the price between two ticks."""
        while times := [each[0] for each in self.sent if start_ms < each[0] < until_ms]:
            self.now = min(times)
            gone = Fraction((end - start) * (self.now - start_ms), end_ms - start_ms)
            yield from self._arrive(start + gone if self.now < end_ms else None, end)

    def _arrive(self, exact: Fraction | None, end: int) -> Iterator[Turn]:
        self.exact = exact
        yield from self._messages()
        yield self.now, 1, 0
        self._judge_due()
        self._touch(end)
        self.exact = None

    def _touch(self, end: int) -> None:
        while self._touch_one(end):
            pass

    def _touch_one(self, end: int) -> bool:
        met = self._met(end)
        if not met:
            return False
        self._meet(min(met, key=lambda each: each[:2])[2])
        return True

    def _met(self, end: int) -> list[tuple[int, int, object]]:
        """What the present price meets on its way to `end`: how far it is passed, its number, and the order."""
        x, low, high = self.price, min(self.price, end), max(self.price, end)
        met: list[tuple[int, int, object]] = []
        for order in self.orders:
            act = order.act
            if order.armed and not order.is_due and act.trigger is not None:
                if act.trigger <= x if act.rises else act.trigger >= x:
                    met.append((-abs(act.trigger - x), order.number, order))
            elif order.resting and act.price is not None:
                if act.side > 0 and act.price >= x and act.price - self.through >= low:
                    met.append((-(act.price - x), order.number, order))
                if act.side < 0 and act.price <= x and act.price + self.through <= high:
                    met.append((-(x - act.price), order.number, order))
        for origin, (level, number) in self.levels.items():
            falls = (origin == "stop_loss") == (self.held > 0)
            if level >= x if falls else level <= x:
                met.append((-abs(level - x), number, origin))
        return met

    def _meet(self, what: object) -> None:
        if isinstance(what, str):
            side, qty = (-1 if self.held > 0 else 1), abs(self.held)
            level, market = self.levels.pop(what)[0], self.market(side)
            falls = (what == "stop_loss") == (self.held > 0)
            self._book(what, side, qty, min(level, market) if falls else max(level, market), False)
        elif isinstance(what, _Order):
            if what.armed:
                what.armed = False
                if self._triggered(what):
                    self._judge(what)
            else:
                assert what.act.price is not None
                self._fill(what, what.act.price, True)

    def _judge(self, order: _Order, unseen_s: int = 0) -> None:
        """A live order meets the market; one that has just arrived pays for the seconds since the last point."""
        act = order.act
        if order.armed:
            return
        market = self.market(act.side)
        paid = max(1, market + act.side * unseen_s * self.drift)
        if act.price is None:
            self._fill(order, paid, False)
        elif act.side * (act.price - market) >= 0:
            if act.policy == "PostOnly":
                self.orders.remove(order)
            else:
                self._fill(order, min(paid, act.price) if act.side > 0 else max(paid, act.price), False)
        elif act.policy in ("IOC", "FOK"):
            self.orders.remove(order)
        else:
            order.resting = True

    def _fill(self, order: _Order, price: int, is_maker: bool) -> None:
        self.orders.remove(order)
        qty = min(order.qty, abs(self.held)) if order.act.reduce_only else order.qty
        self._book(order.id, order.act.side, qty, price, is_maker)
        if self.held * order.act.side > 0:
            for origin, level in zip(("stop_loss", "take_profit"), order.act.brings, strict=True):
                if level is not None:
                    self._protect(origin, level)
        if self.held != 0 and any(self.habit):
            sign, (stop, target) = (1 if self.held > 0 else -1), self.habit
            self._post(
                self.now + self.lag_ms,
                (price - sign * stop if stop else None, price + sign * target if target else None),
            )
            if not self.lag_ms:
                self._take(self.sent[-1])

    def _book(self, who: str, side: int, qty: int, price: int, is_maker: bool) -> None:
        before = self.held
        self.held += side * qty
        self.fills.append((self.now, who, side, qty, price, is_maker))
        if before and self.held * before <= 0:
            self.levels = {}
            self.orders = [each for each in self.orders if not each.act.reduce_only or each.act.side * self.held < 0]

    def _protect(self, origin: str, level: int | None) -> None:
        if level is None:
            self.levels.pop(origin, None)
        elif origin not in self.levels or self.levels[origin][0] != level:
            self.numbers += 1
            self.levels[origin] = (level, self.numbers)

    def _send(self, act: Act) -> None:
        if act.verb == "new":
            if self._wrong_trigger(act) or self._wrong_levels(act) or (act.reduce_only and act.side * self.held >= 0):
                return
            self.made += 1
            self.numbers += 1
            qty = min(act.qty, abs(self.held)) if act.reduce_only else act.qty
            armed = act.trigger is not None
            self.orders.append(_Order(f"id-{self.made}", act, self.numbers, qty, armed))
            return
        order = next((each for each in self.orders if each.id == f"id-{act.target}"), None)
        if order is None:
            return
        if act.verb == "cancel":
            self.orders.remove(order)
        elif order.act.price is not None and act.price not in (None, order.act.price):
            if order.armed and self._wrong_trigger(order.act):
                return
            if self._wrong_levels(attrs.evolve(order.act, price=act.price)):
                return
            self.numbers += 1
            order.act = attrs.evolve(order.act, price=act.price)
            order.number, order.resting, order.is_due = self.numbers, False, True
            # Due orders are judged in the order in which they came, so a changed one goes to the end of the line.
            self.orders.remove(order)
            self.orders.append(order)

    def _wrong_trigger(self, act: Act) -> bool:
        if act.trigger is None:
            return False
        return act.trigger <= self.price if act.rises else act.trigger >= self.price

    def _wrong_levels(self, act: Act) -> bool:
        """What an order brings must be on its sides of its price, else of its trigger, else of the last price."""
        stop, target = act.brings
        base = next(price for price in (act.price, act.trigger, self.price) if price is not None)
        if act.reduce_only and act.brings != (None, None):
            return True
        return (stop is not None and act.side * (base - stop) <= 0) or (
            target is not None and act.side * (target - base) <= 0
        )


def run_together(
    venues: Sequence[SlowVenue], bars: Sequence[Sequence[Bar]], acts: Sequence[Sequence[Sequence[Act]]]
) -> list[tuple[int, SlowFill]]:
    """One venue a symbol on one time line; the fills of all as they come, each with the number of its symbol.

    At equal times messages go before the market, in the order in which they were sent; the market's events in that of
    the symbols.
    """
    sendings: Iterator[int] = count()
    for venue in venues:
        venue.sendings = sendings
    for bar in range(max(map(len, bars))):
        for venue, its_bars, its_acts in zip(venues, bars, acts, strict=True):
            if bar < min(len(its_bars), len(its_acts)):
                venue.send_at_close(bar, its_acts[bar])
    lines = [venue.turns(its_bars) for venue, its_bars in zip(venues, bars, strict=True)]
    heads = {number: next(line) for number, line in enumerate(lines)}
    fills: list[tuple[int, SlowFill]] = []
    while heads:
        number = min(heads, key=lambda which: (*heads[which], which))
        known = len(venues[number].fills)
        head = next(lines[number], None)
        fills += [(number, fill) for fill in venues[number].fills[known:]]
        if head is None:
            del heads[number]
        else:
            heads[number] = head
    return fills
