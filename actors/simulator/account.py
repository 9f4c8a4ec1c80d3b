"""The account: wallet, net position, margin; one symbol, one-way mode, exactly in fixed point.

Margin is what the larger of two stories needs: all resting buys filled, or all resting sells. So orders that close need
none, and a flip frees what it closes. Initial margin is value / leverage at the last price (an order's at its own), an
opening order reserves its taker fee too; the fee to close and maintenance margin are not modelled.
"""

from actors.model.backend import EquityReport
from actors.model.fixed import Money
from actors.model.instrument import Instrument
from actors.model.order import Side
from actors.model.position import FLAT, Position, apply_fill
from actors.simulator.matching import opening_qty

__all__ = ["Account"]


class Account:
    """`amount` below is price x quantity, without the digits of the fee rate that Money carries."""

    def __init__(self, instrument: Instrument, leverage: int, start_equity: Money) -> None:
        self.position: Position = FLAT
        self.realised = 0
        self.fees = 0
        self.funding = 0  # paid
        self._start = start_equity
        self._leverage = leverage
        self._instrument = instrument
        self._money_per_amount = instrument.rate_one
        self._taker_rate = instrument.taker_rate
        self._buy_qty = self._buy_amount = self._sell_qty = self._sell_amount = 0  # of orders that hold margin

    def take_over(self, other: "Account") -> None:
        """Stand as another does."""
        vars(self).update(vars(other))

    def reserve(self, side: Side, qty: int, amount: int) -> None:
        """Count an order that may open in the margin."""
        if side > 0:
            self._buy_qty += qty
            self._buy_amount += amount
        else:
            self._sell_qty += qty
            self._sell_amount += amount

    def release(self, side: Side, qty: int, amount: int) -> None:
        """The order ended or is about to fill."""
        self.reserve(side, -qty, -amount)

    def book(self, side: Side, qty: int, price: int, fee_rate: int) -> Money:
        """Book an execution; returns its fee."""
        place = self._instrument
        self.position, realised = apply_fill(self.position, side * qty, place.value(price, qty))
        fee = place.fee(price, qty, fee_rate)
        self.realised += realised
        self.fees += fee
        return fee

    def pay_funding(self, mark: int, rate: int) -> Money:
        """Pay (or be paid) for the position at `mark`; returns the payment."""
        payment = Money(self.position.qty * mark * rate)
        self.funding += payment
        return payment

    @property
    def wallet(self) -> int:
        """Start, realised PnL, fees and funding."""
        return self._start + self.realised - self.fees - self.funding

    def equity(self, last: int) -> int:
        """Wallet and unrealised PnL at the last price."""
        position = self.position
        unrealised = position.qty * last * self._money_per_amount - position.cost
        return self.wallet + unrealised

    def can_open(self, last: int, side: Side, qty: int, amount: int) -> bool:
        """Whether margin and taker fee of the opening part of one more order are there; closing needs none."""
        if opening_qty(self.position.qty, side, qty) == 0:
            return True
        return self._margin(last, side, qty, amount) <= self.equity(last)

    def report(self, last: int) -> EquityReport:
        """Wallet, equity and what is free, at the last price."""
        equity = self.equity(last)
        return EquityReport(Money(self.wallet), Money(equity), Money(equity - self._margin(last)))

    def _margin(self, last: int, side: int = 0, qty: int = 0, amount: int = 0) -> int:
        """Initial margin of position and resting orders, with one more order of `side`."""
        buy_qty, buy_amount, sell_qty, sell_amount = self._buy_qty, self._buy_amount, self._sell_qty, self._sell_amount
        if side > 0:
            buy_qty, buy_amount = buy_qty + qty, buy_amount + amount
        elif side < 0:
            sell_qty, sell_amount = sell_qty + qty, sell_amount + amount
        held = self.position.qty
        held_margin = margin = self._initial_margin(last * abs(held)) if held else 0
        if buy_qty:
            margin = max(margin, self._margin_of(held, held_margin, 1, buy_qty, buy_amount))
        if sell_qty:
            margin = max(margin, self._margin_of(held, held_margin, -1, sell_qty, sell_amount))
        return margin

    def _margin_of(self, held: int, held_margin: int, side: int, qty: int, amount: int) -> int:
        """With all orders of one side filled: what they open, beside a position that they do not close."""
        opening = opening_qty(held, side, qty)
        if not opening:
            return 0
        opened = -(-amount * opening // qty)  # its share by quantity, rounded up
        kept = 0 if held * side < 0 else held_margin
        return kept + self._initial_margin(opened) + opened * self._taker_rate

    def _initial_margin(self, amount: int) -> int:
        return -(-amount * self._money_per_amount // self._leverage)
