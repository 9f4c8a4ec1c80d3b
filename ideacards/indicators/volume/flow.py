"""Volume signed or weighted by where the price went, and volume against its own average."""

from math import nan

from ideacards.indicators.averages.exponential import ema_at
from ideacards.indicators.averages.windowed import mean_of
from ideacards.indicators.rings import push, ring_size
from ideacards.indicators.state import State

__all__ = ["adl", "cmf", "force_index", "obv", "relative_volume", "volume_sma"]


def _flow(high: float, low: float, close: float, volume: float) -> float:
    """Volume times where the close lies in the bar, -1 at the low to 1 at the high; 0 for a bar without range."""
    span = high - low
    return ((close - low) - (high - close)) / span * volume if span > 0.0 else 0.0


def obv(state: State, x: float, volume: float) -> float:
    """On-balance volume, Granville: the running sum of the volume, with a minus where the value fell, 0 if it stayed.

    Published as TA-Lib OBV, which starts with the first bar's volume (TradingView ta.obv starts with 0). It depends on
    all bars since the first, so only its changes mean something. Defined from index 0.
    """
    is_first, previous = state[0] == 0.0, state[1]
    state[0], state[1] = 1.0, x
    if is_first or x > previous:
        state[2] += volume
    elif x < previous:
        state[2] -= volume
    return state[2]


def adl(state: State, high: float, low: float, close: float, volume: float) -> float:
    """Accumulation/distribution line, Chaikin: the running sum of ((c - l) - (h - c))/(h - l) * volume.

    Published as TA-Lib AD and TradingView ta.accdist; a bar without range adds nothing. It depends on all bars since
    the first, so only its changes mean something. Defined from index 0.
    """
    state[0] += _flow(high, low, close, volume)
    return state[0]


def cmf(state: State, high: float, low: float, close: float, volume: float, length: int) -> float:
    """Chaikin money flow: the sum of ((c - l) - (h - c))/(h - l) * volume over n bars, / the sum of their volume.

    Published as TA-Lib CMF and TradingView's CMF. Unknown without any volume. A function of exactly its window.
    Defined from index n - 1.
    """
    at = ring_size(length)
    flows = push(state, 0, length, _flow(high, low, close, volume))
    volumes = push(state, at, length, volume)
    if flows < 0:
        return nan
    total, weight = 0.0, 0.0
    for flow in state[flows : flows + length]:
        total += flow
    for traded in state[volumes : volumes + length]:
        weight += traded
    return total / weight if weight > 0.0 else nan


def force_index(state: State, x: float, volume: float, length: int, is_sma_seeded: int) -> float:
    """Force index, Elder: the EMA of (x - x before) * volume.

    Published as TA-Lib EFI (`seed: sma`) and TradingView's Elder Force Index (13). The start is felt as in `ema`.
    Defined from index n.
    """
    is_first, previous = state[0] == 0.0, state[1]
    state[0], state[1] = 1.0, x
    return nan if is_first else ema_at(state, 2, (x - previous) * volume, length, is_sma_seeded)


def volume_sma(state: State, volume: float, length: int) -> float:
    """The mean volume of the last n bars, this one included: TA-Lib SMA of the volume.

    A function of exactly its window. Defined from index n - 1.
    """
    oldest = push(state, 0, length, volume)
    return mean_of(state, oldest, length) if oldest >= 0 else nan


def relative_volume(state: State, volume: float, length: int) -> float:
    """Volume / the mean volume of the n bars before: 2 is twice the usual.

    Published as TA-Lib RVOL; TradingView's Relative Volume compares with the same time of earlier days. Unknown where
    those bars had no volume. A function of exactly n + 1 bars. Defined from index n.
    """
    oldest = push(state, 0, length + 1, volume)
    if oldest < 0:
        return nan
    mean = mean_of(state, oldest, length)
    return volume / mean if mean > 0.0 else nan
