"""What each structure says at the last of some bars, worked out from all of them: plain, slow, and without a state.

Each function takes the bars up to now and gives its outputs by name; None is unknown.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from tests.ideacards.structures.bars import Bar

__all__ = ["REFERENCES", "Known"]

Known = dict[str, float | None]
_NAMES = {2.0: "HH", 1.0: "HL", -1.0: "LH", -2.0: "LL"}


def _unknown(*names: str) -> Known:
    return dict.fromkeys(names)


def _swing_highs(bars: list[Bar], left: int, right: int) -> list[int]:
    """The places of the confirmed swing highs, oldest first."""
    highs = [bar.high for bar in bars]
    return [
        p
        for p in range(left, len(bars) - right)
        if highs[p] > max(highs[p - left : p]) and highs[p] >= max(highs[p + 1 : p + 1 + right])
    ]


def _swing_lows(bars: list[Bar], left: int, right: int) -> list[int]:
    lows = [bar.low for bar in bars]
    return [
        p
        for p in range(left, len(bars) - right)
        if lows[p] < min(lows[p - left : p]) and lows[p] <= min(lows[p + 1 : p + 1 + right])
    ]


def _atr(bars: list[Bar], length: int) -> list[float | None]:
    """Wilder's average true range at each bar."""
    ranges = [
        max(bar.high - bar.low, abs(bar.high - before.close), abs(bar.low - before.close))
        for before, bar in pairwise(bars)
    ]
    found: list[float | None] = [None] * min(length, len(bars))
    for k in range(length, len(bars)):
        last = found[-1]
        now = sum(ranges[:length]) / length if last is None else (last * (length - 1) + ranges[k - 1]) / length
        found.append(now)
    return found


def _since(bars: list[Bar], place: int) -> tuple[float, float]:
    """The age of what became known at a bar, and that bar's close."""
    return float(len(bars) - 1 - place), bars[place].ts_close


def swing(bars: list[Bar], left: int, right: int) -> Known:
    found = _unknown("high", "high_age", "high_confirmed_at", "low", "low_age", "low_confirmed_at")
    if highs := _swing_highs(bars, left, right):
        found["high"] = bars[highs[-1]].high
        found["high_age"], found["high_confirmed_at"] = _since(bars, highs[-1] + right)
    if lows := _swing_lows(bars, left, right):
        found["low"] = bars[lows[-1]].low
        found["low_age"], found["low_confirmed_at"] = _since(bars, lows[-1] + right)
    return found


def trend_state(bars: list[Bar], left: int, right: int) -> Known:
    highs, lows = _swing_highs(bars, left, right), _swing_lows(bars, left, right)
    labels: list[tuple[int, int, str]] = []  # place, side, label
    for before, now in pairwise(highs):
        a, b = bars[before].high, bars[now].high
        labels.append((now, 0, "HH" if b > a else "LH" if b < a else "equal"))
    for before, now in pairwise(lows):
        a, b = bars[before].low, bars[now].low
        labels.append((now, 1, "HL" if b > a else "LL" if b < a else "equal"))
    if not labels:
        return _unknown("state", "label", "age", "confirmed_at")
    place, _, last = max(labels)
    numbers = {name: number for number, name in _NAMES.items()} | {"equal": 0.0}
    age, time = _since(bars, place + right)
    state = None
    if len(highs) > 1 and len(lows) > 1:
        newest = {max(each for each in labels if each[1] == side)[2] for side in (0, 1)}
        state = 1.0 if newest == {"HH", "HL"} else -1.0 if newest == {"LH", "LL"} else 0.0
        state = 0.0 if newest == {"equal"} else state
    return {"state": state, "label": numbers[last], "age": age, "confirmed_at": time}


