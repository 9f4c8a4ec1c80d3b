"""market/instruments-info: grids and limits of symbols, linear and spot in one shape.

Spot has no qtyStep: base quantities lie on basePrecision, quote amounts on quotePrecision.
"""

import msgspec

from actors.bybit.wire.base import Wire
from actors.bybit.wire.values import WireCategory, WireInstrumentStatus

__all__ = [
    "AuctionFees",
    "InstrumentPage",
    "InstrumentsParams",
    "LeverageFilter",
    "LotSizeFilter",
    "PreListing",
    "PreListingPhase",
    "PriceFilter",
    "RiskParameters",
    "WireInstrument",
]


class InstrumentsParams(Wire, frozen=True):
    """GET market/instruments-info: only symbols that trade unless `status` says otherwise; spot has no pages."""

    category: WireCategory
    symbol: str | None = None
    symbol_type: str | None = None
    status: WireInstrumentStatus | None = None
    base_coin: str | None = None
    limit: int | None = None
    cursor: str | None = None


class LeverageFilter(Wire, frozen=True):
    """Bounds and step of the leverage."""

    min_leverage: str
    max_leverage: str
    leverage_step: str


class PriceFilter(Wire, frozen=True):
    """Tick; linear has bounds too."""

    tick_size: str
    min_price: str | None = None
    max_price: str | None = None


class LotSizeFilter(Wire, frozen=True):
    """Linear: step, minimum, maxima, least value. Spot: precisions, least amount, maxima, and deprecated fields."""

    min_order_qty: str | None = None
    max_order_qty: str | None = None
    max_mkt_order_qty: str | None = None
    qty_step: str | None = None
    min_notional_value: str | None = None
    post_only_max_order_qty: str | None = None
    base_precision: str | None = None
    quote_precision: str | None = None
    min_order_amt: str | None = None
    max_order_amt: str | None = None
    max_limit_order_qty: str | None = None
    max_market_order_qty: str | None = None
    post_only_max_limit_order_size: str | None = None


class RiskParameters(Wire, frozen=True):
    """The price band, as fractions."""

    price_limit_ratio_x: str
    price_limit_ratio_y: str


class PreListingPhase(Wire, frozen=True):
    """A phase of the pre-listing auction, UTC ms."""

    phase: str
    start_time: str
    end_time: str


class AuctionFees(Wire, frozen=True):
    """Fees of the pre-listing auction."""

    auction_fee_rate: str
    taker_fee_rate: str
    maker_fee_rate: str


class PreListing(Wire, frozen=True):
    """Where a symbol stands before it is listed."""

    cur_auction_phase: str
    phases: tuple[PreListingPhase, ...]
    auction_fee_info: AuctionFees


class WireInstrument(Wire, frozen=True):
    """A symbol. `delivery_time` other than "0" on a perpetual is its delisting; `funding_interval` in minutes."""

    symbol: str
    status: WireInstrumentStatus
    base_coin: str
    quote_coin: str
    price_filter: PriceFilter
    lot_size_filter: LotSizeFilter
    symbol_id: int | None = None
    contract_type: str | None = None
    settle_coin: str | None = None
    symbol_type: str | None = None
    launch_time: str | None = None
    delivery_time: str | None = None
    delivery_fee_rate: str | None = None
    price_scale: str | None = None
    leverage_filter: LeverageFilter | None = None
    unified_margin_trade: bool | None = None
    funding_interval: int | None = None
    copy_trading: str | None = None
    upper_funding_rate: str | None = None
    lower_funding_rate: str | None = None
    display_name: str | None = None
    forbid_upl_withdrawal: bool | None = None
    risk_parameters: RiskParameters | None = None
    is_pre_listing: bool | None = None
    pre_listing_info: PreListing | msgspec.UnsetType | None = msgspec.UNSET  # null is written, absent is not
    innovation: str | None = None
    margin_trading: str | None = None
    st_tag: str | None = None
    xstock_multiplier: str | None = None
    options_type: str | None = None


class InstrumentPage(Wire, frozen=True):
    """Result of market/instruments-info."""

    list: tuple[WireInstrument, ...]
    category: WireCategory | None = None
    next_page_cursor: str | None = None
