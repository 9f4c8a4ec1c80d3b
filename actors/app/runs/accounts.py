"""Several cards in one account, from files to a result: one time line, one wallet, a result each and one of them all.

Net positions are shared in one-way mode, so a symbol has one card. What a card's result calls equity is the account's
start and what that card alone has gained; the account's equity is the sum.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt

from actors.app.results.equity import ratio_text
from actors.app.results.result import SCHEMA_VERSION, RunResult, build_result
from actors.app.runs.backtesting import Job, load_job, sources_of
from actors.app.runs.run import CardRun, Progress, run_cards
from actors.app.runs.sources import command_of
from actors.app.version import coldframe_version
from actors.model.errors import InputError
from actors.model.fixed import plain_text, scaled_text
from actors.simulator.margin.wallet import on_common_money
from ideacards.digest import card_digest
from ideacards.errors import Problem
from ideacards.feeds import data_digest
from ideacards.loader import load_card

__all__ = ["AccountResult", "bars_by_card", "refuse_for_several", "run_account"]


@attrs.frozen(eq=False)
class AccountResult:
    """The cards' results, and the account's equity at every bar close of any of them."""

    cards: tuple[RunResult, ...]
    ts_close: npt.NDArray[np.int64]
    gain: npt.NDArray[Any]  # Money over the start

    @property
    def start_equity(self) -> int:
        """What the account began with (Money)."""
        return self.cards[0].curve.start_equity

    @property
    def money_digits(self) -> int:
        """Decimals of Money, which all instruments of the account share."""
        return self.cards[0].tape.instrument.money_digits

    @property
    def drawdown(self) -> npt.NDArray[np.float64]:
        """At each close, the fraction below the highest equity so far."""
        peak = np.maximum.accumulate(self.gain)
        below: npt.NDArray[np.float64] = (peak - self.gain).astype(np.float64)
        below /= peak.astype(np.float64) + float(self.start_equity)
        return below

    def object(self) -> dict[str, Any]:
        """As JSON: the account, and each card's own object."""
        objects = [result.object for result in self.cards]
        deepest = int(np.argmax(self.drawdown))
        peak = int(self.gain[: deepest + 1].max())
        digits = self.money_digits

        def text(value: int) -> str:
            return scaled_text(value, digits)

        walks = [result.walk for result in self.cards]
        return {
            "schema_version": SCHEMA_VERSION,
            "coldframe_version": coldframe_version(),
            "account": {
                "start_equity": text(self.start_equity),
                "final_equity": text(self.start_equity + int(self.gain[-1])),
                "max_drawdown": ratio_text(peak - int(self.gain[deepest]), self.start_equity + peak),
                "orders": sum(found["orders"] for found in objects),
                "fills": sum(found["fills"] for found in objects),
                "round_trips": sum(found["round_trips"] for found in objects),
                "fees": text(sum(walk.fees for walk in walks)),
                "realised_pnl": text(sum(walk.realised for walk in walks)),
                "first_ts": min(found["first_ts"] for found in objects),
                "last_ts": max(found["last_ts"] for found in objects),
                "output_digest": objects[0]["output_digest"],
                "seconds_engine": max(found["seconds_engine"] for found in objects),
            },
            "cards": objects,
        }


