"""Commands on a position: its levels, its leverage, its mode."""

from actors.bybit.server.trading.account import TradingAccount
from actors.bybit.server.trading.bookkeeping import Bookkeeper, settle
from actors.bybit.server.trading.commands import listing_of
from actors.bybit.server.trading.rejection import Rejection, parameter_error
from actors.bybit.translate.stops import read_added_stop, read_leverage, read_trading_stop
from actors.bybit.wire.positions import SetLeverageBody, SwitchModeBody, TradingStopBody
from actors.bybit.wire.values import WirePositionMode, WireTpslMode
from actors.model.backend import SetTradingStop
from actors.model.result import OrderResult, RequestOutcome

__all__ = ["set_levels", "set_leverage", "switch_mode"]


def set_levels(account: TradingAccount, body: TradingStopBody, now_ms: int) -> None:
    """Full: what is not named stays, "0" removes. Partial: adds. Raises Rejection, WireError."""
    settle(account, now_ms)
    books = account.linear
    listing = listing_of(books, body.symbol)
    if int(body.position_idx) or account.is_hedged.get(body.symbol, False):
        raise Rejection(10001, "position idx not match position mode")
    if not account.positions[body.symbol].qty:
        raise parameter_error("can not set tp/sl/ts for zero position")
    if body.tpsl_mode is WireTpslMode.PARTIAL:
        _accept(books.venue.add_trading_stop(read_added_stop(body, listing.instrument), now_ms))
    else:
        _accept(books.venue.set_trading_stop(_merged(account, body, now_ms), now_ms))
    Bookkeeper(account).tell(books, now_ms, commanded=body.symbol)
    settle(account, now_ms)


def _merged(account: TradingAccount, body: TradingStopBody, now_ms: int) -> SetTradingStop:
    """The levels that stand, with those that the request names."""
    wanted = read_trading_stop(body, account.linear.listings[body.symbol].instrument)
    standing = account.linear.venue.position_report(now_ms, body.symbol)
    return SetTradingStop(
        body.symbol,
        wanted.stop_loss if body.stop_loss else standing.stop_loss,
        wanted.take_profit if body.take_profit else standing.take_profit,
        wanted.trailing_stop if body.trailing_stop else standing.trailing_stop,
        wanted.active_price,
        wanted.stop_loss_trigger_by,
        wanted.take_profit_trigger_by,
    )


def set_leverage(account: TradingAccount, body: SetLeverageBody, now_ms: int) -> None:
    """Both sides alike. Raises Rejection: 110043 where nothing changes."""
    settle(account, now_ms)
    books = account.linear
    listing_of(books, body.symbol)
    _accept(books.venue.set_leverage(read_leverage(body), now_ms))
    Bookkeeper(account).tell(books, now_ms, commanded=body.symbol)


def switch_mode(account: TradingAccount, body: SwitchModeBody, now_ms: int) -> None:
    """One-way or hedge, of a symbol or of all of a coin.

    Raises Rejection: 110024 with a position, 110028 with open orders, 110025 where nothing changes.
    """
    settle(account, now_ms)
    listings = account.linear.listings
    symbols = (
        [body.symbol] if body.symbol else [each for each in listings if body.coin in (None, listings[each].quote_coin)]
    )
    is_hedged = body.mode is WirePositionMode.HEDGE
    changed = []
    for symbol in symbols:
        listing_of(account.linear, symbol)
        if account.is_hedged.get(symbol, False) is is_hedged:
            continue
        if account.positions[symbol].qty:
            raise Rejection(110024, "You have an existing position, so the position mode cannot be switched")
        if any(order.symbol == symbol and order.listing in listings.values() for order in account.open.values()):
            raise Rejection(110028, "You have existing open orders, so the position mode cannot be switched")
        changed.append(symbol)
    if not changed:
        raise Rejection(110025, "Position mode is not modified")
    account.is_hedged.update(dict.fromkeys(changed, is_hedged))


def _accept(result: OrderResult) -> None:
    if result.outcome is not RequestOutcome.ACCEPTED:
        raise Rejection(result.code, result.reason)
