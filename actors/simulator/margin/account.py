"""The account's books of one symbol: net position and margin, one-way mode, exactly in fixed point.

Margin is what the larger of two stories needs: all resting buys filled, or all resting sells. So orders that close need
none, and a flip frees what it closes. Initial margin is value / leverage, of a position at the market's price (cross)
or as set aside at its entries (isolated), of an order at its own; an opening order reserves its taker fee too. The fee
to close is part of maintenance margin alone.
"""

from collections.abc import Callable

from actors.model.backend import EquityReport
from actors.model.fixed import Money
from actors.model.instrument import Instrument
from actors.model.order import Side
from actors.model.position import FLAT, Position, apply_fill
from actors.simulator.config import MarginMode
from actors.simulator.margin.wallet import Wallet, WalletMember
from actors.simulator.matching.arithmetic import opening_qty

__all__ = ["Account"]


class Account:
    """`amount` below is price x quantity, without the digits of the fee rate that Money carries.

    `price` tells where positions of this symbol are valued; `position_margin` is the margin of an isolated position.
    """

    def __init__(self, instrument: Instrument, leverage: int, wallet: Wallet, price: Callable[[], int]) -> None:
        self.position: Position = FLAT
        self.leverage = leverage
        self.position_margin = 0
        self.wallet = wallet
        self.price = price
        self._instrument = instrument
        self._money_per_amount = instrument.rate_one
        self._taker_rate = instrument.taker_rate
        self._is_isolated = wallet.mode is MarginMode.ISOLATED
        self._buy_qty = self._buy_amount = self._sell_qty = self._sell_amount = 0  # of orders that hold margin
        self.others: tuple[WalletMember, ...] = ()
        wallet.join(self)

    def take_over(self, other: "Account") -> None:
        """Stand as another does, with the same money in the wallet."""
        own = self.wallet, self.price, self.others
        vars(self).update(vars(other))
        self.wallet, self.price, self.others = own
        self.wallet.balance = other.wallet.balance

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
        instrument, before = self._instrument, self.position
        self.position, realised = apply_fill(before, side * qty, instrument.value(price, qty))
        fee = instrument.fee(price, qty, fee_rate)
        self.wallet.balance += realised - fee
        if self._is_isolated:
            self._set_position_margin(before, side * qty, price)
        return fee

    def _set_position_margin(self, before: Position, signed_qty: int, price: int) -> None:
        """What opens sets its initial margin aside, what closes gives its share back (rounded down)."""
        held, after = before.qty, self.position.qty
        if held * after <= 0:
            self.position_margin = self._initial_margin(price * abs(after))
        elif abs(after) > abs(held):
            self.position_margin += self._initial_margin(price * abs(signed_qty))
        else:
            self.position_margin -= self.position_margin * abs(signed_qty) // abs(held)

    def set_leverage(self, leverage: int) -> None:
        """A new leverage; an isolated position sets aside what it asks for, of its cost."""
        self.leverage = leverage
        if self._is_isolated:
            self.position_margin = -(-abs(self.position.cost) // leverage)

    def pay_funding(self, mark: int, rate: int) -> Money:
        """Pay (or be paid) for the position at `mark`; returns the payment."""
        payment = Money(self.position.qty * mark * rate)
        self.wallet.balance -= payment
        return payment

    def unrealised(self, price: int) -> int:
        """PnL of the position at a price."""
        position = self.position
        return position.qty * price * self._money_per_amount - position.cost

    def equity(self, price: int) -> int:
        """Wallet and unrealised PnL, of this symbol at `price`, of the others at theirs."""
        position = self.position
        equity = self.wallet.balance + position.qty * price * self._money_per_amount - position.cost
        for other in self.others:
            equity += other.unrealised(other.price())
        return equity

    @property
    def backing(self) -> int:
        """What stands behind the position, but for its own PnL: set aside for it, or else all that the account has."""
        if self._is_isolated:
            return self.position_margin
        return self.wallet.balance + sum(other.unrealised(other.price()) for other in self.others)

    def maintenance(self, price: int) -> int:
        """Maintenance margin of the position at a price, with the fee to close; 0 without risk tiers."""
        amount, instrument = abs(self.position.qty) * price, self._instrument
        if not amount or not instrument.tiers:
            return 0
        return max(
            amount * (tier.maintenance_margin_rate + instrument.taker_rate) - tier.deduction
            for tier in instrument.tiers
        )

    def can_open(self, price: int, side: Side, qty: int, amount: int) -> bool:
        """Whether margin and taker fee of the opening part of one more order are there; closing needs none."""
        held = self.position.qty
        if not held and not self._buy_qty and not self._sell_qty:  # nothing else needs margin here
            return self._initial_margin(amount) + amount * self._taker_rate <= self._free_of_others(price)
        if opening_qty(held, side, qty) == 0:
            return True
        return self.initial_margin(price, side, qty, amount) <= self._free_of_others(price)

    def need_of(self, price: int, side: Side, qty: int, amount: int) -> tuple[int, int, int]:
        """Margin with fees that one more order would lead to, what is free for it, and its own taker fee, as Money."""
        opening = opening_qty(self.position.qty, side, qty)
        fee = -(-amount * opening // qty) * self._taker_rate
        return self.initial_margin(price, side, qty, amount), self._free_of_others(price), fee

    def can_lever(self, leverage: int) -> bool:
        """Whether what is held and what rests could do with another leverage."""
        price, before = self.price(), (self.leverage, self.position_margin)
        self.set_leverage(leverage)
        is_enough = self.initial_margin(price) <= self._free_of_others(price)
        self.leverage, self.position_margin = before
        return is_enough

    def worst_value(self, price: int, side: Side, qty: int, amount: int) -> int:
        """The largest position value, as Money, that one more order could lead to with the others of its side."""
        held = self.position.qty
        more_qty, more_amount = (self._buy_qty, self._buy_amount) if side > 0 else (self._sell_qty, self._sell_amount)
        more_qty, more_amount = more_qty + qty, more_amount + amount
        opening = opening_qty(held, side, more_qty)
        if not opening:
            return 0
        kept = abs(held) * price if held * side > 0 else 0
        return (kept + -(-more_amount * opening // more_qty)) * self._money_per_amount

    def report(self, price: int, now_ms: int) -> EquityReport:
        """Wallet, equity and what is free, at a price."""
        free = self._free_of_others(price) - self.initial_margin(price)
        return EquityReport(Money(self.wallet.balance), Money(self.equity(price)), Money(free), now_ms)

    def _free_of_others(self, price: int) -> int:
        """What this symbol's margin may be: all that counts as margin, less that of the other symbols."""
        free = self.wallet.balance if self._is_isolated else self.equity(price)
        for other in self.others:
            free -= other.initial_margin(other.price())
        return free

    def initial_margin(self, price: int, side: int = 0, qty: int = 0, amount: int = 0) -> int:
        """Initial margin of position and resting orders, with one more order of `side`."""
        buy_qty, buy_amount, sell_qty, sell_amount = self._buy_qty, self._buy_amount, self._sell_qty, self._sell_amount
        if side > 0:
            buy_qty, buy_amount = buy_qty + qty, buy_amount + amount
        elif side < 0:
            sell_qty, sell_amount = sell_qty + qty, sell_amount + amount
        held = self.position.qty
        held_margin = (
            self.position_margin if self._is_isolated else self._initial_margin(price * abs(held)) if held else 0
        )
        margin = held_margin
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
        return -(-amount * self._money_per_amount // self.leverage)
