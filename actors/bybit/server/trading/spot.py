"""Spot trading of an account: coins are bought and sold, never owed.

The matching is the same as for derivatives; what differs is the money. A buy takes the quote coin, pays its fee in the
base coin and credits the rest; a sell pays its fee in the quote coin. Open orders lock what they may spend. Coins are
counted on their symbol's quantity grid refined by the digits of the fee rate, so every fee is exact.
"""

import attrs

from actors.bybit.server.market.listing import Listing
from actors.bybit.server.trading.rejection import Rejection
from actors.model.fixed import Money
from actors.model.order import Fill, Side

__all__ = ["INSUFFICIENT_BALANCE", "SpotFill", "SpotHoldings", "fee_digits"]

INSUFFICIENT_BALANCE = 170131


def fee_digits(listing: Listing) -> int:
    """Decimals of an amount of the base coin that a fee has been taken from."""
    return listing.instrument.qty_digits + listing.instrument.rate_digits


@attrs.frozen
class SpotFill:
    """What a spot execution moves: base coin (refined units), quote coin, and the fee in one of them."""

    base_change: int
    cash_change: Money
    fee: int
    is_fee_in_base: bool


@attrs.define
class SpotHoldings:
    """The base coin of one symbol, and what open orders lock of either coin. Refined units and Money."""

    listing: Listing
    base: int = 0
    locked_base: int = 0
    locked_cash: int = 0
    _locks: dict[str, tuple[int, int]] = attrs.Factory(dict)  # by the matching's id: base, cash

    def lock(self, link_id: str, side: Side, qty: int, price: int, free_cash: int) -> None:
        """Set aside what an order for `qty` may spend. Raises Rejection (170131) where it is not there."""
        base, cash = self._needs(side, qty, price)
        if base > self.base - self.locked_base or cash > free_cash:
            raise Rejection(INSUFFICIENT_BALANCE, "Insufficient balance.")
        self._hold(link_id, base, cash)

    def unlock(self, link_id: str) -> None:
        """The order has ended, or is about to be locked anew."""
        base, cash = self._locks.pop(link_id, (0, 0))
        self.locked_base -= base
        self.locked_cash -= cash

    def relock(self, link_id: str, side: Side, left: int, price: int) -> None:
        """After a fill: what is left of the order."""
        self.unlock(link_id)
        self._hold(link_id, *self._needs(side, left, price))

    def _needs(self, side: Side, qty: int, price: int) -> tuple[int, int]:
        instrument = self.listing.instrument
        return (0, int(instrument.value(price, qty))) if side is Side.BUY else (qty * instrument.rate_one, 0)

    def _hold(self, link_id: str, base: int, cash: int) -> None:
        self._locks[link_id] = (base, cash)
        self.locked_base += base
        self.locked_cash += cash

    def book(self, fill: Fill) -> SpotFill:
        """An execution: the coins change hands."""
        instrument = self.listing.instrument
        rate = instrument.maker_rate if fill.is_maker else instrument.taker_rate
        value, coins = instrument.value(fill.price, fill.qty), fill.qty * instrument.rate_one
        if fill.side is Side.BUY:
            fee = fill.qty * rate
            booked = SpotFill(coins - fee, Money(-value), fee, is_fee_in_base=True)
        else:
            paid = instrument.fee(fill.price, fill.qty, rate)
            booked = SpotFill(-coins, Money(value - paid), paid, is_fee_in_base=False)
        self.base += booked.base_change
        return booked
