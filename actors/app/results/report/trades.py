"""The page's trade list as columns of numbers, with texts by index. The page does paging and sorting."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from actors.app.results.report.chart import Buckets, buckets_of
from actors.app.results.result import RunResult
from actors.app.results.scoring.excursions import excursions_of
from actors.app.results.trips import RoundTrip
from actors.model.fixed import scaled_text

__all__ = ["MAX_TRADES", "trade_data"]

MAX_TRADES = 25_000


def trade_data(result: RunResult, limit: int = MAX_TRADES) -> dict[str, Any]:
    """The first `limit` round trips in the order of their ends, a list for each column, and the total count."""
    tape = result.tape
    trips = result.walk.trips[:limit]
    buckets = buckets_of(tape.bars.ts_open[tape.start : tape.stop], tape.bars.timeframe_ms)
    names = sorted({name for trip in trips for name in (trip.entry_block, trip.exit_reason)})
    number = {name: index for index, name in enumerate(names)}
    digits = _money_digits(trips)
    price_digits = tape.instrument.price_digits
    excursions = excursions_of(tape.executions, tape.bars, tape.instrument)
    worst, best = excursions.worst[:limit].tolist(), excursions.best[:limit].tolist()
    values = [float(trip.entry_value) for trip in trips]
    return {
        "total": len(result.walk.trips),
        "names": names,
        "holding": _holding(result, buckets, digits),
        "digits": {"price": price_digits, "money": digits, "qty": tape.instrument.qty_digits},
        "columns": {
            "side": [int(trip.side == "long") for trip in trips],
            "entry_time": [trip.entry_ms // 1000 for trip in trips],
            "exit_time": [trip.exit_ms // 1000 for trip in trips],
            "entry_bucket": [int(buckets.of_bar[trip.entry_bar - tape.start]) for trip in trips],
            "exit_bucket": [int(buckets.of_bar[trip.exit_bar - tape.start]) for trip in trips],
            "qty": [float(trip.qty) for trip in trips],
            "entry_price": [round(float(trip.entry_price), price_digits) for trip in trips],
            "exit_price": [round(float(trip.exit_price), price_digits) for trip in trips],
            "net": [round(float(trip.net), digits) for trip in trips],
            "return": [round(100 * float(trip.net / trip.entry_value), 3) for trip in trips],
            "mae": _percents(worst, values),
            "mfe": _percents(best, values),
            "fees": [round(float(trip.fees), digits) for trip in trips],
            "bars": [trip.bars_held for trip in trips],
            "entry_by": [number[trip.entry_block] for trip in trips],
            "exit_by": [number[trip.exit_reason] for trip in trips],
        },
    }


def _holding(result: RunResult, buckets: Buckets, digits: int) -> dict[str, Any] | None:
    """The trade open at the end, valued at the last close without a closing fee; None if there is none."""
    tape, holding = result.tape, result.walk.holding
    if holding is None:
        return None
    bars = tape.bars
    last = Decimal(scaled_text(int(bars.price_close[tape.stop - 1]), tape.instrument.price_digits))
    entry_bar = int(np.searchsorted(bars.ts_open, holding.entry_ms, side="right")) - 1
    direction = 1 if holding.side == "long" else -1
    return {
        "side": int(holding.side == "long"),
        "entry_time": holding.entry_ms // 1000,
        "entry_bucket": int(buckets.of_bar[entry_bar - tape.start]),
        "qty": float(holding.qty),
        "entry_price": round(float(holding.entry_price), tape.instrument.price_digits),
        "last_price": float(last),
        "gross": round(float((last - holding.entry_price) * holding.qty * direction), digits),
        "entry_by": holding.entry_block,
    }


def _percents(amounts: list[float], values: list[float]) -> list[float]:
    return [round(100 * amount / value, 3) for amount, value in zip(amounts, values, strict=True)]


def _money_digits(trips: Sequence[RoundTrip]) -> int:
    """Decimals that show three digits of a typical fee, at least two, so that small trades are not all 0.00."""
    fees = sorted(abs(trip.fees) for trip in trips)
    typical = fees[len(fees) // 2] if fees else Decimal(0)
    return min(8, max(2, 2 - typical.adjusted())) if typical else 2
