"""The result object of a small tape, key by key, and the CSV files beside it."""

import csv
import json
import re
from decimal import Decimal
from pathlib import Path

from actors.app.results.result import RunFlags, RunResult
from actors.app.results.tables import write_tables
from actors.app.settings import load_settings, settings_object
from actors.app.version import coldframe_version
from tests.actors.app.results.tapes import FIRST_MS, MINUTE_MS, a_fill, a_refusal, a_result, a_tape, an_order, some_bars


def small_result() -> RunResult:
    """Six bars, one missing after the second: a long trip, a short that stays open, an order at the last bar."""
    bars = some_bars(["100", "101.5", "103", "102", "99.5", "100.5"], missing_after=(1,))
    fills = [
        a_fill(bars, 1, "2", "100"),
        a_fill(bars, 3, "-3", "103", block_id="turn"),
        a_fill(
            bars, 4, "0.5", "102", is_maker=True, fee=Decimal("0.0102"), origin="take_profit", block_id="", link_id=""
        ),
    ]
    refusals = (a_refusal(bars, 2), a_refusal(bars, 3, "BELOW_MINIMUM"), a_refusal(bars, 4))
    orders = (
        an_order(bars, 0, status="filled", qty=Decimal(2), filled_qty=Decimal(2), average_price=Decimal(100)),
        an_order(bars, 2, status="filled", side="sell", qty=Decimal(3), filled_qty=Decimal(3), block_id="turn"),
        an_order(bars, 5, reason='a "reason", with commas'),
    )
    tape = a_tape(bars, fills, orders=orders, refusals=refusals, unknown_clauses=7, bars_delivered=6)
    return a_result(tape, RunFlags({"path": "nearest_extreme"}, {"venue.path": "ohlc"}))


def test_the_result_object_of_a_small_tape() -> None:
    found = small_result().object
    measured = {key: found[key] for key in ("seconds_engine", "bars_per_second", "peak_rss_mb")}
    assert measured["seconds_engine"] >= 0.5  # the tape's, and what it took to come to the final equity
    assert 0 < measured["bars_per_second"] <= 12
    assert measured["peak_rss_mb"] > 1
    assert json.loads(json.dumps(found)) == {
        "schema_version": 1,
        "coldframe_version": coldframe_version(),
        "card": "hand_made",
        "card_digest": "card",
        "data_digest": "data",
        "parameters": {},
        "settings": settings_object(load_settings())
        | {"flags": {"path": "nearest_extreme"}, "profile_values": {"venue.path": "ohlc"}},
        "bars": 6,
        "first_ts": FIRST_MS,
        "last_ts": FIRST_MS + 6 * MINUTE_MS,
        "bars_delivered": 6,
        "gaps": 1,
        "missing_bars": 1,
        "orders": 3,
        "fills": 3,
        "round_trips": 1,
        "open_at_end": [
            {
                "link_id": "cf5",
                "block": "entry",
                "side": "buy",
                "type": "market",
                "qty": "0.1",
                "filled_qty": "0",
                "status": "acked",
                "decided_ms": FIRST_MS + 7 * MINUTE_MS,
            }
        ],
        "refusals": {"BELOW_MINIMUM": 1, "POSITION_OPEN": 2},
        "unknown_clauses": 7,
        "not_modelled": ["funding"],
        "fees": "0.29015",  # (2 x 100 + 3 x 103) x 0.00055 + 0.0102
        "funding": None,
        "realised_pnl": "6.5",  # 2 x 3 + 0.5 x 1
        "final_equity": "10007.45985",  # 10000 + 6.5 - 0.29015 + 0.5 x (103 - 100.5)
        "max_drawdown": "0.000049960232",  # 0.5 of 10007.95985, the equity at 99.5
        "output_digest": "d" * 32,
    } | measured | {
        "seconds_unprotected": 0.0,
        "ready_bars": 0,
        "notices": ["1 refusal out of the ordinary: BELOW_MINIMUM: a position stands"],
        "leaders": {},
        "card_text": "",
        "command": "",
        "files": [],
    }


def test_the_keys_stand_in_the_contracts_order() -> None:
    order = """schema_version, coldframe_version, card, card_digest, data_digest, settings, bars, first_ts, last_ts,
        bars_delivered, gaps, missing_bars, orders, fills, round_trips, open_at_end, refusals, unknown_clauses,
        not_modelled, fees, funding, realised_pnl, final_equity, max_drawdown, output_digest, seconds_engine,
        bars_per_second, peak_rss_mb, seconds_unprotected, ready_bars, notices, parameters, leaders, card_text,
        command, files"""
    assert list(small_result().object) == re.findall(r"\w+", order)


def test_gaps_and_bars_are_those_of_the_range() -> None:
    bars = some_bars(["100"] * 6, missing_after=(1, 1, 3))
    result = a_result(a_tape(bars, start=2, stop=6))
    assert (result.object["bars"], result.object["gaps"], result.object["missing_bars"]) == (4, 1, 1)
    assert result.object["first_ts"] == int(bars.ts_open[2])
    assert [(gap.from_ms, gap.to_ms) for gap in result.gaps] == [(int(bars.ts_close[3]), int(bars.ts_open[4]))]


def test_the_tables_hold_every_row_in_plain_decimals(tmp_path: Path) -> None:
    result = small_result()
    write_tables(result, tmp_path)
    tables = {}
    for name in ("orders", "fills", "equity"):
        with (tmp_path / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            tables[name] = list(csv.DictReader(file))
    assert [row["reason"] for row in tables["orders"]] == ["", "", 'a "reason", with commas']
    assert tables["orders"][2] | {"reason": ""} == {
        "decided_ms": str(FIRST_MS + 7 * MINUTE_MS),
        "link_id": "cf5",
        "order_id": "o5",
        "side": "buy",
        "type": "market",
        "qty": "0.1",
        "price": "",
        "trigger_price": "",
        "reduce_only": "false",
        "status": "acked",
        "filled_qty": "0",
        "average_price": "",
        "reason": "",
        "block_id": "entry",
        "ended_ms": "",
        "stop_loss": "",
        "take_profit": "",
    }
    assert tables["fills"][2] == {
        "time_ms": str(FIRST_MS + 5 * MINUTE_MS),
        "bar": "4",
        "exec_id": "e4",
        "link_id": "",
        "order_id": "o4",
        "side": "buy",
        "qty": "0.5",
        "price": "102",
        "fee": "0.0102",
        "is_maker": "true",
        "origin": "take_profit",
        "block_id": "",
    }
    assert len(tables["equity"]) == 6
    assert tables["equity"][0] == {
        "close_ms": str(FIRST_MS + MINUTE_MS),
        "equity": "10000",
        "drawdown": "0.000000000000",
    }
    assert tables["equity"][-1]["equity"] == result.object["final_equity"]
