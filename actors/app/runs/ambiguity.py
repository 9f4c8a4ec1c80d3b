"""How much a result depends on the unknown path inside each bar: the same run with the better and the worse path.

Greedy by bar: at each bar the path, of open-high-low-close and open-low-high-close, after which equity is lower (or
higher) with the orders that rest before its first extreme. So the ends are no strict bounds of all paths. Of several
cards each symbol's bar goes the way that is worse (or better) for the account while the other symbols stand still, so
the ends of the account are those of one run of all cards with the worse ways and one with the better.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import attrs

from actors.app.results.account import AccountResult
from actors.app.results.report.formats import as_money, as_percent
from actors.app.results.result import RunResult
from actors.app.runs.account_jobs import card_name
from actors.app.runs.accounts import run_account
from actors.app.runs.backtesting import Job, run_job
from actors.app.settings import Settings
from actors.model.errors import InputError
from actors.simulator.prices.path import PathPolicy
from ideacards.errors import Problem

__all__ = ["AccountAmbiguity", "Ambiguity", "account_ambiguity", "ambiguity_of", "check_path"]

_LISTED = 20


@attrs.frozen
class Ambiguity:
    """Final equities of the two runs, and the opens (UTC ms) of the bars whose path made a difference in either."""

    pessimistic: str
    optimistic: str
    start_equity: str
    bars_ms: tuple[int, ...]

    def object(self) -> dict[str, Any]:
        """As JSON."""
        return {"pessimistic": self.pessimistic, "optimistic": self.optimistic, "bars": list(self.bars_ms)}

    def lines(self) -> list[str]:
        """For people: the interval, and the bars it hangs on."""
        return [_interval(self), _hangs(self.bars_ms)]


@attrs.frozen
class AccountAmbiguity:
    """Final equities of the account in the two runs, and each card's own, by what it alone has gained."""

    pessimistic: str
    optimistic: str
    start_equity: str
    cards: tuple[tuple[str, str, Ambiguity], ...]  # id, symbol, and its part

    def object(self) -> dict[str, Any]:
        """As JSON."""
        cards = [{"card": card, "symbol": symbol} | part.object() for card, symbol, part in self.cards]
        return {"pessimistic": self.pessimistic, "optimistic": self.optimistic, "cards": cards}

    def lines(self) -> list[str]:
        """For people: the account's interval, then what each card's bars make of it."""
        said = [_interval(self)]
        for card, symbol, part in self.cards:
            gains = " to ".join(
                as_money(Decimal(equity) - Decimal(self.start_equity)) for equity in (part.pessimistic, part.optimistic)
            )
            said.append(f"{card_name(card, symbol)}: gained from {gains}, {_hangs(part.bars_ms)}")
        return said


def _interval(found: Ambiguity | AccountAmbiguity) -> str:
    start = Decimal(found.start_equity)
    ends = " to ".join(
        f"{Decimal(equity):,.2f} ({as_percent((Decimal(equity) - start) / start)})"
        for equity in (found.pessimistic, found.optimistic)
    )
    return f"final equity from {ends}, greedy by bar"


def _hangs(bars_ms: Sequence[int]) -> str:
    if not bars_ms:
        return "hangs on no bar"
    times = [f"{datetime.fromtimestamp(ms / 1000, UTC):%Y-%m-%d %H:%M}" for ms in bars_ms[:_LISTED]]
    more = f", and {len(bars_ms) - _LISTED} more" if len(bars_ms) > _LISTED else ""
    advice = " (finer bars of these, --sub-bars, would tell)"
    return f"hangs on {len(bars_ms)} bars: {', '.join(times)}{more}{advice}"


def ambiguity_of(job: Job) -> Ambiguity:
    """Both runs of a job; InputError where it has chosen a path itself."""
    check_path(job.settings)
    worse, better = (
        run_job(attrs.evolve(job, settings=_choosing(job, policy), journal=None))
        for policy in (PathPolicy.PESSIMISTIC, PathPolicy.OPTIMISTIC)
    )
    return _between(worse, better)


def account_ambiguity(jobs: Sequence[Job]) -> AccountAmbiguity:
    """Both runs of several cards in one account; InputError where their profile has chosen a path itself."""
    check_path(jobs[0].settings)
    worse, better = (
        run_account([attrs.evolve(job, settings=_choosing(job, policy), journal=None) for job in jobs])
        for policy in (PathPolicy.PESSIMISTIC, PathPolicy.OPTIMISTIC)
    )
    cards = tuple(
        (one.object["card"], one.tape.instrument.symbol, _between(one, other))
        for one, other in zip(worse.cards, better.cards, strict=True)
    )
    return AccountAmbiguity(_final(worse), _final(better), str(worse.cards[0].start_equity), cards)


def check_path(settings: Settings) -> None:
    """InputError for settings that choose between the two paths themselves."""
    if settings.venue.path.chooses:
        raise InputError([Problem("--ambiguity", None, None, "", "runs both paths; leave --path out")])


def _choosing(job: Job, policy: PathPolicy) -> Settings:
    return attrs.evolve(job.settings, venue=attrs.evolve(job.settings.venue, path=policy))


def _between(worse: RunResult, better: RunResult) -> Ambiguity:
    bars = sorted({*worse.tape.contested, *better.tape.contested})
    opens = worse.tape.bars.ts_open
    return Ambiguity(
        worse.object["final_equity"],
        better.object["final_equity"],
        str(worse.start_equity),
        tuple(int(opens[bar]) for bar in bars),
    )


def _final(account: AccountResult) -> str:
    equity: str = account.object()["account"]["final_equity"]
    return equity
