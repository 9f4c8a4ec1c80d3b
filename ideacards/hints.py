"""Words that people bring from elsewhere, and the word or form of the card that means the same.

A table as data: each row says what is typed, the word that must be known at that place for the row to count, and what
to write. A row never leads to another amount of money, side, price or market: where a word may mean two things there is
no row, or one that shows both. Tests read every row through the loader.
"""

import re
from collections.abc import Iterable

import attrs

__all__ = ["CHARACTERS", "KINDS", "PHRASES", "PREFIXES", "WORDS", "Meant", "hint_for_text", "meant", "without_prefix"]


@attrs.frozen
class Meant:
    """`typed` (lower case) means `word`, which is known where it stands; `write` is the hint if the word is not all."""

    typed: str
    word: str
    write: str = ""

    @property
    def hint(self) -> str:
        """What to do."""
        return self.write or f"did you mean `{self.word}`?"


def _rows(word: str, typed: str, write: str = "") -> tuple[Meant, ...]:
    return tuple(Meant(each, word, write) for each in typed.split())


# Names of libraries in front of a function: Pine's ta and math, TA-Lib, pandas-ta, freqtrade's qtpylib.
PREFIXES = ("ta.", "math.", "talib.", "pta.", "qtpylib.", "indicators.", "np.")

# Kinds of features, by the names that TA-Lib, Pine, pandas-ta, freqtrade and charts have for them.
KINDS: tuple[Meant, ...] = (
    *_rows("sma", "ma moving_average simple_moving_average"),
    *_rows("ema", "exponential_moving_average"),
    *_rows("rma", "smma wilders wilder wilders_moving_average"),
    *_rows("wma", "weighted_moving_average lwma"),
    *_rows("hma", "hull hull_moving_average"),
    *_rows("vwma", "volume_weighted_moving_average"),
    *_rows("kama", "kaufman"),
    *_rows("bbands", "bb bollinger bollinger_bands"),
    *_rows("bbands", "bbw bollinger_width", "write `{use: bbands, length: 20}` and read its output `.width`"),
    *_rows("bbands", "bbp percent_b", "write `{use: bbands, length: 20}` and read its output `.percent_b`"),
    *_rows("keltner", "kc keltner_channel keltner_channels"),
    *_rows("donchian", "dc donchian_channel donchian_channels"),
    *_rows("true_range", "tr trange"),
    *_rows("stdev", "stddev standard_deviation"),
    *_rows("historical_volatility", "hv"),
    *_rows("stoch", "stochastic stochastics"),
    *_rows("stochrsi", "stoch_rsi"),
    *_rows("williams_r", "wpr willr williams"),
    *_rows("mom", "momentum"),
    *_rows("roc", "rate_of_change"),
    *_rows("adx", "dmi", "write `{use: adx, length: 14}`: it has the directional lines as outputs"),
    *_rows("psar", "sar parabolic_sar parabolic"),
    *_rows("ichimoku", "ichimoku_cloud"),
    *_rows("adl", "ad accdist accumulation_distribution"),
    *_rows("cmf", "chaikin_money_flow"),
    *_rows("mfi", "money_flow_index"),
    *_rows("obv", "on_balance_volume"),
    *_rows("relative_volume", "rvol"),
    *_rows("highest", "max rolling_max"),
    *_rows("lowest", "min rolling_min"),
    *_rows("argmax_age", "highestbars", "`argmax_age` counts how many bars ago it was: Pine's `highestbars` negated"),
    *_rows("argmin_age", "lowestbars", "`argmin_age` counts how many bars ago it was: Pine's `lowestbars` negated"),
    *_rows("percentile_rank", "percentrank"),
    *_rows("correlation", "correl corr"),
    *_rows("linreg", "linear_regression linearreg"),
)

