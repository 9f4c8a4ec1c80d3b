"""The benchmark of the live stack runs to its end and prints its figures; how good they are is not judged here."""

import re
from pathlib import Path

import pytest

from benchmarks import live_latency


@pytest.mark.slow
def test_the_benchmark_of_the_live_stack_prints_its_figures(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    live_latency.main(["--candles", "10", "--rate", "100", "--folder", str(tmp_path)])
    printed = capsys.readouterr().out
    assert len(re.findall(r"candle +read to order bytes out: p50 +\d+ us, p99 +\d+ us", printed)) == 6
    assert re.search(r" public frames a second, 10 closed candles, \d+ orders", printed)
    assert re.search(r"the disk alone: a write and its sync take \d+ us", printed)
    assert printed.count("ended in order") == 2
