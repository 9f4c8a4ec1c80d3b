"""An instrument: its grids, limits and fees, in fixed point. It alone rounds prices and quantities we choose."""

from decimal import Decimal

import msgspec

from actors.model.fixed import (
    Money,
    Price,
    Qty,
    Rate,
    Rounding,
    fixed_from_decimal,
    floor_ratio,
    power_of_ten,
    round_to_grid,
    scaled_text,
)

__all__ = ["Instrument", "RiskTier"]

_DOWN = Rounding.DOWN


class RiskTier(msgspec.Struct, frozen=True, gc=False):
    """A tier for position values up to `limit`, with its own maximum leverage.

    Maintenance margin = value x maintenance_margin_rate - deduction. The deduction of a tier is that of the tier below
    plus the lower tier's limit x the rise of the rate, so that the margin does not jump at the limit.
    """

    maintenance_margin_rate: Rate
    deduction: Money
    limit: Money
    max_leverage: int


class Instrument(msgspec.Struct, frozen=True):
    """Grids and limits of one symbol; `price_digits` (the larger of data's and tick's) is held for the whole run."""

    symbol: str
    price_digits: int
    qty_digits: int
    rate_digits: int
    tick: Price
    step: Qty
    min_qty: Qty
    max_qty: Qty
    max_market_qty: Qty
    min_notional: Money
    maker_rate: Rate
    taker_rate: Rate
    max_leverage: int = 100
    price_limit_ratio_x: Rate = Rate(0)
    price_limit_ratio_y: Rate = Rate(0)
    category: str = "linear"
    settle_coin: str = "USDT"
    as_of: str = ""
    tiers: tuple[RiskTier, ...] = ()  # of rising limits; none: maintenance margin is not modelled
    rate_one: int = 0  # 10^rate_digits: a value in price x quantity units, times this, is Money

    def __post_init__(self) -> None:
        msgspec.structs.force_setattr(self, "rate_one", power_of_ten(self.rate_digits))

    @property
    def base_coin(self) -> str:
        """What is traded: the symbol without the coin it is paid in."""
        return self.symbol.removesuffix(self.settle_coin)

    @property
    def base_unit(self) -> int:
        """One unit of Qty as an amount of base coin on Money's grid."""
        return power_of_ten(self.price_digits + self.rate_digits)

    @property
    def money_digits(self) -> int:
        """Digits of Money: the sum of price, quantity and rate digits."""
        return self.price_digits + self.qty_digits + self.rate_digits

    def value(self, price: int, qty: int) -> Money:
        """price x quantity, exactly, as Money."""
        return Money(price * qty * self.rate_one)

    def average_text(self, cost: int, qty: int) -> str:
        """|cost / quantity| with four digits more than a price, rounded down: an average as a venue shows it."""
        return scaled_text(abs(cost) * 10_000 // (abs(qty) * self.rate_one), self.price_digits + 4)

    def fee(self, price: int, qty: int, rate: int) -> Money:
        """price x |quantity| x rate, exactly, as Money."""
        return Money(price * abs(qty) * rate)

    def value_limit(self, leverage: int) -> int | None:
        """The largest position value that a leverage is allowed with, as Money; None without tiers."""
        return max((tier.limit for tier in self.tiers if tier.max_leverage >= leverage), default=None)

    def money(self, value: Decimal) -> Money:
        """Money of a Decimal; ValueError if finer than Money's grid."""
        return Money(fixed_from_decimal(value, self.money_digits))

    def price(self, value: Decimal) -> Price:
        """A printed price, exactly; ValueError if finer than price_digits."""
        return Price(fixed_from_decimal(value, self.price_digits))

    def round_price(self, top: int, bottom: int, rounding: Rounding) -> Price:
        """A price we choose, top / bottom of 10^-price_digits, on the tick, towards the given side."""
        tick = self.tick
        bottom *= tick
        return Price((top // bottom if rounding is _DOWN else -(-top // bottom)) * tick)

    def floor_qty(self, value: Decimal) -> Qty:
        """A base-coin amount, down to the step."""
        return Qty(round_to_grid(value, self.qty_digits, self.step, Rounding.DOWN))

    def qty_for_notional(self, notional: Decimal, price: int) -> Qty:
        """floor(notional / price / step) x step, exactly; `notional` in quote coin, `price` > 0."""
        steps = floor_ratio(notional, price * self.step, self.price_digits + self.qty_digits)
        return Qty(steps * self.step)

    def price_text(self, price: int) -> str:
        """Decimal text of a Price."""
        return scaled_text(price, self.price_digits)

    def qty_text(self, qty: int) -> str:
        """Decimal text of a Qty."""
        return scaled_text(qty, self.qty_digits)

    def money_text(self, money: int) -> str:
        """Decimal text of Money."""
        return scaled_text(money, self.money_digits)