# Keys, actions, functions and names. A row counts where its word is known.
WORDS: tuple[Meant, ...] = (
    # the card
    *_rows("id", "name title"),
    *_rows("thesis", "description why comment"),
    *_rows("features", "indicators series"),
    *_rows("blocks", "rules signals strategy entries", "write `blocks:`, a list of {id, cases}"),
    *_rows("parameters", "params inputs"),
    *_rows("time_zone", "timezone tz"),
    *_rows("leaders", "leader informative informative_pairs"),
    *_rows("schema", "version schema_version"),
    *_rows("market", "symbol pair ticker", "write it under `market`: {venue: bybit, category: linear, symbol: X}"),
    *_rows("timeframes", "timeframe interval", "write `timeframes: {exec: 1m}`, slower ones beside `exec`"),
    *_rows("account", "leverage equity capital", "write it under `account`: {equity: 10000, leverage: 1}"),
    # its parts
    *_rows("venue", "exchange"),
    *_rows("symbol", "pair ticker instrument"),
    *_rows("equity", "capital initial_capital starting_equity start_equity"),
    *_rows("use", "type kind indicator function"),
    *_rows("of", "source src input"),
    *_rows("length", "period timeperiod len window lookback"),
    *_rows("multiplier", "mult stddev nbdev deviation"),
    *_rows("fast", "fast_length fastperiod fastlength"),
    *_rows("slow", "slow_length slowperiod slowlength"),
    *_rows("signal", "signal_length signalperiod"),
    *_rows("timeframe", "tf interval"),
    *_rows("cases", "when if conditions", "write `cases:`, a list of {when, emit}"),
    *_rows("when", "if condition cond"),
    *_rows("emit", "then do action", "write `emit: {action: enter_long, size: {notional: 1000}}`"),
    *_rows("default", "value"),
    # orders
    *_rows("stop_loss", "stop sl stoploss", "write `stop_loss: {percent: N}`, N percent of the entry's price"),
    *_rows("take_profit", "target tp takeprofit", "write `take_profit: {percent: N}`, N percent of the entry's price"),
    *_rows("quantity", "qty", "`quantity` is in base coin"),
    *_rows("notional", "stake_amount usdt quote", "`notional` is in quote coin"),
    *_rows("risk", "risk_percent risk_pct", "write `risk: {percent: N}`: the share of equity lost at the stop loss"),
    *_rows("order", "limit_price", "write `order: {type: limit, price: {ref: close}}`"),
    *_rows("offset_percent", "offset_pct"),
    *_rows("enter_long", "long go_long entry_long enterlong"),
    *_rows("enter_short", "short go_short entry_short entershort sell_short"),
    *_rows("enter_long", "buy", "`enter_long` opens a long; `exit` closes a short"),
    *_rows("enter_short", "sell", "`enter_short` opens a short; `exit` closes a long"),
    *_rows("exit", "close close_position exit_long exit_short", "`exit` closes the position, whichever its side"),
    *_rows("none", "hold nothing wait"),
    *_rows("replace", "amend modify edit_order", "`replace` gives the resting entry another price, size, or both"),
    *_rows("trail", "trailing_stop trailing_stop_loss", "write `trail: {percent: N}`: N percent from the best price"),
    *_rows("expires", "expiry expire expiration good_till"),
    *_rows("follow", "chase peg requote", "write `follow: {ticks: N}`: amended when its price has moved by more"),
    *_rows("ladder", "rungs scaled_orders", "write `ladder: [{weight: 1, price: {ref: close, offset_ticks: -5}}, …]`"),
    *_rows("stop", "stop_market"),
    # conditions
    *_rows("crosses_above", "crossover cross_above crossed_above crosses_over crossup cross_over"),
    *_rows("crosses_below", "crossunder cross_below crossed_below crosses_under crossdown cross_under"),
    *_rows("crosses_above", "cross crosses", "`crosses_above(a, b)` or `crosses_below(a, b)`: a cross has a direction"),
    *_rows("bars_since", "barssince"),
    *_rows("value_when", "valuewhen", "`value_when(condition, x)`: x at the bar at which the condition last held"),
    *_rows("abs", "fabs absolute"),
    *_rows("position.size", "strategy.position_size position_size"),
    *_rows("position.entry_price", "strategy.position_avg_price entry_price avg_price"),
    *_rows("position.long", "in_position has_position", "write `position.long or position.short`"),
    *_rows("position.flat", "no_position not_in_position flat"),
    *_rows("equity", "strategy.equity"),
    *_rows("time.hour", "hour"),
    *_rows("time.minute", "minute"),
    *_rows("time.weekday", "dayofweek weekday", "write `time.weekday == mon`"),
)

