"""What does a hop through the kernel cost, against a bare deque loop of the same minute?

Prints nanoseconds and the ratio; best of several interleaved rounds. Ratios hold across machines, nanoseconds do not.
"""

import time
from collections import deque
from typing import Any

import msgspec

from runtime.actor import STARTED, Actor, StartResult
from runtime.context import Context
from runtime.drivers.simulated import SimulatedDriver
from runtime.kernel import Kernel
from runtime.messages import Ref
from runtime.recorder import Recorder
from runtime.spec import ActorSpec, Strategy, SupervisorSpec

HOPS = 200_000
ACTORS = 8
ROUNDS = 7


class Ball(msgspec.Struct, frozen=True, gc=False):
    """A message of six fields."""

    a: int
    b: int
    c: int
    d: int
    e: str
    f: str


class Node(Actor):
    """Passes the ball on; `fresh` makes a new message each hop."""

    def __init__(self, following: Ref, *, fresh: bool) -> None:
        self.following = following
        self.fresh = fresh
        self.left = HOPS // ACTORS

    def start(self, ctx: Context) -> StartResult:
        return STARTED

    def receive(self, message: Any, ctx: Context) -> None:
        if self.left:
            self.left -= 1
            ctx.send(self.following, Ball(message.a + 1, 2, 3, 4, "e", "f") if self.fresh else message)


class Bare:
    """The yardstick's actor."""

    def __init__(self, queue: deque[tuple[Any, Any]]) -> None:
        self.queue = queue
        self.following: Any = None
        self.left = HOPS // ACTORS

    def receive(self, message: Any) -> None:
        if self.left:
            self.left -= 1
            self.queue.append((self.following, message))


def bare_ns() -> float:
    """Nanoseconds a hop of a deque and a method call."""
    queue: deque[tuple[Any, Any]] = deque()
    actors = [Bare(queue) for _ in range(ACTORS)]
    for i, actor in enumerate(actors):
        actor.following = actors[(i + 1) % ACTORS]
    begun = time.perf_counter_ns()
    queue.append((actors[0], Ball(1, 2, 3, 4, "e", "f")))
    while queue:
        receiver, message = queue.popleft()
        receiver.receive(message)
    return (time.perf_counter_ns() - begun) / HOPS


def kernel_ns(*, fresh: bool) -> float:
    """Nanoseconds a hop through bounded lanes with atomic release."""
    names = [Ref(f"node{i}") for i in range(ACTORS)]

    def spec(i: int) -> ActorSpec:
        return ActorSpec(names[i], lambda: Node(names[(i + 1) % ACTORS], fresh=fresh))

    tree = SupervisorSpec("root", Strategy.ONE_FOR_ONE, tuple(spec(i) for i in range(ACTORS)))
    kernel = Kernel(tree, Recorder({}))
    SimulatedDriver(kernel).start()
    kernel.tell(names[0], Ball(1, 2, 3, 4, "e", "f"))
    begun = time.perf_counter_ns()
    kernel.pump()
    return (time.perf_counter_ns() - begun) / HOPS


def main() -> None:
    """Interleave the rounds and print the best of each."""
    rounds = [(bare_ns(), kernel_ns(fresh=False), kernel_ns(fresh=True)) for _ in range(ROUNDS)]
    bare, hop, fresh = (min(column) for column in zip(*rounds, strict=True))
    print(f"bare deque      {bare:7.0f} ns")
    print(f"kernel hop      {hop:7.0f} ns  {hop / bare:5.2f} x")
    print(f"with a new message {fresh:4.0f} ns  {fresh / bare:5.2f} x")


if __name__ == "__main__":
    main()
