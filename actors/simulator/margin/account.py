"""Net position and margin of one symbol in one-way mode, in exact fixed point.

Margin covers the worse of two scenarios: all resting buys filled, or all resting sells filled. So closing orders need
none, and a flip frees the margin of what it closes. Initial margin is value / leverage: a cross position is valued at
the market's price, an isolated one at its entry prices, an order at its own price. An opening order also reserves its
taker fee. The fee to close counts in maintenance margin only.
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
    """Position and reserved margin of one symbol, with the wallet that the account's symbols share.

    `amount` below is price x quantity, without the rate digits that Money carries. `price()` returns the price at which
    positions of this symbol are valued. `position_margin` is the margin of an isolated position, as Money.
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
        self._buy_qty = self._buy_amount = self._sell_qty = self._sell_amount = 0  # of orders that reserve margin
        self.others: tuple[WalletMember, ...] = ()
        wallet.join(self)

    def take_over(self, other: "Account") -> None:
        """Copy another account's position, margin and wallet balance; keep the own wallet object, price and others."""
        own = self.wallet, self.price, self.others
        vars(self).update(vars(other))
        self.wallet, self.price, self.others = own
        self.wallet.balance = other.wallet.balance

    def reserve(self, side: Side, qty: int, amount: int) -> None:
        """Reserve margin for an order that may open."""
        if side > 0:
            self._buy_qty += qty
            self._buy_amount += amount
        else:
            self._sell_qty += qty
            self._sell_amount += amount

    def release(self, side: Side, qty: int, amount: int) -> None:
        """Release an order's margin: it has ended or is about to fill."""
        self.reserve(side, -qty, -amount)

    def book(self, side: Side, qty: int, price: int, fee_rate: int) -> Money:
        """Book an execution in position and wallet; returns its fee."""
        instrument, before = self._instrument, self.position
        self.position, realised = apply_fill(before, side * qty, instrument.value(price, qty))
        fee = instrument.fee(price, qty, fee_rate)
        self.wallet.balance += realised - fee
        if self._is_isolated:
            self._set_position_margin(before, side * qty, price)
        return fee

    def _set_position_margin(self, before: Position, signed_qty: int, price: int) -> None:
        """Opening adds its initial margin; closing releases its share of the margin, rounded down."""
        held, after = before.qty, self.position.qty
        if held * after <= 0:
            self.position_margin = self._initial_margin(price * abs(after))
        elif abs(after) > abs(held):
            self.position_margin += self._initial_margin(price * abs(signed_qty))
        else:
            self.position_margin -= self.position_margin * abs(signed_qty) // abs(held)

    def set_leverage(self, leverage: int) -> None:
        """Set the leverage; an isolated position's margin becomes its cost / leverage."""
        self.leverage = leverage
        if self._is_isolated:
            self.position_margin = -(-abs(self.position.cost) // leverage)

    def pay_funding(self, mark: int, rate: int) -> Money:
        """Pay funding for the position at `mark`; returns the payment, negative when received."""
        payment = Money(self.position.qty * mark * rate)
        self.wallet.balance -= payment
        return payment

    def unrealised(self, price: int) -> int:
        """Unrealised PnL of the position at a price, as Money."""
        position = self.position
        return position.qty * price * self._money_per_amount - position.cost

    def equity(self, price: int) -> int:
        """Wallet balance plus unrealised PnL: this symbol at `price`, the others at their own prices."""
        position = self.position
        equity = self.wallet.balance + position.qty * price * self._money_per_amount - position.cost
        for other in self.others:
            equity += other.unrealised(other.price())
        return equity

    @property
    def backing(self) -> int:
        """Money behind the position without its own PnL: its margin if isolated, else the whole account."""
        if self._is_isolated:
            return self.position_margin
        return self.wallet.balance + sum(other.unrealised(other.price()) for other in self.others)

    def maintenance(self, price: int) -> int:
        """Maintenance margin of the position at a price, including the fee to close; 0 without risk tiers."""
        amount, instrument = abs(self.position.qty) * price, self._instrument
        if not amount or not instrument.tiers:
            return 0
        return max(
            amount * (tier.maintenance_margin_rate + instrument.taker_rate) - tier.deduction
            for tier in instrument.tiers
        )

    def can_open(self, price: int, side: Side, qty: int, amount: int) -> bool:
        """Whether the account can pay margin and taker fee for the opening part of one more order."""
        held = self.position.qty
        if not held and not self._buy_qty and not self._sell_qty:  # nothing else needs margin here
            return self._initial_margin(amount) + amount * self._taker_rate <= self._free_of_others(price)
        if opening_qty(held, side, qty) == 0:
            return True
        return self.initial_margin(price, side, qty, amount) <= self._free_of_others(price)

    def need_of(self, price: int, side: Side, qty: int, amount: int) -> tuple[int, int, int]:
        """(margin with fees including one more order, money free for this symbol, that order's taker fee), as Money."""
        opening = opening_qty(self.position.qty, side, qty)
        fee = -(-amount * opening // qty) * self._taker_rate
        return self.initial_margin(price, side, qty, amount), self._free_of_others(price), fee

    def can_lever(self, leverage: int) -> bool:
        """Whether margin suffices for the position and resting orders at `leverage`."""
        price, before = self.price(), (self.leverage, self.position_margin)
        self.set_leverage(leverage)
        is_enough = self.initial_margin(price) <= self._free_of_others(price)
        self.leverage, self.position_margin = before
        return is_enough

    def worst_value(self, price: int, side: Side, qty: int, amount: int) -> int:
        """The largest position value, as Money, if one more order and all others of its side fill."""
        held = self.position.qty
        more_qty, more_amount = (self._buy_qty, self._buy_amount) if side > 0 else (self._sell_qty, self._sell_amount)
        more_qty, more_amount = more_qty + qty, more_amount + amount
        opening = opening_qty(held, side, more_qty)
        if not opening:
            return 0
        kept = abs(held) * price if held * side > 0 else 0
        return (kept + -(-more_amount * opening // more_qty)) * self._money_per_amount

    def report(self, price: int, now_ms: int) -> EquityReport:
        """Wallet balance, equity and available balance at a price."""
        free = self._free_of_others(price) - self.initial_margin(price)
        return EquityReport(Money(self.wallet.balance), Money(self.equity(price)), Money(free), now_ms)

    def _free_of_others(self, price: int) -> int:
        """Money that this symbol's margin may use: the account's margin less the other symbols' initial margin."""
        free = self.wallet.balance if self._is_isolated else self.equity(price)
        for other in self.others:
            free -= other.initial_margin(other.price())
        return free

    def initial_margin(self, price: int, side: int = 0, qty: int = 0, amount: int = 0) -> int:
        """Initial margin of the position and resting orders, and of one more order unless `side` is 0."""
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
        """Margin if all orders of one side fill: of what they open, plus the position if they do not close it."""
        opening = opening_qty(held, side, qty)
        if not opening:
            return 0
        opened = -(-amount * opening // qty)  # its share by quantity, rounded up
        kept = 0 if held * side < 0 else held_margin
        return kept + self._initial_margin(opened) + opened * self._taker_rate

    def _initial_margin(self, amount: int) -> int:
        return -(-amount * self._money_per_amount // self.leverage)
