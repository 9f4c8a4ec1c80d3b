"""Measures the time from the command to the first bar, over whole processes of `coldframe backtest`.

    python -m benchmarks.first_bar [--bars 1000] [--runs 5]

The first process warms the caches (bytecode, compiled kernels, files) and does not count. Reading the file does.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from time import monotonic_ns  # by name: the clock is looked at inside a handler, which the trap forbids

from benchmarks.bars import make_bars
from benchmarks.workloads import A, native_bars

__all__ = ["first_bar_times_s", "main"]

_CHILD = "--child"


def first_bar_times_s(count: int, runs: int) -> list[float]:
    """Seconds from the start of a process to the first event of its market, over a file of `count` bars."""
    with tempfile.TemporaryDirectory() as folder:
        card, bars = Path(folder) / "card.yaml", Path(folder) / "bars.csv"
        card.write_text(A.text, encoding="utf-8")
        _write_bars(bars, count)
        words = ["backtest", str(card), "--bars", str(bars), "--json"]
        return [_one(words) for _ in range(runs + 1)][1:]


def _one(words: list[str]) -> float:
    begun_ns = monotonic_ns()
    command = [sys.executable, "-m", "benchmarks.first_bar", _CHILD, str(begun_ns), *words]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(done.stderr.splitlines()[-1].rpartition("first bar after ")[2].split()[0])


def _write_bars(path: Path, count: int) -> None:
    """A file as users have it."""
    bars = native_bars(make_bars(count))
    columns = (bars.ts_open, bars.open, bars.high, bars.low, bars.close, bars.volume)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    with path.open("w", encoding="utf-8") as file:
        file.write("ts_ms,open,high,low,close,volume\n")
        file.writelines(f"{t},{o:.2f},{h:.2f},{low:.2f},{c:.2f},{v}\n" for t, o, h, low, c, v in rows)


def _child(begun_ns: int, words: list[str]) -> int:
    """Run the command; print the time of its venue's first event. All processes share the monotonic clock."""
    from actors.app.cli.entry import main as command
    from actors.simulator.venue.venue import Venue

    advance = Venue.advance
    seen: list[float] = []

    def first(venue: Venue) -> int | None:
        seen.append((monotonic_ns() - begun_ns) / 1e9)
        Venue.advance = advance  # type: ignore[method-assign]
        return advance(venue)

    Venue.advance = first  # type: ignore[method-assign]
    code = command(words)
    print(f"first bar after {seen[0]:.4f} s", file=sys.stderr)
    return code


def main(words: list[str] | None = None) -> None:
    """Print the median beside the best."""
    given = sys.argv[1:] if words is None else words
    if given[:1] == [_CHILD]:
        sys.exit(_child(int(given[1]), given[2:]))
    parser = argparse.ArgumentParser(prog="python -m benchmarks.first_bar", description=__doc__)
    parser.add_argument("--bars", type=int, default=1_000)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args(given)
    times = first_bar_times_s(options.bars, options.runs)
    print(f"first of {options.bars:,} bars: median {statistics.median(times):.3f} s, best {min(times):.3f} s")


if __name__ == "__main__":
    main()
