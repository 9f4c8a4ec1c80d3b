"""The chart of one trade: exact bars, the model's levels, and a note where bars are left out."""

import json
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from actors.app.files.instruments import load_instrument
from actors.app.results.report.chart import MAX_CANDLES
from actors.app.results.report.legs import MARKERS, legs_of
from actors.app.results.report.page import MAX_BYTES, report_page
from actors.app.results.report.trades import trade_data
from actors.app.results.report.windows import CONTEXT, ENDS, LONGEST, own_bars
from actors.app.results.result import RunResult
from actors.app.results.tape import FillRow, OrderRow
from actors.app.runs.run import run_backtest
from actors.app.runs.synthetic import synthetic_bars
from actors.app.settings import load_settings
from actors.model.fixed import Price
from actors.model.levels import stop_loss_price, take_profit_price
from actors.model.order import Side
from ideacards.feeds import Bars
from ideacards.loader import load_card
from tests.actors.app.results.tapes import FIRST_MS, MINUTE_MS, a_fill, a_result, a_tape, an_order, some_bars
from tests.actors.app.results.test_report_page import embedded

BREAKOUT = Path(__file__).resolve().parents[4] / "ideacards" / "cards" / "channel_breakout.yaml"
ROOM = 4_000_000


def many_bars(count: int, gaps: tuple[int, ...] = ()) -> Bars:
    """Bars of one decimal that wander up and down, with an hour missing before each of `gaps`."""
    steps = np.random.default_rng(7).integers(-9, 10, (4, count))
    opens = 500_000 + np.cumsum(steps[0])
    closes = opens + steps[1]
    prices = {"open": opens, "close": closes}
    prices["high"] = np.maximum(opens, closes) + np.abs(steps[2])
    prices["low"] = np.minimum(opens, closes) - np.abs(steps[3])
    times = FIRST_MS + MINUTE_MS * np.arange(count, dtype=np.int64)
    for bar in gaps:
        times[bar:] += 60 * MINUTE_MS
    return Bars.of_columns("BTCUSDT", MINUTE_MS, 1, times, prices, [1.0] * count)


def trips(bars: Bars, *spans: tuple[int, int]) -> list[FillRow]:
    """A long of 1 from the first to the second bar of each span."""
    return [a_fill(bars, bar, qty, "50000") for span in spans for bar, qty in zip(span, ("1", "-1"), strict=True)]


def decoded(own: dict[str, Any]) -> list[tuple[int, int, int, int, int]]:
    """(open ms, open, high, low, close) of the bars, added up as the page does it."""
    bars, last = own["bars"], 0
    jumps = dict(zip(bars["jumps"][::2], bars["jumps"][1::2], strict=True))
    time, found = bars["first_ms"] - bars["step_ms"], []
    columns = zip(bars["open"], bars["high"], bars["low"], bars["close"], strict=True)
    for number, (opened, high, low, closed) in enumerate(columns):
        time += bars["step_ms"] + jumps.get(number, 0)
        begin, end = last + opened, last + opened + closed
        found.append((time, begin, max(begin, end) + high, min(begin, end) - low, end))
        last = end
    return found


def exact(bars: Bars, wanted: list[int]) -> list[tuple[int, int, int, int, int]]:
    columns = (bars.ts_open, bars.price_open, bars.price_high, bars.price_low, bars.price_close)
    return list(zip(*(column[wanted].tolist() for column in columns), strict=True))


def test_the_embedded_bars_are_the_exact_ones_around_each_trade() -> None:
    bars = many_bars(40_000, gaps=(1005, 1006, 25_000))
    spans = ((3, 5), (1000, 1010), (1015, 1100), (24_990, 25_003), (39_990, 39_999))
    own = own_bars(a_result(a_tape(bars, trips(bars, *spans))), len(spans), ROOM)
    places = [list(range(max(0, first - CONTEXT), min(40_000, last + CONTEXT + 1))) for first, last in spans]
    assert decoded(own) == exact(bars, sorted(set().union(*places)))
    held = decoded(own)
    for (ranges, fills, _), place, (first, last) in zip(own["trades"], places, spans, strict=True):
        begin, end, hidden = ranges
        assert hidden == 0
        assert held[begin:end] == exact(bars, place)
        assert [MARKERS[kind] for kind in fills[1::4]] == ["long entry", "long exit"]
        assert [held[begin + bar][0] for bar in fills[::4]] == bars.ts_open[[first, last]].tolist()
        assert fills[3::4] == [500_000, 500_000]
    assert own["note"] == ""


