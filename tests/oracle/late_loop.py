"""The oracle with news under way: crossover cards of several symbols in one account, as one loop over time.

`straight_loop` with what a latency changes: a close reaches the card `feed` later, its order the venue `entry` later
still, and of a fill the card knows `response` after it. An entry brings a stop and a target measured from the deciding
close; when the fill is known they are moved to the exact distance from it, which arrives `entry` later. It imports
nothing of the engine. Times are milliseconds, fractions of them where the path comes to a level.
"""

import decimal
from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from heapq import heappop, heappush
from itertools import count

import attrs

from tests.oracle.story import Row, Story, decimals
from tests.oracle.straight_loop import (
    EXACT,
    OracleFill,
    OracleRun,
    RoundTrip,
    averages,
    bar_s,
    levels_of,
    on_tick,
    path_of,
)

__all__ = ["Delays", "tell_late"]

MESSAGE, CLOSE, OPEN = 0, 1, 2  # what is first in one millisecond


@attrs.frozen
class Delays:
    """Milliseconds that closed bars, requests, and answers and reports are under way."""

    feed: int = 0
    entry: int = 0
    response: int = 0


@attrs.define(eq=False)
class _Line:
    """One symbol: its story, what is true at the venue, and what its card knows."""

    story: Story
    rows: Sequence[Row]
    fast: list[float]
    slow: list[float]
    bar: int = -1
    path: list[tuple[int, Decimal]] = attrs.field(factory=list)  # of the bar, with the time of each point
    here: Fraction = Fraction(0)  # the time that the path has come to
    held: Decimal = Decimal(0)
    levels: dict[str, Decimal] = attrs.field(factory=dict)
    due: list[tuple[Decimal, dict[str, Decimal]]] = attrs.field(factory=list)  # for the next open: quantity, levels
    known_held: Decimal = Decimal(0)
    is_waiting: bool = False  # for the outcome of its order
    orders: int = 0
    fills: list[OracleFill] = attrs.field(factory=list)
    refusals: Counter[str] = attrs.field(factory=Counter)
    equities: list[Decimal] = attrs.field(factory=list)  # of this card alone, at closes

    @property
    def step_ms(self) -> int:
        return bar_s(self.story) * 1000

    @property
    def first(self) -> int:
        return max(self.story.warmup or 0, self.story.fast, self.story.slow)

    def open_ms(self, bar: int) -> int:
        return self.rows[bar][0]

    def price_at(self, time: Fraction) -> Fraction:
        """On the path of the bar; after its last point it stands."""
        for (start_ms, start), (end_ms, end) in zip(self.path, self.path[1:], strict=False):
            if start_ms <= time <= end_ms:
                return Fraction(start) + Fraction(end - start) * (time - start_ms) / (end_ms - start_ms)
        return Fraction(self.path[-1][1])

    def last_at(self, time_ms: int) -> Fraction:
        """The last price: in units of the data, rounded towards where its leg began."""
        price = self.price_at(Fraction(time_ms))
        decimals_of_data = max(len(text.partition(".")[2].rstrip("0")) for row in self.rows for text in row[1:])
        one = 10 ** max(decimals_of_data, len(self.story.venue.tick.rstrip("0").partition(".")[2]))
        begin = max(point for point in self.path if point[0] <= time_ms)[1]
        units = price * one
        whole = units.numerator // units.denominator if price >= begin else -(-units.numerator // units.denominator)
        return Fraction(whole, one)


