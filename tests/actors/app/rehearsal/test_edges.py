"""The rehearsal's clock and edges: exact times, latencies before and behind, frames in their order."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st

from actors.app.rehearsal.clock import RehearsalClock
from actors.app.rehearsal.edges import DelayedRest, DelayedSocket, Gate
from actors.model.streams import OpenSocket, SocketFrame

EPOCH_MS = 1_733_184_000_000
Emit = Callable[[Any], Awaitable[None]]


@given(st.integers(0, 10**16))
def test_a_deadline_has_passed_at_the_time_that_the_clock_gives_for_it(due_ns: int) -> None:
    clock = RehearsalClock(EPOCH_MS)
    deadline = due_ns / 1_000_000_000
    clock.advance_to(clock.wall_ns_of(deadline))
    assert clock.deadline_to_sleep_time(deadline) == 0
    assert clock.wall_ns - EPOCH_MS * 1_000_000 - due_ns < 1_000  # never more than a microsecond too far


@given(st.integers(0, 10**10))
def test_whole_milliseconds_stay_whole(due_ms: int) -> None:
    clock = RehearsalClock(EPOCH_MS)
    assert clock.wall_ns_of(due_ms / 1000) == (EPOCH_MS + due_ms) * 1_000_000


def test_the_clock_stands_still_and_never_goes_back() -> None:
    clock = RehearsalClock(EPOCH_MS)
    assert clock.deadline_to_sleep_time(0.001) > 1_000
    clock.advance_to((EPOCH_MS + 5) * 1_000_000)
    clock.advance_to((EPOCH_MS + 4) * 1_000_000)
    assert (clock.wall_ms, clock.current_time()) == (EPOCH_MS + 5, 0.005)


async def test_a_request_waits_before_and_behind_and_counts_as_under_way_in_between(autojump_clock: Any) -> None:
    started = trio.current_time()
    seen: list[tuple[str, float, int]] = []

    async def serve(request: object, emit: Emit) -> None:
        seen.append(("sent", round(trio.current_time() - started, 6), rest.in_flight))
        await trio.sleep(1)
        await emit("answer")

    async def emit(message: Any) -> None:
        seen.append((message, round(trio.current_time() - started, 6), rest.in_flight))

    rest = DelayedRest(serve, 20_000_000, 30_000_000)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(rest, "request", emit)
        await trio.sleep(0.5)
        await rest.landed()
        assert round(trio.current_time() - started, 6) == 1.02
    assert seen == [("sent", 0.02, 1), ("answer", 1.05, 0)]


@pytest.mark.parametrize("latency_ms", [0, 20])
async def test_frames_come_through_the_gate_in_order_and_late_from_then_on(
    autojump_clock: Any, latency_ms: int
) -> None:
    started, gate = trio.current_time(), Gate()
    heard: list[tuple[str, int]] = []

    async def edge(request: object, emit: Emit) -> None:
        for number in range(3):
            await emit(SocketFrame(str(number), 0))
        await trio.sleep(2)

    async def emit(message: Any) -> None:
        heard.append((message.text, round((trio.current_time() - started) * 1000)))

    gate.close()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(DelayedSocket(edge, latency_ms * 1_000_000, gate), OpenSocket("1"), emit)
        await trio.sleep(1)
        assert heard == []
        gate.open()
    assert heard == [(str(number), 1_000 + latency_ms) for number in range(3)]