def _turns(bars: list[Bar], threshold: float, by: str, length: int) -> list[tuple[int, int, int]]:
    """The confirmed ends of legs: (place, place where it became known, 1 for a high and -1 for a low)."""
    atr = _atr(bars, length)

    def width(place: int, price: float) -> float:
        average = atr[place]
        return threshold * average if by == "atr" and average is not None else abs(price) * threshold / 100.0

    def high_of(first: int, stop: int) -> int | None:
        """The top of the bars [first, stop), if bar `stop` does not exceed it and has come back from it."""
        top = max(range(first, stop), key=lambda k: (bars[k].high, -k))
        level = bars[top].high
        return top if bars[stop].high <= level and bars[stop].low <= level - width(top, level) else None

    def low_of(first: int, stop: int) -> int | None:
        bottom = min(range(first, stop), key=lambda k: (bars[k].low, k))
        level = bars[bottom].low
        return bottom if bars[stop].low >= level and bars[stop].high >= level + width(bottom, level) else None

    turns: list[tuple[int, int, int]] = []
    first = length if by == "atr" else 0
    for now in range(first + 1, len(bars)):
        since, side = (turns[-1][1], turns[-1][2]) if turns else (first, 0)
        top = high_of(since, now) if (side <= 0 and not turns) or side < 0 else None
        bottom = low_of(since, now) if side >= 0 and top is None else None
        if top is not None:
            turns.append((top, now, 1))
        elif bottom is not None:
            turns.append((bottom, now, -1))
    return turns


def _price(bars: list[Bar], turn: tuple[int, int, int]) -> float:
    return bars[turn[0]].high if turn[2] > 0 else bars[turn[0]].low


def zigzag(bars: list[Bar], threshold: float, by: str, length: int) -> Known:
    turns = _turns(bars, threshold, by, length)
    if not turns:
        return _unknown("pivot", "kind", "leg", "extreme", "pivot_age", "age", "confirmed_at")
    place, known, side = turns[-1]
    leg = _price(bars, turns[-1]) - _price(bars, turns[-2]) if len(turns) > 1 else None
    extreme = min(bar.low for bar in bars[known:]) if side > 0 else max(bar.high for bar in bars[known:])
    age, time = _since(bars, known)
    return {
        "pivot": _price(bars, turns[-1]),
        "kind": float(side),
        "leg": leg,
        "extreme": extreme,
        "pivot_age": float(len(bars) - 1 - place),
        "age": age,
        "confirmed_at": time,
    }


def fibonacci(bars: list[Bar], threshold: float, by: str, length: int) -> Known:
    turns = _turns(bars, threshold, by, length)
    ratios = {"level_236": 0.236, "level_382": 0.382, "level_500": 0.5, "level_618": 0.618, "level_786": 0.786}
    if len(turns) < 2:
        return _unknown("start", "end", *ratios, "age", "confirmed_at")
    start, end = _price(bars, turns[-2]), _price(bars, turns[-1])
    age, time = _since(bars, turns[-1][1])
    levels = {name: end + (start - end) * ratio for name, ratio in ratios.items()}
    return {"start": start, "end": end, **levels, "age": age, "confirmed_at": time}


def _breaks_up(bars: list[Bar], left: int, right: int, by: str) -> list[tuple[int, float]]:
    """Where the last swing high was exceeded for the first time, and its price."""
    found = []
    highs = _swing_highs(bars, left, right)
    reach = [bar.high if by == "wick" else bar.close for bar in bars]
    for p, newer in zip(highs, [*highs[1:], len(bars)], strict=False):
        for k in range(p + right, min(newer + right, len(bars))):
            if reach[k] > bars[p].high:
                found.append((k, bars[p].high))
                break
    return found


def _breaks_down(bars: list[Bar], left: int, right: int, by: str) -> list[tuple[int, float]]:
    found = []
    lows = _swing_lows(bars, left, right)
    reach = [bar.low if by == "wick" else bar.close for bar in bars]
    for p, newer in zip(lows, [*lows[1:], len(bars)], strict=False):
        for k in range(p + right, min(newer + right, len(bars))):
            if reach[k] < bars[p].low:
                found.append((k, bars[p].low))
                break
    return found


def structure_break(bars: list[Bar], left: int, right: int, by: str) -> Known:
    up = [(k, 0, 1.0, level) for k, level in _breaks_up(bars, left, right, by)]
    down = [(k, 1, -1.0, level) for k, level in _breaks_down(bars, left, right, by)]
    breaks = sorted(up + down)
    if not breaks:
        return _unknown("direction", "level", "is_change", "age", "confirmed_at")
    place, _, direction, level = breaks[-1]
    is_change = len(breaks) > 1 and breaks[-2][2] != direction
    age, time = _since(bars, place)
    return {
        "direction": direction,
        "level": level,
        "is_change": float(is_change),
        "age": age,
        "confirmed_at": time,
    }


