"""How fast is a whole run, and how fast beside other engines in the same minutes of the same machine?

    python -m benchmarks.against_peers
    python -m benchmarks.against_peers --peers DIR --py vectorbt=VENV/bin/python --py nautilus=... --py hftbacktest=...

DIR holds the peers' scripts (`peers.py`). Each of our figures comes from a fresh process, with its bars shifted by one
tick a round, and is compared with the exact loop fill for fill (`one_run.py`); that plain Python loop is the unit for
ratios on any machine. Rounds alternate with the peers'. Ratios are ours to theirs, of the medians; a target in bars a
second holds for a machine like the one it was set on. `--py handloop=PYTHON` adds a compiled loop.
"""

import argparse
import json
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import attrs

from benchmarks.first_bar import first_bar_times_s
from benchmarks.peers import PeerFailed, PeerRun, Peers, Rate

__all__ = ["Figure", "Work", "main", "targets", "works"]

MILLION, SOME = 1_000_000, 100_000
TURNS = 4  # repeats in a peer that compiles, the first left out


@attrs.frozen
class Work:
    """One of our cases at one size, and what the peers do beside it."""

    case: str
    bars: int
    peers: tuple[PeerRun, ...] = ()

    @property
    def label(self) -> str:
        """Its name in the table."""
        return f"{self.case} {self.bars:,}"


@attrs.define
class Figure:
    """What the rounds of one work gave; seconds of the clock, those of the processor named so, the peers' rates."""

    work: Work
    seconds: list[float] = attrs.field(factory=list)
    cpu_seconds: list[float] = attrs.field(factory=list)
    loop_cpu_seconds: list[float] = attrs.field(factory=list)
    peak_rss_mb: float = 0.0
    fills: int = 0
    bars_delivered: int = 0
    peers: dict[str, list[Rate]] = attrs.field(factory=dict)

    @property
    def median(self) -> float:
        """Bars a second."""
        return self.work.bars / statistics.median(self.seconds)

    @property
    def best(self) -> float:
        """Bars a second."""
        return self.work.bars / min(self.seconds)

    @property
    def undisturbed(self) -> float:
        """Bars a second of the processor's time, the median."""
        return self.work.bars / statistics.median(self.cpu_seconds)

    @property
    def times_slower_than_loop(self) -> float:
        """Our processor time as a multiple of the loop's, of the medians."""
        return statistics.median(self.cpu_seconds) / statistics.median(self.loop_cpu_seconds)

    def ratio(self, peer: str) -> float | None:
        """Our median rate to the peer's; None if it was not run."""
        rates = self.peers.get(peer)
        return self.median / statistics.median(rate.median for rate in rates) if rates else None


