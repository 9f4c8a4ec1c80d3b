"""The slow venue: a straight loop that walks every bar tick by tick and looks at every order at every tick.

Written from the rules alone, for whole prices and a tick of 1, to be compared with the real one. It knows what is sent
at closes and one habit of its user: after each own fill, stop and target so many ticks from it.
"""

from collections.abc import Sequence

import attrs

__all__ = ["Act", "Bar", "SlowFill", "SlowVenue"]

Bar = tuple[int, int, int, int]
SlowFill = tuple[int, str, int, int, int, bool]  # bar, id or origin, side, quantity, price, is_maker


@attrs.frozen
class Act:
    """What is sent at a close: a new order, or `change`/`cancel` of the order `target`."""

    verb: str
    side: int = 1
    qty: int = 1
    price: int | None = None
    trigger: int | None = None
    rises: bool = True
    policy: str = "GTC"
    reduce_only: bool = False
    target: int = 0


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
    """`through`: ticks beyond a resting limit; `habit`: (stop, target) distances in ticks, 0 for none."""

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

    def run(self, bars: Sequence[Bar], acts: Sequence[Sequence[Act]]) -> None:
        """Every bar along its path, and at its close what is sent then."""
        for self.bar, bar in enumerate(bars):
            path = self._path(bar)
            self._start_bar()
            self.price = path[0]
            for order in [order for order in self.orders if order.is_due]:
                if order in self.orders:
                    order.is_due = False
                    self._judge(order)
            self._walk(self.price)
            for point in path[1:]:
                self._walk(point)
            for act in acts[self.bar] if self.bar < len(acts) else ():
                self._send(act)

    def _start_bar(self) -> None:
        """Before its open."""

    def _triggered(self, order: "_Order") -> bool:
        """Whether an order whose trigger has acted may go on."""
        return True

    def _path(self, bar: Bar) -> list[int]:
        o, h, low, c = bar
        up = self.high_first == "ohlc" or (self.high_first == "nearest_extreme" and h - o < o - low)
        return [o, h, low, c] if up else [o, low, h, c]

    def _walk(self, end: int) -> None:
        while True:
            while self._touch_one(end):
                pass
            if self.price == end:
                return
            self.price += 1 if end > self.price else -1

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
            del self.levels[what]
            self._book(what, side, qty, self.price, False)
        elif isinstance(what, _Order):
            if what.armed:
                what.armed = False
                if self._triggered(what):
                    self._judge(what)
            else:
                assert what.act.price is not None
                self._fill(what, what.act.price, True)

    def _judge(self, order: _Order) -> None:
        act = order.act
        if order.armed:
            return
        if act.price is None:
            self._fill(order, self.price, False)
        elif act.side * (act.price - self.price) >= 0:
            if act.policy == "PostOnly":
                self.orders.remove(order)
            else:
                self._fill(order, self.price, False)
        elif act.policy in ("IOC", "FOK"):
            self.orders.remove(order)
        else:
            order.resting = True

    def _fill(self, order: _Order, price: int, is_maker: bool) -> None:
        self.orders.remove(order)
        qty = min(order.qty, abs(self.held)) if order.act.reduce_only else order.qty
        self._book(order.id, order.act.side, qty, price, is_maker)
        if self.held != 0:
            sign = 1 if self.held > 0 else -1
            for origin, distance in (("stop_loss", -sign * self.habit[0]), ("take_profit", sign * self.habit[1])):
                self._protect(origin, price + distance if distance else None)

    def _book(self, who: str, side: int, qty: int, price: int, is_maker: bool) -> None:
        before = self.held
        self.held += side * qty
        self.fills.append((self.bar, who, side, qty, price, is_maker))
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
            if self._wrong_trigger(act) or (act.reduce_only and act.side * self.held >= 0):
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
