"""Measures what Trio adds to a hop when a live driver pumps the kernel, a thousand messages a turn.

The same ring of actors, pumped bare and under the live driver (clock readings, samples of handler times, checkpoints
and all), interleaved; the best of each and their ratio.
"""

import argparse
import time
from functools import partial

import trio

from benchmarks.kernel_hops import BALL, bare_ns, hop_ns, ring_of
from runtime.drivers.live import LiveDriver
from runtime.messages import Ref

__all__ = ["main"]


async def live_ns(hops: int) -> float:
    """Nanoseconds a hop under the live driver."""
    kernel = ring_of(hops, fresh=False)
    driver = LiveDriver(kernel)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(driver.run)
        await driver.wait_up()
        begun = time.perf_counter_ns()
        driver.tell(Ref("node0"), BALL)
        while kernel.handled <= hops:
            await trio.lowlevel.checkpoint()
        taken = time.perf_counter_ns() - begun
        driver.stop("measured")
    return taken / hops


def main(argv: list[str] | None = None) -> None:
    """Interleave the rounds and print the best of each."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--hops", type=int, default=200_000)
    options.add_argument("--rounds", type=int, default=5)
    chosen = options.parse_args(argv)
    hops = chosen.hops
    rounds = [
        (bare_ns(hops), hop_ns(hops, fresh=False), trio.run(partial(live_ns, hops))) for _ in range(chosen.rounds)
    ]
    bare, alone, live = (min(column) for column in zip(*rounds, strict=True))
    print(f"bare deque    {bare:8.0f} ns")
    print(f"kernel alone  {alone:8.0f} ns  {alone / bare:5.2f} x bare")
    print(f"live driver   {live:8.0f} ns  {live / alone:5.2f} x the kernel alone (target 1.2)")


if __name__ == "__main__":
    main()
