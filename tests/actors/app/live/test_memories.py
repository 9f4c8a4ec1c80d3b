"""What a live run remembers comes back in the next one: of every topic that an actor of the tree writes."""

import re
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from actors.app.live.memories import TOPICS, Recollection
from actors.model.fixed import Money
from actors.strategy.facts import TRADES_TOPIC, TradeRecord
from ideacards.position_view import ExitReason
from runtime.journal.format import LogRecord
from runtime.messages import Remember

ROOT = Path(__file__).resolve().parents[4]
HELD = TradeRecord(
    1, 60_000, Decimal("1.50"), Money(-7), (60_000, 120_000), "cf1", 30_000, 30_000, ExitReason.STOP_LOSS, Money(-3),
    120_000, Money(10**15), 120_000,
)  # fmt: skip


@pytest.mark.parametrize("record", [TradeRecord(), HELD])
def test_what_a_cards_fills_came_to_is_recalled_as_it_was(record: TradeRecord) -> None:
    memory = Recollection()
    told = msgspec.json.encode([0, 0, ["strategies/card", Remember(TRADES_TOPIC, "card", record)]])
    memory.take(LogRecord(1, 0, "memory", told))
    assert memory.topics == {TRADES_TOPIC: {"card": record}}


def test_every_topic_of_an_actor_has_a_class() -> None:
    """A topic without one would end the second run of a journal at its start."""
    said = [path.read_text(encoding="utf-8") for path in (ROOT / "actors").rglob("*.py")]
    topics = {found for text in said for found in re.findall(r'^\w*TOPIC = "(\w+)"', text, flags=re.MULTILINE)}
    assert len(topics) >= 5
    assert topics - set(TOPICS) == set()
