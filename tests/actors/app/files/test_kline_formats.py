"""Kline files of others give the same bars as ours, to the last digit; what is no bars is named."""

import gzip
import json
from pathlib import Path

import pytest

from actors.app.cli import main
from actors.app.files.bars import foreign_format, read_bars
from actors.model.errors import InputError
from ideacards.feeds import data_digest

FIRST_MS = 1_735_689_600_000  # 2025-01-01, where an archive changed to microseconds
MINUTE_MS = 60_000
HEADER = "ts_ms,open,high,low,close,volume"
BINANCE = (
    "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore"
)
ROWS = [(f"{100 + index}.10", f"{102 + index}.5", f"{99 + index}", f"{101 + index}.25", "3.5") for index in range(6)]


def ours(folder: Path) -> Path:
    lines = [f"{FIRST_MS + MINUTE_MS * index},{','.join(row)}" for index, row in enumerate(ROWS)]
    return written(folder, "ours.csv", "\n".join([HEADER, *lines]))


def written(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else f"{text}\n".encode())
    return path


def binance(scale: int, *, has_header: bool) -> str:
    lines = [BINANCE] if has_header else []
    for index, row in enumerate(ROWS):
        opened = FIRST_MS + MINUTE_MS * index
        closed = (opened + MINUTE_MS) * scale - 1
        lines.append(f"{opened * scale},{','.join(row)},{closed},360.5,12,1.5,150.2,0")
    return "\n".join(lines)


def bybit() -> str:
    rows = [[str(FIRST_MS + MINUTE_MS * index), *row, "360.5"] for index, row in enumerate(ROWS)]
    return json.dumps({"retCode": 0, "result": {"symbol": "BTCUSDT", "list": rows[::-1]}})


def ccxt() -> str:
    rows = [f"[{FIRST_MS + MINUTE_MS * index}, {', '.join(row)}]" for index, row in enumerate(ROWS)]
    return f"[{', '.join(rows)}]"


def metatrader() -> str:
    return "\n".join(f"2025.01.01 03:0{index},{','.join(row)}" for index, row in enumerate(ROWS))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (binance(1, has_header=True), "Binance Vision klines"),
        (binance(1000, has_header=True), "Binance Vision klines"),
        (binance(1, has_header=False), "Binance Vision klines without a header"),
        (binance(1000, has_header=False), "Binance Vision klines without a header"),
        (bybit(), "Bybit v5 klines (JSON)"),
        (ccxt(), "ccxt candles (JSON)"),
        (metatrader(), "Bybit candles for MetaTrader, in UTC+3"),
    ],
)
def test_a_foreign_file_gives_the_same_bars_and_is_named(tmp_path: Path, text: str, name: str) -> None:
    plain, foreign = ours(tmp_path), written(tmp_path, "foreign.csv", text)
    packed = written(tmp_path, "foreign.csv.gz", gzip.compress(text.encode()))
    expected = data_digest(read_bars(plain, "BTCUSDT", MINUTE_MS))
    for file in (foreign, packed):
        assert foreign_format(file) == name
        assert data_digest(read_bars(file, "BTCUSDT", MINUTE_MS)) == expected
    assert foreign_format(plain) is None


def test_the_letter_case_of_a_header_does_not_matter(tmp_path: Path) -> None:
    plain = ours(tmp_path)
    loud = written(tmp_path, "loud.csv", plain.read_text(encoding="utf-8").replace(HEADER, HEADER.title()))
    assert data_digest(read_bars(loud, "X", MINUTE_MS)) == data_digest(read_bars(plain, "X", MINUTE_MS))


def test_a_command_says_what_it_recognised(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    card = Path(__file__).resolve().parents[4] / "ideacards" / "cards" / "ema_cross.yaml"
    rows = [ROWS[index % len(ROWS)] for index in range(60)]
    text = f"[{', '.join(f'[{FIRST_MS + MINUTE_MS * at}, {chr(44).join(row)}]' for at, row in enumerate(rows))}]"
    file = written(tmp_path, "candles.json", text)
    assert main(["backtest", str(card), "--bars", str(file), "--json"]) == 0
    assert "candles.json: recognised as ccxt candles (JSON)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"PAR1\x15\x04", "is a Parquet file"),
        (b"PK\x03\x04\x14\x00", "is a zip archive or an Excel workbook"),
        ("timestamp,symbol,side,size,price,tickDirection\n1,BTCUSDT,Buy,1,2,ZeroMinusTick", "is a file of trades"),
        ("id,timestamp,price,volume,side\n1,2,3,4,buy", "is a file of trades"),
        ('{"retCode": 10001}', "is JSON, but no kline answer of Bybit v5"),
        ("[1, 2]", "is JSON, but no list of candles"),
        ("[[1, 2]]", "is JSON, but no list of candles"),
        ("2025.01.01 03:00,1,2,1,1,1\n2025.13.01 03:00,1,2,1,1,1", "`2025.13.01 03:00` is no time"),
    ],
)
def test_what_is_no_bars_is_one_line_that_says_what_it_is(tmp_path: Path, text: str | bytes, said: str) -> None:
    with pytest.raises(InputError) as caught:
        read_bars(written(tmp_path, "file.csv", text), "BTCUSDT", MINUTE_MS)
    assert [problem.text().partition("; ")[0].endswith(said) for problem in caught.value.problems] == [True]


def test_twenty_rows_of_dates_are_one_line(tmp_path: Path) -> None:
    lines = [f"2025-01-01 00:{index:02d}:00,1,2,1,1,1" for index in range(20)]
    with pytest.raises(InputError) as caught:
        read_bars(written(tmp_path, "dates.csv", "\n".join([HEADER, *lines])), "BTCUSDT", MINUTE_MS)
    (problem,) = caught.value.problems
    assert ":2: the times are dates; ts_ms is the bar's open in milliseconds" in problem.text()


def test_close_times_given_as_open_times_are_named(tmp_path: Path) -> None:
    lines = [f"{FIRST_MS + MINUTE_MS * index - 1},1,2,1,1,1" for index in range(1, 20)]
    with pytest.raises(InputError) as caught:
        read_bars(written(tmp_path, "closes.csv", "\n".join([HEADER, *lines])), "BTCUSDT", MINUTE_MS)
    (problem,) = caught.value.problems
    assert "the times are closes" in problem.text()
