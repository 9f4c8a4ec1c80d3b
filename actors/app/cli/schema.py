"""`schema`: the JSON Schema of a card on stdout."""

import json

from ideacards.schema import card_schema

__all__ = ["run"]


def run() -> int:
    """Print the JSON Schema of a card, for an editor."""
    print(json.dumps(card_schema(), indent=2))
    return 0
