"""The engine gives the same run as the straight loop, fill for fill and to the last digit.

Real candles where they are present, and hand-written files of at most 30 bars for the corner cases. Every hand-written
case also states its fills, so an error that engine and loop have in common would not pass.
"""

import csv
import gzip
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from tests.oracle.engine import differences, run_engine, run_rows
from tests.oracle.story import Row, Story, rows_of
from tests.oracle.straight_loop import OracleRun, tell

KLINES = Path(__file__).resolve().parents[3] / "shared" / "data" / "klines"
MARKETS = {"1m": "BTCUSDT_1m_binance-spot_2024-12.csv.gz", "4h": "BTCUSD_4h_coinbase_2016-2025.csv.gz"}

# Averages of length 1 and 3 after closes 90 90 90 100: a cross up at index 3, ten coins for a notional of 1000, and a
# close of 100 keeps the position (tests/oracle/test_straight_loop.py works the numbers out).
RISE = ["90", "90", "90", "90 100 90 100"]
FALL = ["110", "110", "110", "110 110 100 100"]
BARE = Story(fast=1, slow=3, warmup=None)
BOTH = Story(fast=1, slow=3, warmup=None, stop="2", target="10")
FLAT_26 = ["100"] * 25


@cache
def recorded(timeframe: str) -> tuple[Row, ...]:
    with gzip.open(KLINES / MARKETS[timeframe], "rt", encoding="utf-8") as file:
        lines = csv.reader(file)
        next(lines)
        return tuple((int(line[0]), line[1], line[2], line[3], line[4]) for line in lines)


@pytest.mark.parametrize("timeframe", list(MARKETS))
@pytest.mark.parametrize("lengths", [(12, 26), (9, 21)])
@pytest.mark.parametrize("brackets", [(None, None), ("1", "2"), ("0.1", "0.1")])
def test_recorded_candles_give_the_loops_fills_and_equity(
    timeframe: str, lengths: tuple[int, int], brackets: tuple[str | None, str | None], tmp_path: Path
) -> None:
    source = KLINES / MARKETS[timeframe]
    if not source.exists():
        pytest.skip(f"recorded candles are not at hand: ../shared/data/klines/{source.name}")
    story = Story(fast=lengths[0], slow=lengths[1], stop=brackets[0], target=brackets[1], timeframe=timeframe)
    oracle = tell(recorded(timeframe), story)
    assert len(oracle.round_trips) > 300
    assert differences(oracle, run_engine(tmp_path, source, story)) == []


def fills_of(run: OracleRun) -> list[tuple[int, str, str, str]]:
    return [(fill.bar, fill.side, f"{fill.price.normalize():f}", fill.origin) for fill in run.fills]


