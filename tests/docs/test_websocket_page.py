"""docs/websocket.md draws the stream's table as it is. `python -m` this module prints the drawings."""

import re
from itertools import groupby
from pathlib import Path

from actors.bybit.frame_rules import Waiting
from actors.websocket.policy import StreamPolicy
from actors.websocket.transitions import ENDS, IGNORED, MOVES, StreamEvent, StreamState

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "websocket.md"


def words(name: StreamState | StreamEvent) -> str:
    return name.name.lower().replace("_", " ")


def diagram() -> str:
    """The moves from one state to another, those of one pair of states on one arrow."""
    lines = ["```mermaid", "stateDiagram-v2", "    [*] --> connecting"]
    for state, row in MOVES.items():
        moves = sorted((to, event) for event, to in row.items() if to is not state)
        for to, events in groupby(moves, key=lambda move: move[0]):
            label = ", ".join(words(event) for _, event in events)
            lines.append(f"    {state.name.lower()} --> {to.name.lower()}: {label}")
    return "\n".join([*lines, "```"])


def table() -> str:
    """Every pair: the state it leads to, `stays`, `ends`, or a dot where it is ignored."""
    lines = [
        "| event | " + " | ".join(words(state) for state in StreamState) + " |",
        "|---" * (len(StreamState) + 1) + "|",
    ]
    for event in StreamEvent:
        cells = [cell(state, event) for state in StreamState]
        lines.append(f"| {words(event)} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def cell(state: StreamState, event: StreamEvent) -> str:
    to = MOVES[state].get(event)
    if to is not None:
        return "stays" if to is state else words(to)
    return "**ends**" if (state, event) in ENDS else "·"


def reasons() -> str:
    """Why pairs are ignored, and why others end the actor."""
    ignored: dict[str, list[str]] = {}
    for (state, event), reason in IGNORED.items():
        events = ignored.setdefault(reason, [])
        if words(event) not in events:
            events.append(words(event))
        assert (state, event) not in ENDS
    lines = ["| ignored, because | events |", "|---|---|"]
    lines += [f"| {reason} | {', '.join(events)} |" for reason, events in ignored.items()]
    lines += ["", "| ends the actor | because |", "|---|---|"]
    lines += [f"| {words(event)} while {words(state)} | {reason} |" for (state, event), reason in ENDS.items()]
    return "\n".join(lines)


def waits() -> str:
    """The policy's numbers in seconds."""
    policy = StreamPolicy()
    second = 1_000_000_000
    rows = [
        ("ping", policy.ping_ns),
        ("silence until a connection is dead", policy.silence_ns),
        ("an answer to authentication or subscription", policy.answer_ns),
        ("connecting", policy.connect_ns),
        ("our close", policy.close_ns),
        ("the first wait after a disconnect, at most", policy.backoff_ns(1, 1.0)),
        ("the longest, at most", policy.backoff_ns(100, 1.0)),
        ("being live for so long makes the next disconnect the first", policy.stable_ns),
        ("after HTTP 403 or 429", policy.ban_ns),
    ]
    lines = ["| | s |", "|---|---|", *(f"| {what} | {span_ns / second:g} |" for what, span_ns in rows)]
    return "\n".join(
        [*lines, f"| connections of a stream in {policy.budget_window_ns // second} s | {policy.budget} |"]
    )


DRAWINGS = (diagram, table, reasons, waits)


def test_the_page_draws_the_tables_as_they_are() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for drawing in DRAWINGS:
        assert drawing() in text, drawing.__name__


def test_the_page_names_every_way_in_which_a_frame_waits() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert all(f"| {waiting.value} |" in text for waiting in Waiting)


def test_the_page_names_files_that_exist() -> None:
    names = re.findall(r"`((?:[a-z_]+/)+[a-z_]+\.py)`", PAGE.read_text(encoding="utf-8"))
    assert len(names) > 5
    assert [name for name in names if not (ROOT / name).exists()] == []


if __name__ == "__main__":
    print("\n\n".join(drawing() for drawing in DRAWINGS))
