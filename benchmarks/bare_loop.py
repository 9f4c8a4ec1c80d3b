"""Workload A as one plain Python loop over lists, without orders, actors or messages: the unit for its ratios.

It is a lower bound for what any engine in Python pays for this run's features and arithmetic, so the ratio to it is the
cost of the engine. It counts in floats, so it checks results only to a hundredth of a cent.
"""

import math

import attrs

__all__ = ["BareResult", "bare_run"]


@attrs.frozen
class BareResult:
    """The loop's results, which are compared with the engine's before any ratio is printed."""

    fills: int
    round_trips: int
    final_equity: float


def bare_run(
    opens: list[float], closes: list[float], *, fast: int, slow: int, warmup: int, notional: float, fee_rate: float
) -> BareResult:
    """Averages of `fast` and `slow` bars; enter at the open after a cross up, exit after a cross down; step 1e-6."""
    fast_share, slow_share = 2.0 / (fast + 1.0), 2.0 / (slow + 1.0)
    fast_keep, slow_keep = 1.0 - fast_share, 1.0 - slow_share
    fast_value = slow_value = closes[0]
    cash, held, wanted = 1_000_000.0, 0.0, 0.0
    is_due, was_above = False, False
    fills = trips = 0
    for index, close in enumerate(closes):
        if is_due:
            is_due = False
            fills += 1
            price = opens[index]
            if held == 0.0:
                held = wanted
                cash -= held * price * (1.0 + fee_rate)
            else:
                cash += held * price * (1.0 - fee_rate)
                held = 0.0
                trips += 1
        if index:
            fast_value = fast_share * close + fast_keep * fast_value
            slow_value = slow_share * close + slow_keep * slow_value
        is_above = fast_value > slow_value
        if index >= warmup and is_above != was_above:
            if is_above and held == 0.0:
                wanted = math.floor(notional / close * 1e6) / 1e6
                is_due = True
            elif not is_above and held != 0.0:
                is_due = True
        was_above = is_above
    return BareResult(fills, trips, cash + held * closes[-1])