@attrs.define(eq=False)
class _Account:
    """All symbols on one time line. `cash` is what the cards know of: the start and the fills that they have heard."""

    lines: list[_Line]
    delays: Delays
    cash: Decimal
    heap: list[tuple[int, int, int, int, Callable[[int], None]]] = attrs.field(factory=list)
    numbers: "count[int]" = attrs.field(factory=count)

    def at(self, time_ms: int, rank: int, caused_ms: int, what: Callable[[int], None]) -> None:
        """Do `what` then; of one millisecond, what was caused first goes first."""
        heappush(self.heap, (time_ms, rank, caused_ms, next(self.numbers), what))

    def run(self) -> None:
        for line in self.lines:
            for bar in range(len(line.rows)):
                begin = line.open_ms(bar)
                self.at(begin, OPEN, begin, lambda now, line=line, bar=bar: self.open(line, bar, now))  # type: ignore[misc]
                end = begin + line.step_ms
                self.at(end, CLOSE, end, lambda now, line=line, bar=bar: self.close(line, bar, now))  # type: ignore[misc]
        end_ms = max(line.open_ms(-1) + line.step_ms for line in self.lines)
        while self.heap:
            met = [each for line in self.lines if (each := self.next_level(line, self.heap[0][0])) is not None]
            if met:
                self.meet(*min(met, key=lambda each: each[0]))
                continue
            now, _, _, _, what = heappop(self.heap)
            if now > end_ms:
                break
            for line in self.lines:
                line.here = max(line.here, Fraction(now))
            what(now)

    # -- the market

    def open(self, line: _Line, bar: int, now: int) -> None:
        points, third = path_of(decimals(line.rows[bar]), line.story.path), line.step_ms // 3
        times = (now, now + third, now + 2 * third, now + line.step_ms - 1)
        line.bar, line.path, line.here = bar, list(zip(times, points, strict=True)), Fraction(now)
        due, line.due = line.due, []
        for qty, levels in due:
            self.act(line, qty, levels, points[0], now)
        self.at(now, OPEN, now, lambda then: self.meet_passed(line, then))

    def close(self, line: _Line, bar: int, now: int) -> None:
        close = decimals(line.rows[bar])[3]
        spent = sum(((f.qty if f.side == "buy" else -f.qty) * f.price + f.fee for f in line.fills), Decimal(0))
        line.equities.append(Decimal(line.story.equity) - spent + line.held * close)
        if bar >= line.first:
            self.at(now + self.delays.feed, MESSAGE, now, lambda then: self.decide(line, bar, then))

    def next_level(self, line: _Line, until_ms: int) -> tuple[Fraction, _Line, str] | None:
        """The first level that the path comes to before a time."""
        for (start_ms, _), (end_ms, end) in zip(line.path, line.path[1:], strict=False):
            if end_ms <= line.here and (end_ms, line.here) != (line.path[-1][0], Fraction(end_ms)):
                continue
            since = max(line.here, Fraction(start_ms))
            at = line.price_at(since)
            to = Fraction(end)
            for name, level in ((name, Fraction(level)) for name, level in line.levels.items()):
                if min(at, to) <= level <= max(at, to):
                    share = (level - at) / (to - at) if to != at else Fraction(0)
                    time = since + share * (end_ms - since)
                    return (time, line, name) if time < until_ms else None
        return None

    def meet(self, time: Fraction, line: _Line, name: str) -> None:
        line.here = time
        self.fill(line, -line.held, line.levels[name], int(time), name)

    def meet_passed(self, line: _Line, now: int) -> None:
        """A level that the market is beyond acts at once, at the market."""
        last, below = line.last_at(now), "take_profit" if line.held < 0 else "stop_loss"
        for name, level in line.levels.items():
            if last <= Fraction(level) if name == below else last >= Fraction(level):
                at = on_tick(line.price_at(Fraction(now)), line.story, line.held < 0)
                self.fill(line, -line.held, at, now, name)
                return

    def fill(self, line: _Line, signed: Decimal, price: Decimal, now: int, origin: str) -> None:
        fee = abs(signed) * price * Decimal(line.story.venue.taker_rate)
        fill = OracleFill(line.bar, "buy" if signed > 0 else "sell", abs(signed), price, fee, origin)
        line.fills.append(fill)
        line.held += signed
        if not line.held:
            line.levels = {}
        self.at(now + self.delays.response, MESSAGE, now, lambda then: self.hear(line, signed, fill, then))

    # -- requests

    def arrive(self, line: _Line, signed: Decimal, close: Decimal, now: int) -> None:
        """A market order at the venue: an entry of `signed`, an exit for 0."""
        is_trading = line.bar >= 0 and now <= line.path[-1][0]
        last = line.last_at(now) if is_trading else Fraction(line.path[-1][1])
        levels = levels_of(line.story, close) if signed else {}
        sides = {"stop_loss": 1, "take_profit": -1}
        if any(
            (1 if signed > 0 else -1) * sides[name] * (last - Fraction(level)) <= 0 for name, level in levels.items()
        ):
            self.reject(line, "BAD_PARAMETER", now)
        elif not signed and not line.held:
            self.reject(line, "REDUCE_ONLY_REJECTED", now)
        elif not is_trading:
            line.due.append((signed, levels))
        else:
            there, is_buy = line.price_at(Fraction(now)), (signed or -line.held) > 0
            seen_ms = max(time_ms for time_ms, _ in line.path if time_ms <= now)
            drift = -((seen_ms - now) // 1000) * Decimal(line.story.venue.tick)
            at = on_tick(there, line.story, is_buy)
            self.act(line, signed, levels, at + (drift if is_buy else -drift), now)

    def act(self, line: _Line, signed: Decimal, levels: dict[str, Decimal], price: Decimal, now: int) -> None:
        if signed:
            self.fill(line, signed, price, now, "user")
            line.levels = levels
        elif line.held:
            self.fill(line, -line.held, price, now, "user")
        else:
            line.is_waiting = False  # it could only reduce, and its position is gone

    def reject(self, line: _Line, code: str, now: int) -> None:
        line.refusals[code] += 1

        def hear(_: int) -> None:
            line.is_waiting = False

        self.at(now + self.delays.response, MESSAGE, now, hear)

    def move(self, line: _Line, levels: dict[str, Decimal], now: int) -> None:
        """Stop and target at the venue, of a position that is there."""
        if not line.held:
            return
        line.levels = levels
        if now <= line.path[-1][0]:
            self.at(now, OPEN, now, lambda then: self.meet_passed(line, then))

    # -- the card

    def hear(self, line: _Line, signed: Decimal, fill: OracleFill, now: int) -> None:
        """Of a fill: the card knows what it holds, and protection moves the levels of an entry."""
        line.known_held += signed
        self.cash -= signed * fill.price + fill.fee
        line.is_waiting = line.is_waiting and fill.origin != "user"
        levels = levels_of(line.story, fill.price) if line.known_held and fill.origin == "user" else {}
        if levels:
            self.at(now + self.delays.entry, MESSAGE, now, lambda then: self.move(line, levels, then))

    def decide(self, line: _Line, bar: int, now: int) -> None:
        fast, slow, story, close = line.fast, line.slow, line.story, decimals(line.rows[bar])[3]
        is_up = fast[bar] > slow[bar] and fast[bar - 1] <= slow[bar - 1]
        is_down = fast[bar] < slow[bar] and fast[bar - 1] >= slow[bar - 1]
        begins, ends = (is_down, is_up) if story.is_short else (is_up, is_down)
        if line.is_waiting or not (ends if line.known_held else begins):
            return
        signed = Decimal(0)
        if not line.known_held:
            notional = Fraction(story.notional)
            if story.equity_percent is not None:
                equity = self.equity(line.open_ms(bar) + line.step_ms)
                notional = Fraction(equity) * Fraction(story.equity_percent) / 100
            steps = notional / Fraction(close) / Fraction(story.venue.step)
            qty = (steps.numerator // steps.denominator) * Decimal(story.venue.step)
            if not qty or qty < Decimal(story.venue.min_qty) or qty * close < Decimal(story.venue.min_notional):
                line.refusals["BELOW_MINIMUM"] += 1
                return
            signed = -qty if story.is_short else qty
        line.is_waiting = True
        line.orders += 1
        self.at(now + self.delays.entry, MESSAGE, now, lambda then: self.arrive(line, signed, close, then))

    def equity(self, time_ms: int) -> Decimal:
        """By what is known, each symbol at its last close until then."""
        total = self.cash
        for line in self.lines:
            closed = [row for row in line.rows if row[0] + line.step_ms <= time_ms]
            total += line.known_held * (decimals(closed[-1])[3] if closed else 0)
        return total


def tell_late(markets: Sequence[tuple[Story, Sequence[Row]]], delays: Delays) -> list[OracleRun]:
    """Run the stories, each over its rows, in one account; what each card did. The account's start is the first's."""
    with decimal.localcontext(EXACT):
        lines = []
        for story, rows in markets:
            closes = [float(row[4]) for row in rows]
            lines.append(_Line(story, rows, averages(closes, story.fast), averages(closes, story.slow)))
        _Account(lines, delays, Decimal(markets[0][0].equity)).run()
        return [_outcome(line) for line in lines]


def _outcome(line: _Line) -> OracleRun:
    peak, drawdown = Decimal(line.story.equity), Fraction(0)
    for equity in line.equities:
        peak = max(peak, equity)
        drawdown = max(drawdown, Fraction(peak - equity) / Fraction(peak))
    trips = []
    for entry, end in zip(line.fills[::2], line.fills[1::2], strict=False):
        qty = entry.qty if entry.side == "buy" else -entry.qty
        trips.append(RoundTrip(entry, end, qty * (end.price - entry.price)))
    return OracleRun(
        fills=tuple(line.fills),
        round_trips=tuple(trips),
        position=line.held,
        orders=line.orders,
        open_at_end=int(line.is_waiting),
        refusals=dict(line.refusals),
        final_equity=line.equities[-1],
        max_drawdown=drawdown,
    )
