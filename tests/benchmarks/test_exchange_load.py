"""The load benchmark of the local exchange runs and prints its figures; how high they are is not judged here."""

import re

import pytest

from benchmarks import exchange_load


@pytest.mark.slow
def test_the_load_benchmark_prints_its_figures(capsys: pytest.CaptureFixture[str]) -> None:
    exchange_load.main(["--orders", "20", "--subscribers", "2", "--seconds", "0.5", "--rounds", "1"])
    printed = capsys.readouterr().out
    assert re.search(r"round 1: +\d+ order requests a second", printed)
    assert re.search(r" +\d+ public frames a second to 2 ", printed)
    assert re.search(r"\d MiB", printed)
