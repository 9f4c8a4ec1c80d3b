"""The made market: the same bars for a seed everywhere, sound, alive, and the same through a file."""

from pathlib import Path

import numpy as np
import pytest

from actors.app.files.bars import read_bars
from actors.app.runs.synthetic import csv_of, synthetic_bars
from ideacards.feeds import data_digest, gaps_of


def test_a_seed_gives_the_same_bars_on_every_python_and_numpy() -> None:
    assert data_digest(synthetic_bars(7, 5_000)) == "09f75f98b8fb04e9891f7362b64c5f82"


def test_another_seed_gives_other_bars_and_a_longer_run_the_same_beginning() -> None:
    bars, longer = synthetic_bars(7, 500), synthetic_bars(7, 600)
    assert data_digest(synthetic_bars(8, 500)) != data_digest(bars)
    assert longer.close[:500].tobytes() == bars.close.tobytes()


@pytest.mark.parametrize("seed", range(5))
def test_bars_are_sound_and_move_both_ways(seed: int) -> None:
    bars = synthetic_bars(seed, 4_000)
    assert gaps_of(bars) == ()
    assert (bars.low <= np.minimum(bars.open, bars.close)).all()
    assert (bars.high >= np.maximum(bars.open, bars.close)).all()
    assert bars.low.min() > 20_000
    assert bars.volume.min() > 0
    hours = bars.close[::240]
    moves = hours[1:] / hours[:-1] - 1
    assert moves.max() > 0.005
    assert moves.min() < -0.005


def test_the_file_of_a_market_reads_back_as_that_market(tmp_path: Path) -> None:
    bars = synthetic_bars(7, 300)
    path = tmp_path / "market.csv"
    path.write_text(csv_of(bars), "utf-8")
    again = read_bars(path, "BTCUSDT", 60_000)
    assert data_digest(again) == data_digest(bars)
    assert again.price_digits == bars.price_digits == 1


def test_a_market_may_be_empty() -> None:
    assert len(synthetic_bars(7, 0)) == 0
