"""The report page: template, style, script, chart library and data in one file that makes no requests.

A content security policy forbids every request, so a mistake here cannot leak a strategy. The page holds its data as
JSON with `<` escaped, so that no text of the user's can end the script element.
"""

import json
from html import escape
from importlib import resources
from string import Template
from typing import Any

from actors.app.results.report import sections
from actors.app.results.report.chart import chart_data
from actors.app.results.report.formats import as_time
from actors.app.results.report.trades import MAX_TRADES, trade_data
from actors.app.results.report.windows import own_bars
from actors.app.results.result import RunResult

__all__ = ["MAX_BYTES", "asset", "report_page"]

MAX_BYTES = 5_000_000
_LIBRARY = "vendor/lightweight-charts.standalone.production.js"


def report_page(result: RunResult) -> str:
    """The report as HTML, below MAX_BYTES in UTF-8; trades that do not fit are counted and left to fills.csv."""
    tape = result.tape
    card = tape.card
    page = Template(asset("page.html"))
    written = dict(
        title=escape(f"{card.id} on {card.market.symbol}"),
        card=escape(card.id),
        thesis=escape(card.thesis),
        symbol=escape(card.market.symbol),
        timeframe=escape(card.timeframes.exec.text),
        range=f"{as_time(int(tape.bars.ts_open[tape.start]))} to {as_time(int(tape.bars.ts_close[tape.stop - 1]))} UTC",
        bars=f"{tape.stop - tape.start:,}",
        path=escape(tape.settings.venue.path.value.replace("_", " ")),
        profile=escape(tape.settings.profile.value),
        version=escape(result.object["coldframe_version"]),
        headline=sections.headline(result),
        metrics=sections.metrics(result),
        months=sections.months(result),
        open_at_end=sections.open_at_end(result),
        refusals=sections.refusals(result),
        gaps=sections.gaps(result),
        not_modelled=sections.not_modelled(result),
        provenance=sections.provenance(result),
        style=asset("page.css"),
        tools=asset("tools.js"),
        trade_script=asset("trade.js"),
        script=asset("page.js"),
        library=asset(_LIBRARY),
    )
    room = MAX_BYTES - len(page.substitute(written, data="").encode())
    return page.substitute(written, data=_data(result, room))


def asset(name: str) -> str:
    """The text of a file in this package."""
    return resources.files("actors.app.results.report").joinpath(name).read_text(encoding="utf-8")


def _data(result: RunResult, room: int) -> str:
    """JSON of at most `room` bytes: the chart, as many trades as fit, then bars around as many of them as fit."""
    chart, limit = chart_data(result), MAX_TRADES
    while True:
        data = {"chart": chart, "trades": trade_data(result, limit)}
        size = len(_embedded(data))
        if size <= room or limit == 0:
            break
        limit //= 2
    return _embedded(data | {"own": own_bars(result, limit, room - size)})


def _embedded(data: dict[str, Any]) -> str:
    """JSON that is safe in a script element; with ASCII escapes its bytes equal its characters."""
    return json.dumps(data, ensure_ascii=True, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