def bars_by_card(cards: Sequence[Path], given: Sequence[str]) -> list[Path]:
    """The bars file of each card, from `SYMBOL=FILE` words; with one card the file alone will do.

    InputError: a card without bars, bars without a card, two cards of one symbol, or two files of one.
    """
    if len(cards) == 1 and len(given) == 1 and "=" not in given[0]:
        return [Path(given[0])]
    symbols = [load_card(card).market.symbol for card in cards]
    files: dict[str, Path] = {}
    problems = []
    for word in given:
        symbol, is_pair, file = word.partition("=")
        if not is_pair and len(cards) > 1:
            what = f"{word!r} does not say of which symbol; the cards trade {', '.join(symbols)}"
            problems.append(_problem("--bars", what, f"give --bars {symbols[0]}={word}"))
        elif not is_pair or (len(cards) == 1 and symbol != symbols[0] and Path(word).exists()):
            files[symbols[0]] = Path(word)
        elif symbol in files:
            problems.append(_problem("--bars", f"{symbol} is given twice", "give one file a symbol"))
        elif symbol not in symbols:
            what = f"no card trades {symbol}; they trade {', '.join(symbols)}"
            problems.append(_problem("--bars", what, "leave it out, or add its card"))
        else:
            files[symbol] = Path(file)
    for number, (card, symbol) in enumerate(zip(cards, symbols, strict=True)):
        if symbol in symbols[:number]:
            other = cards[symbols.index(symbol)]
            what = f"trades {symbol}, and so does {other}: the net position of a symbol cannot be shared"
            problems.append(_problem(str(card), what, "run them one after the other"))
        elif symbol not in files and not problems:
            problems.append(_problem(str(card), f"there are no bars of {symbol}", f"give --bars {symbol}=FILE"))
    if problems:
        raise InputError(problems)
    return [files[symbol] for symbol in symbols]


def run_account(jobs: Sequence[Job], progress: Progress | None = None) -> AccountResult:
    """Load, check and run; CardError or InputError with every problem found before anything has run."""
    runs = _alike([load_job(job) for job in jobs], jobs)
    sources = [attrs.evolve(sources_of(job), command=_command(jobs, runs)) for job in jobs]
    tapes = run_cards(runs, jobs[0].settings, progress=progress)
    results = tuple(
        build_result(
            tape,
            data_digest=data_digest(run.bars),
            card_digest=card_digest(run.card),
            flags=job.flags,
            sources=source,
        )
        for tape, run, job, source in zip(tapes, runs, jobs, sources, strict=True)
    )
    return AccountResult(results, *_summed(results))


def _command(jobs: Sequence[Job], runs: Sequence[CardRun]) -> str:
    """The command that runs them all again."""
    cards = [str(job.card) for job in jobs]
    bars = [f"{run.instrument.symbol}={job.bars}" for job, run in zip(jobs, runs, strict=True)]
    return command_of(cards, bars, jobs[0].profile, jobs[0].flags.given)


def _alike(runs: Sequence[CardRun], jobs: Sequence[Job]) -> list[CardRun]:
    """The runs with Money of one unit; InputError unless their cards have one account in mind."""
    first = runs[0].card
    problems = [
        _problem(
            str(job.card),
            f"account.equity is {plain_text(run.card.account.equity)}, and {plain_text(first.account.equity)} in "
            f"{jobs[0].card}: they share one account",
            "write the same in both",
        )
        for run, job in zip(runs, jobs, strict=True)
        if run.card.account.equity != first.account.equity
    ]
    ids = [run.card.id for run in runs]
    problems += [
        _problem(str(job.card), f"its id {run.card.id!r} is another card's too", "give each card an id of its own")
        for number, (run, job) in enumerate(zip(runs, jobs, strict=True))
        if run.card.id in ids[:number]
    ]
    if problems:
        raise InputError(problems)
    instruments = on_common_money([run.instrument for run in runs])
    return [attrs.evolve(run, instrument=instrument) for run, instrument in zip(runs, instruments, strict=True)]


def _summed(results: Sequence[RunResult]) -> tuple[npt.NDArray[np.int64], npt.NDArray[Any]]:
    """Every bar close of any card, and what all of them had gained by then."""
    times = np.unique(np.concatenate([result.curve.ts_close for result in results]))
    total: npt.NDArray[Any] = np.zeros(len(times), dtype=object)
    for result in results:
        curve = result.curve
        last = np.searchsorted(curve.ts_close, times, side="right") - 1
        total += np.where(last >= 0, curve.gain.astype(object)[np.maximum(last, 0)], 0)
    return times, total


def _problem(where: str, what: str, hint: str) -> Problem:
    return Problem(where, None, None, "", what, hint)


def refuse_for_several(options: Mapping[str, Any]) -> None:
    """InputError naming the options that are given and take one card."""
    given = [f"--{name.replace('_', '-')}" for name, value in options.items() if value]
    if given:
        raise InputError([_problem(name, "takes one card", "run that card alone") for name in given])
