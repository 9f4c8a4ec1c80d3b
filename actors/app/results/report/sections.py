"""The report's text sections as HTML: headline numbers, metrics, open orders, refusals, gaps, what is not modelled.

`cell` or `escape` escapes all text that came from a user's file.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from html import escape
from typing import Any

from actors.app.results.report.formats import UNDEFINED, as_money, as_percent, as_time, as_value, cell, rows
from actors.app.results.result import RunResult
from actors.app.results.scoring.metric import MetricGroup
from actors.app.results.scoring.scores import compute_metrics, months_of
from actors.model.fixed import plain_text

__all__ = [
    "MAX_CARD_TEXT",
    "MAX_LISTED",
    "gaps",
    "headline",
    "metrics",
    "months",
    "not_modelled",
    "notices",
    "open_at_end",
    "provenance",
    "refusals",
    "sources",
]

MAX_LISTED = 500
MAX_CARD_TEXT = 20_000  # characters; escaping may make the text six times as long
_SHOWN_ELSEWHERE = ("open_at_end", "refusals", "not_modelled", "notices", "card_text", "command", "files")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TILES = ("total_return", "benchmark_return", "max_drawdown", "sharpe", "trips", "win_rate", "profit_factor")


def headline(result: RunResult) -> str:
    """The tiles at the top: final equity and the most important metrics, after the notices."""
    values = {metric.key: (metric, value) for metric, value in compute_metrics(result)}
    final = result.money(result.curve.final)
    first = _tile("Final equity", as_money(final), f"started with {as_money(result.start_equity)}")
    tiles = [*notices(result), first]
    for key in _TILES:
        metric, value = values[key]
        tone = ("good" if value > 0 else "bad" if value < 0 else "") if key == "total_return" and value else ""
        tiles.append(_tile(metric.label, as_value(value, metric.unit), "", tone))
    return "\n".join(tiles)


def notices(result: RunResult) -> list[str]:
    """Warnings to read before the numbers, as one list over the whole width; an empty list without warnings."""
    found: list[str] = result.object["notices"]
    if not found:
        return []
    items = "".join(f"<li>{escape(line)}</li>" for line in found)
    return [f'<ul class="notices" aria-label="Notices">{items}</ul>']


def _tile(label: str, value: str, note: str = "", tone: str = "") -> str:
    tones = [name for name in (tone, "undefined" if value == UNDEFINED else "") if name]
    small = f"<small>{escape(note)}</small>" if note else ""
    classes = " ".join(["value", *tones])
    return f'<div class="tile"><span class="label">{escape(label)}</span><b class="{classes}">{value}</b>{small}</div>'


def metrics(result: RunResult) -> str:
    """A table of every metric with its definition, by group."""
    values = compute_metrics(result)
    parts = []
    for group in MetricGroup:
        lines = [
            f'<th scope="row">{escape(metric.label)}</th>'
            f"<td class=n>{escape(as_value(value, metric.unit))}</td><td class=text>{escape(metric.definition)}</td>"
            for metric, value in values
            if metric.group is group
        ]
        parts.append(
            f'<tbody><tr class=group><th colspan=3 scope="colgroup">{group.value}</th></tr>{rows(lines)}</tbody>'
        )
    return _table(("Metric", "#Value", "Definition"), parts, "metrics")


def months(result: RunResult) -> str:
    """A table of returns by UTC month, one row for each year."""
    lines = [
        f'<th scope="row">{year.year}</th>'
        + "".join("<td></td>" if value is None else _tinted(value) for value in year.months)
        + _tinted(year.total)
        for year in months_of(result)
    ]
    heads = ("Year", *(f"#{name}" for name in _MONTHS), "#Year")
    return _table(heads, [_body(lines)], "months")


def _tinted(value: float) -> str:
    """A cell with a return on green or red; the colour is strongest from 10 % on."""
    if not math.isfinite(value):
        return f'<td class="n undefined">{UNDEFINED}</td>'
    color = "26,127,90" if value >= 0 else "179,56,44"
    return (
        f'<td class=n style="background:rgba({color},{min(abs(value) / 0.1, 1) * 0.35:.3f})">{as_percent(value)}</td>'
    )


def open_at_end(result: RunResult) -> str:
    """The position and orders still open at the end."""
    said = []
    holding = result.walk.holding
    if holding is None:
        said.append("<p>No position is open at the end.</p>")
    else:
        last = Decimal(repr(float(result.tape.bars.close[result.tape.stop - 1])))
        direction = 1 if holding.side == "long" else -1
        unrealised = (last - holding.entry_price) * holding.qty * direction
        said.append(
            f"<p>A <b>{holding.side}</b> position of <b>{plain_text(holding.qty)}</b> is open since "
            f"{as_time(holding.entry_ms)}, entered at {_price(result, holding.entry_price)} by "
            f"<code>{escape(holding.entry_block)}</code>. It is marked at the last close, "
            f"{_price(result, last)}, without a closing fee: {as_money(unrealised)} before fees.</p>"
        )
    if not result.open_orders:
        said.append("<p>No order is open at the end.</p>")
        return "\n".join(said)
    lines = [
        cell(as_time(row.decided_ms)) + cell(row.block_id) + cell(row.side) + cell(row.type.replace("_", " "))
        + cell(plain_text(row.qty), numeric=True) + cell(plain_text(row.filled_qty), numeric=True)
        + cell(row.status) + cell(row.link_id)
        for row in result.open_orders[:MAX_LISTED]
    ]  # fmt: skip
    heads = ("Decided (UTC)", "Block", "Side", "Type", "#Quantity", "#Filled", "Status", "Our id")
    said.append(_table(heads, [_body(lines)]) + _rest(len(result.open_orders), "orders.csv lists them all"))
    return "\n".join(said)


def refusals(result: RunResult) -> str:
    """Refusals counted by code, then a list with reasons."""
    found = result.tape.refusals
    if not found:
        return "<p>Nothing was refused.</p>"
    counts: Mapping[str, int] = result.object["refusals"]
    summary = [cell(code) + cell(f"{count:,}", numeric=True) for code, count in counts.items()]
    lines = [
        cell(as_time(row.time_ms)) + cell(row.code) + cell(row.block_id) + f"<td class=text>{escape(row.reason)}</td>"
        for row in found[:MAX_LISTED]
    ]
    return "\n".join(
        [
            _table(("Code", "#Times"), [_body(summary)], "short"),
            _table(("Time (UTC)", "Code", "Block", "Reason"), [_body(lines)], "scroll"),
            _rest(len(found), "of each code the first are shown in time order"),
        ]
    )


def gaps(result: RunResult) -> str:
    """A table of gaps: bars missing from the file."""
    if not result.gaps:
        return "<p>No bar is missing in the range.</p>"
    lines = [
        cell(as_time(gap.from_ms)) + cell(as_time(gap.to_ms)) + cell(f"{gap.missing:,}", numeric=True)
        for gap in result.gaps[:MAX_LISTED]
    ]
    missing = sum(gap.missing for gap in result.gaps)
    said = f"<p>{_count(len(result.gaps), 'gap')}, {_count(missing, 'missing bar')}. Gaps are never filled: features "
    table = _table(("From (UTC)", "Next bar (UTC)", "#Missing bars"), [_body(lines)], "scroll short")
    return said + "step once per bar that is there.</p>" + table + _rest(len(result.gaps))


def not_modelled(result: RunResult) -> str:
    """A list of what the simulator does not model; its cost is unknown, not zero."""
    items = [f"<li>{escape(name.replace('_', ' '))} not modelled</li>" for name in result.tape.not_modelled]
    return f"<ul>{''.join(items)}</ul>" if items else "<p>Everything this version knows of was modelled.</p>"


def provenance(result: RunResult) -> str:
    """Command, card, files, settings, digests and counts: everything needed to repeat the run and compare."""
    tape, instrument = result.tape, result.tape.instrument
    shown = {key: value for key, value in result.object.items() if key not in _SHOWN_ELSEWHERE}
    shown["instrument.symbol"] = instrument.symbol
    shown["instrument.as_of"] = instrument.as_of
    shown["instrument.tick"] = instrument.price_text(instrument.tick)
    shown["instrument.step"] = instrument.qty_text(instrument.step)
    shown["instrument.maker_rate"] = as_percent(Decimal(instrument.maker_rate).scaleb(-instrument.rate_digits), 4)
    shown["instrument.taker_rate"] = as_percent(Decimal(instrument.taker_rate).scaleb(-instrument.rate_digits), 4)
    shown["restarts"] = tape.restarts
    lines = [f'<th scope="row"><code>{escape(key)}</code></th>{cell(value)}' for key, value in _flat(shown)]
    return sources(result) + _table(("Key", "Value"), [_body(lines)], "short")


def sources(result: RunResult) -> str:
    """The command line, the card as written, and the input files with their digests."""
    said = []
    command, text, files = (result.object[key] for key in ("command", "card_text", "files"))
    if command:
        said.append(f'<h3>Command</h3><pre class="box" tabindex="0">{escape(command)}</pre>')
    if text:
        cut = text[:MAX_CARD_TEXT]
        note = "<p class=note>The beginning; result.json holds it whole.</p>" if cut != text else ""
        said.append(f'<h3>Card as written</h3><pre class="box" tabindex="0">{escape(cut)}</pre>{note}')
    if files:
        lines = [
            cell(file["option"]) + cell(file["name"]) + cell(file["digest"] or "none: no regular file")
            for file in files
        ]
        said.append("<h3>Files</h3>" + _table(("Option", "File", "blake2b-128"), [_body(lines)], "short"))
    return "\n".join([*said, ""])


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        elif value is None:
            yield prefix + key, "not modelled" if key == "funding" else "off" if prefix == "settings.risk." else "none"
        elif isinstance(value, bool):
            yield prefix + key, "true" if value else "false"
        else:
            yield prefix + key, ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _price(result: RunResult, price: Decimal) -> str:
    return as_money(price, result.tape.instrument.price_digits)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _rest(total: int, where: str = "") -> str:
    if total <= MAX_LISTED:
        return ""
    return f"<p class=note>The first {MAX_LISTED:,} of {total:,} are shown{'; ' + where if where else ''}.</p>"


def _body(lines: Iterable[str]) -> str:
    return f"<tbody>{rows(list(lines))}</tbody>"


def _table(heads: Iterable[str], bodies: Iterable[str], classes: str = "") -> str:
    """A table in its own scrolling box; a heading that begins with # is over a column of numbers."""
    cells = "".join(
        f'<th scope="col"{" class=n" if head.startswith("#") else ""}>{escape(head.lstrip("#"))}</th>' for head in heads
    )
    table = f"<table><thead><tr>{cells}</tr></thead>{''.join(bodies)}</table>"
    return f'<div class="box {classes}" tabindex="0">{table}</div>'