def works(divide: int = 1) -> tuple[Work, ...]:
    """All works, at sizes divided by `divide`."""
    many, some = max(1, MILLION // divide), max(1, SOME // divide)

    def vectorbt(variant: str, bars: int, engine: str, *, is_sparse: bool = False) -> PeerRun:
        words = ("--engine", engine)
        return PeerRun(f"vectorbt {engine}", "vectorbt", variant, bars, TURNS, words, is_sparse)

    def nautilus(variant: str, bars: int) -> PeerRun:
        return PeerRun("nautilus", "nautilus", variant, bars, 1, is_once=True)

    def compiled(variant: str, bars: int) -> PeerRun:
        return PeerRun("numba loop", "handloop", variant, bars, TURNS, ("--numba",))

    def both(variant: str, bars: int) -> tuple[PeerRun, ...]:
        engines = (vectorbt(variant, bars, "numba"), vectorbt(variant, bars, "rust"))
        return (*engines, nautilus(variant, bars), compiled(variant, bars))

    sparse = (vectorbt("A", many, "numba", is_sparse=True), vectorbt("A", many, "rust", is_sparse=True))
    hftbacktest = PeerRun("hftbacktest", "hftbacktest", "C", some, TURNS)
    return (
        Work("a", many, both("A", many)),
        Work("a", some, both("A", some)),
        Work("b", many, both("B", many)),
        Work("b", some),
        Work("sparse", many, sparse),
        Work("every_bar", many),
        Work("c", some, (hftbacktest, nautilus("C", some), compiled("C", some))),
        Work("c_limited", some),
    )


def run_round(figures: Sequence[Figure], peers: Peers, number: int, say: Callable[[str], None]) -> None:
    """Run each work once, followed by its peers."""
    for figure in figures:
        work = figure.work
        _run_ours(figure, number)
        say(f"round {number}: {work.label}: {work.bars / figure.seconds[-1]:,.0f} bars/s")
        for run in work.peers:
            if peers.missing(run) is not None or (run.is_once and number > 1):
                continue
            try:
                figure.peers.setdefault(run.label, []).append(peers.measure(run))
            except PeerFailed as failed:
                say(f"round {number}: {work.label}: {failed}")
            else:
                say(f"round {number}: {work.label}: {run.label} {figure.peers[run.label][-1].median:,.0f} bars/s")


def _run_ours(figure: Figure, shift_ticks: int) -> None:
    work = figure.work
    words = [work.case, "--bars", str(work.bars), "--shift", str(shift_ticks)]
    command = [sys.executable, "-m", "benchmarks.one_run", *words]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    said = json.loads(done.stdout)
    figure.seconds.append(said["seconds"])
    figure.cpu_seconds.append(said["cpu_seconds"])
    figure.loop_cpu_seconds.append(said["loop_cpu_seconds"])
    figure.peak_rss_mb = max(figure.peak_rss_mb, said["peak_rss_mb"])
    figure.fills, figure.bars_delivered = said["fills"], said["bars_delivered"]


def table(figures: Sequence[Figure]) -> list[str]:
    """A line a work, and a line a peer under it."""
    head = f"{'work':20} {'best':>12} {'median':>12} {'cpu':>12} {'x loop':>8} {'fills':>8} {'delivered':>10} {'MB':>6}"
    lines = ["bars a second; cpu: of the processor's time alone", head]
    for figure in figures:
        rates = f"{figure.best:12,.0f} {figure.median:12,.0f} {figure.undisturbed:12,.0f}"
        numbers = f"{rates} {figure.times_slower_than_loop:8.1f}"
        share = figure.bars_delivered / figure.work.bars
        rest = f"{figure.fills:8,} {share:10.2%} {figure.peak_rss_mb:6.0f}"
        lines.append(f"{figure.work.label:20} {numbers} {rest}")
        lines += [_peer_line(figure, label) for label in figure.peers]
    return lines


def _peer_line(figure: Figure, label: str) -> str:
    rates = figure.peers[label]
    best, median = max(rate.best for rate in rates), statistics.median(rate.median for rate in rates)
    fills = "" if rates[-1].fills is None else f"{rates[-1].fills:,}"
    peak = max(rate.peak_rss_mb for rate in rates)
    size = next(run.bars for run in figure.work.peers if run.label == label)
    numbers = f"{best:12,.0f} {median:12,.0f} {'':12} {'':8} {fills:>8} {'':10} {peak:6.0f}"
    return f"  {label:18} {numbers}  ours/theirs {figure.ratio(label):.3g}, {size:,} bars"


def targets(figures: Sequence[Figure], first_bar_s: float) -> list[str]:
    """The targets and whether they are met, by medians; a peer that was not run is marked so."""
    a, _, b, _, sparse, every, grid, _ = figures

    def above(what: str, value: float | None, least: float) -> str:
        if value is None:
            return f"  {what}: at least {_shown(least)}: not measured, the peer was not run"
        return f"  {what}: at least {_shown(least)}: {_shown(value)}, {'reached' if value >= least else 'MISSED'}"

    def below(what: str, value: float, most: float) -> str:
        return f"  {what}: at most {_shown(most)}: {_shown(value)}, {'reached' if value <= most else 'MISSED'}"

    return [
        "targets, by medians:",
        above("A, bars a second", a.median, 1_000_000),
        above("B, bars a second", b.median, 800_000),
        above("A to nautilus", a.ratio("nautilus"), 200),
        above("B to nautilus", b.ratio("nautilus"), 200),
        above("sparse averages to vectorbt numba", sparse.ratio("vectorbt numba"), 1.3),
        above("C, bars a second", grid.median, 80_000),
        above("every bar delivered, bars a second", every.median, 200_000),
        below("peak memory of A in MB", a.peak_rss_mb, 350),
        below("from command to first bar in s", first_bar_s, 1.0),
        below("share of bars delivered, sparse averages", sparse.bars_delivered / sparse.work.bars, 0.01),
    ]


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value >= 1_000 else f"{value:.3g}"


def main(words: list[str] | None = None) -> None:
    """Measure, and print table and targets; progress goes to stderr."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.against_peers",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--peers", type=Path, help="the folder of the peers' scripts")
    parser.add_argument("--py", action="append", default=[], metavar="NAME=PYTHON", help="a peer's interpreter")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--divide", type=int, default=1, help="make all sizes so many times smaller, to try it out")
    options = parser.parse_args(words)
    pairs: list[str] = options.py
    peers = Peers(options.peers, dict(pair.split("=", 1) for pair in pairs))
    figures = [Figure(work) for work in works(options.divide)]
    for number in range(1, options.rounds + 1):
        run_round(figures, peers, number, lambda line: print(line, file=sys.stderr))
    first_s = statistics.median(first_bar_times_s(1_000, 3))
    lines = [*table(figures), *targets(figures, first_s), *_missing(figures, peers)]
    print("\n".join(lines))


def _missing(figures: Sequence[Figure], peers: Peers) -> list[str]:
    """One line for each peer that was not run, and why."""
    gaps = {run.label: peers.missing(run) for figure in figures for run in figure.work.peers}
    return [f"not run: {label}: {why}" for label, why in gaps.items() if why is not None]


if __name__ == "__main__":
    main()
