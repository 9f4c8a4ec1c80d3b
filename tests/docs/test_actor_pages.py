"""The pages of clock sync, orders, reconciler and strategy draw the code's own tables and name every message.

`python -m tests.docs.test_actor_pages` prints the drawings.
"""

import re
from collections.abc import Callable
from enum import Enum
from pathlib import Path

import pytest

from actors.clocksync.actor import ClockSync
from actors.clocksync.estimator import AGREEING, Finding
from actors.clocksync.policy import SyncPolicy
from actors.model.order import LocalStatus
from actors.orders.actor import Orders
from actors.orders.retries import POLICIES
from actors.orders.transitions import IGNORED, MOVES, OrderEvent
from actors.ratelimiter.actor import RateLimiter
from actors.reconciler.actor import Reconciler
from actors.reconciler.messages import LookUpOutcome, ReconcileCause, ReconcileVerdict
from actors.strategy.actor import Strategy
from actors.websocket.actor import ResilientWebSocket
from runtime.actor import Actor

ROOT = Path(__file__).resolve().parents[2]
PAGES: dict[str, type[Actor]] = {
    "clocksync": ClockSync,
    "orders": Orders,
    "ratelimiter": RateLimiter,
    "reconciler": Reconciler,
    "strategy": Strategy,
    "websocket": ResilientWebSocket,
}
NS = 10**9


def page(name: str) -> str:
    return (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")


def words(name: Enum) -> str:
    return name.name.lower().replace("_", " ")


def order_table() -> str:
    """Every (status, event) pair: where it leads, or a dot where it is ignored."""
    open_ones = [status for status in LocalStatus if not status.has_ended]
    ended = [status for status in LocalStatus if status.has_ended]
    lines = ["| event | " + " | ".join(words(status) for status in open_ones) + " | ended |"]
    lines.append("|---" * (len(open_ones) + 2) + "|")
    for event in OrderEvent:
        cells = [words(MOVES[status][event]) if event in MOVES[status] else "·" for status in open_ones]
        late = {words(MOVES[status][event]) for status in ended if event in MOVES[status]}
        lines.append(f"| {words(event)} | " + " | ".join(cells) + f" | {' '.join(sorted(late)) or '·'} |")
    return "\n".join(lines)


def order_reasons() -> str:
    """Why pairs are ignored."""
    ignored: dict[str, list[str]] = {}
    for (_, event), reason in IGNORED.items():
        events = ignored.setdefault(reason, [])
        if words(event) not in events:
            events.append(words(event))
    rows = (f"| {reason} | {', '.join(events)} |" for reason, events in ignored.items())
    return "\n".join(["| ignored, because | events |", "|---|---|", *rows])


def retries() -> str:
    """The policies by error class."""
    lines = ["| error | longest waits, s | sends in all |", "|---|---|---|"]
    for error, policy in POLICIES.items():
        attempts = next(number for number in range(1, 100) if policy.gives_up(number))
        waits = ", ".join(f"{policy.wait_ns(number, 0.0) / NS:g}" for number in range(1, attempts))
        lines.append(f"| {error.__name__} | {waits} | {attempts} |")
    return "\n".join(lines)


def clock_numbers() -> str:
    """The policy's numbers."""
    policy = SyncPolicy()
    rows = [
        ("an exchange every", f"{policy.interval_ns / NS:g} s"),
        ("drift of the clocks, at most", f"{policy.drift_ppm} ppm"),
        ("error with which entries are allowed, at most", f"{policy.max_error_ns / NS * 1000:g} ms"),
        ("exchanges that a first estimate rests on", str(AGREEING)),
    ]
    return "\n".join(["| | |", "|---|---|", *(f"| {what} | {value} |" for what, value in rows)])


def names_of(kind: type[Enum]) -> list[str]:
    return [f"| {member.value} |" for member in kind]


DRAWINGS: list[tuple[str, Callable[[], str]]] = [
    ("orders", order_table),
    ("orders", order_reasons),
    ("orders", retries),
    ("clocksync", clock_numbers),
]


@pytest.mark.parametrize(("name", "drawing"), DRAWINGS, ids=lambda value: getattr(value, "__name__", value))
def test_the_page_draws_the_table_as_it_is(name: str, drawing: Callable[[], str]) -> None:
    assert drawing() in page(name)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("reconciler", ReconcileCause),
        ("reconciler", ReconcileVerdict),
        ("reconciler", LookUpOutcome),
        ("clocksync", Finding),
    ],
)
def test_the_page_has_a_row_for_each(name: str, kind: type[Enum]) -> None:
    assert [row for row in names_of(kind) if row not in page(name)] == []


@pytest.mark.parametrize("name", [name for name in PAGES if name not in ("ratelimiter", "websocket")])
def test_the_page_names_every_message_that_the_actor_takes(name: str) -> None:
    told = set(re.findall(r"`(\w+)`", page(name)))
    assert [kind.__name__ for kind in PAGES[name]._handlers if kind.__name__ not in told] == []


@pytest.mark.parametrize("name", PAGES)
def test_the_page_names_files_that_exist(name: str) -> None:
    names = re.findall(r"`((?:[a-z_]+/)+[a-z_]+\.py)`", page(name))
    assert names
    assert [file for file in names if not (ROOT / file).exists()] == []


if __name__ == "__main__":
    print("\n\n".join(drawing() for _, drawing in DRAWINGS))
