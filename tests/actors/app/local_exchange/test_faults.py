"""A schedule of faults as a file: what it becomes, and every problem with its line."""

from decimal import Decimal
from pathlib import Path

import pytest

from actors.app.local_exchange.faults import load_faults
from actors.bybit.server.faults.kinds import ClockStep, Delay, ForeignOrder
from actors.bybit.server.faults.matching import Match
from actors.model.errors import InputError
from tests.actors.bybit.server.markets import FLAT, an_exchange


def loaded(tmp_path: Path, text: str) -> tuple[object, ...]:
    file = tmp_path / "faults.toml"
    file.write_text(text, encoding="utf-8")
    setup = load_faults(file, an_exchange([FLAT]), has_control=False)
    assert not setup.has_control
    return setup.seed, setup.orders


def lines(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        loaded(tmp_path, text)
    return [line.replace(f"{tmp_path}/", "") for line in str(caught.value).splitlines()]


def test_a_schedule_is_read_in_its_order(tmp_path: Path) -> None:
    seed, orders = loaded(
        tmp_path,
        """
seed = 42

[[fault]]
kind = "delay"
ms = 300
topic = "order"
at = "00:05:00"
for_ms = 60000
times = "always"
probability = 0.25

[[fault]]
kind = "foreign_order"
symbol = "BTCUSDT"
side = "Sell"
qty = 0.1
price = "100.5"
at_ms = 90000

[[fault]]
kind = "clock_step"
by_ms = -1500
""",
    )
    assert seed == 42
    assert isinstance(orders, tuple)
    delay, foreign, step = orders
    assert (delay.fault, delay.match) == (Delay(ms=300), Match(topic="order"))
    assert (delay.at_ms, delay.for_ms, delay.times, delay.probability) == (300_000, 60_000, None, Decimal("0.25"))
    assert (foreign.fault.qty, foreign.fault.price) == (Decimal("0.1"), Decimal("100.5"))
    assert isinstance(foreign.fault, ForeignOrder)
    assert (foreign.match.symbol, foreign.at_ms) == ("BTCUSDT", 90_000)
    assert (step.fault, step.at_ms) == (ClockStep(by_ms=-1500), None)


def test_an_empty_schedule_is_one(tmp_path: Path) -> None:
    assert loaded(tmp_path, "") == (0, ())


def test_every_problem_is_said_with_its_line(tmp_path: Path) -> None:
    text = """seed = -1
sed = 3

[[fault]]
kind = "dely"

[[fault]]
kind = "delay"
mss = 300
times = 0

[[fault]]
kind = "stale_read"
lag_ms = 10
symbol = "ETHUSDT"
account = "nobody"
"""
    assert lines(tmp_path, text) == [
        "faults.toml:1:8: seed: is -1, expected a whole number from 0 to 9223372036854775807",
        "faults.toml:2:1: unknown key `sed`; did you mean `seed`?",
        "faults.toml:5:1: fault.0.kind: 'dely' is no kind of fault; did you mean `delay`?",
        "faults.toml:7:3: fault.1.ms: is missing",
        "faults.toml:9:1: fault.1.mss: unknown key; did you mean `ms`?",
        "faults.toml:10:1: fault.1.times: is 0, expected a whole number from 1, or 'always'",
        "faults.toml:15:1: fault.2.symbol: 'ETHUSDT' is not listed; known: BTCUSDT",
        "faults.toml:16:1: fault.2.account: 'nobody' is no key here; known: local-key-1",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("fault = 3", "1:9: fault: expected a list of tables, as [[fault]], found the number 3"),
        ("[fault]\nkind = 'ban'", "1:2: fault: expected a list of tables, as [[fault]], found a mapping"),
        ("fault = [3]", "1:10: fault.0: expected a table, as [[fault]], found the number 3"),
        ("[[fault]", "1:8: broken TOML: Expected ']]' at the end of an array declaration"),
    ],
)
def test_a_file_of_another_shape_is_refused(tmp_path: Path, text: str, said: str) -> None:
    (line,) = lines(tmp_path, text)
    assert line.partition(";")[0] == f"faults.toml:{said}"


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        load_faults(tmp_path / "none.toml", an_exchange([FLAT]))