def test_a_short_range_needs_no_bars_besides_those_of_the_chart() -> None:
    bars = many_bars(MAX_CANDLES + 10)
    tape = a_tape(bars, trips(bars, (100, 120)), start=10, stop=MAX_CANDLES + 10)
    own = own_bars(a_result(tape), 1, ROOM)
    assert own["bars"] is None
    assert own["trades"] == [[[90 - CONTEXT, 111 + CONTEXT, 0], [60, 0, 1, 500_000, 80, 2, 1, 500_000], []]]


def test_a_long_trade_keeps_its_ends_and_says_what_is_left_out() -> None:
    bars, last = many_bars(30_000), 5000 + LONGEST + 1
    own = own_bars(a_result(a_tape(bars, trips(bars, (1000, 1000 + LONGEST), (5000, last)))), 2, ROOM)
    (whole, *_), (cut, fills, _) = own["trades"]
    assert whole == [0, LONGEST + 2 * CONTEXT + 1, 0]
    begin, end, tail, stop, hidden = cut
    held = decoded(own)
    assert held[begin:end] == exact(bars, list(range(5000 - CONTEXT, 5000 + ENDS)))
    assert held[tail:stop] == exact(bars, list(range(last - ENDS + 1, last + CONTEXT + 1)))
    assert hidden == last - ENDS + 1 - (5000 + ENDS)
    assert [held[begin + bar][0] for bar in fills[::4]] == bars.ts_open[[5000, last]].tolist()


def test_a_trade_open_at_the_end_comes_last_and_reaches_to_the_end() -> None:
    bars = some_bars([str(100 + bar % 5) for bar in range(300)])
    fills = [*trips(bars, (10, 12)), a_fill(bars, 150, "-2", "104.5", block_id="down")]
    result = a_result(a_tape(bars, fills))
    own = own_bars(result, 1, ROOM)
    assert [ranges for ranges, *_ in own["trades"]] == [[0, 73, 0], [90, 300, 0]]
    assert own["trades"][1][1] == [60, MARKERS.index("short entry"), 1, 1045]
    holding = trade_data(result)["holding"]
    assert (holding["side"], holding["entry_bucket"], holding["entry_by"]) == (0, 150, "down")
    assert (holding["entry_price"], holding["last_price"], holding["gross"]) == (104.5, 104.0, 1.0)


def test_a_run_without_trades_has_no_bars_of_them() -> None:
    for count in (50, MAX_CANDLES + 1):
        result = a_result(a_tape(many_bars(count)))
        own = own_bars(result, 0, ROOM)
        assert (own["trades"], own["note"], trade_data(result)["holding"]) == ([], "", None)
        assert own["bars"] is None or decoded(own) == []


def entry(bars: Bars, bar: int, qty: str, price: str, stop: str | None, target: str | None) -> tuple[FillRow, OrderRow]:
    side = "buy" if Decimal(qty) > 0 else "sell"
    stop_loss, take_profit = (None if each is None else Decimal(each) for each in (stop, target))
    order = an_order(bars, bar, side=side, stop_loss=stop_loss, take_profit=take_profit)
    return a_fill(bars, bar, qty, price), order


def test_levels_follow_the_fills_of_entries_and_none_is_made_up() -> None:
    bars = some_bars(["100"] * 60)
    instrument = load_instrument("BTCUSDT", 1)
    entries = [
        entry(bars, 1, "1", "100.3", "2", None),
        entry(bars, 2, "1", "101.7", None, "3"),
        entry(bars, 3, "1", "102", None, None),
        entry(bars, 5, "-5", "99", "1", "150"),  # through zero; a target below zero is no price
        entry(bars, 8, "3", "99", None, None),  # through zero, and nothing is set
    ]
    fills, orders = (tuple(each) for each in zip(*entries, strict=True))
    long, short, bare = legs_of(a_tape(bars, fills, orders=orders))
    stop = stop_loss_price(instrument, Side.BUY, Price(1003), Decimal(2))
    target = take_profit_price(instrument, Side.BUY, Price(1017), Decimal(3))
    assert long.levels == [(1, stop, None), (2, stop, target)]
    assert short.levels == [(5, stop_loss_price(instrument, Side.SELL, Price(990), Decimal(1)), None)]
    assert (bare.levels, bare.is_open, long.is_open) == ([], True, False)


