"""A rate limiter in the hand, which has heard from the journal what there is of a ban."""

from collections.abc import Mapping
from typing import Any

from actors.model.order import Category
from actors.ratelimiter.actor import RateLimiter
from actors.ratelimiter.messages import BAN_TOPIC, BanKept, Endpoint
from actors.ratelimiter.policy import RatePolicy
from runtime.journal.messages import Recall, Recalled
from runtime.messages import Ref
from runtime.spec import SECOND_NS
from runtime.testing import ActorHarness

__all__ = ["a_gate", "a_policy", "ask", "recall"]


def a_policy(
    per_second: int = 1,
    ip: int = 600,
    *,
    budgets: Mapping[Endpoint, int] | None = None,
    categories: Mapping[str, Category] | None = None,
    reserve_percent: int = 0,
) -> RatePolicy:
    """The same budget for every path, except where `budgets` says another; nothing is kept back."""
    return RatePolicy({**dict.fromkeys(Endpoint, per_second), **(budgets or {})}, ip, categories or {}, reserve_percent)


def a_gate(policy: RatePolicy | None = None, *, ban: BanKept | None = None, wall_ns: int | None = None) -> ActorHarness:
    """A gate that is up; `ban` is what the journal tells."""
    chosen = policy or a_policy()
    gate = ActorHarness(
        lambda: RateLimiter(Ref("gateway"), Ref("journal"), chosen), others=("gateway", "journal"), wall_ns=wall_ns
    )
    recall(gate, gate.take(), ban)
    return gate


def recall(gate: ActorHarness, said: list[Any], ban: BanKept | None = None) -> list[Any]:
    """Answer the one question to the journal that is in `said`; what the gate said then."""
    (number,) = [number for _, message, number in said if isinstance(message, Recall)]
    return gate.answer(number, Recalled(BAN_TOPIC, () if ban is None else (("address", ban),)))


def ask(gate: ActorHarness, request: Any, seconds: float) -> int:
    """Ask from outside; the correlation under which the gate answers."""
    number = gate.kernel.ask(None, gate.ref, request, int(seconds * SECOND_NS))
    gate.kernel.pump()
    return number
