"""`tour`: runs the shipped cards of one-minute bars on a synthetic market; prints results and writes reports."""

import shlex
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

from rich.table import Table

from actors.app.cli.consoles import aside, screen
from actors.app.cli.showing import RESULT_WRITERS, progress_bar
from actors.app.results.folders import check_free, write_whole
from actors.app.results.index_page import INDEX, index_page
from actors.app.results.report.formats import as_money, as_value
from actors.app.results.result import RunResult
from actors.app.results.scoring.metric import MetricUnit
from actors.app.runs.backtesting import Job, run_card, write_result
from actors.app.runs.synthetic import csv_of, synthetic_bars
from actors.app.settings import load_settings
from ideacards.loader import load_card

__all__ = ["command_name", "liveliest", "run"]

FOLDER = Path("out") / "tour"
BARS = 5_000
SEED = 7
_BARS_FILE = "bars.csv"
_BAR = "1m"
_REMARK = "The market is made up: these numbers show that everything runs, not that a card earns."
_FIRST = "ema_cross"  # the contract's first card leads the tour


def run(*, out: Path = FOLDER) -> int:
    """Run the shipped cards of one-minute bars on a synthetic market; the last line is the path of a report.

    :param out: Folder for the bars, a folder a card, and index.html, which links all reports; an earlier tour in it
        is replaced.
    """
    paths, others = _shipped_cards()
    _check_free(out, paths)
    bars = synthetic_bars(SEED, BARS)
    write_whole(out, lambda folder: _write(folder / _BARS_FILE, csv_of(bars)))
    aside().print(f"{BARS:,} one-minute bars of a market made with seed {SEED}: {out / _BARS_FILE}")
    results = []
    for path in paths:
        job = Job(path, out / _BARS_FILE, load_settings())
        card = load_card(path)
        with progress_bar(card.id) as tell:
            result = run_card(card, bars, job, tell)
        write_result(result, out / card.id, RESULT_WRITERS)
        results.append(result)
    _write(out / INDEX, index_page("The shipped cards", _REMARK, results))
    _tell(results, paths[0], others, out)
    return 0


def liveliest(results: list[RunResult]) -> RunResult:
    """The result whose equity moves most, from its lowest to its highest, as a share of its start; else the first."""
    return max(results, key=lambda result: result.money(_span(result)) / result.start_equity)


def command_name() -> str:
    """The command as the user can type it: the launcher of a checkout, else the installed command."""
    root = _root()
    if not (root / "coldframe").is_file():
        return "coldframe"
    return "./coldframe" if Path.cwd() == root else shlex.quote(str(root / "coldframe"))


def _root() -> Path:
    return Path(str(files("ideacards"))).resolve().parent


def _span(result: RunResult) -> int:
    equity = result.curve.equity
    return int(equity.max() - equity.min())


def _tell(results: list[RunResult], first: Path, others: list[Path], out: Path) -> None:
    console = screen()
    console.print(_table(results))
    console.print(_REMARK)
    if others:
        console.print(f"For other bars, in {others[0].parent}: {', '.join(path.stem for path in others)}")
    console.print(f"Next: {command_name()} backtest {shlex.quote(str(first))} --bars FILE --out DIR", soft_wrap=True)
    console.print(f"All reports: {(out / INDEX).resolve()}", soft_wrap=True)
    lively = liveliest(results).object["card"]
    console.print(f"Report: {(out / lively / 'report.html').resolve()}", soft_wrap=True)


def _check_free(out: Path, paths: list[Path]) -> None:
    """InputError unless `out` is free or holds an earlier tour: nothing else in it, nor in its cards' folders."""
    cards = [load_card(path).id for path in paths]
    check_free(out, is_forced=True, own=(_BARS_FILE, INDEX, *cards), whole="a tour")
    for card in cards:
        if (out / card).exists():
            check_free(out / card, is_forced=True, whole="a tour")


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _shipped_cards() -> tuple[list[Path], list[Path]]:
    """Those of the synthetic market's bar that read no other market, and the others."""
    folder = Path(str(files("ideacards") / "cards"))
    here = Path.cwd()
    paths = sorted(folder.glob("*.yaml"), key=lambda path: (path.stem != _FIRST, path.stem))
    named = [path.relative_to(here) if path.is_relative_to(here) else path for path in paths]
    cards = {path: load_card(path) for path in named}
    toured = [path for path, card in cards.items() if card.timeframes.exec.text == _BAR and not card.leaders]
    return toured, [path for path in named if path not in toured]


def _table(results: list[RunResult]) -> Table:
    table = Table(title="The shipped cards", title_justify="left")
    table.add_column("card", no_wrap=True)
    for name in ("orders", "fills", "round trips", "final equity", "maximum drawdown"):
        table.add_column(name, justify="right")
    for result in results:
        found = result.object
        table.add_row(
            found["card"],
            f"{found['orders']:,}",
            f"{found['fills']:,}",
            f"{found['round_trips']:,}",
            as_money(Decimal(found["final_equity"])),
            as_value(float(found["max_drawdown"]), MetricUnit.PERCENT),
        )
    return table
