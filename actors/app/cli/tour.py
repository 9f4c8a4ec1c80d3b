"""`tour`: the shipped cards on a market that the program makes, a table of how they did, and a report to open."""

from decimal import Decimal
from importlib.resources import files
from pathlib import Path

from rich.table import Table

from actors.app.backtesting import Job, run_card, write_result
from actors.app.cli.consoles import aside, screen
from actors.app.cli.showing import RESULT_WRITERS, progress_bar
from actors.app.folders import write_whole
from actors.app.report.formats import as_money, as_value
from actors.app.results import RunResult
from actors.app.scoring.metric import MetricUnit
from actors.app.settings import load_settings
from actors.app.synthetic import csv_of, synthetic_bars
from ideacards.loader import load_card

__all__ = ["run"]

FOLDER = Path("out") / "tour"
BARS = 5_000
SEED = 7
_FIRST = "ema_cross"  # the contract's first card leads the tour


def run() -> int:
    """Run the shipped cards on a market the program makes; ends with the path of a report."""
    bars = synthetic_bars(SEED, BARS)
    write_whole(FOLDER, lambda folder: _write(folder / "bars.csv", csv_of(bars)))
    aside().print(f"{BARS:,} one-minute bars of a market made with seed {SEED}: {FOLDER / 'bars.csv'}")
    results = []
    for path in _shipped_cards():
        job = Job(path, FOLDER / "bars.csv", load_settings())
        card = load_card(path)
        with progress_bar(card.id) as tell:
            result = run_card(card, bars, job, tell)
        write_result(result, FOLDER / card.id, RESULT_WRITERS)
        results.append(result)
    console = screen()
    console.print(_table(results))
    first = results[0].object["card"]
    console.print("The market is made up: these numbers say that the road is whole, not that a card earns.")
    console.print(f"Next: ./coldframe backtest {_shipped_cards()[0]} --bars FILE --out DIR", soft_wrap=True)
    console.print(f"Report: {(FOLDER / first / 'report.html').resolve()}", soft_wrap=True)
    return 0


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _shipped_cards() -> list[Path]:
    folder = Path(str(files("ideacards") / "cards"))
    here = Path.cwd()
    paths = sorted(folder.glob("*.yaml"), key=lambda path: (path.stem != _FIRST, path.stem))
    return [path.relative_to(here) if path.is_relative_to(here) else path for path in paths]


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
