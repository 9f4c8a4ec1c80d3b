"""The notices above the numbers: no trades and why, orders that rested for days, unusual refusals."""

import re
from typing import Any

import attrs
import numpy as np
import pytest

from actors.app.results.notices import notices_of
from actors.app.results.report.page import report_page
from actors.app.results.tape import OrderEnd, RefusalRow, RunTape
from actors.app.results.taping import BAR_UNSEEN, _refused_order
from actors.app.runs.run import run_backtest
from actors.app.settings import load_settings
from actors.model.fixed import Price, Qty
from actors.model.order import LocalStatus, Order, OrderRequest, OrderType, Side
from actors.model.result import MEANINGS, RejectReason, VenueCode
from ideacards.feeds import Bars
from ideacards.loader import read_card
from tests.actors.app.results.tapes import a_fill, a_refusal, a_result, a_tape, an_order, some_bars
from tests.actors.builders import a_market, an_instrument
from tests.ideacards.led import a_led_card

DAY_MS = 86_400_000
BARS = some_bars([str(100 + bar % 5) for bar in range(30)])
DAYS = some_bars(["100"] * 30, step_ms=6 * 3_600_000)
TRADED = [a_fill(BARS, 2, "1", "101"), a_fill(BARS, 6, "-1", "104")]
CARD = """id: odd
thesis: It is refused.
market: {{venue: bybit, category: linear, symbol: BTCUSDT}}
timeframes: {{exec: 1m}}
account: {{equity: 10000, leverage: 1}}
blocks:
  - id: entry
    cases:
      - when: {when}
        emit: {{action: {action}, size: {size}, order: {order}}}
"""


def run(when: str = "position.flat", size: str = "{quantity: 1}", order: str = "{type: market}") -> RunTape:
    card = read_card(CARD.format(when=when, size=size, order=order, action="enter_long"), "card.yaml")
    return run_backtest(card, a_market([(100, 101, 99, 100)] * 40), an_instrument(), load_settings())


def test_a_run_whose_entries_were_all_refused_says_so_with_value_and_limit() -> None:
    (line,) = notices_of(run(size="{quantity: 1000000}"))
    most = an_instrument().qty_text(an_instrument().max_market_qty)
    assert line.startswith("No trades: all 40 entries were refused, ABOVE_MAXIMUM: quantity 1000000")
    assert f" > {most}, the maximum of a market order" in line


def test_entries_that_the_venue_refused_count_as_refused() -> None:
    (line,) = notices_of(run(size="{notional: 20000}"))
    assert re.match(r"No trades: all \d+ entries were refused, INSUFFICIENT_MARGIN: 110007 \w+", line)


def test_an_entry_that_rests_is_no_refused_one() -> None:
    entry = attrs.evolve(a_refusal(BARS, 9, "BELOW_MINIMUM", "too little"), is_entry=True)
    resting = an_order(BARS, 20, type="limit")
    first, second = notices_of(a_tape(BARS, orders=(resting,), refusals=(entry,), ready_bars=30, decisions=2))
    assert first == "No trades: none of 1 order was filled in 30 ready bars"
    assert second == "1 refusal out of the ordinary: BELOW_MINIMUM: too little"


def test_bars_of_the_warm_up_are_not_ready() -> None:
    card = read_card(
        CARD.format(when="close > 1000", size="{quantity: 1}", order="{type: market}", action="enter_long").replace(
            "blocks:", "warmup: 10\nblocks:"
        ),
        "card.yaml",
    )
    bars = a_market([(100, 101, 99, 100)] * 40)
    found = [run_backtest(card, bars, an_instrument(), load_settings(), start=start).ready_bars for start in (0, 4, 25)]
    assert found == [30, 30, 15]


def test_one_entry_that_the_venue_took_is_enough_to_be_silent_about_all() -> None:
    tape = a_tape(BARS, TRADED, orders=(an_order(BARS, 1, status="filled", ended_ms=int(BARS.ts_close[1])),))
    entry = attrs.evolve(a_refusal(BARS, 9, "BELOW_MINIMUM", "too little"), is_entry=True)
    (line,) = notices_of(attrs.evolve(tape, refusals=(entry,), decisions=3))
    assert line == "1 refusal out of the ordinary: BELOW_MINIMUM: too little"


def test_a_run_in_which_no_case_matched_says_over_how_many_ready_bars() -> None:
    tape = run(when="close > 1000")
    assert tape.ready_bars == 40
    assert notices_of(tape) == ("No trades: no case matched in 40 ready bars",)


def test_orders_that_never_filled_are_told() -> None:
    tape = run(order="{type: limit, price: {ref: close, offset_percent: -50}}")
    assert notices_of(tape)[0] == "No trades: none of 1 order was filled in 40 ready bars"


def test_an_ordinary_run_has_no_notice() -> None:
    order = an_order(BARS, 1, status="filled", ended_ms=int(BARS.ts_close[1]))
    assert notices_of(a_tape(BARS, TRADED, orders=(order,), refusals=(a_refusal(BARS, 9),), decisions=3)) == ()


