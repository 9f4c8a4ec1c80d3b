"""Output of a run: a table on stdout, a progress bar on stderr if it is a terminal, and the files."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from actors.app.cli.consoles import aside
from actors.app.results.report.formats import as_money, as_time, as_value
from actors.app.results.report.page import report_page
from actors.app.results.result import RunResult
from actors.app.results.scoring.metric import MetricUnit
from actors.app.results.scoring.scores import scores_object
from actors.app.results.tables import write_tables
from actors.app.runs.run import Progress as Tell
from actors.model.fixed import plain_text

__all__ = ["RESULT_WRITERS", "json_text", "progress_bar", "summary"]


def json_text(result: RunResult) -> str:
    """The result object as the command line and result.json have it, with the metrics."""
    return json.dumps(result.object | scores_object(result), indent=2)


def _write_json(result: RunResult, folder: Path) -> None:
    (folder / "result.json").write_text(json_text(result) + "\n", encoding="utf-8")


def _write_page(result: RunResult, folder: Path) -> None:
    (folder / "report.html").write_text(report_page(result), encoding="utf-8")


RESULT_WRITERS = (_write_json, write_tables, _write_page)


def summary(result: RunResult) -> Table:
    """The table of the most important numbers."""
    found, tape = result.object, result.tape
    final = Decimal(found["final_equity"])
    gained = as_value(float(final / result.start_equity - 1), MetricUnit.PERCENT)
    title = f"{found['card']} on {tape.instrument.symbol}, {tape.card.timeframes.exec.text}"
    table = Table(title=Text(title), title_justify="left", show_header=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(justify="right")
    refusals = ", ".join(f"{code} {count:,}" for code, count in found["refusals"].items()) or "none"
    rows = {
        "from, to (UTC)": f"{as_time(found['first_ts'])}, {as_time(found['last_ts'] + tape.bars.timeframe_ms)}",
        "bars": f"{found['bars']:,}",
        "gaps": f"{found['gaps']} ({found['missing_bars']:,} bars missing)",
        "orders, fills": f"{found['orders']:,}, {found['fills']:,}",
        "round trips": f"{found['round_trips']:,}",
        "open at the end": _open(result),
        "refusals": refusals,
        "fees": as_money(Decimal(found["fees"])),
        "funding": "not modelled" if found["funding"] is None else as_money(Decimal(found["funding"])),
        "realised PnL before fees": as_money(Decimal(found["realised_pnl"])),
        "final equity": f"{as_money(final)} ({gained})",
        "maximum drawdown": as_value(float(found["max_drawdown"]), MetricUnit.PERCENT),
        "not modelled": ", ".join(found["not_modelled"]) or "nothing on the list",
        "output digest": found["output_digest"],
        "engine": f"{found['seconds_engine']:.2f} s, {found['bars_per_second'] or 0:,} bars/s",
    }
    for name, value in rows.items():
        table.add_row(name, Text(value))
    return table


def _open(result: RunResult) -> str:
    """Text naming the position and the orders that the run leaves open."""
    holding, orders = result.walk.holding, len(result.open_orders)
    said = [] if holding is None else [f"{holding.side} {plain_text(holding.qty)}"]
    said += [f"{orders:,} order{'' if orders == 1 else 's'}"] if orders else []
    return ", ".join(said) or "nothing"


@contextmanager
def progress_bar(title: str) -> Iterator[Tell | None]:
    """A callback for (bars done, bars in all), or None if stderr is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=aside(), transient=True) as bar:
        task = bar.add_task(title, total=None)

        def tell(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield tell
