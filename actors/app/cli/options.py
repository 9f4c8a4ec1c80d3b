"""Options of `backtest` that belong together: how the simulated venue fills, and the files beside the bars."""

from typing import Annotated, Any

import attrs
from cyclopts import Group, Parameter

__all__ = ["Files", "FillOptions"]

_BESIDE: dict[str, Any] = {
    "negative": (),
    "show_default": False,
    "group": Group("Market files: FILE; with several cards SYMBOL=FILE, once a symbol"),
}


@Parameter(name="*")
@attrs.frozen
class FillOptions:
    """How the simulated venue fills, where the profile is not to say it."""

    path: Annotated[
        str | None,
        Parameter(help="The way inside a bar: nearest_extreme, ohlc, olhc, pessimistic, optimistic."),
    ] = None
    limit_fill: Annotated[
        str | None,
        Parameter(help="When a resting limit fills: touch, through, or through:K ticks beyond its price."),
    ] = None
    slippage: Annotated[
        str | None, Parameter(help="What a taker pays beyond the market: ticks (2) or basis points (1.5bp).")
    ] = None
    latency: Annotated[
        str | None,
        Parameter(
            help="Milliseconds (20), uniform:10:30, lognormal:20:200, table:FILE; or feed=5,entry=20,response=9."
        ),
    ] = None
    slippage_tolerance: Annotated[
        str | None, Parameter(help="How far beyond its price a market order may fill: ticks or bp; else not at all.")
    ] = None
    volume_share: Annotated[
        str | None, Parameter(help="The share of a bar's volume that may be ours (0.1); the rest of an order rests.")
    ] = None
    margin: Annotated[str | None, Parameter(help="What stands behind a position: cross or isolated.")] = None

    def words(self) -> dict[str, str | None]:
        """What goes over the profile, by flag."""
        return attrs.asdict(self)


@Parameter(name="*")
@attrs.frozen
class Files:
    """Market files beside the bars, as typed: FILE, or SYMBOL=FILE for each symbol that has one."""

    sub_bars: Annotated[
        tuple[str, ...],
        Parameter(help="Finer bars in the same form: the way inside each bar that they fill.", **_BESIDE),
    ] = ()
    trades: Annotated[
        tuple[str, ...],
        Parameter(
            help="CSV with ts_ms,price[,size]: the way inside each bar; sizes fill resting orders in part.", **_BESIDE
        ),
    ] = ()
    quotes: Annotated[
        tuple[str, ...],
        Parameter(help="CSV with ts_ms,bid,ask: what buys and sells trade against.", **_BESIDE),
    ] = ()
    mark: Annotated[
        tuple[str, ...],
        Parameter(help="Bars of the mark price: liquidation, funding, margin, triggers by mark.", **_BESIDE),
    ] = ()
    index: Annotated[tuple[str, ...], Parameter(help="Bars of the index price: triggers by index.", **_BESIDE)] = ()
    funding: Annotated[
        tuple[str, ...], Parameter(help="CSV with ts_ms,rate: what positions pay at these times.", **_BESIDE)
    ] = ()
    status: Annotated[
        tuple[str, ...],
        Parameter(
            help="CSV with ts_ms,status: trading, closing_only, halted, maintenance or delisted from then on.",
            **_BESIDE,
        ),
    ] = ()

    def words(self) -> dict[str, tuple[str, ...]]:
        """The files that were given, as typed, by option."""
        return {name: words for name, words in attrs.asdict(self).items() if words}
