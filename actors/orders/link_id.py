"""orderLinkId: a pure function of the decision, so that a re-send has the same id.

cf + deployment (4) + card hash (6) + block (2) + leg (1) + close time (9) + rung (1), all letters and digits, at most
36 characters. A leg is a target of an entry, a rung one order of a ladder. Every part but the card hash can be
read back.
"""

import hashlib
from functools import lru_cache

__all__ = ["PREFIX", "base36", "card_code", "ladder_of", "leg_id", "link_id"]

PREFIX = "cf"
_LEG_AT = 14  # after prefix, deployment, card and block
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def base36(value: int, width: int) -> str:
    """`value` in base 36, zero-padded to `width` digits; ValueError if it is negative or needs more."""
    if not 0 <= value < 36**width:
        raise ValueError(f"{value} does not fit {width} base-36 digits")
    digits = ""
    for _ in range(width):
        value, digit = divmod(value, 36)
        digits = _DIGITS[digit] + digits
    return digits


def card_code(card_id: str) -> str:
    """Six base-36 characters of a hash of the card's id."""
    number = int.from_bytes(hashlib.blake2b(card_id.encode(), digest_size=8).digest(), "big")
    return base36(number % 36**6, 6)


def link_id(deployment: str, code: str, block_index: int, leg: int, close_ms: int, rung: int = 0) -> str:
    """The id of one order; `code` is `card_code(card_id)`. ValueError where a number does not fit its digits."""
    head = _head(deployment, code, block_index, leg)
    return f"{head}{base36(close_ms, 9)}{base36(rung, 1)}"


def ladder_of(link_id: str) -> str:
    """What the ids of all orders of a ladder share."""
    return link_id[:-1]


def leg_id(link_id: str, leg: int) -> str:
    """The id of leg `leg` of the decision that `link_id` is of."""
    return f"{link_id[:_LEG_AT]}{base36(leg, 1)}{link_id[_LEG_AT + 1 :]}"


@lru_cache(maxsize=1024)
def _head(deployment: str, code: str, block_index: int, leg: int) -> str:
    """The part that all orders of a block share."""
    return f"{PREFIX}{deployment}{code}{base36(block_index, 2)}{base36(leg, 1)}"
