"""What people see of a run: a table on stdout, a progress bar on stderr where it is a terminal, and the files."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from actors.app.report.page import report_page
from actors.app.results import RunResult
from actors.app.run import Progress as Tell
from actors.app.tables import write_tables

__all__ = ["RESULT_WRITERS", "json_text", "progress_bar", "summary"]


def json_text(result: RunResult) -> str:
    """The result object as the command line and result.json have it."""
    return json.dumps(result.object, indent=2)


def _write_json(result: RunResult, folder: Path) -> None:
    (folder / "result.json").write_text(json_text(result) + "\n", encoding="utf-8")


def _write_page(result: RunResult, folder: Path) -> None:
    (folder / "report.html").write_text(report_page(result), encoding="utf-8")


RESULT_WRITERS = (_write_json, write_tables, _write_page)


def summary(result: RunResult) -> Table:
    """The numbers a person looks for first."""
    found, start = result.object, result.start_equity
    final = Decimal(found["final_equity"])
    table = Table(title=f"{found['card']} on {result.tape.instrument.symbol}", title_justify="left", show_header=False)
    table.add_column(style="dim")
    table.add_column(justify="right")
    refusals = ", ".join(f"{code} {count}" for code, count in found["refusals"].items()) or "none"
    rows = {
        "bars": f"{found['bars']:,}",
        "gaps": f"{found['gaps']} ({found['missing_bars']:,} bars missing)",
        "orders, fills": f"{found['orders']:,}, {found['fills']:,}",
        "round trips": f"{found['round_trips']:,}",
        "open at the end": f"{len(found['open_at_end'])} orders",
        "refusals": refusals,
        "fees": f"{Decimal(found['fees']):,.2f}",
        "funding": "not modelled" if found["funding"] is None else found["funding"],
        "realised PnL before fees": f"{Decimal(found['realised_pnl']):,.2f}",
        "final equity": f"{final:,.2f} ({(final / start - 1) * 100:+.2f} %)",
        "maximum drawdown": f"{Decimal(found['max_drawdown']) * 100:.2f} %",
        "not modelled": ", ".join(found["not_modelled"]),
        "output digest": found["output_digest"],
        "engine": f"{found['seconds_engine']:.2f} s, {found['bars_per_second'] or 0:,} bars/s",
    }
    for name, value in rows.items():
        table.add_row(name, value)
    return table


@contextmanager
def progress_bar(title: str) -> Iterator[Tell | None]:
    """A function that is told (bars done, bars in all), or None where nobody is looking."""
    if not sys.stderr.isatty():
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None)

        def tell(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield tell
