"""Bars: read-only columns, their gaps, and a digest of what the file said."""

import numpy as np
import pytest

from ideacards.alignment import slower_bars
from ideacards.feeds import Bars, data_digest, gaps_of, has_exact_floats
from tests.ideacards.markets import MINUTE_MS, random_bars

PRICES = {"open": [1010, 1020], "high": [1030, 1040], "low": [1000, 1010], "close": [1020, 1030]}


def _bars(digits: int = 2, scale: int = 1, volume: float = 1.5, start_ms: int = 0) -> Bars:
    prices = {name: [price * scale for price in column] for name, column in PRICES.items()}
    return Bars.of_columns("BTCUSDT", MINUTE_MS, digits, [start_ms, start_ms + MINUTE_MS], prices, [volume, 2.0])


def test_floats_are_the_printed_prices() -> None:
    bars = _bars()
    assert bars.high.tolist() == [10.3, 10.4]
    assert bars.price_high.tolist() == [1030, 1040]
    assert bars.ts_close.tolist() == [60_000, 120_000]
    assert len(bars) == 2


@pytest.mark.parametrize("name", ["ts_open", "ts_close", "open", "high", "low", "close", "volume", "price_close"])
def test_no_column_can_be_written_to(name: str) -> None:
    with pytest.raises(ValueError, match="read-only"):
        getattr(_bars(), name)[0] = 1


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="different lengths"):
        Bars.of_columns("BTCUSDT", MINUTE_MS, 2, [0], PRICES, [1.0, 2.0])


def test_a_price_no_float_holds_needs_its_text() -> None:
    with pytest.raises(ValueError, match="beyond 2\\^53"):
        _bars(scale=10**13)


def test_gaps_are_counted_where_they_are() -> None:
    bars = random_bars(10, lost=[3, 4, 8])
    assert gaps_of(bars) == ((2, 2), (5, 1))
    assert gaps_of(random_bars(10)) == ()
    assert gaps_of(random_bars(1)) == ()


def test_the_digest_is_of_the_data_and_not_of_the_grid() -> None:
    assert data_digest(_bars()) == data_digest(_bars(digits=5, scale=1000)) == "be63d7b3009e3cad62c9a1fc4e36bed0"


@pytest.mark.parametrize(
    "other", [_bars(digits=3), _bars(scale=3), _bars(volume=1.25), _bars(start_ms=60_000)], ids=str
)
def test_other_data_have_another_digest(other: Bars) -> None:
    assert data_digest(other) != data_digest(_bars())


def test_columns_are_little_endian_in_the_digest() -> None:
    assert data_digest(_bars()) == data_digest(
        Bars.of_columns(
            "ETHUSDT", MINUTE_MS, 2, np.array([0, MINUTE_MS], dtype=">i8"), PRICES, np.array([1.5, 2.0], dtype=">f8")
        )
    )


def test_float_prices_are_made_when_read_and_are_the_quotients() -> None:
    prices = {"open": [100_05, 7], "high": [100_10, 9], "low": [99_99, 7], "close": [100_01, 8]}
    bars = Bars.of_columns("BTCUSDT", MINUTE_MS, 2, [0, MINUTE_MS], prices, [1.0, 2.0])
    assert bars.given_floats == {}
    for name, texts in (("open", ("100.05", "0.07")), ("high", ("100.10", "0.09")), ("close", ("100.01", "0.08"))):
        column = getattr(bars, name)
        assert column.tolist() == [float(text) for text in texts]
        assert column is getattr(bars, name)
        assert not column.flags.writeable
    assert bars.head(1).low.tolist() == [99.99]


def test_floats_that_are_no_exact_quotients_are_kept_as_given() -> None:
    prices = {name: [2**53 + 1] for name in PRICES}
    assert not has_exact_floats(prices)
    assert has_exact_floats({name: [2**53] for name in PRICES})
    assert has_exact_floats({name: [] for name in PRICES})
    with pytest.raises(ValueError, match=r"2\^53"):
        Bars.of_columns("BTCUSDT", MINUTE_MS, 2, [0], prices, [1.0])
    floats = {name: np.array([float("90071992547409.93")]) for name in prices}
    bars = Bars.of_columns("BTCUSDT", MINUTE_MS, 2, [0], prices, [1.0], floats)
    assert bars.close.tolist() == bars.head(1).close.tolist() == [90071992547409.93]
    assert slower_bars(bars, MINUTE_MS).bars.given_floats.keys() == prices.keys()