@pytest.fixture(scope="module")
def breakout() -> RunResult:
    bars = synthetic_bars(3, 30_000)
    card = load_card(BREAKOUT, ())
    tape = run_backtest(card, bars, load_instrument("BTCUSDT", bars.price_digits), load_settings())
    return a_result(tape)


def test_the_levels_of_a_run_are_the_models_and_its_stops_fill_at_them(breakout: RunResult) -> None:
    instrument, legs = breakout.tape.instrument, legs_of(breakout.tape)
    assert len(legs) - len(breakout.walk.trips) == (breakout.walk.holding is not None)
    kinds = set()
    for each in legs:
        first, level = each.fills[0], each.levels[0]
        side = Side.BUY if MARKERS[first.kind] == "long entry" else Side.SELL
        stop = stop_loss_price(instrument, side, Price(first.price), Decimal("0.6"))
        assert tuple(level) == (
            first.bar,
            stop,
            take_profit_price(instrument, side, Price(first.price), Decimal("1.2")),
        )
        assert len(each.levels) == 1
        for fill in each.fills[1:]:
            kinds.add(what := MARKERS[fill.kind].split()[1])
            distance = side * (fill.price - ((level.stop_loss if what == "stop" else level.take_profit) or 0))
            assert distance <= 0 if what == "stop" else distance >= 0
    assert kinds == {"stop", "target"}
    opened = [row for row in breakout.tape.orders if not row.reduce_only]
    assert {(row.stop_loss, row.take_profit) for row in opened} == {(Decimal("0.6"), Decimal("1.2"))}


def test_the_page_of_a_run_holds_bars_and_levels_of_every_trade(breakout: RunResult) -> None:
    (data,) = embedded(report_page(breakout))
    assert data["own"] == own_bars(breakout, len(breakout.walk.trips), ROOM)
    assert len(data["own"]["trades"]) == len(legs_of(breakout.tape))
    held, columns = decoded(data["own"]), data["trades"]["columns"]
    for (ranges, fills, steps), time_s in zip(data["own"]["trades"], columns["entry_time"], strict=False):
        assert held[ranges[0] + fills[0]][0] // 1000 == time_s
        assert steps[0] == fills[0]


def test_where_the_room_ends_the_first_trades_have_their_bars_and_the_page_says_so() -> None:
    bars = many_bars(40_000)
    result = a_result(a_tape(bars, trips(bars, *[(200 * i + 100, 200 * i + 120) for i in range(150)])))
    whole = own_bars(result, 150, ROOM)
    counts = []
    for room in (0, 700, 3000, 20_000, 100_000, 250_000, ROOM):
        own = own_bars(result, 150, room)
        count = len(own["trades"])
        counts.append(count)
        assert own["trades"] == whole["trades"][:count]
        assert decoded(own) == decoded(whole)[: own["trades"][-1][0][1] if count else 0]
        assert len(json.dumps(own, separators=(",", ":"))) <= max(room, 600)
    assert counts[0] == 0
    assert counts[-1] == 150
    assert all(before <= after for before, after in pairwise(counts))
    assert "none has" in own_bars(result, 150, 0)["note"]
    assert f"trades 1 to {counts[4]:,} have" in own_bars(result, 150, 100_000)["note"]
    assert 20 < counts[4] < 150


def test_the_report_of_a_million_bars_keeps_its_size() -> None:
    bars = many_bars(1_000_000)
    fills = trips(bars, *[(80 * i, 80 * i + 41) for i in range(12_000)])
    page = report_page(a_result(a_tape(bars, fills)))
    assert len(page.encode()) <= MAX_BYTES
    assert len(page.encode()) > MAX_BYTES - 5000, "the room is used"
    (data,) = embedded(page)
    own = data["own"]
    assert 100 < len(own["trades"]) < 12_000
    assert f"1 to {len(own['trades']):,} have" in own["note"]
    last = own["trades"][-1][0]
    assert decoded(own)[last[0] : last[1]] == exact(bars, list(range(*_window_of(len(own["trades"]) - 1))))


def _window_of(trade: int) -> tuple[int, int]:
    return 80 * trade - CONTEXT, 80 * trade + 41 + CONTEXT + 1
