"""The prefix run of a card over a file, and what its own features reach for besides their bars."""

from collections.abc import Sequence
from pathlib import Path

import attrs

from actors.app.tools.inputs import bars_for
from actors.app.tools.outside import Outside
from ideacards.card import Card
from ideacards.causality.prefixes import Leak, PrefixVerdict, prefix_run, sampled_stops
from ideacards.loader import load_card

__all__ = ["CausalityReport", "causality_of"]

KINDS = ("feature", "slower bar", "leader's bar", "condition")
POISONED_EVERY = 16  # a fresh start costs as much as all bars up to its stop, a growing run as much as all bars once


@attrs.frozen
class CausalityReport:
    """The verdict, and what own features opened: any of it makes the card unproven."""

    card: Card
    bars: int
    verdict: PrefixVerdict
    outside: tuple[str, ...]

    @property
    def is_sound(self) -> bool:
        """Whether no value changed and nothing but bars was read."""
        return not self.verdict.leaks and not self.outside

    def lines(self) -> list[str]:
        """For people: what was compared, then each offender."""
        verdict = self.verdict
        counts = {kind: sum(column.kind == kind for column in verdict.columns) for kind in KINDS}
        what = ", ".join(f"{count} of {kind}s" for kind, count in counts.items() if count)
        head = f"{self.card.id}: {len(verdict.columns)} columns ({what}) over {self.bars:,} bars, compared at "
        head += f"{verdict.stops} stops at which the bars end and at {verdict.poisoned} after which they are others"
        found = [_told(leak) for leak in verdict.leaks]
        found += [f"LEAK a python: feature {each}: its values are not made of its bars" for each in self.outside]
        return [head, *(found or ["no value that was known at a bar has changed"])]


def _told(leak: Leak) -> str:
    place = ":".join(str(part) for part in (leak.column.place.file, leak.column.place.line) if part)
    where = f" ({place})" if place else ""
    text = f"LEAK {leak.column.name}{where}: at bar {leak.bar}, which closes at {leak.ts_close} ms UTC, it was "
    text += f"{leak.before!r} with the bars up to there and {leak.after!r} with later bars; "
    if leak.ahead is None:
        text += "it depends on something besides the bars, such as what a function keeps outside its state"
    else:
        text += f"it takes {leak.ahead} more bar{'' if leak.ahead == 1 else 's'} to have that value"
    return f"{text}; read by: {', '.join(leak.read_by)}" if leak.read_by else text


def causality_of(card: Path, bars: Sequence[str], overrides: Sequence[str], stops: int) -> CausalityReport:
    """Load both and compare; CardError or InputError with every problem found."""
    outside = Outside((card,))
    with outside.watching():
        loaded = load_card(card, overrides)
    has_own = any(feature.own is not None for feature in loaded.features)
    rows = bars_for(loaded, card, bars, overrides)
    sampled = sampled_stops(len(rows.own), stops)
    poisoned = sampled[:: max(1, len(sampled) // (stops // POISONED_EVERY + 1))]
    with outside.watching():
        verdict = prefix_run(loaded, rows.own, sampled, poisoned, rows.leaders)
    return CausalityReport(loaded, len(rows.own), verdict, tuple(outside.seen) if has_own else ())
