"""Bybit's stream of public trades in the words of a stream's actor; pure, without state.

Block trades are left out: they are agreed beside the order book.
"""

from collections.abc import Mapping
from typing import Any

from actors.bybit.numbers import WireNumberError, read_decimal, read_number
from actors.bybit.streams import BybitStream
from actors.bybit.topics import Socket
from actors.bybit.wire.streams import TradeData, TradeFrame
from actors.model.fixed import Price, Qty, Rounding, round_to_grid
from actors.model.instrument import Instrument
from actors.model.streams import Heard, MarketTrade, MarketTrades, StreamData

__all__ = ["TradesStream", "read_trades"]


class TradesStream(BybitStream):
    """Public trades of the linear `instruments`."""

    def __init__(self, instruments: Mapping[str, Instrument]) -> None:
        self._instruments = {f"publicTrade.{symbol}": instrument for symbol, instrument in instruments.items()}
        super().__init__(Socket.PUBLIC_LINEAR, tuple(self._instruments))

    def _data(self, frame: Any) -> Heard:
        if frame.topic not in self._instruments or not isinstance(frame, TradeFrame):
            return super()._data(frame)
        trades = read_trades(frame, self._instruments[frame.topic])
        return StreamData(frame.topic, (trades,) if trades.trades else ())


def read_trades(frame: TradeFrame, instrument: Instrument) -> MarketTrades:
    """The trades of a frame, oldest first."""
    rows = sorted((row for row in frame.data if not row.is_block), key=lambda row: row.time)
    return MarketTrades(instrument.symbol, tuple(_trade(row, instrument) for row in rows))


def _trade(row: TradeData, instrument: Instrument) -> MarketTrade:
    price = read_number(row.price, instrument.price_digits, "p")
    size = read_decimal(row.size, "v")
    if price is None or size is None:
        raise WireNumberError("p", row.price, "a price with a size")
    return MarketTrade(row.time, Price(price), Qty(round_to_grid(size, instrument.qty_digits, 1, Rounding.DOWN)))
