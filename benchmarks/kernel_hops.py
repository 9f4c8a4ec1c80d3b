"""Measures what a hop, a question and a timer through the kernel cost, compared with a bare deque loop.

Prints nanoseconds, ratios and the targets; best of several interleaved rounds. Ratios are comparable across machines,
nanoseconds are not.
"""

import argparse
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import msgspec

from runtime.actor import STARTED, Actor, StartResult
from runtime.context import Context
from runtime.drivers.simulated import SimulatedDriver
from runtime.kernel.kernel import Kernel
from runtime.messages import Ref
from runtime.spec import ActorSpec, SupervisorSpec

__all__ = ["Ball", "bare_ns", "main", "ring_of"]

ACTORS = 8
SECOND_NS = 1_000_000_000


class Ball(msgspec.Struct, frozen=True, gc=False):
    """A message of six fields."""

    a: int
    b: int
    c: int
    d: int
    e: str
    f: str


BALL = Ball(1, 2, 3, 4, "e", "f")


class Node(Actor):
    """Passes the ball on; `fresh` makes a new message each hop."""

    def __init__(self, following: Ref, hops: int, *, fresh: bool) -> None:
        self.following = following
        self.fresh = fresh
        self.left = hops // ACTORS

    def start(self, ctx: Context) -> StartResult:
        return STARTED

    def receive(self, message: Any, ctx: Context) -> None:
        if self.left:
            self.left -= 1
            ctx.send(self.following, Ball(message.a + 1, 2, 3, 4, "e", "f") if self.fresh else message)


class Asker(Actor):
    """Asks again at every answer."""

    def __init__(self, asks: int) -> None:
        self.left = asks

    def receive(self, message: Any, ctx: Context) -> None:
        if self.left:
            self.left -= 1
            ctx.ask(Ref("answerer"), BALL, SECOND_NS)


class Answerer(Actor):
    """Answers."""

    def receive(self, message: Any, ctx: Context) -> None:
        ctx.reply(message)


class Clock(Actor):
    """Sets its timer again whenever it rings, with `others` more pending far away."""

    def __init__(self, rings: int, others: int) -> None:
        self.left = rings
        self.others = others

    def start(self, ctx: Context) -> StartResult:
        for number in range(self.others):
            ctx.after(10**15 + number, BALL, f"far {number}")
        ctx.after(1, BALL, "ring")
        return STARTED

    def receive(self, message: Any, ctx: Context) -> None:
        if self.left:
            self.left -= 1
            ctx.after(1, message, "ring")


class Bare:
    """The actor of the bare loop."""

    def __init__(self, queue: deque[tuple[Any, Any]], hops: int) -> None:
        self.queue = queue
        self.following: Any = None
        self.left = hops // ACTORS

    def receive(self, message: Any) -> None:
        if self.left:
            self.left -= 1
            self.queue.append((self.following, message))


def bare_ns(hops: int) -> float:
    """Nanoseconds a hop of a deque and a method call."""
    queue: deque[tuple[Any, Any]] = deque()
    actors = [Bare(queue, hops) for _ in range(ACTORS)]
    for i, actor in enumerate(actors):
        actor.following = actors[(i + 1) % ACTORS]
    begun = time.perf_counter_ns()
    queue.append((actors[0], BALL))
    while queue:
        receiver, message = queue.popleft()
        receiver.receive(message)
    return (time.perf_counter_ns() - begun) / hops


def ring_of(hops: int, *, fresh: bool) -> Kernel:
    """Eight actors in a ring, not started."""
    names = [Ref(f"node{i}") for i in range(ACTORS)]

    def spec(i: int) -> ActorSpec:
        return ActorSpec(names[i], lambda: Node(names[(i + 1) % ACTORS], hops, fresh=fresh))

    return Kernel(SupervisorSpec("root", children=tuple(spec(i) for i in range(ACTORS))))


def hop_ns(hops: int, *, fresh: bool) -> float:
    """Nanoseconds a hop through bounded lanes with atomic release."""
    kernel = ring_of(hops, fresh=fresh)
    SimulatedDriver(kernel).start()
    kernel.tell(Ref("node0"), BALL)
    begun = time.perf_counter_ns()
    kernel.pump()
    return (time.perf_counter_ns() - begun) / hops


def ask_ns(asks: int) -> float:
    """Nanoseconds from a question to its answer, deadline included."""
    children = (ActorSpec("asker", lambda: Asker(asks)), ActorSpec("answerer", Answerer))
    kernel = Kernel(SupervisorSpec("root", children=children))
    SimulatedDriver(kernel).start()
    kernel.tell(Ref("asker"), BALL)
    begun = time.perf_counter_ns()
    kernel.pump()
    return (time.perf_counter_ns() - begun) / asks


def timer_ns(rings: int, others: int) -> float:
    """Nanoseconds from setting a timer to its ring, virtual time moved by the driver."""
    kernel = Kernel(SupervisorSpec("root", children=(ActorSpec("clock", lambda: Clock(rings, others)),)))
    driver = SimulatedDriver(kernel)
    driver.start()
    begun = time.perf_counter_ns()
    driver.run_until(rings + 1)
    return (time.perf_counter_ns() - begun) / rings


def main(argv: list[str] | None = None) -> None:
    """Interleave the rounds and print the best of each."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--hops", type=int, default=200_000)
    options.add_argument("--rounds", type=int, default=5)
    chosen = options.parse_args(argv)
    hops = chosen.hops
    measures: dict[str, Callable[[], float]] = {
        "bare deque": lambda: bare_ns(hops),
        "hop": lambda: hop_ns(hops, fresh=False),
        "hop, new message": lambda: hop_ns(hops, fresh=True),
        "ask round trip": lambda: ask_ns(hops // 4),
        "timer": lambda: timer_ns(hops // 4, 0),
        "timer, 1000 pending": lambda: timer_ns(hops // 4, 1_000),
    }
    best = dict.fromkeys(measures, float("inf"))
    for _ in range(chosen.rounds):
        for name, measure in measures.items():
            best[name] = min(best[name], measure())
    bare, hop = best["bare deque"], best["hop"]
    print(f"{'bare deque':<22}{bare:8.0f} ns")
    print(f"{'hop':<22}{hop:8.0f} ns  {hop / bare:5.2f} x bare (target 3.5), {1e3 / hop:5.2f} M/s (target 1.8)")
    fresh = best["hop, new message"]
    print(f"{'hop, new message':<22}{fresh:8.0f} ns  {fresh / bare:5.2f} x bare (target 5)")
    for name, target in {"ask round trip": 3, "timer": 3, "timer, 1000 pending": 4}.items():
        print(f"{name:<22}{best[name]:8.0f} ns  {best[name] / hop:5.2f} hops (target {target})")


if __name__ == "__main__":
    main()
