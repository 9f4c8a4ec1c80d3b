"""Reading bars: prices as printed, columns by name, gaps kept, plain or packed; and the real files, where they are."""

import csv
import gzip
from decimal import Decimal
from pathlib import Path

import pytest

from actors.app.files import csv_text
from actors.app.files.bars import read_bars
from ideacards.feeds import Bars, data_digest, gaps_of
from tests.actors.app.files.bar_files import MINUTE_MS, START_MS, a_file, lines_of

SHARED = Path(__file__).resolve().parents[5] / "shared" / "data" / "klines"
FILES = {
    "BTCUSDT_1m_binance-spot_2024-12.csv.gz": (60_000, 41_761, 0),
    "BTCUSDT_15m_binance-spot_2024.csv.gz": (900_000, 34_945, 0),
    "BTCUSD_1h_bitstamp_2018-2022.csv.gz": (3_600_000, 33_259, 0),
    "BTCUSD_4h_coinbase_2016-2025.csv.gz": (14_400_000, 20_695, 3),
    "ETHUSD_4h_coinbase_2016-2025.csv.gz": (14_400_000, 20_675, 9),
    "ETHUSD_5m_binanceus_2023-03.csv.gz": (300_000, 580, 0),
}


def test_prices_are_taken_as_printed(tmp_path: Path) -> None:
    bars = read_bars(a_file(tmp_path, lines_of(3)), "BTCUSDT", MINUTE_MS)
    assert (bars.symbol, bars.timeframe_ms, bars.price_digits, len(bars)) == ("BTCUSDT", MINUTE_MS, 2, 3)
    assert bars.price_open.tolist() == [10050, 10150, 10250]
    assert bars.open.tolist() == [100.5, 101.5, 102.5]
    assert bars.price_low.tolist() == [9025] * 3
    assert bars.ts_open[0] == START_MS
    assert bars.volume.tolist() == [1.5] * 3


def test_price_digits_are_the_larger_of_the_ticks_and_the_datas(tmp_path: Path) -> None:
    path = a_file(tmp_path, [*lines_of(0), f"{START_MS},0.1000,2.50,0.1,0.123000,7"])
    assert read_bars(path, "BTCUSDT", MINUTE_MS).price_digits == 3
    finer = read_bars(path, "BTCUSDT", MINUTE_MS, tick_digits=5)
    assert (finer.price_digits, finer.price_close.tolist()) == (5, [12300])
    assert finer.close.tolist() == [0.123]


def test_columns_are_found_by_name_among_others(tmp_path: Path) -> None:
    lines = [
        "close,note,ts_ms,low,high,open,volume,",
        f"3,fine é,{START_MS},1,4,2,9,",
        f"3,,{START_MS + 60_000},1,4,2,9,x",
    ]
    bars = read_bars(a_file(tmp_path, lines), "BTCUSDT", MINUTE_MS)
    assert (bars.open[1], bars.high[1], bars.low[1], bars.close[1], bars.volume[1]) == (2, 4, 1, 3, 9)


def test_a_single_bar_is_enough(tmp_path: Path) -> None:
    assert len(read_bars(a_file(tmp_path, lines_of(1)), "BTCUSDT", MINUTE_MS)) == 1


def test_gaps_are_kept_as_they_are(tmp_path: Path) -> None:
    lines = lines_of(10)
    bars = read_bars(a_file(tmp_path, lines[:3] + lines[5:]), "BTCUSDT", MINUTE_MS)
    assert gaps_of(bars) == ((1, 2),)


def test_spelling_does_not_matter(tmp_path: Path) -> None:
    """Windows line ends, a byte order mark, blank lines, quotes, blanks, exponents, no newline at the end."""
    plain = read_bars(a_file(tmp_path, lines_of(3)), "BTCUSDT", MINUTE_MS)
    rows = [
        '"ts_ms", "open", "high", "low", "close", "volume"',
        "",
        f'"{START_MS}","1.005e2","110.000","90.25","101","1.50"',
        f"{START_MS + 60_000}, 101.5 ,+111,90.250,102,.15e1",
        f"{START_MS + 120_000},102.5,112.,90.25,103.0,1.5",
    ]
    other = tmp_path / "other.csv"
    other.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(rows).encode())
    assert data_digest(read_bars(other, "BTCUSDT", MINUTE_MS)) == data_digest(plain)


def test_gzip_is_known_by_its_content(tmp_path: Path) -> None:
    plain = a_file(tmp_path, lines_of(50))
    for name in ("bars.csv.gz", "packed.csv"):
        packed = tmp_path / name
        packed.write_bytes(gzip.compress(plain.read_bytes()))
        assert data_digest(read_bars(packed, "X", MINUTE_MS)) == data_digest(read_bars(plain, "X", MINUTE_MS))


@pytest.mark.parametrize("size", [1, 35, 64, 1000])
def test_the_size_of_a_block_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    path = a_file(tmp_path, [*lines_of(9), "", *lines_of(11)[10:]])
    whole = read_bars(path, "X", MINUTE_MS)
    monkeypatch.setattr(csv_text, "_BLOCK_BYTES", size)
    assert data_digest(read_bars(path, "X", MINUTE_MS)) == data_digest(whole)
    assert len(whole) == 11


def _as_told(path: Path) -> list[tuple[int, Decimal, float]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return [(int(row["ts_ms"]), Decimal(row["close"]), float(row["volume"])) for row in csv.DictReader(file)]


@pytest.mark.skipif(not SHARED.is_dir(), reason="real candles not here: ../shared/data is absent")
@pytest.mark.parametrize("name", FILES)
def test_real_files_are_read_to_the_last_digit(name: str) -> None:
    exec_ms, count, gaps = FILES[name]
    bars = read_bars(SHARED / name, "BTCUSDT", exec_ms)
    assert (len(bars), len(gaps_of(bars)), bars.price_digits) == (count, gaps, 2)
    assert _told_by(bars) == _as_told(SHARED / name)


def _told_by(bars: Bars) -> list[tuple[int, Decimal, float]]:
    closes = [Decimal(close).scaleb(-bars.price_digits) for close in bars.price_close.tolist()]
    assert [float(close) for close in closes] == bars.close.tolist()
    return list(zip(bars.ts_open.tolist(), closes, bars.volume.tolist(), strict=True))
