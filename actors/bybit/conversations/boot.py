"""What a start asks of Bybit before anything trades: clock, instruments with fees and tiers, account mode, equity.

Questions that the demo account does not have are left out, and what they would say is taken from the caller. Whatever
makes orders doubtful is a ConfigurationError that says what and where: an instrument that does not trade, a key that
may not trade, an account in another mode.
"""

from collections.abc import Mapping, Sequence
from typing import TypeVar

import msgspec

from actors.bybit.conversations.asking import Steps, question
from actors.bybit.conversations.queries import ORDERS_A_PAGE
from actors.bybit.numbers import read_decimal, read_ms, read_number
from actors.bybit.translate.instruments import read_instrument
from actors.bybit.translate.values import PART_LEVELS, POSITION_LEVELS
from actors.bybit.wire.account import (
    AccountInfo,
    ApiKeyInfo,
    FeeRatePage,
    FeeRateParams,
    FeeRateRow,
    WalletPage,
    WalletParams,
)
from actors.bybit.wire.base import WireError
from actors.bybit.wire.instruments import InstrumentPage, InstrumentsParams, WireInstrument
from actors.bybit.wire.market import NoParams, RiskLimitPage, RiskLimitParams, RiskLimitRow, TickerPage, TickerParams
from actors.bybit.wire.orders import OrderPage, OrdersParams
from actors.bybit.wire.positions import PositionPage, PositionsParams
from actors.bybit.wire.values import WireCategory, WireInstrumentStatus, WireMarginMode, WirePositionIdx
from actors.model.errors import ConfigurationError, OrderRejectedError
from actors.model.fixed import Price
from actors.model.instrument import Instrument
from actors.model.venue_time import second_text

__all__ = [
    "KEY_PERMISSIONS",
    "StandardFees",
    "account_equity",
    "account_modes",
    "instruments_of",
    "key_problems",
    "last_price",
    "strangers",
]

_LINEAR = WireCategory.LINEAR
_CROSS = WireMarginMode.CROSS
_BAD_PARAMETER = 10001  # of a query for a symbol: there is no such symbol
KEY_PERMISSIONS = ("Order", "Position")
T = TypeVar("T")


class StandardFees(msgspec.Struct, frozen=True):
    """Fees of an instrument, as text, where the venue does not tell them."""

    maker: str
    taker: str


def instruments_of(
    symbols: Sequence[str], standard: Mapping[str, StandardFees], *, has_fee_rates: bool
) -> Steps[dict[str, Instrument]]:
    """By symbol, in their order, as the venue states them now; `standard` fees where it does not state them."""
    found: dict[str, Instrument] = {}
    problems: list[str] = []
    for symbol in symbols:
        rows, time_ms = yield from _listed(symbol)
        problem = _problem_of(symbol, rows)
        if problem:
            problems.append(problem)
            continue
        tiers, _ = yield from question(
            "market/risk-limit", RiskLimitParams(category=_LINEAR, symbol=symbol), RiskLimitPage
        )
        fees = yield from _fees_of(symbol, standard, has_fee_rates=has_fee_rates)
        try:
            found[symbol] = read_instrument(rows[0], _LINEAR, fees, _by_limit(tiers.list), as_of=str(time_ms))
        except WireError as error:
            problems.append(f"{symbol}: Bybit's terms for it cannot be read ({error}): nothing trades on a guess")
    if problems:
        raise ConfigurationError("; ".join(problems))
    return found


def _listed(symbol: str) -> Steps[tuple[Sequence[WireInstrument], int]]:
    """The rows of a symbol, and the venue's time; none for a symbol that it does not know."""
    params = InstrumentsParams(category=_LINEAR, symbol=symbol)
    try:
        page, time_ms = yield from question("market/instruments-info", params, InstrumentPage)
    except OrderRejectedError as error:
        if error.code != _BAD_PARAMETER:
            raise
        return (), 0
    return [row for row in page.list if row.symbol == symbol], time_ms


def _problem_of(symbol: str, rows: Sequence[WireInstrument]) -> str:
    if not rows:
        return f"{symbol}: Bybit lists no linear symbol of that name: check the symbol in the card"
    (row,) = rows
    if row.status is not WireInstrumentStatus.TRADING:
        return f"{symbol}: its status at Bybit is {row.status}, and only Trading takes orders"
    if row.contract_type == "LinearPerpetual" and row.delivery_time not in (None, "", "0"):
        when = second_text(read_ms(row.delivery_time, "deliveryTime"))
        return f"{symbol}: Bybit delists it at {when}: close by hand what is open and drop the card"
    return ""


