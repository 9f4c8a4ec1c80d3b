"""Price ranges that a fast move has left without trades on both sides."""

from math import nan

from ideacards.indicators.state import State

__all__ = ["GAP_SIZE", "fair_value_gap"]

_BARS, _KNOWN_AT, _KNOWN_TIME, _TOP, _BOTTOM, _FILLED, _HIGH_1, _HIGH_2 = range(8)
GAP_SIZE = 8


def fair_value_gap(
    state: State, high: float, low: float, ts_close: float, side: int
) -> tuple[float, float, float, float, float]:
    """The last fair value gap: the low of a bar lies above the high of two bars before (bearish: mirrored).

    The gap reaches from that high (`bottom`) to this low (`top`). `state` is 0 while no later bar has come back to it
    (low at or below `top`, for a bearish one high at or above `bottom`), 1 when one has, 2 when one has crossed it
    whole. Known from the close of its third bar on, where the age is 0; a newer gap takes its place. As TradingView's
    public fair value gap scripts; TA-Lib has none. It depends on all bars since the last gap. Defined from index 2 at
    the earliest, from the first gap on.
    """
    state[_BARS] += 1.0
    bar = state[_BARS]
    if side == 1:  # a bearish gap is a bullish one in the mirror
        high, low = -low, -high
    if bar > 2.0 and low > state[_HIGH_2]:
        state[_TOP], state[_BOTTOM], state[_FILLED] = low, state[_HIGH_2], 0.0
        state[_KNOWN_AT], state[_KNOWN_TIME] = bar, ts_close
    elif low <= state[_BOTTOM]:
        state[_FILLED] = 2.0
    elif low <= state[_TOP] and state[_FILLED] == 0.0:
        state[_FILLED] = 1.0
    state[_HIGH_2], state[_HIGH_1] = state[_HIGH_1], high
    if state[_KNOWN_AT] == 0.0:
        return nan, nan, nan, nan, nan
    age, time = bar - state[_KNOWN_AT], state[_KNOWN_TIME]
    if side == 1:
        return -state[_BOTTOM], -state[_TOP], state[_FILLED], age, time
    return state[_TOP], state[_BOTTOM], state[_FILLED], age, time
