"""Mutated cards: a sound card with keys renamed, dropped or added, values of other types, and garbled expressions.

A seed gives the same cards on every machine. Shapes are written as JSON, which is YAML, so a mutant is exactly what
the JSON Schema is asked about; texts are garbled character by character.
"""

import json
import random
import string
from collections.abc import Iterator
from typing import Any

from ideacards.expressions.calls import NUMBER_CALLS, TRUTH_CALLS
from ideacards.hints import KINDS, WORDS
from ideacards.indicators.registry import INDICATORS

__all__ = ["BASE", "garbled", "mutants"]

BASE: dict[str, Any] = {
    "schema": 1,
    "id": "probe",
    "thesis": "x",
    "market": {"venue": "bybit", "category": "linear", "symbol": "BTCUSDT"},
    "timeframes": {"exec": "1m", "htf": "1h"},
    "account": {"equity": 1000, "leverage": 2},
    "warmup": 30,
    "time_zone": "UTC",
    "sessions": {"day": {"from": "08:00", "to": "16:00", "days": ["mon", "fri"]}},
    "parameters": {"n": {"default": 4, "min": 2, "max": 9}},
    "features": {
        "fast": {"use": "ema", "of": "close", "length": "n"},
        "slow": {"use": "sma", "length": 9, "timeframe": "htf", "fresh": {"bars": 90}},
        "band": {"use": "bbands", "length": 20, "multiplier": 2.5},
        "spread": "fast - close",
    },
    "blocks": [
        {
            "id": "entry",
            "cases": [
                {
                    "when": {"all": ["crosses_above(close, fast)", {"not": "position.long"}, "session.day"]},
                    "emit": {
                        "action": "enter_long",
                        "size": {"notional": 100},
                        "order": {"type": "limit", "price": {"ref": "band.lower", "offset_ticks": -2}},
                        "stop_loss": {"percent": 1},
                        "take_profit": {"percent": 2},
                        "add": True,
                    },
                },
                {"when": "spread > 0 and held_for(3, close > open)", "emit": {"action": "none"}},
            ],
            "else": {"emit": {"action": "exit", "fraction": 0.5}},
        }
    ],
}
_WORDS = tuple(
    dict.fromkeys((*(row.typed for row in (*WORDS, *KINDS)), *INDICATORS, *TRUTH_CALLS, *NUMBER_CALLS, "close", "1m"))
)
_VALUES: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    1,
    2.5,
    1e30,
    "",
    "x",
    "1m",
    "12",
    [],
    {},
    [1],
    {"a": 1},
    "close >",
)


def mutants(count: int, seed: int) -> Iterator[Any]:
    """`count` cards in plain lists and mappings, each with one to three mutations."""
    dice = random.Random(seed)
    for _ in range(count):
        card = json.loads(json.dumps(BASE))
        for _ in range(dice.choice((1, 1, 1, 2, 3))):
            _mutate(card, dice)
        yield card


def _mutate(card: Any, dice: random.Random) -> None:
    holder = dice.choice(list(_holders(card)))
    if isinstance(holder, list):
        place: Any = dice.randrange(len(holder))
    else:
        place = dice.choice(list(holder))
    what = dice.randrange(6)
    if what == 0:
        del holder[place]
    elif what == 1 and isinstance(holder, dict):
        holder[dice.choice(_WORDS)] = holder.pop(place)
    elif what == 2 and isinstance(holder, dict):
        holder[dice.choice(_WORDS)] = dice.choice(_VALUES)
    elif what == 3:
        holder[place] = dice.choice(_WORDS)
    elif what == 4 and isinstance(holder[place], str):
        holder[place] = garbled(holder[place], dice)
    else:
        holder[place] = json.loads(json.dumps(dice.choice(_VALUES)))


def _holders(node: Any) -> Iterator[Any]:
    """Every mapping and list that is not empty."""
    if isinstance(node, dict | list) and node:
        yield node
        for child in node.values() if isinstance(node, dict) else node:
            yield from _holders(child)


def garbled(text: str, dice: random.Random) -> str:
    """The text with one to four characters or words dropped, doubled, replaced or put in."""
    for _ in range(dice.randrange(1, 5)):
        at = dice.randrange(len(text) + 1)
        new = dice.choice((dice.choice(string.printable), dice.choice(_WORDS), " ", ""))
        text = text[:at] + new + text[at + dice.randrange(3) :]
    return text
