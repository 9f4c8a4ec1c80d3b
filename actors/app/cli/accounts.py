"""Output for several cards in one account: a row per card and the account's total; with --out a folder per card."""

import csv
import json
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from actors.app.cli.consoles import aside, screen
from actors.app.cli.showing import RESULT_WRITERS
from actors.app.results.account import OWN_GAIN, AccountResult, deepest_fall
from actors.app.results.account_page import account_page
from actors.app.results.folders import write_whole
from actors.app.results.index_page import INDEX
from actors.app.results.report.formats import as_money, as_time, as_value
from actors.app.results.scoring.metric import MetricUnit
from actors.app.results.scoring.scores import scores_object
from actors.app.results.tables import EQUITY_COLUMNS
from actors.app.runs.ambiguity import AccountAmbiguity
from actors.app.runs.card_overrides import load_cards
from actors.model.fixed import scaled_text

__all__ = ["account_files", "tell_account"]


def account_files(cards: Sequence[Path], overrides: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Names of the files and folders that --out holds for several cards."""
    return ("result.json", "equity.csv", INDEX, *(card.id for card in load_cards(cards, overrides)))


def tell_account(
    account: AccountResult, ambiguity: AccountAmbiguity | None, out: Path | None, *, as_json: bool
) -> None:
    """Print the table or the JSON; write the files to `out`, which appears only when complete."""
    found = _object(account, ambiguity)
    if out is not None:
        write_whole(out, lambda folder: _write(account, found, folder))
        aside().print(f"reports: {out / INDEX}")
    if as_json:
        print(json.dumps(found, indent=2))
        return
    for result in account.cards:
        for notice in result.object["notices"]:
            if notice != OWN_GAIN:
                screen().print(f"{result.object['card']}: {notice}", highlight=False, soft_wrap=True)
    for table in _tables(account):
        _show(table)
    for line in ambiguity.lines() if ambiguity is not None else ():
        screen().print(line, highlight=False, soft_wrap=True)


def _object(account: AccountResult, ambiguity: AccountAmbiguity | None) -> dict[str, Any]:
    found = account.object()
    found["cards"] = [result.object | scores_object(result) for result in account.cards]
    if ambiguity is not None:
        found["ambiguity"] = ambiguity.object()
    return found


def _write(account: AccountResult, found: dict[str, Any], folder: Path) -> None:
    (folder / "result.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    (folder / INDEX).write_text(account_page(account), encoding="utf-8")
    with (folder / "equity.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(EQUITY_COLUMNS)
        for close_ms, gain, drawdown in zip(account.ts_close.tolist(), account.gain, account.drawdown, strict=True):
            equity = scaled_text(account.start_equity + int(gain), account.money_digits)
            writer.writerow((close_ms, equity, f"{drawdown:.12f}"))
    for result in account.cards:
        own = folder / result.object["card"]
        own.mkdir()
        for write in RESULT_WRITERS:
            write(result, own)


def _tables(account: AccountResult) -> tuple[Table, Table]:
    """A line a card, then the account; every amount whole, however narrow the screen."""
    total = account.object()["account"]
    start, final = Decimal(total["start_equity"]), Decimal(total["final_equity"])
    cards = Table(title="Several cards in one account", title_justify="left")
    for name in ("card", "symbol"):
        cards.add_column(name, no_wrap=True)
    for name in ("fills", "trips", "fees", "gained", "of the start", "deepest fall"):
        cards.add_column(name, justify="right", no_wrap=True)
    for result in account.cards:
        found = result.object
        cards.add_row(
            found["card"],
            result.tape.instrument.symbol,
            *(f"{found[name]:,}" for name in ("fills", "round_trips")),
            as_money(Decimal(found["fees"])),
            *_gained(Decimal(found["final_equity"]), start),
            as_money(result.money(deepest_fall(result.curve.gain))),
        )
    summary = Table(title="Account", title_justify="left", show_header=False)
    summary.add_column(style="dim", no_wrap=True)
    summary.add_column(justify="right")
    gained, share = _gained(final, start)
    rows = {
        "from, to (UTC)": f"{as_time(total['first_ts'])}, {as_time(int(account.ts_close[-1]))}",
        "orders, fills": f"{total['orders']:,}, {total['fills']:,}",
        "round trips": f"{total['round_trips']:,}",
        "fees": as_money(Decimal(total["fees"])),
        "funding": "not modelled" if total["funding"] is None else as_money(Decimal(total["funding"])),
        "start equity": as_money(start),
        "gained": gained,
        "final equity": f"{as_money(final)} ({share})",
        "maximum drawdown": as_value(float(total["max_drawdown"]), MetricUnit.PERCENT),
        "output digest": total["output_digest"],
        "engine": f"{total['seconds_engine']:.2f} s",
    }
    for name, value in rows.items():
        summary.add_row(name, Text(value))
    return cards, summary


def _gained(final: Decimal, start: Decimal) -> tuple[str, str]:
    """What was gained, and its share of the account's start."""
    return as_money(final - start), as_value(float((final - start) / start), MetricUnit.PERCENT)


def _show(table: Table) -> None:
    """At its full width, so that no amount is cut."""
    console = screen()
    console.width = max(console.width, console.measure(table, options=console.options.update(max_width=1_000)).maximum)
    console.print(table, crop=False)