def order_block(bars: list[Bar], side: str, left: int, right: int, by: str) -> Known:
    is_bull = side == "bullish"
    breaks = (_breaks_up if is_bull else _breaks_down)(bars, left, right, by)
    for place, _ in reversed(breaks):
        opposite = [b for b in bars[:place] if (b.close < b.open if is_bull else b.close > b.open)]
        if opposite:
            block, later = opposite[-1], bars[place + 1 :]
            age, time = _since(bars, place)
            is_back = any(b.low <= block.high if is_bull else b.high >= block.low for b in later)
            is_lost = any(b.close < block.low if is_bull else b.close > block.high for b in later)
            state = 2.0 if is_lost else float(is_back)
            return {"top": block.high, "bottom": block.low, "state": state, "age": age, "confirmed_at": time}
    return _unknown("top", "bottom", "state", "age", "confirmed_at")


def fair_value_gap(bars: list[Bar], side: str) -> Known:
    for place in range(len(bars) - 1, 1, -1):
        first, third, later = bars[place - 2], bars[place], bars[place + 1 :]
        age, time = _since(bars, place)
        if side == "bullish" and third.low > first.high:
            lowest = min((bar.low for bar in later), default=third.low + 1)
            state = 2.0 if lowest <= first.high else float(lowest <= third.low)
            return {"top": third.low, "bottom": first.high, "state": state, "age": age, "confirmed_at": time}
        if side == "bearish" and third.high < first.low:
            highest = max((bar.high for bar in later), default=third.high - 1)
            state = 2.0 if highest >= first.low else float(highest >= third.high)
            return {"top": first.low, "bottom": third.high, "state": state, "age": age, "confirmed_at": time}
    return _unknown("top", "bottom", "state", "age", "confirmed_at")


def _margin(atr: float | None, earlier: float, tolerance: float, by: str) -> float | None:
    if by == "percent":
        return abs(earlier) * tolerance / 100.0
    if by == "price":
        return tolerance
    return None if atr is None else tolerance * atr


def equal_levels(bars: list[Bar], side: str, tolerance: float, by: str, left: int, right: int, length: int) -> Known:
    is_high = side == "highs"
    swings = (_swing_highs if is_high else _swing_lows)(bars, left, right)
    atr = _atr(bars, length)
    for first, second in reversed(list(pairwise(swings))):
        prices = [bar.high if is_high else bar.low for bar in bars]
        a, b, known = prices[first], prices[second], second + right
        margin = _margin(atr[known], a, tolerance, by)
        level = max(a, b) if is_high else min(a, b)
        between = prices[first + 1 : second]
        is_clear = all(price <= level if is_high else price >= level for price in between)
        if margin is None or abs(a - b) > margin or not is_clear:
            continue
        beyond = [k for k in range(known + 1, len(bars)) if (prices[k] > level if is_high else prices[k] < level)]
        closes = [k for k in beyond if (bars[k].close > level if is_high else bars[k].close < level)]
        swept = [k for k in beyond if k not in closes and (not closes or k < closes[0])]
        age, time = _since(bars, known)
        state = 2.0 if closes else float(bool(swept))
        sweep_age = float(len(bars) - 1 - swept[-1]) if swept else None
        return {"level": level, "state": state, "sweep_age": sweep_age, "age": age, "confirmed_at": time}
    return _unknown("level", "state", "sweep_age", "age", "confirmed_at")


def zone(bars: list[Bar], side: str, width: float, left: int, right: int, length: int) -> Known:
    is_demand = side == "demand"
    atr = _atr(bars, length)

    def broken_at(box: tuple[int, float, float], stop: int) -> int | None:
        """The first bar after it became known, up to `stop`, that closes beyond the zone."""
        known, bottom, top = box
        for k in range(known + 1, stop + 1):
            if bars[k].close < bottom if is_demand else bars[k].close > top:
                return k
        return None

    box: tuple[int, float, float] | None = None
    for place in (_swing_lows if is_demand else _swing_highs)(bars, left, right):
        known, price = place + right, bars[place].low if is_demand else bars[place].high
        average = atr[known]
        if average is None or (box and broken_at(box, known) is None and box[1] <= price <= box[2]):
            continue
        box = (known, price, price + width * average) if is_demand else (known, price - width * average, price)
    if box is None:
        return _unknown("top", "bottom", "touches", "state", "age", "confirmed_at")
    known, bottom, top = box
    lost = broken_at(box, len(bars) - 1)
    inside = [bar.low <= top if is_demand else bar.high >= bottom for bar in bars]
    last = len(bars) - 1 if lost is None else lost
    touches = sum(inside[k] and not inside[k - 1] for k in range(known + 1, last + 1))
    age, time = _since(bars, known)
    state = 2.0 if lost is not None else float(touches > 0)
    return {"top": top, "bottom": bottom, "touches": touches, "state": state, "age": age, "confirmed_at": time}