def _fees_of(symbol: str, standard: Mapping[str, StandardFees], *, has_fee_rates: bool) -> Steps[FeeRateRow]:
    if has_fee_rates:
        page, _ = yield from question("account/fee-rate", FeeRateParams(category=_LINEAR, symbol=symbol), FeeRatePage)
        for row in page.list:
            if row.symbol in (symbol, ""):
                return row
    fees = standard[symbol]
    return FeeRateRow(symbol, fees.taker, fees.maker)


def _by_limit(rows: Sequence[RiskLimitRow]) -> list[RiskLimitRow]:
    return sorted(rows, key=lambda row: read_decimal(row.risk_limit_value, "riskLimitValue") or 0)


def account_modes(symbols: Sequence[str]) -> Steps[list[str]]:
    """What of the account's settings this program does not trade in; empty if it can."""
    info, _ = yield from question("account/info", NoParams(), AccountInfo)
    problems = []
    if info.margin_mode is not _CROSS:
        problems.append(f"the account's margin mode is {info.margin_mode}: switch it to cross margin ({_CROSS})")
    if info.unified_margin_status is not None and info.unified_margin_status < 3:
        problems.append("the account is no unified trading account: upgrade it at Bybit first")
    for symbol in symbols:
        page, _ = yield from question("position/list", PositionsParams(category=_LINEAR, symbol=symbol), PositionPage)
        if any(row.position_idx is not WirePositionIdx.ONE_WAY for row in page.list):
            problems.append(f"{symbol}: the account is in hedge mode: switch the position mode to one-way")
    return problems


def last_price(instrument: Instrument) -> Steps[Price]:
    """The price of the newest trade. ConfigurationError where nothing has been traded yet."""
    params = TickerParams(category=_LINEAR, symbol=instrument.symbol)
    page, _ = yield from question("market/tickers", params, TickerPage)
    for row in page.list:
        price = (
            read_number(row.last_price, instrument.price_digits, "lastPrice") if row.symbol == instrument.symbol else 0
        )
        if price:
            return Price(price)
    raise ConfigurationError(f"{instrument.symbol}: nothing has been traded yet")


def strangers(symbols: Sequence[str], prefix: str) -> Steps[list[str]]:
    """What stands on the account that this deployment did not place, or may not have; orders of ours begin with
    `prefix`. Nothing of it is touched.
    """
    told = []
    for symbol in symbols:
        params = OrdersParams(category=_LINEAR, symbol=symbol, open_only=0, limit=ORDERS_A_PAGE)
        orders, _ = yield from question("order/realtime", params, OrderPage)
        own = [order for order in orders.list if order.stop_order_type not in (*POSITION_LEVELS, *PART_LEVELS)]
        foreign = [order for order in own if not (order.order_link_id or "").startswith(prefix)]
        if foreign:
            count = f"{len(foreign)} or more" if orders.next_page_cursor else str(len(foreign))
            what = "open order that is" if count == "1" else "open orders that are"
            told.append(
                f"{symbol}: {count} {what} not this deployment's: left alone, and entries are blocked while such "
                "orders rest; cancel them if nobody needs them"
            )
        page, _ = yield from question("position/list", PositionsParams(category=_LINEAR, symbol=symbol), PositionPage)
        for row in page.list:
            size = read_decimal(row.size, "size")
            if size:
                told.append(
                    f"{symbol}: the account holds {row.side} {row.size}; unless this run's journal explains it, it is "
                    f"left alone and entries are blocked, until you close it, or adopt it by --adopt {symbol}"
                )
    return told


def account_equity(coin: str) -> Steps[str]:
    """Wallet balance of the coin, as text."""
    page, _ = yield from question("account/wallet-balance", WalletParams(account_type="UNIFIED", coin=coin), WalletPage)
    for row in page.list[0].coin if page.list else ():
        if row.coin == coin:
            return row.wallet_balance or "0"
    return "0"


def key_problems() -> Steps[list[str]]:
    """What the key may not do that trading needs; empty if it may."""
    info, _ = yield from question("user/query-api", NoParams(), ApiKeyInfo)
    if info.read_only:
        return ["the key is read-only: make one with the permissions Order and Position of contract trading"]
    granted = info.permissions.contract_trade or ()
    missing = [each for each in KEY_PERMISSIONS if each not in granted]
    return [f"the key lacks the permission {' and '.join(missing)} of contract trading"] if missing else []
