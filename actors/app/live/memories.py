"""What an earlier run of the same journal has remembered: the newest value of every key, by topic.

Each topic has one class of values. A journal holds them as JSON; here they become what the actors remembered.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from actors.model.order import Fill, Order
from actors.orders.messages import BOOKED_TOPIC, EXECUTIONS_TOPIC, ORDERS_TOPIC, Booked
from actors.ratelimiter.messages import BAN_TOPIC, BanKept
from actors.safety.messages import TradingStateChanged
from actors.strategy.actor import DECIDED_TOPIC
from actors.strategy.facts import TRADES_TOPIC, TradeRecord
from runtime.journal.format import LogRecord

__all__ = ["TOPICS", "Recollection"]

TOPICS: Mapping[str, Any] = {
    ORDERS_TOPIC: Order,
    EXECUTIONS_TOPIC: Fill,
    BOOKED_TOPIC: Booked,
    "trading_state": TradingStateChanged,
    DECIDED_TOPIC: int,
    TRADES_TOPIC: TradeRecord,
    BAN_TOPIC: BanKept,
}


class Recollection:
    """Takes the records of a journal one by one; `topics` is what they leave."""

    def __init__(self) -> None:
        self._texts: dict[str, dict[str, Any]] = {}

    def take(self, record: LogRecord) -> None:
        """One record; only what was remembered counts."""
        if record.kind != "memory":
            return
        _, _, (_, memory) = msgspec.json.decode(record.payload)
        topic = self._texts.setdefault(memory["topic"], {})
        topic[memory["key"]] = memory["value"]
        if memory.get("forget"):
            topic.pop(memory["forget"], None)

    @property
    def topics(self) -> dict[str, dict[str, Any]]:
        """By topic and key, in the order in which the keys first appeared."""
        return {
            topic: {key: msgspec.convert(value, TOPICS[topic], strict=False) for key, value in keys.items()}
            for topic, keys in self._texts.items()
        }
