"""Levels and leverage of a position as request bodies, and back."""

from actors.bybit.numbers import read_number, write_number
from actors.bybit.translate.levels import (
    REMOVE,
    category_of,
    exit_type,
    price_kind,
    price_text,
    read_level_price,
    read_qty,
)
from actors.bybit.translate.values import WIRE_TRIGGER_PRICES
from actors.bybit.wire.base import WireError
from actors.bybit.wire.positions import SetLeverageBody, TradingStopBody
from actors.bybit.wire.values import WirePositionIdx, WireTpslMode
from actors.model.backend import AddTradingStop, SetLeverage, SetTradingStop
from actors.model.fixed import Qty
from actors.model.instrument import Instrument
from actors.model.order import ProtectionTerms

__all__ = [
    "read_added_stop",
    "read_leverage",
    "read_trading_stop",
    "write_added_stop",
    "write_leverage",
    "write_trading_stop",
]


def write_trading_stop(command: SetTradingStop, instrument: Instrument) -> TradingStopBody:
    """Levels of the whole position: each is said, for one that is not would stay."""
    return TradingStopBody(
        category=category_of(instrument),
        symbol=command.symbol,
        tpsl_mode=WireTpslMode.FULL,
        position_idx=WirePositionIdx.ONE_WAY,
        take_profit=price_text(command.take_profit, instrument) or REMOVE,
        stop_loss=price_text(command.stop_loss, instrument) or REMOVE,
        trailing_stop=price_text(command.trailing_stop, instrument) or REMOVE,
        active_price=price_text(command.active_price, instrument),
        tp_trigger_by=WIRE_TRIGGER_PRICES[command.take_profit_trigger_by],
        sl_trigger_by=WIRE_TRIGGER_PRICES[command.stop_loss_trigger_by],
    )


def read_trading_stop(body: TradingStopBody, instrument: Instrument) -> SetTradingStop:
    """A Full request; a level that it does not name is None, so the server merges it with what stands."""
    return SetTradingStop(
        symbol=body.symbol,
        stop_loss=read_level_price(body.stop_loss, instrument, "stopLoss"),
        take_profit=read_level_price(body.take_profit, instrument, "takeProfit"),
        trailing_stop=read_level_price(body.trailing_stop, instrument, "trailingStop"),
        active_price=read_level_price(body.active_price, instrument, "activePrice"),
        stop_loss_trigger_by=price_kind(body.sl_trigger_by),
        take_profit_trigger_by=price_kind(body.tp_trigger_by),
    )


def write_added_stop(command: AddTradingStop, instrument: Instrument) -> TradingStopBody:
    """Levels of a part of the position."""
    terms, size = command.terms, write_number(command.qty, instrument.qty_digits)
    has_stop, has_target = terms.stop_loss is not None, terms.take_profit is not None
    return TradingStopBody(
        category=category_of(instrument),
        symbol=command.symbol,
        tpsl_mode=WireTpslMode.PARTIAL,
        position_idx=WirePositionIdx.ONE_WAY,
        take_profit=price_text(terms.take_profit, instrument),
        stop_loss=price_text(terms.stop_loss, instrument),
        tp_trigger_by=WIRE_TRIGGER_PRICES[terms.take_profit_trigger_by] if has_target else None,
        sl_trigger_by=WIRE_TRIGGER_PRICES[terms.stop_loss_trigger_by] if has_stop else None,
        tp_size=size if has_target else None,
        sl_size=size if has_stop else None,
        tp_limit_price=price_text(terms.take_profit_limit_price, instrument),
        sl_limit_price=price_text(terms.stop_loss_limit_price, instrument),
        tp_order_type=exit_type(terms.take_profit_limit_price) if has_target else None,
        sl_order_type=exit_type(terms.stop_loss_limit_price) if has_stop else None,
    )


def read_added_stop(body: TradingStopBody, instrument: Instrument) -> AddTradingStop:
    """A Partial request; of a pair both sizes must be equal."""
    if body.tp_size and body.sl_size and body.tp_size != body.sl_size:
        raise WireError("tpSize and slSize: not equal")
    terms = ProtectionTerms(
        stop_loss=read_level_price(body.stop_loss, instrument, "stopLoss"),
        take_profit=read_level_price(body.take_profit, instrument, "takeProfit"),
        stop_loss_trigger_by=price_kind(body.sl_trigger_by),
        take_profit_trigger_by=price_kind(body.tp_trigger_by),
        is_partial=True,
        stop_loss_limit_price=read_level_price(body.sl_limit_price, instrument, "slLimitPrice"),
        take_profit_limit_price=read_level_price(body.tp_limit_price, instrument, "tpLimitPrice"),
    )
    size = read_qty(body.tp_size or body.sl_size, instrument, "tpSize")
    return AddTradingStop(body.symbol, size or Qty(0), terms)


def write_leverage(command: SetLeverage, instrument: Instrument) -> SetLeverageBody:
    """Of both sides."""
    leverage = write_number(command.leverage, 0)
    return SetLeverageBody(
        category=category_of(instrument), symbol=command.symbol, buy_leverage=leverage, sell_leverage=leverage
    )


def read_leverage(body: SetLeverageBody) -> SetLeverage:
    """A whole number, equal on both sides."""
    if body.buy_leverage != body.sell_leverage:
        raise WireError("buyLeverage and sellLeverage: not equal")
    return SetLeverage(body.symbol, read_number(body.buy_leverage, 0, "buyLeverage") or 0)
