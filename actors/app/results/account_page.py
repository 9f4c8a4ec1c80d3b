"""The index page of several cards in one account: equity curve, a row a card, and links to their reports.

One self-contained file that makes no requests. The curve shows at most a thousand closes: the lowest and highest of
each stretch.
"""

from decimal import Decimal
from html import escape
from itertools import pairwise

import numpy as np

from actors.app.results.account import AccountResult, deepest_fall
from actors.app.results.report.formats import as_money, as_time, as_value, cell, rows
from actors.app.results.result import RunResult
from actors.app.results.scoring.metric import MetricUnit

__all__ = ["account_page"]

_WIDTH, _HEIGHT = 1_000, 220
_BUCKETS = 500
_HEADS = ("Card", "Symbol", "#Orders", "#Fills", "#Round trips", "#Fees", "#Gained", "#Of the start", "#Deepest fall")
_STYLE = (
    ":root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;"
    "padding:0 1rem}table{border-collapse:collapse;width:100%}th,td{padding:.3rem .45rem;text-align:left;"
    "border-bottom:1px solid #8884;white-space:nowrap}.n{text-align:right;font-variant-numeric:tabular-nums}"
    "tfoot{font-weight:600}.box{overflow-x:auto}svg{width:100%;height:auto;overflow:visible}"
    "polyline{fill:none;stroke:#2962ff;stroke-width:1.5;vector-effect:non-scaling-stroke}"
    "line{stroke:#8888;stroke-dasharray:4 4;vector-effect:non-scaling-stroke}.ends{display:flex;"
    "justify-content:space-between;opacity:.7}"
)


def account_page(account: AccountResult) -> str:
    """The page of an account, as HTML."""
    title = escape(", ".join(result.object["card"] for result in account.cards))
    total = account.object()["account"]
    start, final = Decimal(total["start_equity"]), Decimal(total["final_equity"])
    gained = as_value(float((final - start) / start), MetricUnit.PERCENT)
    drawdown = as_value(float(total["max_drawdown"]), MetricUnit.PERCENT)
    said = (
        f"One account: final equity {as_money(final)} ({gained}), from {as_money(start)}; maximum drawdown {drawdown}."
    )
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{title}</title>\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<style>{_STYLE}</style>\n</head>\n'
        f"<body>\n<h1>{title}</h1>\n<p>{escape(said)}</p>\n{_curve(account)}\n{_table(account, final, start)}\n"
        f"<p>Each report shows what its card alone has gained over the account's start.</p>\n"
        f"<ul>\n{_theses(account)}\n</ul>\n</body>\n</html>\n"
    )


def _curve(account: AccountResult) -> str:
    """The equity curve as SVG, with a dashed line at the starting equity."""
    times, gain = account.ts_close, account.gain.astype(np.float64)
    kept = _outline(gain)
    low, high = min(float(gain.min()), 0.0), max(float(gain.max()), 0.0)
    span_ms, span = max(int(times[-1] - times[0]), 1), (high - low) or 1.0

    def y(value: float) -> float:
        return (high - value) / span * _HEIGHT

    points = " ".join(f"{(times[at] - times[0]) / span_ms * _WIDTH:.1f},{y(gain[at]):.1f}" for at in kept)
    scale = 10.0**account.money_digits
    lowest, highest = (as_money((account.start_equity + value) / scale) for value in (gain.min(), gain.max()))
    label = f"Equity of the account: lowest {lowest}, highest {highest}"
    return (
        f'<figure style="margin:1rem 0"><svg viewBox="0 0 {_WIDTH} {_HEIGHT}" preserveAspectRatio="none" role="img" '
        f'aria-label="{label}"><line x1="0" x2="{_WIDTH}" y1="{y(0):.1f}" y2="{y(0):.1f}"/>'
        f'<polyline points="{points}"/></svg><figcaption><div class="ends"><span>{as_time(int(times[0]))}</span>'
        f"<span>{label}</span><span>{as_time(int(times[-1]))} UTC</span></div></figcaption></figure>"
    )


def _outline(values: np.ndarray) -> list[int]:
    """Sorted indices to draw: the lowest and highest value of each stretch, the first and the last."""
    edges = np.linspace(0, len(values), min(_BUCKETS, len(values)) + 1).astype(int).tolist()
    kept = {0, len(values) - 1}
    for begin, end in pairwise(edges):
        part = values[begin:end]
        kept |= {begin + int(part.argmin()), begin + int(part.argmax())}
    return sorted(kept)


def _table(account: AccountResult, final: Decimal, start: Decimal) -> str:
    total = account.object()["account"]
    fall = Decimal(deepest_fall(account.gain)).scaleb(-account.money_digits)
    heads = "".join(
        f'<th scope="col"{" class=n" if head.startswith("#") else ""}>{head.lstrip("#")}</th>' for head in _HEADS
    )
    lines = [_row(result, start) for result in account.cards]
    foot = "<td>account</td><td></td>" + _numbers(total, Decimal(total["fees"]), final - start, start, fall)
    return (
        f'<div class="box"><table><thead><tr>{heads}</tr></thead><tbody>{rows(lines)}</tbody>'
        f"<tfoot><tr>{foot}</tr></tfoot></table></div>"
    )


def _row(result: RunResult, start: Decimal) -> str:
    found = result.object
    card = escape(found["card"])
    link = f'<td><a href="{card}/report.html">{card}</a></td>{cell(result.tape.instrument.symbol)}'
    gained, fall = Decimal(found["final_equity"]) - start, result.money(deepest_fall(result.curve.gain))
    return link + _numbers(found, Decimal(found["fees"]), gained, start, fall)


def _numbers(found: dict[str, object], fees: Decimal, gained: Decimal, start: Decimal, fall: Decimal) -> str:
    counts = [f"{found[name]:,}" for name in ("orders", "fills", "round_trips")]
    share = as_value(float(gained / start), MetricUnit.PERCENT)
    return "".join(
        cell(text, numeric=True) for text in (*counts, as_money(fees), as_money(gained), share, as_money(fall))
    )


def _theses(account: AccountResult) -> str:
    return "\n".join(
        f"<li>{escape(result.object['card'])}: {escape(result.tape.card.thesis)}</li>" for result in account.cards
    )
