"""A run's result, computed from the tape and the bars alone: the JSON object of CONTRACT section 5 and what feeds it.

The same numbers go to the command line, the CSV files and the report. What is not modelled is null here, never zero.
"""

import resource
import sys
import time
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import attrs

from actors.app.results.equity import EquityCurve, equity_curve
from actors.app.results.notices import notices_of
from actors.app.results.tape import OrderRow, RunTape
from actors.app.results.trips import Walk, walk_fills
from actors.app.runs.sources import NO_SOURCES, Sources
from actors.app.settings import settings_object
from actors.app.version import coldframe_version
from actors.model.fixed import plain_text, scaled_text
from ideacards.feeds import gap_places

__all__ = ["SCHEMA_VERSION", "Gap", "RunFlags", "RunResult", "build_result"]

SCHEMA_VERSION = 1
NO_LEADERS: Mapping[str, str] = MappingProxyType({})


@attrs.frozen
class RunFlags:
    """What the command line changed: `given` as typed, `profile_values` what the profile said instead."""

    given: Mapping[str, Any] = attrs.field(factory=dict)
    profile_values: Mapping[str, Any] = attrs.field(factory=dict)


@attrs.frozen
class Gap:
    """Bars missing from the file: UTC ms of the first missing open and of the next open that is there."""

    from_ms: int
    to_ms: int
    missing: int


@attrs.frozen(eq=False)
class RunResult:
    """The tape and everything derived from it; `object` is the JSON object, keys in the contract's order."""

    tape: RunTape
    walk: Walk
    curve: EquityCurve
    gaps: tuple[Gap, ...]
    open_orders: tuple[OrderRow, ...]
    object: dict[str, Any]

    @property
    def start_equity(self) -> Decimal:
        """The account's equity at the start, in quote coin."""
        return self.tape.card.account.equity

    def money(self, value: int) -> Decimal:
        """Money as Decimal, exactly."""
        return Decimal(scaled_text(value, self.tape.instrument.money_digits))


def build_result(
    tape: RunTape,
    *,
    data_digest: str,
    card_digest: str,
    flags: RunFlags | None = None,
    sources: Sources = NO_SOURCES,
    leaders: Mapping[str, str] = NO_LEADERS,
) -> RunResult:
    """The result of a run over bars [tape.start, tape.stop), which hold at least one bar.

    `leaders` are the digests of the bars of the card's leaders, by symbol.
    """
    begun = time.perf_counter()
    instrument = tape.instrument
    walk = walk_fills(tape.executions, instrument)
    start_equity = instrument.money(tape.card.account.equity)
    curve = equity_curve(tape.bars, tape.start, tape.stop, walk.steps, start_equity, instrument)
    tape = attrs.evolve(tape, seconds_engine=tape.seconds_engine + time.perf_counter() - begun)
    gaps = _gaps(tape)
    open_orders = tape.open_orders
    result = RunResult(tape, walk, curve, gaps, open_orders, {})
    found = _object(result, data_digest, card_digest, flags or RunFlags())
    result.object.update(found | {"leaders": dict(leaders)} | sources.object())
    return result


def _object(result: RunResult, data_digest: str, card_digest: str, flags: RunFlags) -> dict[str, Any]:
    tape, digits = result.tape, result.tape.instrument.money_digits
    bars = tape.stop - tape.start
    seconds = tape.seconds_engine
    return {
        "schema_version": SCHEMA_VERSION,
        "coldframe_version": coldframe_version(),
        "card": tape.card.id,
        "card_digest": card_digest,
        "data_digest": data_digest,
        "settings": _settings(tape, flags),
        "bars": bars,
        "first_ts": int(tape.bars.ts_open[tape.start]),
        "last_ts": int(tape.bars.ts_open[tape.stop - 1]),
        "bars_delivered": tape.bars_delivered,
        "gaps": len(result.gaps),
        "missing_bars": sum(gap.missing for gap in result.gaps),
        "orders": len(tape.orders),
        "fills": len(tape.fills),
        "round_trips": len(result.walk.trips),
        "open_at_end": [_open_order(row) for row in result.open_orders],
        "refusals": dict(sorted(Counter(row.code for row in tape.refusals).items())),
        "unknown_clauses": tape.unknown_clauses,
        "not_modelled": list(tape.not_modelled),
        "fees": scaled_text(result.walk.fees, digits),
        "funding": None if "funding" in tape.not_modelled else scaled_text(result.walk.funding, digits),
        "realised_pnl": scaled_text(result.walk.realised, digits),
        "final_equity": scaled_text(result.curve.final, digits),
        "max_drawdown": result.curve.max_drawdown_text,
        "output_digest": tape.output_digest,
        "seconds_engine": round(seconds, 6),
        "bars_per_second": round(bars / seconds) if seconds > 0 else None,
        "peak_rss_mb": _peak_rss_mb(),
        "seconds_unprotected": tape.unprotected_ms / 1000,
        "ready_bars": tape.ready_bars,
        "notices": list(notices_of(tape)),
        "parameters": {one.name: plain_text(one.value) for one in tape.card.parameters},
    }


def _settings(tape: RunTape, flags: RunFlags) -> dict[str, Any]:
    return settings_object(tape.settings) | {"flags": dict(flags.given), "profile_values": dict(flags.profile_values)}


def _open_order(row: OrderRow) -> dict[str, Any]:
    return {
        "link_id": row.link_id,
        "block": row.block_id,
        "side": row.side,
        "type": row.type,
        "qty": plain_text(row.qty),
        "filled_qty": plain_text(row.filled_qty),
        "status": row.status,
        "decided_ms": row.decided_ms,
    }


def _gaps(tape: RunTape) -> tuple[Gap, ...]:
    bars, timeframe_ms = tape.bars, tape.bars.timeframe_ms
    opens = bars.ts_open[tape.start : tape.stop]
    gaps = []
    for place in gap_places(opens, timeframe_ms).tolist():
        before, after = int(opens[place]), int(opens[place + 1])
        gaps.append(Gap(before + timeframe_ms, after, (after - before) // timeframe_ms - 1))
    return tuple(gaps)


def _peak_rss_mb() -> float:
    """Of this process; the system counts in bytes on macOS, elsewhere in KiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1024 * 1024 if sys.platform == "darwin" else 1024), 1)
