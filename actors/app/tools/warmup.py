"""How much the last value of each feature moves with more history.

Each feature is computed over the last n bars for a ladder of n, and compared with its value over all bars. A value of a
window is the same from its warm-up on; a recursive one approaches; one that counts from the first bar never settles.
"""

from collections.abc import Mapping

import attrs
import numpy as np

from actors.app.compiling import tell_compiling
from ideacards.card import Card
from ideacards.feeds import NO_LEADERS, Bars, Feeds

__all__ = ["CLOSENESS", "Movement", "ladder", "movements_of"]

CLOSENESS = (1e-2, 1e-4, 1e-6, 1e-9, 0.0)
_STEPS = (1, 2, 5)


@attrs.frozen
class Movement:
    """One output of a feature: its last value over all bars, and over each number of bars of the ladder.

    A value is None where it is unknown.
    """

    name: str
    timeframe: str
    last: float | None
    values: tuple[float | None, ...]

    def moved(self, step: int) -> float | None:
        """Relative difference of one step from `last`, absolute where that is 0; None if either is unknown."""
        value = self.values[step]
        if value is None or self.last is None:
            return None
        return abs(value - self.last) / (abs(self.last) or 1.0)

    def settled_from(self, closeness: float, steps: tuple[int, ...]) -> int | None:
        """The fewest bars of the ladder from which on every step is as close as that; None if the last is not."""
        found = None
        for number, bars in reversed(list(enumerate(steps))):
            moved = self.moved(number)
            if moved is None or moved > closeness:
                break
            found = bars
        return found


def ladder(count: int) -> tuple[int, ...]:
    """1, 2, 5, 10, 20, 50... below `count`, from 10 on."""
    steps = [step * 10**power for power in range(1, 10) for step in _STEPS]
    return tuple(step for step in steps if step < count)


def movements_of(
    card: Card, bars: Bars, steps: tuple[int, ...], leaders: Mapping[str, Bars] = NO_LEADERS
) -> tuple[Movement, ...]:
    """Every output of every feature, in card order; CardError if a user's own feature has no value at a bar.

    History is counted in exec bars; a leader's begins with them.
    """
    names = {name: feature.feed for feature in card.features for name in feature.column_names.values()}
    starts = [len(bars) - count for count in (*steps, len(bars))]
    lasts = [_last_values(card, bars.part(start, len(bars)), leaders, tuple(names)) for start in starts]
    return tuple(
        Movement(name, timeframe, lasts[-1][name], tuple(each[name] for each in lasts[:-1]))
        for name, timeframe in names.items()
    )


def _last_values(
    card: Card, bars: Bars, leaders: Mapping[str, Bars], names: tuple[str, ...]
) -> dict[str, float | None]:
    tell_compiling((card,))
    led = {symbol: _from_ms(each, int(bars.ts_open[0])) for symbol, each in leaders.items()}
    feeds = Feeds.build(card, bars, led)
    found = {name: float(feeds.column(name)[-1]) for name in names}
    return {name: None if np.isnan(value) else value for name, value in found.items()}


def _from_ms(bars: Bars, start_ms: int) -> Bars:
    """The bars that open at a time or after it."""
    return bars.part(int(np.searchsorted(bars.ts_open, start_ms)), len(bars))