@pytest.mark.parametrize(
    ("story", "bars", "fills"),
    [
        pytest.param(
            *(BOTH, [*RISE, "100", "101 110 100 105", "105"]),
            [(4, "buy", "100", "user"), (5, "sell", "110", "take_profit")],
            id="the high is exactly the target",
        ),
        pytest.param(
            *(BOTH, [*RISE, "100", "101 109.9 100 105", "105"]),
            [(4, "buy", "100", "user")],
            id="the high stays a tick under the target",
        ),
        pytest.param(
            *(BOTH, [*RISE, "100", "99 101 98 100", "100"]),
            [(4, "buy", "100", "user"), (5, "sell", "98", "stop_loss")],
            id="the low is exactly the stop",
        ),
        pytest.param(
            *(Story(), [*FLAT_26, "100", "100 101 100 101", "101", "101"]),
            [(27, "buy", "101", "user")],
            id="a cross at index warmup is seen",
        ),
        pytest.param(
            *(Story(), [*FLAT_26, "100 101 100 101", "101", "101", "101"]),
            [],
            id="a cross at index warmup - 1 is not seen",
        ),
        pytest.param(
            *(BARE, [*RISE, "101 103 100 102", "102 104 101 103"]),
            [(4, "buy", "101", "user")],
            id="a run that ends in a position",
        ),
        pytest.param(BARE, RISE, [], id="an entry decided on the last bar"),
        pytest.param(
            *(BARE, [*RISE, "100", "100 100 90 90"]),
            [(4, "buy", "100", "user")],
            id="an exit decided on the last bar",
        ),
        pytest.param(
            *(BOTH, [*RISE, "100", "95 99 94 99", "99"]),
            [(4, "buy", "100", "user"), (5, "sell", "95", "stop_loss")],
            id="a bar opens beyond the stop",
        ),
        pytest.param(
            *(BOTH, [*RISE, "100", "112 113 111 112", "112"]),
            [(4, "buy", "100", "user"), (5, "sell", "112", "take_profit")],
            id="a bar opens beyond the target",
        ),
        pytest.param(
            *(BOTH, [*RISE, "100 111 97 105", "105"]),
            [(4, "buy", "100", "user"), (4, "sell", "98", "stop_loss")],
            id="a bar holds entry, stop and target, the low nearer",
        ),
        pytest.param(
            *(BOTH, [*RISE, "100 111 88 105", "105"]),
            [(4, "buy", "100", "user"), (4, "sell", "110", "take_profit")],
            id="a bar holds entry, stop and target, the high nearer",
        ),
        pytest.param(
            *(BOTH, [*RISE, "100 112 88 105", "105"]),
            [(4, "buy", "100", "user"), (4, "sell", "98", "stop_loss")],
            id="a bar holds entry, stop and target, both as near",
        ),
        pytest.param(
            *(BOTH, [*RISE, "100", "97 111 96 105", "105"]),
            [(4, "buy", "100", "user"), (5, "sell", "97", "stop_loss")],
            id="a bar opens beyond the stop with the target in range",
        ),
        pytest.param(
            *(BOTH, [*RISE, "100", "111 112 97 105", "105"]),
            [(4, "buy", "100", "user"), (5, "sell", "111", "take_profit")],
            id="a bar opens beyond the target with the stop in range",
        ),
        pytest.param(
            *(Story(fast=1, slow=3, warmup=None, stop="2", target="10", path="ohlc"), [*RISE, "100 111 97 105", "105"]),
            [(4, "buy", "100", "user"), (4, "sell", "110", "take_profit")],
            id="path ohlc",
        ),
        pytest.param(
            *(Story(fast=1, slow=3, warmup=None, stop="2", target="10", path="olhc"), [*RISE, "100 111 88 105", "105"]),
            [(4, "buy", "100", "user"), (4, "sell", "98", "stop_loss")],
            id="path olhc",
        ),
        pytest.param(
            *(Story(fast=1, slow=3, warmup=None, stop="20", target="20"), [*RISE, "100", "100 100 90 90", "70", "60"]),
            [(4, "buy", "100", "user"), (6, "sell", "70", "user")],
            id="an exit due at an open beyond the stop goes first",
        ),
        pytest.param(
            *(Story(fast=1, slow=3, warmup=None, stop="1", target="2"), [*RISE, "100.05", "100 102.1 99.1 100"]),
            [(4, "buy", "100.05", "user"), (5, "sell", "102.1", "take_profit")],
            id="levels are rounded to the tick away from an entry off the tick",
        ),
        pytest.param(
            *(Story(fast=1, slow=3, warmup=None, stop="1", target="2", is_short=True), [*FALL, "100 101 99 100"]),
            [(4, "sell", "100", "user"), (4, "buy", "101", "stop_loss")],
            id="a short position's stop lies above",
        ),
        pytest.param(
            *(BOTH, [*RISE, "100", "98.5 99 97 98", "98 98 90 90", "90 99 90 99", "100"]),
            [(4, "buy", "100", "user"), (5, "sell", "98", "stop_loss"), (8, "buy", "100", "user")],
            id="after a stop a cross down exits nothing and a cross up enters anew",
        ),
    ],
)
def test_a_hand_written_market_gives_the_fills_worked_out(
    story: Story, bars: list[str], fills: list[tuple[int, str, str, str]], tmp_path: Path
) -> None:
    rows = rows_of(bars)
    assert len(rows) <= 30
    oracle = tell(rows, story)
    assert fills_of(oracle) == fills
    assert differences(oracle, run_rows(tmp_path, rows, story)) == []


def test_what_is_sent_at_the_last_bar_is_open_at_the_end(tmp_path: Path) -> None:
    run = run_rows(tmp_path, rows_of(RISE), BARE)
    assert (run.orders, run.open_at_end, run.fills) == (1, 1, ())
    assert run.final_equity == Decimal(1_000_000)


def test_a_range_warms_up_on_what_lies_before_it(tmp_path: Path) -> None:
    rows = rows_of([*RISE, "100", "100 100 90 90", "89", "89 99 89 99", "100", "101"])
    for start, stop in ((0, 5), (3, 5), (3, 6), (4, 9), (4, None), (7, None)):
        oracle = tell(rows, BARE, start=start, stop=stop)
        assert differences(oracle, run_rows(tmp_path, rows, BARE, start=start, stop=stop)) == [], (start, stop)


def test_a_planted_difference_is_seen(tmp_path: Path) -> None:
    rows = rows_of([*RISE, "100", "101 110 100 105", "105"])
    engine = run_rows(tmp_path, rows, BOTH)
    assert differences(tell(rows, BOTH, lost=frozenset({3})), engine)[0].startswith("fill 0: oracle None; engine")
    assert differences(tell(rows, BARE), engine)[0].startswith("fill 1: oracle None; engine")
