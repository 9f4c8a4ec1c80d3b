"""Blocking calls as edges: each runs in a thread, with limits on number and time. A call that timed out is *unknown*.

The thread of an abandoned call runs on and may still do its work, so its outcome is never "failed", and its result is
dropped. Set deadlines for connecting and reading in the call itself.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import trio

from runtime.messages import Message

__all__ = ["in_thread"]


def in_thread(
    call: Callable[[Any], Message],
    *,
    limiter: trio.CapacityLimiter,
    timeout_s: float,
    unknown: Callable[[Any], Message],
) -> Callable[[Any, Callable[[Message], Awaitable[None]]], Awaitable[None]]:
    """An edge that emits what `call(request)` returns, or `unknown(request)` after `timeout_s` including the wait."""

    async def edge(request: Any, emit: Callable[[Message], Awaitable[None]]) -> None:
        with trio.move_on_after(timeout_s) as scope:
            answer = await trio.to_thread.run_sync(call, request, limiter=limiter, abandon_on_cancel=True)
        await emit(unknown(request) if scope.cancelled_caught else answer)

    return edge
