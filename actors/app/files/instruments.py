"""Instruments by symbol, from `config/instruments.toml` or a user's file of the same form.

Here the decimals of a file become the grids of a run: prices count on the finer of the tick and the data.
"""

from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import attrs

from actors.app.files.toml import read_toml, structure
from actors.app.settings import config_dir
from actors.model.errors import InputError
from actors.model.fixed import Money, Price, Qty, Rate, decimals_of, fixed_from_decimal
from actors.model.instrument import Instrument, RiskTier
from ideacards.errors import Problem, nearest
from ideacards.loading.rules import Number, Whole, problem_at
from ideacards.loading.tree import MapNode, Node

__all__ = ["leverage_problem", "load_instrument"]

_NO_LIMIT = Qty(2**62)
_NO_VALUE_LIMIT = Decimal(10) ** 15

Amount = Annotated[Decimal, Number(above=0)]
Share = Annotated[Decimal, Number(at_least=0)]


@attrs.frozen
class TierEntry:
    """A risk tier: up to a position value of `limit` in quote coin."""

    limit: Amount
    maintenance_margin_rate: Share
    max_leverage: Annotated[int, Whole(1)]


@attrs.frozen
class InstrumentEntry:
    """One table of the file; prices in quote coin, quantities in base coin, rates as fractions."""

    tick: Amount
    step: Amount
    min_qty: Amount
    min_notional: Share
    maker_rate: Annotated[Decimal, Number()]  # negative is a rebate
    taker_rate: Share
    as_of: date
    verified: bool = False
    category: str = "linear"
    settle_coin: str = "USDT"
    max_qty: Amount | None = None
    max_market_qty: Amount | None = None
    price_limit_ratio_x: Share = Decimal(0)
    price_limit_ratio_y: Share = Decimal(0)
    max_leverage: Annotated[int, Whole(1)] = 100
    maintenance_margin_rate: Share | None = None  # of the lowest risk tier
    tiers: tuple[TierEntry, ...] = ()  # all of them, instead of maintenance_margin_rate


def load_instrument(
    symbol: str, data_digits: int, file: str | Path | None = None, *, least_rate_digits: int = 0
) -> Instrument:
    """The instrument of `symbol`, its prices on the finer grid of tick and data (`data_digits` decimals).

    Its rates have at least `least_rate_digits` decimals, enough for the funding rates.

    InputError for an unknown symbol, unknown keys, wrong values, and quantities off the step.
    """
    path = Path(file) if file is not None else config_dir() / "instruments.toml"
    table = read_toml(path, "a file of instruments")
    if symbol not in table:
        others = [name for name in table if name != f"{symbol}T"]  # BTCUSD is the inverse contract
        raise InputError([Problem(str(path), None, None, symbol, "no such instrument", nearest(symbol, others))])
    entry = structure(table[symbol], InstrumentEntry)
    _check_grids(table[symbol], entry)
    return _instrument(symbol, data_digits, entry, least_rate_digits)


def leverage_problem(leverage: Decimal, instrument: Instrument, card: str) -> Problem | None:
    """What is wrong with a card's leverage on this instrument; None if the venue takes it. `card` is its file."""
    if leverage <= instrument.max_leverage and leverage % 1 == 0:
        return None
    what = f"{leverage} is not a whole number from 1 to the instrument's {instrument.max_leverage}"
    return Problem(card, None, None, "account.leverage", what, "the simulated venue takes whole leverages")


def _check_grids(node: Node, entry: InstrumentEntry) -> None:
    assert isinstance(node, MapNode)
    problems = []
    for name in ("min_qty", "max_qty", "max_market_qty"):
        value = getattr(entry, name)
        if value is not None and value % entry.step:
            problems.append(problem_at(node[name], f"is {value}, not a multiple of the step {entry.step}"))
    problems += [problem_at(node["tiers"], what) for what in _tier_complaints(entry)]
    if problems:
        raise InputError(problems)


