"""Several cards in one account as one result: the cards' own, and the account's equity, which is their sum.

What a card's result calls equity is the account's start and what that card alone has gained.
"""

from collections.abc import Sequence
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt

from actors.app.results.equity import ratio_text
from actors.app.results.result import SCHEMA_VERSION, RunResult
from actors.app.version import coldframe_version
from actors.model.fixed import scaled_text

__all__ = ["OWN_GAIN", "AccountResult", "account_result", "deepest_fall"]

OWN_GAIN = "One of several cards in one account: equity here is the account's start and what this card alone has gained"


@attrs.frozen(eq=False)
class AccountResult:
    """The cards' results, and the account's equity at every bar close of any of them."""

    cards: tuple[RunResult, ...]
    ts_close: npt.NDArray[np.int64]
    gain: npt.NDArray[Any]  # Money, relative to the start

    @property
    def start_equity(self) -> int:
        """The account's equity at the start (Money)."""
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
        """The JSON object: the account, and each card's own object."""
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
                "funding": text(sum(walk.funding for walk in walks)) if _has_funding(self.cards) else None,
                "realised_pnl": text(sum(walk.realised for walk in walks)),
                "first_ts": min(found["first_ts"] for found in objects),
                "last_ts": max(found["last_ts"] for found in objects),
                "output_digest": objects[0]["output_digest"],
                "seconds_engine": max(found["seconds_engine"] for found in objects),
            },
            "cards": objects,
        }


def account_result(cards: Sequence[RunResult]) -> AccountResult:
    """The account of these cards, which have Money of one unit and one start; each says that it is one of several."""
    for result in cards:
        result.object["notices"].insert(0, OWN_GAIN)
    return AccountResult(tuple(cards), *_summed(cards))


def deepest_fall(gain: npt.NDArray[Any]) -> int:
    """The largest fall of the gain from a peak, the start included (Money)."""
    peak = np.maximum(np.maximum.accumulate(gain), 0)
    return int((peak - gain).max())


def _has_funding(cards: Sequence[RunResult]) -> bool:
    return any("funding" not in result.tape.not_modelled for result in cards)


def _summed(results: Sequence[RunResult]) -> tuple[npt.NDArray[np.int64], npt.NDArray[Any]]:
    """Every bar close of any card (UTC ms, rising), and the sum of all gains by then (Money)."""
    times = np.unique(np.concatenate([result.curve.ts_close for result in results]))
    total: npt.NDArray[Any] = np.zeros(len(times), dtype=object)
    for result in results:
        curve = result.curve
        last = np.searchsorted(curve.ts_close, times, side="right") - 1
        total += np.where(last >= 0, curve.gain.astype(object)[np.maximum(last, 0)], 0)
    return times, total