def _when(ms: float) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


def _previous(bars: list[Bar], name_of: Callable[[datetime], Any], is_start: Callable[[datetime], bool]) -> Known:
    names = [name_of(_when(bar.ts_open)) for bar in bars]
    order = list(dict.fromkeys(names))
    now, before = order[-1], order[-2] if len(order) > 1 else None
    if before is None or (before == names[0] and not is_start(_when(bars[0].ts_open))):
        return _unknown("high", "low", "close", "age", "confirmed_at")
    of_before = [bar for bar, name in zip(bars, names, strict=True) if name == before]
    age, time = _since(bars, names.index(now))
    return {
        "high": max(bar.high for bar in of_before),
        "low": min(bar.low for bar in of_before),
        "close": of_before[-1].close,
        "age": age,
        "confirmed_at": time,
    }


def _is_midnight(time: datetime) -> bool:
    return (time.hour, time.minute, time.second) == (0, 0, 0)


def previous_day(bars: list[Bar]) -> Known:
    return _previous(bars, datetime.date, _is_midnight)


def previous_week(bars: list[Bar]) -> Known:
    return _previous(
        bars, lambda time: tuple(time.isocalendar())[:2], lambda time: _is_midnight(time) and time.weekday() == 0
    )


def _session_of(time: datetime, start: int, end: int) -> tuple[datetime, datetime] | None:
    """Start and end of the session that this time lies in."""
    for day in (time.date(), time.date() - timedelta(days=1)):
        midnight = datetime.combine(day, datetime.min.time(), UTC)
        opens = midnight + timedelta(minutes=start)
        closes = midnight + timedelta(minutes=end, days=0 if end > start else 1)
        if opens <= time < closes:
            return opens, closes
    return None


def session_range(bars: list[Bar], start: int, end: int) -> Known:
    sessions = [_session_of(_when(bar.ts_open), start, end) for bar in bars]
    found = _unknown("high", "low", "running_high", "running_low", "is_open", "age", "confirmed_at") | {"is_open": 0.0}
    for session in dict.fromkeys(each for each in sessions if each is not None):
        places = [k for k, each in enumerate(sessions) if each == session]
        members = [bars[k] for k in places]
        over = [k for k in places if _when(bars[k].ts_close) >= session[1]] + [places[-1] + 1]
        is_over, is_whole = over[0] < len(bars), places[0] > 0 or _when(bars[0].ts_open) == session[0]
        high, low = max(bar.high for bar in members), min(bar.low for bar in members)
        if not is_over:
            found["is_open"] = 1.0
            if is_whole:
                found["running_high"], found["running_low"] = high, low
        elif is_whole:
            found["high"], found["low"] = high, low
            found["age"], found["confirmed_at"] = _since(bars, over[0])
    return found


def window_extremes(bars: list[Bar], length: int) -> Known:
    if len(bars) < length:
        return _unknown("high", "low", "high_age", "low_age")
    newest_first = bars[-length:][::-1]
    highs, lows = [bar.high for bar in newest_first], [bar.low for bar in newest_first]
    high, low = max(highs), min(lows)
    return {"high": high, "low": low, "high_age": float(highs.index(high)), "low_age": float(lows.index(low))}


REFERENCES: dict[str, Callable[..., Known]] = {
    each.__name__: each
    for each in (
        swing,
        trend_state,
        zigzag,
        fibonacci,
        structure_break,
        order_block,
        fair_value_gap,
        equal_levels,
        zone,
        previous_day,
        previous_week,
        session_range,
        window_extremes,
    )
}
