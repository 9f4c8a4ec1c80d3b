"""Output for several cards in one account: a row per card and the account's total; with --out a folder per card."""

import csv
import json
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from rich.table import Table

from actors.app.cli.consoles import aside, screen
from actors.app.cli.showing import RESULT_WRITERS
from actors.app.results.folders import write_whole
from actors.app.results.index_page import INDEX, index_page
from actors.app.results.report.formats import as_money, as_value
from actors.app.results.scoring.metric import MetricUnit
from actors.app.results.scoring.scores import scores_object
from actors.app.results.tables import EQUITY_COLUMNS
from actors.app.runs.accounts import AccountResult
from actors.model.fixed import scaled_text
from ideacards.loader import load_card

__all__ = ["account_files", "tell_account"]


def account_files(cards: Sequence[Path]) -> tuple[str, ...]:
    """Names of the files and folders that --out holds for several cards."""
    return ("result.json", "equity.csv", INDEX, *(load_card(card).id for card in cards))


def tell_account(account: AccountResult, out: Path | None, *, as_json: bool) -> None:
    """Print the table or the JSON; write the files to `out`, which appears only when complete."""
    if out is not None:
        write_whole(out, lambda folder: _write(account, folder))
        aside().print(f"reports: {out / INDEX}")
    if as_json:
        print(_json_text(account))
        return
    for result in account.cards:
        for notice in result.object["notices"]:
            screen().print(f"{result.object['card']}: {notice}", highlight=False, soft_wrap=True)
    screen().print(_table(account))


def _json_text(account: AccountResult) -> str:
    found = account.object()
    found["cards"] = [result.object | scores_object(result) for result in account.cards]
    return json.dumps(found, indent=2)


def _write(account: AccountResult, folder: Path) -> None:
    (folder / "result.json").write_text(_json_text(account) + "\n", encoding="utf-8")
    remark = "Several cards in one account: each report shows what its card alone has gained."
    page = index_page(", ".join(result.object["card"] for result in account.cards), remark, account.cards)
    (folder / INDEX).write_text(page, encoding="utf-8")
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


def _table(account: AccountResult) -> Table:
    total = account.object()["account"]
    start, final = Decimal(total["start_equity"]), Decimal(total["final_equity"])
    title = f"One account: final equity {as_money(final)}, from {as_money(start)}"
    table = Table(title=title, title_justify="left")
    for name in ("card", "symbol"):
        table.add_column(name, no_wrap=True)
    for name in ("orders", "fills", "round trips", "fees", "gained", "max drawdown"):
        table.add_column(name, justify="right")
    for result in account.cards:
        found = result.object
        table.add_row(
            found["card"],
            result.tape.instrument.symbol,
            *(f"{found[name]:,}" for name in ("orders", "fills", "round_trips")),
            as_money(Decimal(found["fees"])),
            as_money(Decimal(found["final_equity"]) - start),
            as_value(float(found["max_drawdown"]), MetricUnit.PERCENT),
        )
    table.add_section()
    table.add_row(
        "account",
        "",
        *(f"{total[name]:,}" for name in ("orders", "fills", "round_trips")),
        as_money(Decimal(total["fees"])),
        as_money(Decimal(total["final_equity"]) - start),
        as_value(float(total["max_drawdown"]), MetricUnit.PERCENT),
    )
    return table
