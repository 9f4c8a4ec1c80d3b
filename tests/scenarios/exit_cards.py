"""Random exits and sizes of an entry, for the random cards: each unit of a level, what the venue and an actor watch.

Prices of features may lie on the wrong side, and a ladder may be smaller than the minimum: then it is refused or left
out, by every run alike.
"""

from hypothesis import strategies as st

__all__ = ["FEATURES", "entry_parts", "resting_orders"]

FEATURES = "noise: {use: atr, length: 2}, low3: {use: lowest, length: 3}, high3: {use: highest, length: 3}"
LEVELS = [
    "{percent: 0.5}",
    "{percent: 2}",
    "{ticks: 4}",
    "{ticks: 12}",
    "{atr: {feature: noise}}",
    "{atr: {feature: noise, multiple: 1.5}}",
]
STOPS = [*LEVELS, "{price: low3}", "{price: high3}"]
SIZES = [
    "{quantity: 1}",
    "{notional: 150}",
    "{equity_percent: 20}",
    "{available_percent: 30}",
    "{volatility: {percent: 0.2, feature: noise}}",
    "{expression: equity * 0.2}",
]
RISKS = ["{risk: {percent: 0.2}}", "{risk: {percent: 2}}"]
TARGETS = [
    "[{percent: 0.5, fraction: 0.5}, {percent: 1, fraction: 0.5}]",
    "[{ticks: 3, fraction: 0.3}, {atr: {feature: noise}, fraction: 0.3}]",
    "[{ticks: 2, fraction: 0.001}, {ticks: 6, fraction: 0.999}]",
]
TRAILS = [
    *LEVELS,
    "{price: low3}",
    "{price: high3}",
    "{ticks: 3, activation: {ticks: 3}}",
    "{percent: 0.5, activation: {percent: 0.5}}",
]
EVENS = ["{at_r: 0.5}", "{at_r: 1, offset_ticks: 2}", "{at_target: 1}"]


PRICES = [
    "{ref: close, offset_ticks: -2}",
    "{ref: best_bid, offset: {feature: noise, multiple: -0.5}}",
    "{ref: last_fill, offset_percent: 0.3}",
    "{ref: low3}",
    "{ref: high3, offset_ticks: 1}",
]
MORE = ["", ", post_only: true", ", time_in_force: ioc", ", time_in_force: fok"]
WATCHED = ["", ", expires: {bars: 1}", ", expires: {bars: 4}", ', expires: {until: "00:09"}', ", follow: {ticks: 2}"]
ENDINGS = [
    "close < low3[1]",
    "crosses_below(fast, slow) or close > high3[1]",
    "equity < 999",
    "position.side == long and close > close[1]",
]
LADDERS = [
    "[{price: {ref: close, offset_ticks: -2}}, {price: {ref: close, offset_ticks: -6}}]",
    "[{weight: 3, price: {ref: close, offset_ticks: 3}}, {price: {ref: low3}}, {weight: 2, price: {ref: high3}}]",
    "[{weight: 0.5, price: {ref: close}}, {weight: 0.2, price: {ref: close, offset: {feature: noise}}}]",
]
FOLLOWS = [*WATCHED, ", follow: {percent: 0.3}", ", follow: {ticks: 1}, expires: {bars: 6}"]


@st.composite
def resting_orders(draw: st.DrawFn, *, ladders: bool = True) -> str:
    """An entry's order, or a ladder of them, that may rest, expire and follow its price."""
    price, kind = draw(st.sampled_from(PRICES)), draw(st.sampled_from(["limit", "limit", "stop", "stop_limit"]))
    if kind == "stop_limit":
        limit = draw(st.sampled_from(PRICES))
        return f"order: {{type: stop_limit, price: {price}, limit: {limit}{draw(st.sampled_from(WATCHED[:4]))}}}"
    more = draw(st.sampled_from(MORE)) if kind == "limit" else ""
    if draw(st.sampled_from([False, False, True])):
        more += f', expires: {{when: "{draw(st.sampled_from(ENDINGS))}"}}'
        return f"order: {{type: {kind}, price: {price}{more}{draw(st.sampled_from(['', ', follow: {ticks: 2}']))}}}"
    if kind == "limit" and ladders and draw(st.booleans()):
        return f"order: {{type: limit, ladder: {draw(st.sampled_from(LADDERS))}{more}{draw(st.sampled_from(FOLLOWS))}}}"
    return f"order: {{type: {kind}, price: {price}{more}{draw(st.sampled_from(FOLLOWS))}}}"


@st.composite
def entry_parts(draw: st.DrawFn) -> list[str]:
    """`size`, levels and exits of an entry, as parts of its emit."""
    parts: list[str] = []
    stop, target = draw(st.sampled_from([None, *STOPS])), draw(st.sampled_from([None, None, *STOPS]))
    parts += [] if stop is None else [f"stop_loss: {stop}"]
    parts += [] if target is None else [f"take_profit: {target}"]
    parts.append(f"size: {draw(st.sampled_from(SIZES if stop is None else [*SIZES, *RISKS, *RISKS]))}")
    ladder = draw(st.sampled_from([None, None, *TARGETS]))
    parts += [] if ladder is None else [f"targets: {ladder}"]
    if stop is not None:
        trail = draw(st.sampled_from([None, None, *TRAILS]))
        parts += [] if trail is None else [f"trail: {trail}"]
        even = draw(st.sampled_from([None, None, *(EVENS if ladder else EVENS[:2])]))
        parts += [] if even is None else [f"break_even: {even}"]
    bars = draw(st.sampled_from([None, None, 1, 3, 7]))
    parts += [] if bars is None else [f"time_stop: {{bars: {bars}}}"]
    end = draw(st.sampled_from([None, None, None, "00:05", "00:17"]))
    parts += [] if end is None else [f'session_end: "{end}"']
    policy = draw(st.sampled_from([None, None, "skip", "round_up"]))
    parts += [] if policy is None else [f"under_minimum: {policy}"]
    if draw(st.sampled_from([False, False, True])):
        parts += ["add: true", f"max_layers: {draw(st.sampled_from([1, 2, 3]))}"]
    return parts
