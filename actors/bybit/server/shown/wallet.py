"""The wallet in the wire's shape: coins, and the account's totals in USD.

A USDT counts as a dollar. Coins bought on spot add to the equity at their last price, and are no collateral: margin is
what the USDT gives.
"""

from actors.bybit.numbers import write_number
from actors.bybit.server.shown.texts import amount_text, coin_text, money_text, price_text, qty_text, ratio_text
from actors.bybit.server.trading.account import TradingAccount
from actors.bybit.server.trading.records import ExecutionRecord
from actors.bybit.translate.values import WIRE_SIDES
from actors.bybit.wire.account import TransactionRow, WireCoin, WireWallet
from actors.bybit.wire.values import WireCategory
from actors.model.order import Category
from actors.model.origins import PAYS_ONLY

__all__ = ["transaction_row", "wallet"]

_CASH = "USDT"


def wallet(account: TradingAccount, now_ms: int, coins: tuple[str, ...] = ()) -> WireWallet:
    """The account and its coins; `coins` chooses some of them, of which those that are not held show zero."""
    digits = account.money_digits
    venue = account.linear.venue
    equity_report = venue.equity_report(now_ms)
    markets = venue.markets.values()
    unrealised = sum(market.account.unrealised(market.mark_price()) for market in markets)
    initial = sum(market.account.initial_margin(market.mark_price()) for market in markets)
    maintenance = sum(market.account.maintenance(market.mark_price()) for market in markets)
    spot_value = sum(_spot_value(account, symbol, now_ms) for symbol in account.holdings)
    margin_balance = equity_report.equity + account.locked_cash

    def usd(money: int) -> str:
        return amount_text(money, digits)

    rows = {_CASH: _cash(account, unrealised, now_ms)} | _base_coins(account, now_ms)
    if coins:
        rows = {name: rows.get(name) or _nothing(name) for name in coins}
    return WireWallet(
        coin=tuple(rows.values()),
        account_type="UNIFIED",
        account_im_rate=ratio_text(initial, margin_balance),
        account_im_rate_by_mp=ratio_text(initial, margin_balance),
        account_mm_rate=ratio_text(maintenance, margin_balance),
        account_mm_rate_by_mp=ratio_text(maintenance, margin_balance),
        account_ltv="0",
        total_equity=usd(margin_balance + spot_value),
        total_wallet_balance=usd(account.cash + spot_value),
        total_margin_balance=usd(margin_balance),
        total_available_balance=usd(max(0, equity_report.available)),
        total_perp_upl=usd(unrealised),
        total_initial_margin=usd(initial),
        total_initial_margin_by_mp=usd(initial),
        total_maintenance_margin=usd(maintenance),
        total_maintenance_margin_by_mp=usd(maintenance),
    )


def _cash(account: TradingAccount, unrealised: int, now_ms: int) -> WireCoin:
    digits = account.money_digits
    markets = account.linear.venue.markets.values()
    held = [(market.account, market.mark_price()) for market in markets]
    position_im = sum(abs(books.position.qty) * mark // books.leverage for books, mark in held)
    total = sum(books.initial_margin(mark) for books, mark in held)
    rate_one = next(iter(account.linear.listings.values())).instrument.rate_one
    positions = position_im * rate_one
    return _coin(
        _CASH,
        equity=amount_text(account.cash + unrealised, digits),
        usd=amount_text(account.cash + unrealised, digits),
        balance=amount_text(account.cash, digits),
        locked=amount_text(account.locked_cash, digits),
        order_im=amount_text(max(0, total - positions), digits),
        position_im=amount_text(positions, digits),
        position_mm=amount_text(sum(books.maintenance(mark) for books, mark in held), digits),
        unrealised=amount_text(unrealised, digits),
        realised=amount_text(sum(account.realised.values()), digits),
    )


def _base_coins(account: TradingAccount, now_ms: int) -> dict[str, WireCoin]:
    rows = {}
    for symbol, holding in account.holdings.items():
        listing = holding.listing
        if not holding.base and not holding.locked_base:
            continue
        amount = coin_text(listing, holding.base, listing.base_coin)
        rows[listing.base_coin] = _coin(
            listing.base_coin,
            equity=amount,
            usd=amount_text(_spot_value(account, symbol, now_ms), account.money_digits),
            balance=amount,
            locked=coin_text(listing, holding.locked_base, listing.base_coin),
        )
    return rows


def _spot_value(account: TradingAccount, symbol: str, now_ms: int) -> int:
    """What the base coin is worth at the last price, in Money, rounded down."""
    holding = account.holdings[symbol]
    return holding.base * account.last_price(holding.listing, now_ms)


def _nothing(coin: str) -> WireCoin:
    return _coin(coin, equity="0", usd="0", balance="0", locked="0")


def _coin(
    coin: str,
    *,
    equity: str,
    usd: str,
    balance: str,
    locked: str,
    order_im: str = "0",
    position_im: str = "0",
    position_mm: str = "0",
    unrealised: str = "0",
    realised: str = "0",
) -> WireCoin:
    return WireCoin(
        coin=coin,
        equity=equity,
        usd_value=usd,
        wallet_balance=balance,
        free="",
        locked=locked,
        spot_hedging_qty="0",
        borrow_amount="0",
        spot_borrow="0",
        accrued_interest="0",
        total_order_im=order_im,
        total_position_im=position_im,
        total_position_mm=position_mm,
        unrealised_pnl=unrealised,
        cum_realised_pnl=realised,
        bonus="0",
        margin_collateral=coin == _CASH,
        collateral_switch=coin == _CASH,
        col_res="",
        available_to_withdraw="",
        available_to_borrow="",
    )


def transaction_row(record: ExecutionRecord) -> TransactionRow:
    """One booking of account/transaction-log; funding is of type SETTLEMENT."""
    listing, fill = record.listing, record.fill
    is_payment = fill.exec_type in PAYS_ONLY
    instrument = listing.instrument
    rate = 0 if is_payment else instrument.maker_rate if fill.is_maker else instrument.taker_rate
    change = money_text(listing, record.cash_change)
    return TransactionRow(
        id=f"{record.exec_id}_{listing.symbol}_{record.seq}",
        type="SETTLEMENT" if is_payment else "TRADE",
        currency=listing.quote_coin,
        change=change,
        transaction_time=str(fill.time_ms),
        trans_sub_type="",
        symbol=listing.symbol,
        category=WireCategory(listing.category),
        side=WIRE_SIDES[fill.side],
        funding=change if is_payment else "",
        order_link_id=record.shown_link_id,
        order_id=record.order_id,
        trade_id=record.exec_id,
        trade_price=price_text(listing, fill.price),
        fee="0" if is_payment else coin_text(listing, record.fee, record.fee_coin),
        fee_rate=write_number(rate, instrument.rate_digits),
        cash_flow=money_text(listing, record.realised if listing.category is Category.LINEAR else record.cash_change),
        cash_balance=amount_text(record.cash_after, instrument.money_digits),
        bonus_change="",
        size=qty_text(listing, fill.qty),
        qty=qty_text(listing, fill.qty),
        extra_fees="",
    )
