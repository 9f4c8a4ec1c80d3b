"""An instrument from the venue's own filters, fee rates and risk tiers, and the filters of an instrument for a server.

Digits come from the tick and the step; spot's step is basePrecision. The unit of a tier's rates is told by its
leverage: initial margin x leverage is 1 where the rates are fractions, and 100 where they are percent.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from actors.bybit.numbers import WireNumberError, nearest_unit, read_decimal, read_number, write_number
from actors.bybit.wire.account import FeeRateRow
from actors.bybit.wire.instruments import (
    LeverageFilter,
    LotSizeFilter,
    PriceFilter,
    RiskParameters,
    WireInstrument,
)
from actors.bybit.wire.market import RiskLimitRow
from actors.bybit.wire.values import WireCategory, WireInstrumentStatus
from actors.model.fixed import Money, Price, Qty, Rate, decimals_of
from actors.model.instrument import Instrument, RiskTier

__all__ = ["read_instrument", "write_instrument"]

_RATE_DIGITS = 5
_PERCENT_ABOVE = 10  # initial margin x leverage: about 1, or about 100


def read_instrument(
    item: WireInstrument, category: WireCategory, fees: FeeRateRow, tiers: Sequence[RiskLimitRow] = (), as_of: str = ""
) -> Instrument:
    """Raises WireError where a filter that trading needs has no value, or does not lie on the instrument's grids."""
    lots, is_spot = item.lot_size_filter, category is WireCategory.SPOT
    tick = _needed(item.price_filter.tick_size, "tickSize")
    step = _needed(lots.base_precision if is_spot else lots.qty_step, "basePrecision" if is_spot else "qtyStep")
    band = item.risk_parameters
    rates = [fees.maker_fee_rate, fees.taker_fee_rate]
    rates += [band.price_limit_ratio_x, band.price_limit_ratio_y] if band else []
    margin_rates = [_tier_rate(tier) for tier in tiers]
    rate_digits = max(
        _RATE_DIGITS, *(decimals_of(_needed(text, "feeRate")) for text in rates), *map(decimals_of, margin_rates)
    )
    price_digits, qty_digits = decimals_of(tick), decimals_of(step)
    money_digits = price_digits + qty_digits + rate_digits

    def qty(text: str | None, field: str) -> Qty:
        return Qty(read_number(text, qty_digits, field) or 0)

    def rate(text: str | None, field: str) -> Rate:
        return Rate(read_number(text, rate_digits, field) or 0)

    def money(text: str | None, field: str) -> Money:
        return Money(read_number(text, money_digits, field) or 0)

    leverage = item.leverage_filter.max_leverage if item.leverage_filter else "1"
    return Instrument(
        symbol=item.symbol,
        price_digits=price_digits,
        qty_digits=qty_digits,
        rate_digits=rate_digits,
        tick=Price(read_number(item.price_filter.tick_size, price_digits, "tickSize") or 0),
        step=Qty(nearest_unit(Fraction(step), qty_digits)),
        min_qty=qty(lots.min_order_qty, "minOrderQty"),
        max_qty=qty(lots.max_limit_order_qty if is_spot else lots.max_order_qty, "maxOrderQty"),
        max_market_qty=qty(lots.max_market_order_qty if is_spot else lots.max_mkt_order_qty, "maxMktOrderQty"),
        min_notional=money(lots.min_order_amt if is_spot else lots.min_notional_value, "minNotionalValue"),
        maker_rate=rate(fees.maker_fee_rate, "makerFeeRate"),
        taker_rate=rate(fees.taker_fee_rate, "takerFeeRate"),
        max_leverage=int(_needed(leverage, "maxLeverage")),
        price_limit_ratio_x=rate(band.price_limit_ratio_x if band else None, "priceLimitRatioX"),
        price_limit_ratio_y=rate(band.price_limit_ratio_y if band else None, "priceLimitRatioY"),
        category=str(category),
        as_of=as_of,
        settle_coin=item.settle_coin or item.quote_coin,
        tiers=tuple(
            RiskTier(
                maintenance_margin_rate=Rate(nearest_unit(Fraction(margin_rate), rate_digits)),
                deduction=money(tier.mm_deduction, "mmDeduction"),
                limit=money(tier.risk_limit_value, "riskLimitValue"),
                max_leverage=int(_needed(tier.max_leverage, "maxLeverage")),
            )
            for tier, margin_rate in zip(tiers, margin_rates, strict=True)
        ),
    )


def _needed(text: str | None, field: str) -> Decimal:
    value = read_decimal(text, field)
    if value is None:
        raise WireNumberError(field, str(text), "a number, and trading needs one")
    return value


def _tier_rate(tier: RiskLimitRow) -> Decimal:
    """The maintenance margin rate as a fraction."""
    whole = tier.initial_margin * _needed(tier.max_leverage, "maxLeverage")
    return tier.maintenance_margin.scaleb(-2) if whole > _PERCENT_ABOVE else tier.maintenance_margin


def write_instrument(instrument: Instrument) -> WireInstrument:
    """The filters as the venue would state them."""
    is_spot = instrument.category == WireCategory.SPOT

    def price(value: int) -> str:
        return write_number(value, instrument.price_digits)

    def qty(value: int) -> str:
        return write_number(value, instrument.qty_digits)

    def rate(value: int) -> str:
        return write_number(value, instrument.rate_digits)

    least = write_number(instrument.min_notional, instrument.money_digits)
    if is_spot:
        lots = LotSizeFilter(
            base_precision=qty(instrument.step),
            quote_precision=write_number(1, instrument.price_digits + instrument.qty_digits),
            min_order_qty=qty(instrument.min_qty),
            min_order_amt=least,
            max_limit_order_qty=qty(instrument.max_qty),
            max_market_order_qty=qty(instrument.max_market_qty),
        )
    else:
        lots = LotSizeFilter(
            qty_step=qty(instrument.step),
            min_order_qty=qty(instrument.min_qty),
            max_order_qty=qty(instrument.max_qty),
            max_mkt_order_qty=qty(instrument.max_market_qty),
            min_notional_value=least,
        )
    return WireInstrument(
        symbol=instrument.symbol,
        status=WireInstrumentStatus.TRADING,
        base_coin=instrument.base_coin,
        quote_coin=instrument.settle_coin,
        settle_coin=None if is_spot else instrument.settle_coin,
        price_filter=PriceFilter(tick_size=price(instrument.tick)),
        lot_size_filter=lots,
        leverage_filter=None
        if is_spot
        else LeverageFilter(
            min_leverage="1", max_leverage=write_number(instrument.max_leverage, 0), leverage_step="0.01"
        ),
        risk_parameters=RiskParameters(
            price_limit_ratio_x=rate(instrument.price_limit_ratio_x),
            price_limit_ratio_y=rate(instrument.price_limit_ratio_y),
        ),
    )
