"""What a run would say of a card, without running it: instrument, leverage, and sizes that no order can have.

A size is a fault where every order of it is certain to be refused at the start: nothing can trade that would change the
account. What depends on the price is judged with bars, at the lowest close: there a size in quote coin
buys most, and a quantity costs least.
"""

from collections.abc import Iterator
from decimal import Decimal
from itertools import islice
from pathlib import Path

import numpy as np

from actors.app.files.instruments import leverage_problem, load_instrument
from actors.app.runs.backtesting import Job, load_job
from actors.intents.ladders import shares_of
from actors.model.errors import InputError, ProblemLike
from actors.model.fixed import plain_text
from actors.model.instrument import Instrument
from ideacards.card import Card, Emit
from ideacards.errors import CardError, Problem
from ideacards.feeds import Bars
from ideacards.intents import OrderKind, SizeKind, UnderMinimum
from ideacards.loading.files import text_of
from ideacards.loading.overrides import node_at
from ideacards.loading.tree import Place
from ideacards.loading.yaml_text import parse_tree

__all__ = ["problems_of"]


def problems_of(card: Card, job: Job, *, has_bars: bool) -> list[ProblemLike]:
    """Everything that would keep the card from running or trading; with bars as a back-test over them finds it."""
    path = job.card
    try:
        instrument = load_instrument(card.market.symbol, 0, job.instrument)
    except InputError as error:
        return list(error.problems)
    problem = leverage_problem(card.account.leverage, instrument, str(path))
    if problem is not None:
        return [problem]
    bars = None
    if has_bars:
        try:
            run = load_job(job)
        except (InputError, CardError) as error:
            return list(error.problems)
        bars, instrument = run.bars, run.instrument
    places = _Places(path)
    return [
        places.problem(f"{where}.size", what, hint)
        for where, emit in _entries(card)
        for what, hint in islice(_faults(emit, card, instrument, bars), 1)  # the one that a run would find first
    ]


def _entries(card: Card) -> Iterator[tuple[str, Emit]]:
    """Each emit with a size, and its path in the card."""
    for block in card.blocks:
        cases = ((f"blocks.{block.id}.cases.{number}.emit", case.emit) for number, case in enumerate(block.cases))
        for where, emit in (*cases, (f"blocks.{block.id}.else.emit", block.otherwise)):
            if emit is not None and emit.metadata.size is not None:
                yield where, emit


def _faults(emit: Emit, card: Card, instrument: Instrument, bars: Bars | None) -> Iterator[tuple[str, str]]:
    """(what, hint) for a size of which every order is refused."""
    size, equity = emit.metadata.size, card.account.equity
    assert size is not None
    refuses = emit.metadata.under_minimum is UnderMinimum.REFUSE  # else an order below the minimum is skipped or raised
    worth: Decimal | None = None
    if size.kind is SizeKind.QUANTITY:
        yield from _quantity_faults(size.value, emit, instrument, refuses=refuses)
        worth = None if bars is None else size.value * _lowest_close(bars)
    else:
        worth = _worth_at_start(emit, equity)
        if refuses and worth is not None:
            yield from _worth_faults(worth, instrument, bars)
    most = equity * card.account.leverage
    is_market = emit.metadata.order.type is OrderKind.MARKET  # another order may have a price far below the market
    if worth is not None and is_market and _least_sent(worth, emit, equity, instrument, bars) > most:
        what = f"worth {_text(worth)}, and {_text(equity)} at leverage {_text(card.account.leverage)} is worth "
        yield f"{what}{_text(most)}: every order is refused, INSUFFICIENT_MARGIN", "a smaller size"


def _worth_at_start(emit: Emit, equity: Decimal) -> Decimal | None:
    """What an order is worth at the start, in quote coin, at most; None where the card alone does not tell."""
    size, stop = emit.metadata.size, emit.metadata.stop_loss
    assert size is not None
    if size.kind is SizeKind.NOTIONAL:
        return size.value
    if size.kind in (SizeKind.EQUITY_PERCENT, SizeKind.AVAILABLE_PERCENT):
        return equity * size.value / 100
    return equity * size.value / stop if size.kind is SizeKind.RISK and isinstance(stop, Decimal) else None