# Characters that the expression language does not have.
CHARACTERS: dict[str, str] = {
    "&": "write `and`",
    "|": "write `or`",
    "!": "write `not`, or compare with < <= > >= == !=",
    "^": "write the product, `x * x`",
    "%": "a share is a number: 0.5 % of x is `0.005 * x`",
    "?": "write two cases, or `c and a or not c and b`",
    "'": "names stand without quotes: `close`, or the name of a feature",
    '"': "names stand without quotes: `close`, or the name of a feature",
    "≥": "write `>=`",
    "≤": "write `<=`",
    "≠": "write `!=`",
    "\N{MULTIPLICATION SIGN}": "write `*`",
    "÷": "write `/`",
    "\N{MINUS SIGN}": "write `-`",
    "$": "numbers stand without a currency",
    ":": "a condition stands alone; what follows from it is under `emit`",
    ";": "write each condition as an item of `all:`",
    "@": "names are letters, digits and _",
    "#": "a comment begins after a blank, outside quotes",
}

_NAME = r"([A-Za-z_][\w.]*(?:\[\d+\])?|\d[\d.]*)"
# What a text that is no expression was meant to be: a pattern, and the hint, in which {0}, {1} are its groups.
PHRASES: tuple[tuple[str, str], ...] = (
    (rf"{_NAME}\s+cross(?:es|ed)?\s+(?:above|over)\s+{_NAME}", "write `crosses_above({0}, {1})`"),
    (rf"{_NAME}\s+cross(?:es|ed)?\s+(?:below|under)\s+{_NAME}", "write `crosses_below({0}, {1})`"),
    (rf"{_NAME}\s+(?:is\s+)?between\s+{_NAME}\s+and\s+{_NAME}", "write `between({0}, {1}, {2})`"),
    (rf"{_NAME}\s+is\s+(?:above|over|greater\s+than|higher\s+than)\s+{_NAME}", "write `{0} > {1}`"),
    (rf"{_NAME}\s+is\s+(?:below|under|less\s+than|lower\s+than)\s+{_NAME}", "write `{0} < {1}`"),
    (r"<>", "write `!=`"),
    (r"=<", "write `<=`"),
    (r"=>", "write `>=`"),
    (r"\bAND\b|\bAnd\b", "write `and`"),
    (r"\bOR\b|\bOr\b", "write `or`"),
    (r"\bNOT\b|\bNot\b", "write `not`"),
    (
        r"\b(\d+[A-Z][A-Z0-9]*)\.([a-z]\w*)",
        "no name begins with a digit: write a feature, like `its_{1}: {{use: sma, of: {1}, length: 1, symbol: {0}}}`",
    ),
    (r"^\s*if\b|\bthen\b", "write the condition alone; what follows from it is under `emit`"),
)


def without_prefix(name: str) -> str:
    """The name in lower case, without the library that is written in front of it."""
    lower = name.lower()
    return next((lower[len(prefix) :] for prefix in PREFIXES if lower.startswith(prefix)), lower)


def meant(typed: str, known: Iterable[str]) -> str | None:
    """The hint of the first row for what was typed whose word is known here; None if there is none."""
    names = {str(name): None for name in known}
    bare = without_prefix(typed)
    for candidate in (typed.lower(), bare):
        if candidate != typed and candidate in names:
            return f"did you mean `{candidate}`?"
    for row in (*WORDS, *KINDS):
        if row.typed in (typed.lower(), bare) and row.word in names:
            return row.hint
    return None


def hint_for_text(text: str) -> str | None:
    """The hint of the first phrase that stands in a text which is no expression."""
    for pattern, hint in PHRASES:
        found = re.search(pattern, text)
        if found is not None:
            return hint.format(*found.groups())
    return None