@pytest.mark.parametrize(
    ("rest_days", "is_told"), [(1.75, False), (2, False), (2.5, True)]
)  # ten bars of six hours are two and a half days
def test_an_order_that_rested_for_days_is_told(rest_days: float, *, is_told: bool) -> None:
    decided = int(DAYS.ts_close[1])
    order = an_order(DAYS, 1, type="limit", status="cancelled", ended_ms=decided + round(rest_days * DAY_MS))
    found = notices_of(a_tape(DAYS, [a_fill(DAYS, 2, "1", "100")], orders=(order,)))
    assert found == (("A limit order of `entry` (cf1) rested 2.5 days before it was cancelled",) if is_told else ())


def test_an_open_order_rests_to_the_end_of_the_range() -> None:
    orders = (an_order(DAYS, 1, type="stop_market"), an_order(DAYS, 5, type="limit"))
    (line,) = notices_of(a_tape(DAYS, [a_fill(DAYS, 2, "1", "100")], orders=orders))
    assert line == "A stop market order of `entry` (cf1) rested 7.0 days and is still open; 1 other for 2 days or more"


def test_the_ordinary_refusals_are_told_when_they_are_over_half_of_all_decisions() -> None:
    refusals = tuple(a_refusal(BARS, bar) for bar in range(6))
    tape = a_tape(BARS, TRADED, refusals=refusals)
    assert notices_of(attrs.evolve(tape, decisions=12)) == ()
    (line,) = notices_of(attrs.evolve(tape, decisions=11))
    assert line.startswith("Over half of all decisions were refused (6 of 11 decisions): POSITION_OPEN: a position")


def test_what_was_lost_is_told_with_its_first_reason() -> None:
    lost = RefusalRow(int(BARS.ts_close[3]), BAR_UNSEEN, "", "a closed bar did not reach the card: crash")
    assert "bar_unseen: a closed bar did not" in notices_of(a_tape(BARS, TRADED, refusals=(lost,)))[0]


def test_an_order_of_a_run_ends_when_its_fill_was_heard_of() -> None:
    tape = run()
    assert [row.ended_ms is None for row in tape.orders] == [row.status != "filled" for row in tape.orders]
    assert tape.orders[0].ended_ms is not None
    assert tape.orders[0].ended_ms >= tape.orders[0].decided_ms


def test_notices_stand_in_the_object_and_in_the_report_escaped() -> None:
    evil = RefusalRow(int(BARS.ts_close[3]), "VENUE_OTHER", "", "<b>no</b>")
    result = a_result(a_tape(BARS, TRADED, refusals=(evil,)))
    assert "<b>no</b>" in result.object["notices"][0]
    assert "out of the ordinary: VENUE_OTHER: &lt;b&gt;no&lt;/b&gt;" in report_page(result)


def refused(**changes: Any) -> RefusalRow:
    request = OrderRequest("BTCUSDT", "cf1", Side.BUY, OrderType.MARKET, Qty(1), Price(0))
    return _refused_order(Order(request, "card", "block", LocalStatus.REJECTED, 0, is_entry=True, **changes), 5)


@pytest.mark.parametrize(
    ("changes", "code", "reason"),
    [
        ({"reason": "NEVER_SENT"}, "NEVER_SENT", MEANINGS[RejectReason.NEVER_SENT]),
        ({"reason": ""}, "VENUE_OTHER", MEANINGS[RejectReason.VENUE_OTHER]),
        ({"reason": "in words"}, "VENUE_OTHER", "in words"),
        ({"code": VenueCode.PRICE_BAND}, "PRICE_BAND", f"110003 {MEANINGS[RejectReason.PRICE_BAND]}"),
        ({"code": 99, "reason": "odd"}, "VENUE_OTHER", "99 odd"),
    ],
)
def test_a_refused_order_has_a_code_of_ours_and_a_reason(changes: dict[str, Any], code: str, reason: str) -> None:
    assert refused(**changes) == RefusalRow(5, code, "block", reason, is_entry=True)


def test_an_order_end_is_none_while_it_is_open() -> None:
    raw = run(order="{type: limit, price: {ref: close, offset_percent: -50}}").orders.raw  # type: ignore[attr-defined]
    assert [type(end) for end in raw] == [OrderEnd]
    assert raw[0].ended_ms is None


def test_a_leader_that_has_no_bar_at_many_closes_is_told() -> None:
    card = a_led_card(features="", blocks=LED_BLOCKS)
    own = attrs.evolve(a_market([(100, 101, 99, 100)] * 60), symbol="ETHUSDT")
    found = {}
    for lost in (0, 9, 10):
        leader = concatenated(own.head(20), own.part(20 + lost, 60))
        tape = run_backtest(card, own, an_instrument(symbol="ETHUSDT"), load_settings(), leaders={"BTCUSDT": leader})
        found[lost] = [line for line in notices_of(tape) if "BTCUSDT" in line]
    assert found == {0: [], 9: [], 10: ["BTCUSDT has no bar at 10 of 59 closes: its last values stood"]}


LED_BLOCKS = """blocks:
- id: entry
  cases:
  - when: position.flat and BTCUSDT.close[1] > 1
    emit: {action: enter_long, size: {quantity: 1}}"""


def concatenated(one: Bars, other: Bars) -> Bars:
    names = ("open", "high", "low", "close")
    prices = {name: np.concatenate([getattr(each, f"price_{name}") for each in (one, other)]) for name in names}
    opens, volume = (np.concatenate([getattr(each, name) for each in (one, other)]) for name in ("ts_open", "volume"))
    return Bars.of_columns("BTCUSDT", one.timeframe_ms, one.price_digits, opens, prices, volume)
