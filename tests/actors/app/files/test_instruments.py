"""Instruments: decimals of a file become the grids of a run."""

from decimal import Decimal
from pathlib import Path

import pytest

from actors.app.files.instruments import load_instrument
from actors.model.errors import InputError

GOOD = """[ABCUSDT]
as_of = 2025-01-02
tick = 0.5
step = 10
min_qty = 10
min_notional = 5
maker_rate = -0.0001
taker_rate = 0.00055
"""


def test_the_contracts_numbers_of_btcusdt() -> None:
    instrument = load_instrument("BTCUSDT", 0)
    assert (instrument.price_text(instrument.tick), instrument.qty_text(instrument.step)) == ("0.1", "0.001")
    assert [
        instrument.qty_text(qty) for qty in (instrument.min_qty, instrument.max_qty, instrument.max_market_qty)
    ] == [
        "0.001",
        "1190",
        "500",
    ]
    assert instrument.money_text(instrument.min_notional) == "5"
    assert Decimal(instrument.maker_rate).scaleb(-instrument.rate_digits) == Decimal("0.0002")
    assert Decimal(instrument.taker_rate).scaleb(-instrument.rate_digits) == Decimal("0.00055")
    assert Decimal(instrument.price_limit_ratio_x).scaleb(-instrument.rate_digits) == Decimal("0.01")
    assert Decimal(instrument.price_limit_ratio_y).scaleb(-instrument.rate_digits) == Decimal("0.02")
    assert instrument.max_leverage == 100
    assert instrument.as_of


@pytest.mark.parametrize(
    ("symbol", "tick", "step"), [("ETHUSDT", "0.01", "0.01"), ("SOLUSDT", "0.01", "0.1"), ("XRPUSDT", "0.0001", "0.1")]
)
def test_the_others_have_their_grids(symbol: str, tick: str, step: str) -> None:
    instrument = load_instrument(symbol, 0)
    assert (
        instrument.price_text(instrument.tick),
        instrument.qty_text(instrument.step),
        instrument.qty_text(instrument.min_qty),
    ) == (
        tick,
        step,
        step,
    )


def test_prices_count_on_the_finer_grid_of_tick_and_data() -> None:
    coarse, fine = load_instrument("BTCUSDT", 0), load_instrument("BTCUSDT", 4)
    assert (coarse.price_digits, coarse.tick) == (1, 1)
    assert (fine.price_digits, fine.tick) == (4, 1000)
    assert coarse.money_text(coarse.min_notional) == fine.money_text(fine.min_notional) == "5"


def test_a_file_of_ones_own_may_have_a_rebate_and_a_coarse_step(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(GOOD, encoding="utf-8")
    instrument = load_instrument("ABCUSDT", 0, file)
    assert instrument.maker_rate == -10
    assert (instrument.qty_digits, instrument.step) == (0, 10)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[ABCUSDT]", "[ABCUSD]", ": ABCUSDT: no such instrument; did you mean `ABCUSD`?"),
        ("tick", "tik", ":3:1: ABCUSDT.tik: unknown key `tik`; did you mean `tick`?"),
        ("tick = 0.5\n", "", ":1:2: ABCUSDT: `tick` is missing; add it here"),
        ("tick = 0.5", "tick = 0", ":3:8: ABCUSDT.tick: the number 0 is out of range; above 0"),
        (
            "tick = 0.5",
            'tick = "0.5"',
            ":3:8: ABCUSDT.tick: expected a number, found the text `0.5`; numbers",
        ),
        (
            "tick = 0.5",
            "tick = 0.0000000000001",
            ":3:8: ABCUSDT.tick: the number 0.0000000000001 has too many digits",
        ),
        ("min_qty = 10", "min_qty = 15", ":5:11: ABCUSDT.min_qty: is 15, not a multiple of the step 10"),
        (
            "taker_rate = 0.00055",
            "taker_rate = -0.1",
            ":8:14: ABCUSDT.taker_rate: the number -0.1 is out of range",
        ),
        (
            "2025-01-02",
            '"lately"',
            ":2:9: ABCUSDT.as_of: expected a date, found the text `lately`; write it",
        ),
    ],
)
def test_a_fault_is_named_with_its_key(old: str, new: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_instrument("ABCUSDT", 0, file)
    assert any(f"{file}{said}" in problem.text() for problem in caught.value.problems), str(caught.value)