def _least_sent(worth: Decimal, emit: Emit, equity: Decimal, instrument: Instrument, bars: Bars | None) -> Decimal:
    """The least that an order of this worth can come to, when its quantity is rounded down to the step and the distance
    of its stop up to the tick.
    """
    size, stop = emit.metadata.size, emit.metadata.stop_loss
    assert size is not None
    if size.kind is SizeKind.QUANTITY:
        return worth
    is_by_risk = size.kind is SizeKind.RISK and isinstance(stop, Decimal)
    if bars is None:  # one step at least, or it is refused too: so over half of it is sent
        return worth / 2 if not is_by_risk else worth / 4 if stop >= 1 else Decimal(0)  # type: ignore[operator]
    step, sought = float(_decimal(instrument.step, instrument)), float(worth) / bars.close
    if is_by_risk:
        tick = float(Decimal(instrument.price_text(instrument.tick)))
        distance = np.ceil(bars.close * float(stop) / 100 / tick) * tick + tick  # type: ignore[arg-type]
        sought = float(equity * size.value / 100) / distance
    sent = np.floor(sought / step) * step * bars.close
    return Decimal(float(sent.min())) * (1 - Decimal(2) ** -40)


def _quantity_faults(qty: Decimal, emit: Emit, instrument: Instrument, *, refuses: bool) -> Iterator[tuple[str, str]]:
    step, least = _decimal(instrument.step, instrument), _decimal(instrument.min_qty, instrument)
    sent = smallest = qty // step * step
    if emit.metadata.order.ladder:
        shares = shares_of(instrument.floor_qty(qty), emit.metadata.order.ladder, instrument)
        smallest, sent = _decimal(min(shares), instrument), _decimal(max(shares), instrument)
    is_limit = emit.metadata.order.type is OrderKind.LIMIT
    most = _decimal(instrument.max_qty if is_limit else instrument.max_market_qty, instrument)
    if smallest < least and refuses:
        what = (
            f"{_text(qty)} is below the instrument's minimum of {_text(least)}: every order is refused, BELOW_MINIMUM"
        )
        yield what, f"at least {_text(least)}, in steps of {_text(step)}"
    if sent > most:
        what = f"{_text(qty)} is above the instrument's maximum of {_text(most)}: every order is refused, ABOVE_MAXIMUM"
        yield what, f"at most {_text(most)}"


def _worth_faults(worth: Decimal, instrument: Instrument, bars: Bars | None) -> Iterator[tuple[str, str]]:
    """Of a size in quote coin: below the least value, or below the least quantity at every close of the bars."""
    least = Decimal(instrument.money_text(instrument.min_notional))
    if worth < least:
        what = f"worth {_text(worth)}, below the instrument's minimum of {_text(least)}: every order is refused, "
        yield f"{what}BELOW_MINIMUM", f"at least {_text(least)}"
    elif bars is not None:
        close, step = _lowest_close(bars), _decimal(instrument.step, instrument)
        least_qty = _decimal(instrument.min_qty, instrument)
        qty = worth / close // step * step
        if qty < least_qty:
            what = f"worth {_text(worth)} buys {_text(qty)} at the lowest close, {_text(close)}; the minimum is "
            yield f"{what}{_text(least_qty)}: every order is refused, BELOW_MINIMUM", "a larger size"


def _lowest_close(bars: Bars) -> Decimal:
    return Decimal(int(bars.price_close.min())).scaleb(-bars.price_digits)


def _decimal(qty: int, instrument: Instrument) -> Decimal:
    return Decimal(instrument.qty_text(qty))


def _text(value: Decimal) -> str:
    return plain_text(value.normalize())


class _Places:
    """Places of a card's parts, looked up in its text."""

    def __init__(self, path: Path) -> None:
        self._file = str(path)
        self._root = parse_tree(text_of(path, "a card"), self._file)

    def problem(self, path: str, what: str, hint: str) -> Problem:
        """A problem at a path of the card; without line where `--set` has made the part."""
        node = node_at(self._root, path)
        place = Place(self._file) if node is None else node.place
        return Problem(place.file, place.line, place.column, path, what, hint)
