"""Instruments by symbol, from `config/instruments.toml` or a file of the user's in the same form.

Here the decimals of a file become the grids of a run: prices count on the finer of the tick and the data.
"""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import attrs

from actors.app.settings import config_dir
from actors.app.toml_file import AtLeast, Positive, Table, read_table, structure_table
from actors.model.errors import InputError
from actors.model.fixed import Money, Price, Qty, Rate, decimals_of, fixed_from_decimal
from actors.model.instrument import Instrument
from ideacards.errors import nearest

__all__ = ["MAX_PRICE_DIGITS", "load_instrument"]

MAX_PRICE_DIGITS = 12
_NO_LIMIT = Qty(2**62)

Amount = Annotated[Decimal, Positive()]
Share = Annotated[Decimal, AtLeast(0)]


@attrs.frozen
class InstrumentEntry:
    """One table of the file; prices in quote coin, quantities in base coin, rates as fractions."""

    tick: Amount
    step: Amount
    min_qty: Amount
    min_notional: Share
    maker_rate: Decimal  # negative is a rebate
    taker_rate: Share
    as_of: date
    verified: bool = False
    category: str = "linear"
    max_qty: Amount | None = None
    max_market_qty: Amount | None = None
    band_x: Share = Decimal(0)
    band_y: Share = Decimal(0)
    max_leverage: Annotated[int, AtLeast(1)] = 100
    maintenance_rate: Share | None = None  # of the lowest risk tier


def load_instrument(
    symbol: str, data_digits: int, file: str | Path | None = None, *, least_rate_digits: int = 0
) -> Instrument:
    """The instrument of `symbol`, its prices on the finer grid of tick and data (`data_digits` decimals).

    Its rates have at least `least_rate_digits` decimals, for those of funding.

    InputError for an unknown symbol, unknown keys, wrong values, and a grid that quantities do not lie on.
    """
    table = read_table(Path(file) if file is not None else config_dir() / "instruments.toml")
    if symbol not in table.values:
        raise InputError([table.problem((symbol,), "no such instrument", nearest(symbol, table.values))])
    entry = structure_table(table, InstrumentEntry, (symbol,))
    _check_grids(table, symbol, entry)
    return _instrument(symbol, data_digits, entry, least_rate_digits)


def _check_grids(table: Table, symbol: str, entry: InstrumentEntry) -> None:
    problems = []
    for name in ("min_qty", "max_qty", "max_market_qty"):
        value = getattr(entry, name)
        if value is not None and value % entry.step:
            problems.append(table.problem((symbol, name), f"is {value}, not a multiple of the step {entry.step}"))
    if decimals_of(entry.tick) > MAX_PRICE_DIGITS:
        problems.append(table.problem((symbol, "tick"), f"has more than {MAX_PRICE_DIGITS} decimals"))
    if problems:
        raise InputError(problems)


def _instrument(symbol: str, data_digits: int, entry: InstrumentEntry, least_rate_digits: int) -> Instrument:
    price_digits = max(decimals_of(entry.tick), data_digits)
    qty_digits = decimals_of(entry.step)
    maintenance = entry.maintenance_rate
    rates = (entry.maker_rate, entry.taker_rate, entry.band_x, entry.band_y, maintenance or Decimal(0))
    rate_digits = max(
        least_rate_digits,
        *(decimals_of(rate) for rate in rates),
        decimals_of(entry.min_notional) - price_digits - qty_digits,
    )

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
        min_notional=Money(fixed_from_decimal(entry.min_notional, price_digits + qty_digits + rate_digits)),
        maker_rate=rate(entry.maker_rate),
        taker_rate=rate(entry.taker_rate),
        max_leverage=entry.max_leverage,
        band_x=rate(entry.band_x),
        band_y=rate(entry.band_y),
        category=entry.category,
        as_of=entry.as_of.isoformat(),
        maintenance=() if maintenance is None else ((rate(maintenance), Money(0)),),
    )
