"""Round trips: from fills to closed trips, through zero and in parts."""

from collections.abc import Sequence
from decimal import Decimal

import attrs
import pytest

from actors.app.files.instruments import load_instrument
from actors.app.results.tape import FillRow, executions_of
from actors.app.results.trips import RoundTrip, Walk
from actors.app.results.trips import walk_fills as walk_executions
from actors.model.instrument import Instrument
from tests.actors.app.results.tapes import FEE_RATE, a_fill, some_bars

BARS = some_bars(["100"] * 20)
PLACE = load_instrument("BTCUSDT", BARS.price_digits)


def walk_fills(rows: Sequence[FillRow], instrument: Instrument) -> Walk:
    return walk_executions(executions_of(rows, instrument), instrument)


def fills(*rows: tuple[int, str, str]) -> list[FillRow]:
    return [a_fill(BARS, *row) for row in rows]


def test_a_trip_ends_where_the_position_returns_to_zero() -> None:
    walk = walk_fills(fills((1, "0.5", "100"), (4, "-0.5", "110")), PLACE)
    (trip,) = walk.trips
    assert attrs.asdict(trip) == attrs.asdict(
        RoundTrip(
            side="long",
            entry_ms=int(BARS.ts_open[1]),
            exit_ms=int(BARS.ts_open[4]),
            entry_bar=1,
            exit_bar=4,
            qty=Decimal("0.5"),
            entry_price=Decimal(100),
            exit_price=Decimal(110),
            entry_value=Decimal(50),
            gross=Decimal(5),
            fees=Decimal(105) * FEE_RATE,
            entry_block="entry",
            exit_reason="exit",
        )
    )
    assert (trip.bars_held, trip.net) == (3, Decimal(5) - Decimal(105) * FEE_RATE)
    assert walk.holding is None


def test_a_fill_through_zero_ends_one_trip_and_starts_the_next() -> None:
    walk = walk_fills(fills((1, "1", "100"), (2, "-3", "110"), (5, "2", "100")), PLACE)
    first, second = walk.trips
    assert (first.side, first.qty, first.gross) == ("long", Decimal(1), Decimal(10))
    assert (second.side, second.qty, second.gross) == ("short", Decimal(2), Decimal(20))
    assert first.exit_ms == second.entry_ms
    assert first.fees == (100 + 110) * FEE_RATE
    assert second.fees == (2 * 110 + 2 * 100) * FEE_RATE


def test_adding_and_partial_exits_belong_to_one_trip() -> None:
    rows = fills((1, "1", "100"), (2, "1", "110"), (3, "-0.5", "120"), (4, "-1.5", "90"))
    (trip,) = walk_fills(rows, PLACE).trips
    assert (trip.qty, trip.entry_price, trip.exit_price) == (Decimal(2), Decimal(105), Decimal("97.5"))
    assert trip.gross == Decimal(60) + Decimal(135) - Decimal(210)


def test_what_is_open_at_the_end_is_a_holding_and_no_trip() -> None:
    walk = walk_fills(fills((1, "-1", "100"), (2, "-1", "90"), (3, "0.5", "80")), PLACE)
    assert tuple(walk.trips) == ()
    assert walk.holding is not None
    assert (walk.holding.side, walk.holding.qty, walk.holding.entry_price) == ("short", Decimal("1.5"), Decimal(95))


def test_a_stop_ends_a_trip_by_its_own_name() -> None:
    rows = [a_fill(BARS, 1, "1", "100"), a_fill(BARS, 2, "-1", "99", origin="stop_loss", block_id="")]
    assert walk_fills(rows, PLACE).trips[0].exit_reason == "stop_loss"


@pytest.mark.parametrize("last", ["-2", "-5", "-0.7"])
def test_realised_profit_is_the_sum_of_the_trips_and_of_what_was_closed(last: str) -> None:
    rows = fills((1, "1", "100.1"), (2, "1", "107.3"), (3, last, "103.7"))
    walk = walk_fills(rows, PLACE)
    cash = -sum((1 if row.side == "buy" else -1) * row.qty * row.price for row in rows)
    held = sum((1 if row.side == "buy" else -1) * row.qty for row in rows)
    cost = Decimal(0)
    if walk.holding is not None:
        cost = walk.holding.entry_price * walk.holding.qty * (1 if walk.holding.side == "long" else -1)
    assert abs(Decimal(PLACE.money_text(walk.realised)) - (cash + cost)) < Decimal("1e-9")
    assert held == (0 if walk.holding is None else walk.holding.qty * (1 if walk.holding.side == "long" else -1))


def test_without_fills_there_is_nothing() -> None:
    walk = walk_fills([], PLACE)
    assert (tuple(walk.trips), walk.holding, walk.steps, walk.realised, walk.fees, walk.traded) == (
        (),
        None,
        (),
        0,
        0,
        0,
    )
