"""Mutated cards: one of three sound cards (features, resting entries, what a case changes) with keys renamed, dropped
or added, values of other types, and garbled expressions.

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
from ideacards.loading.written import ACTION_KEYS, EMIT_KEYS

__all__ = ["BASE", "BASES", "garbled", "mutants"]

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
        },
    ],
}
QUOTES: dict[str, Any] = {
    "id": "probe",
    "market": {"venue": "bybit", "category": "linear", "symbol": "BTCUSDT"},
    "timeframes": {"exec": "1m"},
    "account": {"equity": 1000, "leverage": 2},
    "parameters": {"n": {"default": 4}},
    "features": {"fast": {"use": "ema", "length": 9}, "noise": {"use": "atr", "length": "n", "history": 90}},
    "blocks": [
        {
            "id": "quotes",
            "cases": [
                {
                    "when": "close < fast",
                    "emit": {
                        "action": "enter_short",
                        "size": {"risk": {"percent": 1}},
                        "order": {
                            "type": "limit",
                            "ladder": [
                                {"weight": 2, "price": {"ref": "close", "offset_percent": 0.5}},
                                {"price": {"ref": "fast", "offset": {"feature": "noise", "multiple": 2}}},
                            ],
                            "post_only": True,
                            "expires": {"when": {"any": ["close < fast", "drawdown > n"]}},
                            "follow": {"ticks": 4},
                        },
                        "stop_loss": {"atr": {"feature": "noise", "multiple": 3}},
                        "trail": {"ticks": 40, "activation": {"percent": 1}},
                        "break_even": {"at_r": 1, "offset_ticks": 2},
                        "time_stop": {"bars": 60},
                        "session_end": "21:00",
                        "under_minimum": "skip",
                        "max_layers": 3,
                    },
                },
                {
                    "when": "position.side == long",
                    "emit": {
                        "action": "scale_in",
                        "size": {"volatility": {"percent": 1, "feature": "noise"}},
                        "order": {"type": "stop_limit", "price": {"ref": "fast"}, "limit": {"ref": "close"}},
                        "stop_loss": {"price": "fast"},
                        "targets": [{"percent": 1, "fraction": 0.5}, {"ticks": 90, "fraction": 0.5}],
                        "break_even": {"at_target": 1},
                    },
                },
                {"when": "time.hour == 3", "emit": {"action": "reverse", "size": {"expression": "equity / 2"}}},
            ],
        },
    ],
}
MANAGED: dict[str, Any] = {
    "id": "probe",
    "market": {"venue": "bybit", "category": "linear", "symbol": "BTCUSDT"},
    "timeframes": {"exec": "1m"},
    "account": {"equity": 1000, "leverage": 2},
    "parameters": {"n": {"default": 4}},
    "features": {"fast": {"use": "ema", "length": 9}, "noise": {"use": "atr", "length": "n", "history": 90}},
    "blocks": [
        {
            "id": "manage",
            "cases": [
                {"when": "close > fast", "emit": {"action": "trail", "trail": {"percent": 0.5}}},
                {
                    "when": "close > fast[2]",
                    "emit": {
                        "action": "replace",
                        "price": {"ref": "fast", "offset_ticks": -3},
                        "size": {"available_percent": 5},
                        "under_minimum": "round_up",
                    },
                },
                {"when": "close < open", "emit": {"action": "scale_out", "fraction": 0.25}},
                {
                    "when": "position.bars_in_trade > 5",
                    "emit": {"action": "set_stop", "stop_loss": {"ticks": 5}, "tighten": True},
                },
                {"when": "time.weekday == mon", "emit": {"action": "set_target", "take_profit": {"percent": 3}}},
                {"when": "falling(close, 2)", "emit": {"action": "cancel"}},
                {"when": "rising(close, n)", "emit": {"action": "flatten"}},
            ],
        },
    ],
}
BASES = (BASE, QUOTES, MANAGED)
_OF_ORDERS = (
    "ladder",
    "weight",
    "expires",
    "follow",
    "bars",
    "until",
    "when",
    "offset",
    "price",
    "limit",
    "close",
    "1m",
)
_WORDS = tuple(
    dict.fromkeys(
        (
            *(row.typed for row in (*WORDS, *KINDS)),
            *INDICATORS,
            *TRUTH_CALLS,
            *NUMBER_CALLS,
            *ACTION_KEYS,
            *EMIT_KEYS,
            *_OF_ORDERS,
        )
    )
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
        card = json.loads(json.dumps(dice.choice(BASES)))
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
