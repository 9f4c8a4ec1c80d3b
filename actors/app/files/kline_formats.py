"""Kline files of other programs, recognised by their first line; files that hold no bars are named as such.

A format says where the six columns stand and how the text becomes rows of ours: `ts_ms,open,high,low,close,volume`,
numbers as printed. A known file without bars gets an explanation of what to do.
"""

import csv
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import attrs
import msgspec

from actors.app.files.bars_checks import HEADER

__all__ = ["KlineFormat", "NotBars", "recognised"]

_BINANCE = (*HEADER, "close_time", "quote_volume", "count", "taker_buy_volume", "taker_buy_quote_volume", "ignore")
_MT4_TIME = re.compile(rb"\d{4}\.\d\d\.\d\d \d\d:\d\d,")
_MT4_CLOCK = timedelta(hours=3)  # Bybit's candles for MetaTrader are in UTC+3
_TRADES = ({"price", "side"}, {"price", "qty"}, {"price", "size"}, {"price", "is_buyer_maker"})


class NotBars(ValueError):
    """The file holds no bars: what it is, and what to do. `line` is the line that shows it."""

    def __init__(self, what: str, hint: str, line: int | None = None) -> None:
        super().__init__(what)
        self.what, self.hint, self.line = what, hint, line


@attrs.frozen
class KlineFormat:
    """`names` of the columns by place; `has_header` says that the first line is one.

    `rows` turns the whole text into ours where it is not CSV of these columns; `may_be_us`: its times may be in
    microseconds.
    """

    name: str
    names: Sequence[str] = HEADER
    has_header: bool = False
    may_be_us: bool = False
    rows: Callable[[bytes], bytes] | None = None


def recognised(first: bytes) -> KlineFormat | None:
    """The format of a file that begins with `first`; None if column names decide. Raises NotBars."""
    if first.startswith(b"PAR1"):
        raise NotBars("is a Parquet file", "write it as CSV with the header " + ",".join(HEADER))
    if first.startswith(b"PK\x03\x04"):
        raise NotBars("is a zip archive or an Excel workbook", "unpack it, or save the sheet as CSV")
    text = first.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text.startswith(b"{"):
        return KlineFormat("Bybit v5 klines (JSON)", rows=_bybit_rows)
    if text.startswith(b"["):
        return KlineFormat("ccxt candles (JSON)", rows=_ccxt_rows)
    if _MT4_TIME.match(text):
        return KlineFormat("Bybit candles for MetaTrader, in UTC+3", rows=_mt4_rows)
    lines = text[:4096].decode("utf-8", "replace").splitlines()
    cells = [cell.strip().strip('"') for cell in lines[0].split(",")] if lines else []
    names = [cell.lower() for cell in cells]
    if len(cells) == len(_BINANCE) and cells[0].isdigit():
        return KlineFormat("Binance Vision klines without a header", _BINANCE, may_be_us=True)
    if names[:1] == ["open_time"] and "close_time" in names:
        return KlineFormat("Binance Vision klines", ("ts_ms", *names[1:]), has_header=True, may_be_us=True)
    if any(kind <= set(names) for kind in _TRADES) and not {"open", "close"} & set(names):
        raise NotBars("is a file of trades", "bars have open, high, low and close; trades go with --trades", 1)
    return None


def _bybit_rows(text: bytes) -> bytes:
    """`result.list`, newest first: [start, open, high, low, close, volume, turnover], all texts."""
    try:
        answer = msgspec.json.decode(text)
        rows = answer["result"]["list"]
        return _lines([row[:6] for row in reversed(rows)])
    except (msgspec.DecodeError, KeyError, TypeError, ValueError) as error:
        raise NotBars("is JSON, but no kline answer of Bybit v5", "it has result.list with a row a bar") from error


def _ccxt_rows(text: bytes) -> bytes:
    """[[ms, open, high, low, close, volume], ...], oldest first; numbers as printed."""
    try:
        rows = msgspec.json.decode(text, type=list[list[msgspec.Raw]])
        return _lines([[bytes(cell).decode().strip('"') for cell in row[:6]] for row in rows])
    except (msgspec.DecodeError, ValueError) as error:
        raise NotBars("is JSON, but no list of candles", "ccxt gives [ms, open, high, low, close, volume]") from error


def _mt4_rows(text: bytes) -> bytes:
    """`yyyy.MM.dd HH:MM,open,high,low,close,volume`."""
    rows = []
    for line, cells in enumerate(csv.reader(text.decode("utf-8").splitlines()), start=1):
        if not cells:
            continue
        try:
            moment = datetime.strptime(cells[0], "%Y.%m.%d %H:%M").replace(tzinfo=UTC) - _MT4_CLOCK
        except ValueError as error:
            raise NotBars(f"`{cells[0][:24]}` is no time", "like 2024.01.31 23:59", line) from error
        rows.append([f"{round(moment.timestamp() * 1000)}", *cells[1:6]])
    return _lines(rows)


def _lines(rows: Sequence[Sequence[str]]) -> bytes:
    for number, row in enumerate(rows, start=1):
        if len(row) != len(HEADER) or not all(isinstance(cell, str) for cell in row):
            raise ValueError(f"row {number} has no six values")
    return "".join(f"{','.join(row)}\n" for row in rows).encode()
