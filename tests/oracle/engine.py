"""The one door from the tests to the engine under judgement: a story goes in as files, comparable facts come out.

What is compared is what a user gets: the tape's fills and the numbers of the result object. Nothing here decides
anything about trading.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import attrs

from actors.app.files.bars import read_bars
from actors.app.files.instruments import load_instrument
from actors.app.results.result import build_result
from actors.app.results.tape import RunTape
from actors.app.runs.run import CardRun, run_backtest, run_cards
from actors.app.settings import IntervalSettings, LatencySettings, load_settings
from actors.simulator.margin.wallet import on_common_money
from actors.simulator.prices.path import PathPolicy
from ideacards.feeds import Bars
from ideacards.loader import load_card, read_card
from runtime.kernel.kernel import FaultHook
from tests.oracle.story import Row, Story, card_text, write_bars
from tests.oracle.straight_loop import OracleFill, OracleRun

__all__ = ["EngineRun", "differences", "run_card", "run_engine", "run_rows", "run_together"]

NO_LATENCIES = LatencySettings()
RATIO_STEP = Fraction(1, 10**12)  # ratios are shown with 12 decimals


@attrs.frozen
class EngineRun:
    """The engine's side of the comparison, in the oracle's terms."""

    tape: RunTape
    fills: tuple[OracleFill, ...]
    round_trips: int
    orders: int
    open_at_end: int
    refusals: Mapping[str, int]
    final_equity: Decimal
    max_drawdown: Fraction


def run_rows(
    folder: Path,
    rows: list[Row],
    story: Story,
    *,
    start: int = 0,
    stop: int | None = None,
    fault: FaultHook | None = None,
    every_s: int | None = None,
    max_loss: Decimal | None = None,
    every_bar: bool = False,
    latency: LatencySettings = NO_LATENCIES,
) -> EngineRun:
    """Write the rows as bars.csv into `folder` and run the story over that file, with a fault planted or none."""
    file = write_bars(folder / "bars.csv", rows)
    return run_engine(
        folder,
        file,
        story,
        start=start,
        stop=stop,
        fault=fault,
        every_s=every_s,
        max_loss=max_loss,
        every_bar=every_bar,
        latency=latency,
    )


def run_engine(
    folder: Path,
    bars_file: Path,
    story: Story,
    *,
    start: int = 0,
    stop: int | None = None,
    fault: FaultHook | None = None,
    every_s: int | None = None,
    max_loss: Decimal | None = None,
    every_bar: bool = False,
    latency: LatencySettings = NO_LATENCIES,
) -> EngineRun:
    """Run the story over a bars file; its card is written into `folder` first."""
    text = card_text(story)
    return run_card(
        folder,
        bars_file,
        text,
        path=story.path,
        start=start,
        stop=stop,
        fault=fault,
        every_s=every_s,
        max_loss=max_loss,
        every_bar=every_bar,
        latency=latency,
    )


def run_card(
    folder: Path,
    bars_file: Path,
    text: str,
    *,
    path: str = "nearest_extreme",
    start: int = 0,
    stop: int | None = None,
    fault: FaultHook | None = None,
    every_s: int | None = None,
    max_loss: Decimal | None = None,
    every_bar: bool = False,
    latency: LatencySettings = NO_LATENCIES,
) -> EngineRun:
    """Run a card, given as text, over a bars file with the shipped instrument of its symbol.

    `every_s`: seconds of market time after which clock and books are compared again; `max_loss` in percent of equity.
    """
    card_file = folder / "card.yaml"
    card_file.write_text(text, encoding="utf-8")
    card = load_card(card_file)
    tick_digits = load_instrument(card.market.symbol, 0).price_digits
    bars = read_bars(bars_file, card.market.symbol, card.timeframes.exec.ms, tick_digits)
    instrument = load_instrument(card.market.symbol, bars.price_digits)
    settings = attrs.evolve(load_settings("simulator"), every_bar=every_bar, latency=latency)
    if every_s is not None:
        settings = attrs.evolve(settings, intervals=IntervalSettings(every_s, every_s))
    if max_loss is not None:
        settings = attrs.evolve(settings, risk=attrs.evolve(settings.risk, max_loss_percent=max_loss))
    settings = attrs.evolve(settings, venue=attrs.evolve(settings.venue, path=PathPolicy(path)))
    return _facts(run_backtest(card, bars, instrument, settings, start=start, stop=stop, fault=fault))


def run_together(
    markets: Sequence[tuple[Story, Sequence[Row]]], latency: LatencySettings, *, every_bar: bool = False
) -> list[EngineRun]:
    """Run several stories, each its own symbol over its rows, in one account."""
    settings = attrs.evolve(load_settings("simulator"), latency=latency, every_bar=every_bar)
    settings = attrs.evolve(settings, venue=attrs.evolve(settings.venue, path=PathPolicy(markets[0][0].path)))
    runs = []
    for story, rows in markets:
        card, symbol = read_card(card_text(story), "card.yaml"), story.venue.symbol
        digits = max(len(text.partition(".")[2].rstrip("0")) for row in rows for text in row[1:])
        instrument = load_instrument(symbol, max(digits, load_instrument(symbol, 0).price_digits))
        one = 10**instrument.price_digits
        names = ("open", "high", "low", "close")
        prices = {name: [int(Decimal(row[1 + at]) * one) for row in rows] for at, name in enumerate(names)}
        times, volumes = [row[0] for row in rows], [1.0] * len(rows)
        bars = Bars.of_columns(symbol, card.timeframes.exec.ms, instrument.price_digits, times, prices, volumes)
        runs.append(CardRun(card, bars, instrument))
    instruments = on_common_money([run.instrument for run in runs])
    runs = [attrs.evolve(run, instrument=its) for run, its in zip(runs, instruments, strict=True)]
    return [_facts(tape) for tape in run_cards(runs, settings)]


def differences(oracle: OracleRun, engine: EngineRun) -> list[str]:
    """Where the two tellers part, first things first; empty when they agree."""
    out = []
    for number in range(max(len(oracle.fills), len(engine.fills))):
        theirs = engine.fills[number] if number < len(engine.fills) else None
        ours = oracle.fills[number] if number < len(oracle.fills) else None
        if ours != theirs:
            out.append(f"fill {number}: oracle {ours}; engine {theirs}")
            break
    pairs: dict[str, tuple[object, object]] = {
        "round trips": (len(oracle.round_trips), engine.round_trips),
        "orders": (oracle.orders, engine.orders),
        "open at end": (oracle.open_at_end, engine.open_at_end),
        "refusals": (dict(oracle.refusals), dict(engine.refusals)),
        "final equity": (oracle.final_equity, engine.final_equity),
    }
    out += [f"{name}: oracle {ours}; engine {theirs}" for name, (ours, theirs) in pairs.items() if ours != theirs]
    if abs(oracle.max_drawdown - engine.max_drawdown) > RATIO_STEP:
        out.append(f"max drawdown: oracle {float(oracle.max_drawdown)}; engine {float(engine.max_drawdown)}")
    return out


def _facts(tape: RunTape) -> EngineRun:
    """The tape's fills and the user's result object, in the oracle's terms."""
    result = build_result(tape, data_digest="", card_digest="").object
    return EngineRun(
        tape=tape,
        fills=tuple(OracleFill(f.bar, f.side, f.qty, f.price, f.fee, f.origin) for f in tape.fills),
        round_trips=result["round_trips"],
        orders=result["orders"],
        open_at_end=len(result["open_at_end"]),
        refusals=result["refusals"],
        final_equity=Decimal(result["final_equity"]),
        max_drawdown=Fraction(result["max_drawdown"]),
    )
