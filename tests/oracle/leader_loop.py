"""The oracle of leaders: what another symbol's bars say at each close of the card's, told by one straight loop.

It walks the exec bars and, for each, the leader's bars that have closed by then; nothing is aligned by arrays. A bar is
(open time in ms, open, high, low, close) as floats. It imports nothing of the engine.
"""

from collections.abc import Sequence

import attrs

__all__ = ["Bar", "LedFill", "LedView", "fills_of", "views_of"]

Bar = tuple[int, float, float, float, float]


@attrs.frozen
class LedView:
    """At one exec close: of the leader its newest close, an average of its closes, one of its slower closes, and the
    mean of the last exec bars' ratios of both closes. None is unknown; `age` counts exec bars since the slower close.
    """

    close: float | None
    average: float | None
    slow: float | None
    age: int | None
    strength: float | None


@attrs.frozen
class LedFill:
    """A fill at the open of exec bar `bar`."""

    bar: int
    side: str
    price: float


def views_of(
    own: Sequence[Bar],
    leader: Sequence[Bar],
    *,
    bar_ms: int,
    length: int,
    slow_ms: int,
    slow_length: int,
    ratios: int,
) -> list[LedView]:
    """What is known at each close of `own`."""
    views: list[LedView] = []
    arrived = 0
    average = 0.0
    slow_closes: list[float] = []
    slow_at: int | None = None
    bucket: Bar | None = None  # the slower bar that is being made; its time is the bucket's
    is_settled = True
    shares: list[float] = []
    for index, bar in enumerate(own):
        while arrived < len(leader) and leader[arrived][0] + bar_ms <= bar[0] + bar_ms:
            each = leader[arrived]
            average = each[4] if not arrived else _next(average, each[4], length)
            start_ms = each[0] // slow_ms * slow_ms
            if bucket is None or bucket[0] != start_ms:
                if bucket is not None and not is_settled:  # a gap: it closes with the first bar after it
                    slow_closes.append(bucket[4])
                    slow_at = index
                is_settled = start_ms < leader[0][0]  # begun before the first bar: never settled
                bucket = (start_ms, *each[1:])
            bucket = (*bucket[:4], each[4])
            if each[0] + bar_ms >= start_ms + slow_ms and not is_settled:
                slow_closes.append(bucket[4])
                slow_at, is_settled = index, True
            arrived += 1
        close = leader[arrived - 1][4] if arrived else None
        if close is not None:
            shares.append(bar[4] / close)
        last = slow_closes[-slow_length:]
        views.append(
            LedView(
                close,
                average if arrived >= length else None,
                sum(last) / slow_length if len(last) == slow_length else None,
                None if slow_at is None else index - slow_at,
                sum(shares[-ratios:]) / ratios if len(shares) >= ratios else None,
            )
        )
    return views


def _next(average: float, close: float, length: int) -> float:
    a = 2.0 / (length + 1.0)
    return a * close + (1.0 - a) * average


def fills_of(own: Sequence[Bar], views: Sequence[LedView], *, max_age: int) -> list[LedFill]:
    """A card that is in while the leader stands above its slower mean, and out below its own average.

    In: flat, the leader's close above `slow`, no older than `max_age` exec bars. Out: its close below `average`. It
    decides once everything was known at some bar, and acts at the next open.
    """
    fills: list[LedFill] = []
    is_long = is_ready = False
    for index, view in enumerate(views[:-1]):
        is_ready = is_ready or None not in (view.close, view.average, view.slow, view.strength)
        if not is_ready or view.close is None:
            continue
        is_fresh = view.slow is not None and view.age is not None and view.age <= max_age
        wants_in = is_fresh and view.slow is not None and view.close > view.slow
        wants_out = view.average is not None and view.close < view.average
        if not is_long and wants_in:
            fills.append(LedFill(index + 1, "buy", own[index + 1][1]))
            is_long = True
        elif is_long and wants_out:
            fills.append(LedFill(index + 1, "sell", own[index + 1][1]))
            is_long = False
    return fills
