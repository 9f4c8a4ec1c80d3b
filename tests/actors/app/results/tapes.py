"""Builders of hand-made tapes: bars from closes, fills from short tuples, and a card to hang them on."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import attrs

from actors.app.files.instruments import load_instrument
from actors.app.results.result import RunFlags, RunResult, build_result
from actors.app.results.tape import FillRow, OrderRow, RefusalRow, RunTape
from actors.app.settings import load_settings
from ideacards.card import AccountSpec, Card, Market, Timeframes, timeframe_of
from ideacards.feeds import Bars

MINUTE_MS = 60_000
FIRST_MS = 1_704_067_200_000  # 2024-01-01
FEE_RATE = Decimal("0.00055")


def a_card(card_id: str = "hand_made", thesis: str = "A tape made by hand.", equity: str = "10000") -> Card:
    """A card without features or blocks."""
    timeframes = Timeframes(exec=timeframe_of("1m"))
    market = Market(venue="bybit", category="linear", symbol="BTCUSDT")
    return Card(card_id, thesis, market, timeframes, AccountSpec(Decimal(equity)), None, (), ())


def some_bars(closes: Sequence[str], missing_after: Sequence[int] = (), step_ms: int = MINUTE_MS) -> Bars:
    """Bars of one decimal that open at the close before; a bar is missing after each index of `missing_after`."""
    ticks = [int(Decimal(close) * 10) for close in closes]
    opens = [ticks[0], *ticks[:-1]]
    prices = {
        "open": opens,
        "high": [max(pair) for pair in zip(opens, ticks, strict=True)],
        "low": [min(pair) for pair in zip(opens, ticks, strict=True)],
        "close": ticks,
    }
    times = [FIRST_MS + step_ms * (i + sum(before < i for before in missing_after)) for i in range(len(closes))]
    return Bars.of_columns("BTCUSDT", step_ms, 1, times, prices, [1.0] * len(closes))


def a_fill(bars: Bars, bar: int, signed_qty: str, price: str, **changes: Any) -> FillRow:
    """A taker fill at the open of a bar; the sign of the quantity is the side."""
    qty = Decimal(signed_qty)
    row = FillRow(
        time_ms=int(bars.ts_open[bar]),
        bar=bar,
        exec_id=f"e{bar}",
        link_id=f"cf{bar}",
        order_id=f"o{bar}",
        side="buy" if qty > 0 else "sell",
        qty=abs(qty),
        price=Decimal(price),
        fee=abs(qty) * Decimal(price) * FEE_RATE,
        is_maker=False,
        origin="user",
        block_id="entry" if qty > 0 else "exit",
    )
    return attrs.evolve(row, **changes)


def an_order(bars: Bars, bar: int, **changes: Any) -> OrderRow:
    """A market order decided at the close of a bar, not filled yet."""
    row = OrderRow(
        decided_ms=int(bars.ts_close[bar]),
        link_id=f"cf{bar}",
        order_id=f"o{bar}",
        side="buy",
        type="market",
        qty=Decimal("0.1"),
        price=None,
        trigger_price=None,
        reduce_only=False,
        status="acked",
        filled_qty=Decimal(0),
        average_price=None,
        reason="",
        block_id="entry",
    )
    return attrs.evolve(row, **changes)


def a_tape(bars: Bars, fills: Sequence[FillRow] = (), **changes: Any) -> RunTape:
    """A tape over all bars."""
    tape = RunTape(
        card=a_card(),
        bars=bars,
        instrument=load_instrument("BTCUSDT", bars.price_digits),
        settings=load_settings(),
        start=0,
        stop=len(bars),
        fills=tuple(fills),
        orders=(),
        refusals=(),
        bars_delivered=len(bars),
        unknown_clauses=0,
        not_modelled=("funding",),
        output_digest="d" * 32,
        seconds_engine=0.5,
        restarts=0,
    )
    return attrs.evolve(tape, **changes)


def a_result(tape: RunTape, flags: RunFlags | None = None) -> RunResult:
    """The result of a tape, with digests that say they are made up."""
    return build_result(tape, data_digest="data", card_digest="card", flags=flags)


def a_refusal(bars: Bars, bar: int, code: str = "POSITION_OPEN", reason: str = "a position stands") -> RefusalRow:
    """A refusal at the close of a bar."""
    return RefusalRow(int(bars.ts_close[bar]), code, "entry", reason)
