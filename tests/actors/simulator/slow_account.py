"""The slow venue with an account: position, margin, fees, funding and liquidation by a straight loop over every price.

Written from the rules alone. Money is an integer here too, of price x quantity x 10^-5, so that every rounding is
named: a partial close takes its share of cost and of proceeds rounded down, margins and shares of orders are rounded
up. A coin counts 1000, as it does at the venue.
"""

import attrs

from tests.actors.simulator.straight_walk import Act, SlowVenue, _Order

__all__ = ["Purse", "SlowAccount"]

ONE = 10**5
COIN = 1000
MAKER, TAKER = 20, 55
LIQUIDATION = "liquidation"
HIGHEST = 400  # no price in these stories comes near it


@attrs.define
class Purse:
    """The wallet of all symbols."""

    wallet: int = 0


@attrs.define(eq=False)
class SlowAccount(SlowVenue):
    """`tiers`: (rate, deduction) of maintenance margin; `rates`: paid before each bar; `answers`: taken or not.

    Accounts of several symbols have one `purse`, and each knows the others as `beside`. Where those are worth something
    to it (in cross margin), it is what they are worth at the last price of this millisecond.
    """

    leverage: int = 1
    purse: Purse = attrs.Factory(Purse)
    beside: "list[SlowAccount]" = attrs.Factory(list)
    is_isolated: bool = False
    tiers: tuple[tuple[int, int], ...] = ()
    rates: tuple[int, ...] = ()
    cost: int = 0
    aside: int = 0
    fees: int = 0
    paid: list[tuple[int, int]] = attrs.Factory(list)  # bar, funding paid before it
    answers: list[bool] = attrs.Factory(list)
    holding_margin: dict[str, tuple[int, int, int]] = attrs.Factory(dict)  # id: side, units, price x units

    # -- money

    @property
    def wallet(self) -> int:
        return self.purse.wallet

    def unrealised(self, price: int) -> int:
        return self.held * COIN * price * ONE - self.cost

    def equity(self, price: int) -> int:
        elsewhere = sum(other.unrealised(other.price_at(self.now)) for other in self.beside)
        return self.wallet + self.unrealised(price) + elsewhere

    def needed(self, price: int, extra: tuple[int, int, int] | None = None) -> int:
        """The margin of all symbols."""
        return self.margin(price, extra) + sum(other.margin(other.price_at(self.now)) for other in self.beside)

    def margin(self, price: int, extra: tuple[int, int, int] | None = None) -> int:
        """What all buys filled would need, or all sales, or the position alone: the most of the three."""
        own = self.aside if self.is_isolated else up(price * abs(self.held) * COIN * ONE, self.leverage)
        needs = [own if self.held else 0]
        orders = [*self.holding_margin.values(), *([] if extra is None else [extra])]
        for side in (1, -1):
            units = sum(each[1] for each in orders if each[0] == side)
            amount = sum(each[2] for each in orders if each[0] == side)
            closing = abs(self.held) * COIN if self.held * side < 0 else 0
            opening = max(0, units - closing)
            if opening:
                opened = up(amount * opening, units)
                kept = own if self.held and self.held * side > 0 else 0
                needs.append(kept + up(opened * ONE, self.leverage) + opened * TAKER)
        return max(needs)

    def base(self, price: int) -> int:
        return self.wallet if self.is_isolated else self.equity(price)

    def available(self, price: int) -> int:
        return self.base(price) - self.needed(price)

    def can_open(self, price: int, side: int, coins: int, order_price: int) -> bool:
        closes_all = self.held * side < 0 and coins <= abs(self.held)
        extra = (side, coins * COIN, order_price * coins * COIN)
        return closes_all or self.needed(price, extra) <= self.base(price)

    def _book(self, who: str, side: int, qty: int, price: int, is_maker: bool) -> None:
        units, held = qty * COIN, self.held * COIN
        value = price * units * ONE
        if held * side >= 0:
            self.cost += side * value
            if self.is_isolated:
                self.aside += up(price * units * ONE, self.leverage)
        else:
            closed = min(units, abs(held))
            cost_share, value_share = self.cost * closed // abs(held), value * closed // units
            self.purse.wallet += -side * value_share - cost_share
            self.cost -= cost_share
            self.aside -= self.aside * closed // abs(held)
            if units > closed:
                self.cost = side * (value - value_share)
                self.aside = up(price * (units - closed) * ONE, self.leverage) if self.is_isolated else 0
        fee = price * units * (MAKER if is_maker else TAKER)
        self.purse.wallet -= fee
        self.fees += fee
        super()._book(who, side, qty, price, is_maker)
        if not self.held:
            self.aside = 0
        self.holding_margin = {key: each for key, each in self.holding_margin.items() if self._is_open(key)}

    def _is_open(self, link_id: str) -> bool:
        return any(order.id == link_id for order in self.orders)

    def fund(self) -> None:
        """Before this bar, on the last price."""
        if self.held and self.bar and self.bar - 1 < len(self.rates):
            payment = self.held * COIN * self.price * self.rates[self.bar - 1]
            self.purse.wallet -= payment
            self.paid.append((self.bar, payment))

    # -- liquidation

    def level(self) -> int | None:
        """The first price on the way down (of a long; up of a short) at which equity is no more than maintenance."""
        backing = self.aside if self.is_isolated else self.wallet
        taker = 0 if self.is_isolated else TAKER
        if not self.held or not self.tiers:
            return None
        prices = range(HIGHEST, 0, -1) if self.held > 0 else range(1, HIGHEST)
        for price in prices:
            amount = abs(self.held) * COIN * price
            left = backing + self.held * COIN * price * ONE - self.cost
            if left <= max(amount * (rate + taker) - deduction for rate, deduction in self.tiers):
                return price
        return None

    def last_price(self) -> int:
        """The worst at which closing, with its fee, leaves no debt; at least one."""
        backing = self.aside if self.is_isolated else self.wallet
        prices = range(1, HIGHEST * 20) if self.held > 0 else range(HIGHEST * 20, 0, -1)
        for price in prices:
            amount = abs(self.held) * COIN * price
            if backing + self.held * COIN * price * ONE - self.cost - amount * TAKER >= 0:
                return price
        return 1

    def _met(self, end: int) -> list[tuple[int, int, object]]:
        met = super()._met(end)
        level = self.level()
        if level is not None and (self.price <= level if self.held > 0 else self.price >= level):
            met.append((-abs(level - self.price), 0, LIQUIDATION))
        return met

    def _meet(self, what: object) -> None:
        if what != LIQUIDATION:
            super()._meet(what)
            return
        self.orders.clear()
        self.holding_margin.clear()
        side, worst = (-1 if self.held > 0 else 1), self.last_price()
        price = worst if self.is_isolated else max(self.price, worst) if self.held > 0 else min(self.price, worst)
        self._book(LIQUIDATION, side, abs(self.held), price, False)

    # -- orders

    def _start_bar(self) -> None:
        self.fund()

    def _send(self, act: Act) -> None:
        if act.verb != "new":
            self._change(act)
            return
        made = self.made
        if not act.reduce_only and act.trigger is None:
            price = self.price if act.price is None else act.price
            if self._wrong_levels(act) or not self.can_open(self.price, act.side, act.qty, price):
                self.answers.append(False)
                return
        super()._send(act)
        self.answers.append(self.made > made)
        if self.made > made and not act.reduce_only and act.trigger is None:
            self._hold(self.orders[-1], self.price)

    def _change(self, act: Act) -> None:
        order = next((each for each in self.orders if each.id == f"id-{act.target}"), None)
        if act.verb == "change" and order is not None and order.id in self.holding_margin and act.price is not None:
            if order.act.price is None or order.act.price == act.price:
                return
            before = self.holding_margin.pop(order.id)
            is_wrong = self._wrong_levels(attrs.evolve(order.act, price=act.price))
            if is_wrong or not self.can_open(self.price, order.act.side, order.qty, act.price):
                self.holding_margin[order.id] = before
                return
            super()._send(act)
            self._hold(order, self.price)
            return
        super()._send(act)
        if act.verb == "cancel" and order is not None:
            self.holding_margin.pop(order.id, None)

    def _hold(self, order: _Order, last: int) -> None:
        price = last if order.act.price is None else order.act.price
        self.holding_margin[order.id] = (order.act.side, order.qty * COIN, price * order.qty * COIN)

    def _triggered(self, order: _Order) -> bool:
        """A limit that its trigger sets free needs margin then."""
        act = order.act
        if act.price is None or act.reduce_only:
            return True
        if not self.can_open(self.price, act.side, order.qty, act.price):
            self.orders.remove(order)
            return False
        self._hold(order, self.price)
        return True

    def _judge(self, order: _Order, unseen_s: int = 0) -> None:
        super()._judge(order, unseen_s)
        if order not in self.orders:
            self.holding_margin.pop(order.id, None)

    def _fill(self, order: _Order, price: int, is_maker: bool) -> None:
        self.holding_margin.pop(order.id, None)
        act = order.act
        qty = min(order.qty, abs(self.held)) if act.reduce_only else order.qty
        if not is_maker and not self.can_open(price, act.side, qty, price):
            self.orders.remove(order)
            return
        super()._fill(order, price, is_maker)


def up(top: int, bottom: int) -> int:
    return -(-top // bottom)
