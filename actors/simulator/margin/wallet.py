"""The wallet that the symbols of one account share.

Money has the same unit in all symbols of an account (`on_common_money`), so nothing is converted. In cross margin the
whole wallet backs every position; in isolated margin a position has its own margin and no more.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from actors.model.fixed import Money, Rate, power_of_ten
from actors.model.instrument import Instrument
from actors.model.position import Position
from actors.simulator.config import MarginMode

__all__ = ["Wallet", "WalletMember", "on_common_money"]


class WalletMember(Protocol):
    """One symbol's account as the wallet and the other symbols see it; all amounts in Money."""

    position: Position
    others: "tuple[WalletMember, ...]"
    price: Callable[[], int]

    def unrealised(self, price: int) -> int:
        """Unrealised PnL at a price."""

    def maintenance(self, price: int) -> int:
        """Maintenance margin at a price."""

    def initial_margin(self, price: int) -> int:
        """Initial margin of the position and resting orders at a price."""


class Wallet:
    """`balance` is the starting money plus realised PnL less fees and funding of all symbols, as Money."""

    def __init__(self, start: Money, mode: MarginMode = MarginMode.CROSS) -> None:
        self.mode = mode
        self.balance: int = start
        self.accounts: list[WalletMember] = []

    def join(self, account: WalletMember) -> None:
        """Add one more symbol and give each account the list of the others."""
        self.accounts.append(account)
        for one in self.accounts:
            one.others = tuple(other for other in self.accounts if other is not one)

    def surplus(self, prices: Sequence[int]) -> int:
        """Equity less maintenance margin at these prices, one an account; the account is liquidated at 0 or below."""
        return self.balance + sum(
            account.unrealised(price) - account.maintenance(price)
            for account, price in zip(self.accounts, prices, strict=True)
        )

    @property
    def positions(self) -> int:
        """How many symbols hold a position."""
        return sum(1 for account in self.accounts if account.position.qty)

    @property
    def shares_risk(self) -> bool:
        """Whether the price of one position can liquidate another: cross margin with several positions."""
        return len(self.accounts) > 1 and self.mode is MarginMode.CROSS and self.positions > 1


def on_common_money(instruments: Sequence[Instrument]) -> tuple[Instrument, ...]:
    """The instruments with more rate digits where needed, so that Money has one unit in all; values stay exact."""
    digits = max(instrument.money_digits for instrument in instruments)
    return tuple(_with_finer_rates(instrument, digits - instrument.money_digits) for instrument in instruments)


def _with_finer_rates(instrument: Instrument, more: int) -> Instrument:
    if not more:
        return instrument
    factor = power_of_ten(more)

    def rate(value: int) -> Rate:
        return Rate(value * factor)

    return msgspec.structs.replace(
        instrument,
        rate_digits=instrument.rate_digits + more,
        maker_rate=rate(instrument.maker_rate),
        taker_rate=rate(instrument.taker_rate),
        price_limit_ratio_x=rate(instrument.price_limit_ratio_x),
        price_limit_ratio_y=rate(instrument.price_limit_ratio_y),
        min_notional=Money(instrument.min_notional * factor),
        tiers=tuple(
            msgspec.structs.replace(
                tier,
                maintenance_margin_rate=rate(tier.maintenance_margin_rate),
                deduction=Money(tier.deduction * factor),
                limit=Money(tier.limit * factor),
            )
            for tier in instrument.tiers
        ),
    )
