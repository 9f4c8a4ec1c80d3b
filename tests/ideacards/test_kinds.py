"""A price is not compared with a ratio, nor added to it; a written number and an unknown kind fit anything."""

import pytest

from tests.ideacards.builders import a_card_text, faults_of

FEATURES = """features:
  mean: {use: sma, length: 2}
  noise: {use: atr, length: 2}
  strength: {use: rsi, length: 2}
  smooth: {use: sma, of: strength, length: 2}
  flow: {use: sma, of: volume, length: 2}
  turn: {use: macd, fast: 2, slow: 3, signal: 2}
  band: {use: bbands, of: strength, length: 2}"""

SOUND = """
close > mean + 2 * noise
close > 100
mean * 1.01 < close
strength > 70
smooth - strength < 5
abs(close - mean) < noise
noise / close > 0.002
close / mean > strength / 100
close * (1 + strength / 100) > mean
volume > flow * 2
volume * close > equity
equity / close > position.size
equity / position.size > close
bars_since(close > mean) > strength
bars_since(close > mean) == 3
value_when(close > mean, low) < close
turn.line > turn.signal
band.upper > smooth
time.hour * 60 + time.minute >= 510
time.date != 20250131
near(close, mean, 0.5 * noise)
near(close, mean, percent=0.5)
between(strength, 30, 70)
crosses_above(strength, 30)
min(close, mean, 100) > 1 / close
-close < -mean
close * mean > strength
position.side == long
position.side != flat
time.weekday == fri
time.weekday <= fri
mon == time.weekday
position.long == (close > mean)
position.long != true
true == crosses_above(close, mean)
(close > mean) == session.london
""".strip().splitlines()


@pytest.mark.parametrize("text", SOUND)
def test_numbers_of_one_kind_go_together(text: str) -> None:
    assert faults_of(card_with(text)) == []


WRONG = {
    "close > strength": (
        "close",
        "`close` is a price and `strength` a ratio: they do not compare; numbers",
    ),
    "close > smooth * 2": ("close", "a ratio: they do not compare"),
    "close > band.upper": ("close", "a ratio"),
    "close > noise / mean": ("close", "a ratio"),
    "close + strength > 1": ("close", "they do not add up"),
    "close > bars_since(true)": ("close", "`bars_since(true)` a count"),
    "close > time.hour": ("close", "a time"),
    "strength > time.hour": ("strength", "a time"),
    "close > volume": ("close", "a quantity"),
    "equity > close": ("equity", "is an amount of money and `close` a price"),
    "crosses_above(close, strength)": ("close", "they do not cross"),
    "between(close, 1, strength)": ("close", "a ratio"),
    "min(close, strength) > 1": ("close", "they do not compare"),
    "1 < close < strength": ("close", "a ratio"),
    "close == mean": ("mean", "`==` compares counts, times, words and truths, not prices and ratios"),
    "strength != 50": ("50", "`!=` compares counts"),
    "position.side == up": ("up", "`up` is no value of `position.side`; known: long, short, flat"),
    "position.side == logn": ("logn", "did you mean `long`?"),
    "position.side == 1": ("1", "is no value of `position.side`"),
    "position.side < long": ("position.side", "has no order; compare it with == or !="),
    "position.side > 1": ("1", "is no value"),
    "position.side": ("position.side", "is a word; compare it with == or != to one of long short flat"),
    "time.weekday + 1 > 2": ("time.weekday", "is a word"),
    "time.weekday == 3": ("3", "is no value of `time.weekday`; known: mon, tue"),
    "time.weekday == friday": ("friday", "no value of `time.weekday`"),
    "time.year > 2": ("time.year", "undefined name `time.year`"),
    "time > 2": ("time", "undefined name `time`"),
    "position.long == 1": ("1", "expected true or false"),
    "session.tokyo": ("session.tokyo", "the card has no session `tokyo`; known: london"),
    "session.londn": ("session.londn", "did you mean `london`?"),
    "session.london > 1": ("session.london", "expected a number"),
}


@pytest.mark.parametrize("text", WRONG)
def test_what_does_not_go_together_is_refused_at_its_place(text: str) -> None:
    at, words = WRONG[text]
    (line,) = faults_of(card_with(text))
    assert words in line
    assert text[int(line.split(":")[2]) - len(PREFIX) - 2 :].startswith(at), line


PREFIX = "  - when: "


def card_with(expression: str) -> str:
    return a_card_text(
        features=FEATURES,
        sessions="sessions:\n  london: {zone: Europe/London, from: 08:00, to: 16:30, days: [mon, tue, wed, thu, fri]}",
        blocks=f"blocks:\n- id: entry\n  cases:\n{PREFIX}'{expression}'\n    emit: {{action: exit}}",
    )
