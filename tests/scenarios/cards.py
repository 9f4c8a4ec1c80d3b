"""Random cards as Hypothesis strategies: every kind of block, condition and order, in small numbers.

A condition is drawn from clauses of the market, of the position and of both, so that what must be looked at depends on
history alone, on the trading state, on a level that the entry fixes, or on equity, which changes with every bar.
"""

from hypothesis import strategies as st

from tests.scenarios.exit_cards import FEATURES, entry_parts

__all__ = ["cards"]

MARKET = [
    "crosses_above(fast, slow)",
    "crosses_below(fast, slow)",
    "close > fast",
    "close < close[2]",
    "high - low > 1",
    "within_last(3, crosses_above(close, slow))",
    "bars_since(close < fast) > 2",
    "time.minute >= 10 and time.minute != 25",
]
POSITION = ["position.flat", "position.long", "position.short", "not position.flat", "position.size > 0", "true"]
BOTH = [
    "close > position.entry_price * 1.01",
    "close < position.entry_price - 0.5",
    "abs(position.size) < 2",
    "equity > 1000",
    "equity < 1000.5",
    "position.entry_price > slow",
    "position.unrealised_percent > 0.4",
    "position.unrealised_percent < -0.3 or position.bars_in_trade >= 6",
    "position.unrealised_r > 0.7",
    "position.bars_in_trade > 3",
    "position.bars_since_exit >= 4",
    "position.bars_since_loss > 8",
    "close < position.best_price - 0.3",
    "position.worst_percent < -0.5",
    "position.best_percent > 1",
    "position.entries_today < 3",
    "position.last_exit == stop_loss",
    "position.last_exit != exit",
    "position.last_result < 0",
    "position.side != short",
    "drawdown > 0.05",
]
SIZES = ["{quantity: 1}", "{quantity: 0.002}", "{notional: 150}", "{equity_percent: 20}", "{equity_percent: 1500}"]
PRICES = [
    "{ref: close, offset_ticks: -2}",
    "{ref: close, offset_ticks: 3}",
    "{ref: fast}",
    "{ref: slow, offset_percent: 0.5}",
    "{ref: entry, offset_percent: 1}",
]


@st.composite
def conditions(draw: st.DrawFn) -> str:
    """Up to three clauses, joined by `and` or `or`."""
    clauses = draw(st.lists(st.one_of(*map(st.sampled_from, (MARKET, POSITION, BOTH))), min_size=1, max_size=3))
    text = clauses[0]
    for clause in clauses[1:]:
        text = f"({text}) {draw(st.sampled_from(['and', 'and', 'or']))} {clause}"
    return f"not ({text})" if draw(st.sampled_from([False, False, False, True])) else text


@st.composite
def emits(draw: st.DrawFn) -> str:
    """What a case emits."""
    action = draw(st.sampled_from(["enter_long", "enter_long", "enter_short", "exit", "exit", "none"]))
    if action == "none":
        return "{action: none}"
    parts = [f"action: {action}"]
    if action == "exit":
        if draw(st.booleans()):
            parts.append("fraction: 0.5")
    elif draw(st.booleans()):
        parts += draw(entry_parts())
    else:
        parts.append(f"size: {draw(st.sampled_from(SIZES))}")
        percents = st.sampled_from([None, None, "0.5", "1", "2"])
        for key in ("stop_loss", "take_profit"):
            percent = draw(percents)
            if percent is not None:
                parts.append(f"{key}: {{percent: {percent}}}")
        if draw(st.sampled_from([False, False, True])):
            parts.append("add: true")
    kind = draw(st.sampled_from(["market", "market", "limit", "stop"]))
    if kind != "market":
        parts.append(f"order: {{type: {kind}, price: {draw(st.sampled_from(PRICES))}}}")
    return "{" + ", ".join(parts) + "}"


@st.composite
def cards(draw: st.DrawFn) -> str:
    """A card's text with one to three blocks."""
    lines = [
        "id: drawn",
        "market: {venue: bybit, category: linear, symbol: BTCUSDT}",
        "timeframes: {exec: 1m}",
        f"account: {{equity: 1000, leverage: {draw(st.sampled_from([5, 50]))}}}",
        f"features: {{fast: {{use: ema, length: 2}}, slow: {{use: sma, length: {draw(st.sampled_from([3, 4]))}}},"
        f" {FEATURES}}}",
        "blocks:",
    ]
    for number in range(draw(st.integers(1, 3))):
        lines += [f"- id: block{number}", "  cases:"]
        for _ in range(draw(st.integers(1, 2))):
            lines += [f'  - when: "{draw(conditions())}"', f"    emit: {draw(emits())}"]
        if draw(st.sampled_from([False, False, False, False, True])):
            lines += [f"  else: {{emit: {draw(emits())}}}"]
    return "\n".join(lines) + "\n"
