"""What a reader should know before the numbers: why nothing traded, what was refused, what rested for days.

A table of zeros looks like a result. These lines say which limit or condition made it, with its value.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import numpy as np

from actors.app.results.tape import RefusalRow, RunTape
from actors.model.result import RejectReason
from ideacards.feeds import gap_places

__all__ = ["notices_of"]

_DAY_MS = 86_400_000
_LARGE_GAP = 0.05  # of the range: a missing month, or a time with a wrong digit
_LARGE_GAP_BARS = 10  # and at least so many bars
_REST_DAYS, _REST_BARS = 2, 10  # an order that rests for both has been forgotten, or its price is out of reach
# A card that decides the same thing at every bar is refused by these as a matter of course.
_ORDINARY = (
    RejectReason.ENTRY_IN_FLIGHT,
    RejectReason.POSITION_OPEN,
    RejectReason.NO_POSITION,
    RejectReason.EXIT_IN_FLIGHT,
)


def notices_of(tape: RunTape) -> tuple[str, ...]:
    """Lines of plain text, the most important first; none for an ordinary run."""
    entries = [row for row in tape.refusals if row.is_entry]
    told: list[str] = []
    explained: Sequence[RefusalRow] = ()
    if entries and not tape.has_entered and not tape.fills:
        explained = entries
        which = "the only entry was" if len(entries) == 1 else f"all {len(entries):,} entries were"
        told.append(f"No trades: {which} refused, {_by_code(entries)}")
    elif not tape.fills:
        told.append(_nothing_traded(tape))
    told.extend(_large_gap(tape))
    told.extend(_silent_leaders(tape))
    told.extend(_long_rests(tape))
    told.extend(_refusals(tape, {row.code for row in explained}))
    return tuple(told)


def _nothing_traded(tape: RunTape) -> str:
    if not tape.ready_bars:
        return "No trades: the card was not ready at any bar of the range"
    ready = _count(tape.ready_bars, "ready bar")
    if len(tape.orders):
        return f"No trades: none of {_count(len(tape.orders), 'order')} was filled in {ready}"
    if tape.decisions or tape.refusals:
        return f"No trades: no order was sent in {ready}"
    return f"No trades: no case matched in {ready}"


def _large_gap(tape: RunTape) -> list[str]:
    """One line on the longest stretch without bars, if it is a large part of the range."""
    opens = tape.bars.ts_open[tape.start : tape.stop]
    places = gap_places(opens, tape.bars.timeframe_ms)
    if not len(places):
        return []
    steps = opens[places + 1] - opens[places]
    longest, span_ms = int(steps.argmax()), int(opens[-1] - opens[0])
    at, length_ms = int(places[longest]), int(steps[longest]) - tape.bars.timeframe_ms
    if length_ms < max(_LARGE_GAP * span_ms, _LARGE_GAP_BARS * tape.bars.timeframe_ms):
        return []
    begun = datetime.fromtimestamp((int(opens[at]) + tape.bars.timeframe_ms) / 1000, UTC)
    missing = _count(length_ms // tape.bars.timeframe_ms, "bar")
    return [f"No bars for {100 * length_ms / span_ms:.0f}% of the range: {missing} missing from {begun:%Y-%m-%d %H:%M}"]


def _silent_leaders(tape: RunTape) -> list[str]:
    """A line for each leader that has no bar at a large part of the closes at which the card was ready."""
    closes = tape.bars.ts_close[tape.stop - tape.ready_bars : tape.stop]
    told = []
    for symbol, bars in tape.leaders.items():
        missing = int(np.count_nonzero(~np.isin(closes, bars.ts_close)))
        if missing >= max(_LARGE_GAP * len(closes), _LARGE_GAP_BARS):
            told.append(f"{symbol} has no bar at {missing:,} of {_count(len(closes), 'close')}: its last values stood")
    return told


def _long_rests(tape: RunTape) -> list[str]:
    """One line on the order that rested longest, and how many others did."""
    rows = tape.rested(max(_REST_DAYS * _DAY_MS, _REST_BARS * tape.bars.timeframe_ms))
    if not rows:
        return []
    last_ms = int(tape.bars.ts_close[tape.stop - 1])

    def rest_ms(index: int) -> int:
        ended_ms = rows[index].ended_ms
        return (last_ms if ended_ms is None else ended_ms) - rows[index].decided_ms

    longest = max(range(len(rows)), key=rest_ms)
    row, days = rows[longest], rest_ms(longest) / _DAY_MS
    state = "and is still open" if row.ended_ms is None else f"before it was {row.status}"
    others = f"; {_count(len(rows) - 1, 'other')} for {_REST_DAYS} days or more" if len(rows) > 1 else ""
    kind = row.type.replace("_", " ")
    return [f"A {kind} order of `{row.block_id}` ({row.link_id}) rested {days:.1f} days {state}{others}"]


def _refusals(tape: RunTape, explained: set[str]) -> list[str]:
    told = []
    odd = [row for row in tape.refusals if row.code not in _ORDINARY and row.code not in explained]
    if odd:
        told.append(f"{_count(len(odd), 'refusal')} out of the ordinary: {_by_code(odd)}")
    ordinary = [row for row in tape.refusals if row.code in _ORDINARY and row.code not in explained]
    if len(ordinary) * 2 > tape.decisions > 0:
        share = f"{len(ordinary):,} of {_count(tape.decisions, 'decision')}"
        told.append(f"Over half of all decisions were refused ({share}): {_by_code(ordinary)}")
    return told


def _by_code(rows: Iterable[RefusalRow]) -> str:
    """Each code with its first reason, the most frequent first."""
    listed = list(rows)
    counts = Counter(row.code for row in listed)
    first: dict[str, str] = {}
    for row in listed:
        first.setdefault(row.code, row.reason)
    if len(counts) == 1:
        ((code, reason),) = first.items()
        return f"{code}: {reason}" + (" (the first of them)" if len(listed) > 1 else "")
    return "; ".join(f"{code} {_times(times)}: {first[code]}" for code, times in counts.most_common())


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number:,} times"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