def _tier_complaints(entry: InstrumentEntry) -> list[str]:
    """Tiers replace the one rate; their limits and rates must rise, and their leverages fall."""
    if not entry.tiers:
        return []
    complaints = (
        [] if entry.maintenance_margin_rate is None else ["stand beside maintenance_margin_rate: leave one of them out"]
    )
    for one, other in pairwise(entry.tiers):
        if other.limit <= one.limit or other.maintenance_margin_rate < one.maintenance_margin_rate:
            complaints.append(f"limit {other.limit} or its maintenance_margin_rate does not rise over {one.limit}")
        if other.max_leverage > one.max_leverage:
            complaints.append(f"max_leverage {other.max_leverage} of limit {other.limit} rises")
    return complaints


def _instrument(symbol: str, data_digits: int, entry: InstrumentEntry, least_rate_digits: int) -> Instrument:
    price_digits = max(decimals_of(entry.tick), data_digits)
    qty_digits = decimals_of(entry.step)
    tiers = _tiers(entry)
    rates = (
        entry.maker_rate,
        entry.taker_rate,
        entry.price_limit_ratio_x,
        entry.price_limit_ratio_y,
        *(tier.maintenance_margin_rate for tier in tiers),
    )
    rate_digits = max(
        least_rate_digits,
        *(decimals_of(rate) for rate in rates),
        *(decimals_of(amount) - price_digits - qty_digits for amount in (entry.min_notional, *_amounts(tiers))),
    )
    money_digits = price_digits + qty_digits + rate_digits

    def qty(value: Decimal | None) -> Qty:
        return _NO_LIMIT if value is None else Qty(fixed_from_decimal(value, qty_digits))

    def rate(value: Decimal) -> Rate:
        return Rate(fixed_from_decimal(value, rate_digits))

    return Instrument(
        symbol=symbol,
        price_digits=price_digits,
        qty_digits=qty_digits,
        rate_digits=rate_digits,
        tick=Price(fixed_from_decimal(entry.tick, price_digits)),
        step=Qty(fixed_from_decimal(entry.step, qty_digits)),
        min_qty=qty(entry.min_qty),
        max_qty=qty(entry.max_qty),
        max_market_qty=qty(entry.max_market_qty),
        min_notional=Money(fixed_from_decimal(entry.min_notional, money_digits)),
        maker_rate=rate(entry.maker_rate),
        taker_rate=rate(entry.taker_rate),
        max_leverage=entry.max_leverage,
        price_limit_ratio_x=rate(entry.price_limit_ratio_x),
        price_limit_ratio_y=rate(entry.price_limit_ratio_y),
        category=entry.category,
        settle_coin=entry.settle_coin,
        as_of=entry.as_of.isoformat(),
        tiers=tuple(
            RiskTier(
                rate(tier.maintenance_margin_rate),
                Money(fixed_from_decimal(deduction, money_digits)),
                Money(fixed_from_decimal(tier.limit, money_digits)),
                tier.max_leverage,
            )
            for tier, deduction in zip(tiers, _deductions(tiers), strict=True)
        ),
    )


def _tiers(entry: InstrumentEntry) -> tuple[TierEntry, ...]:
    """The tiers; a single one with a huge limit if only the lowest rate is known."""
    if entry.tiers or entry.maintenance_margin_rate is None:
        return entry.tiers
    return (TierEntry(_NO_VALUE_LIMIT, entry.maintenance_margin_rate, entry.max_leverage),)


def _deductions(tiers: tuple[TierEntry, ...]) -> list[Decimal]:
    """Deductions that make the margin continuous: the previous one plus its limit times the rise of the rate."""
    deductions = [Decimal(0)] if tiers else []
    for one, other in pairwise(tiers):
        deductions.append(deductions[-1] + one.limit * (other.maintenance_margin_rate - one.maintenance_margin_rate))
    return deductions


def _amounts(tiers: tuple[TierEntry, ...]) -> list[Decimal]:
    return [*_deductions(tiers), *(tier.limit for tier in tiers)]
