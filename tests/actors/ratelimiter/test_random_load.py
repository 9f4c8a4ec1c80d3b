"""Random load: no window is ever over its limit, no order is broken, and nobody is kept waiting by a lower lane.

The budgets are counted here anew, from what was sent when.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.model.backend import (
    AmendOrder,
    CancelAll,
    CancelBatch,
    CancelOrder,
    EquityQuery,
    OpenOrdersQuery,
    OrderQuery,
    PositionQuery,
    ServerTimeQuery,
    SetTradingStop,
    SubmitBatch,
    SubmitOrder,
)
from actors.model.fixed import Qty
from actors.model.maintenance import MaintenanceQuery
from actors.model.order import Category, OrderRequest, OrderType, Side
from actors.ratelimiter.actor import RateLimiter
from actors.ratelimiter.messages import ENDPOINTS, Endpoint, Lane, count_of, lane_of, symbol_of
from runtime.actor import Actor
from runtime.context import Context
from runtime.drivers.simulated import SimulatedDriver
from runtime.journal.actor import JournalActor
from runtime.kernel.kernel import Kernel
from runtime.messages import AskFailed, Ref
from runtime.spec import SECOND_NS, ActorSpec, SupervisorSpec
from tests.actors.ratelimiter.gates import a_policy
from tests.actors.ratelimiter.test_deadlines import says_never_sent

MS = 1_000_000
CATEGORIES = {"L": Category.LINEAR, "S": Category.SPOT}


def an_order(symbol: str, is_closing: bool) -> OrderRequest:
    return OrderRequest("x", symbol, Side.BUY, OrderType.MARKET, Qty(1), reduce_only=is_closing)


MAKERS: tuple[Callable[[str, int], Any], ...] = (
    lambda symbol, _: SubmitOrder(an_order(symbol, False)),
    lambda symbol, _: SubmitOrder(an_order(symbol, True)),
    lambda symbol, count: SubmitBatch((an_order(symbol, False),) * count),
    lambda symbol, count: SubmitBatch((an_order(symbol, True),) * count),
    lambda symbol, _: AmendOrder(symbol, "x"),
    lambda symbol, _: CancelOrder(symbol, "x"),
    lambda symbol, count: CancelBatch((CancelOrder(symbol, "x"),) * count),
    lambda symbol, _: CancelAll(symbol),
    lambda symbol, _: SetTradingStop(symbol, None, None),
    lambda symbol, _: OpenOrdersQuery(symbol),
    lambda symbol, _: OrderQuery(symbol, "x"),
    lambda symbol, _: PositionQuery(symbol),
    lambda symbol, _: EquityQuery(symbol),
    lambda symbol, _: ServerTimeQuery(),
    lambda symbol, _: MaintenanceQuery(),
)


class Asked(NamedTuple):
    """A request with when it came and until when its asker waits; what it counts as."""

    number: int
    message: Any
    at_ns: int
    deadline_ns: int

    @property
    def lane(self) -> Lane:
        return lane_of(self.message)

    @property
    def paths(self) -> tuple[tuple[Endpoint, Category | None], ...]:
        category = CATEGORIES.get(symbol_of(self.message), Category.LINEAR)
        return tuple(
            (endpoint, None if endpoint is Endpoint.WALLET else category) for endpoint in ENDPOINTS[type(self.message)]
        )

    @property
    def requests(self) -> int:
        return max(1, len(self.paths))


class Story:
    """A gate under load; `sent` is when each request left, by its number."""

    def __init__(self, per_second: int, ip: int, percent: int) -> None:
        self.per_second, self.ip, self.percent = per_second, ip, percent
        self.asked: dict[int, Asked] = {}
        self.sent: dict[int, int] = {}
        sent = self.sent

        class Venue(Actor):
            def receive(self, message: Any, ctx: Context) -> None:
                assert ctx.correlation not in sent, "it was sent twice"
                sent[ctx.correlation] = ctx.now

        policy = a_policy(per_second, ip, categories=CATEGORIES, reserve_percent=percent)
        gate = lambda: RateLimiter(Ref("gateway"), Ref("journal"), policy)  # noqa: E731
        children = (
            ActorSpec("journal", JournalActor), ActorSpec("gateway", Venue), ActorSpec("gate", gate),
        )  # fmt: skip
        self.kernel = Kernel(SupervisorSpec("root", children=children))
        self.driver = SimulatedDriver(self.kernel)
        self.driver.start()

    def ask(self, message: Any, patience_ns: int) -> None:
        number = self.kernel.ask(None, Ref("gate"), message, patience_ns)
        self.asked[number] = Asked(number, message, self.kernel.now, self.kernel.now + patience_ns)
        self.kernel.pump()

    def run(self, load: list[tuple[int, str, int, int, int]]) -> None:
        for maker, symbol, count, wait_ms, patience_ms in load:
            self.driver.run_until(self.kernel.now + wait_ms * MS)
            self.ask(MAKERS[maker](symbol, count), patience_ms * MS)
        self.driver.run_until(self.kernel.now + 4_000 * SECOND_NS)

    def in_order(self) -> list[Asked]:
        """What was sent, in the order of its sending."""
        return [self.asked[number] for number in self.sent]

    def used(self, path: tuple[Endpoint, Category | None], before: int, now_ns: int) -> int:
        """Grants of a path in the second up to now, of what was sent before the `before`th."""
        return sum(
            min(self.per_second, count_of(one.message)) * one.paths.count(path)
            for one in self.in_order()[:before]
            if self.sent[one.number] > now_ns - SECOND_NS
        )

    def used_of_address(self, before: int, now_ns: int) -> int:
        recent = [one for one in self.in_order()[:before] if self.sent[one.number] > now_ns - 5 * SECOND_NS]
        return sum(one.requests for one in recent)

    def reserve(self, limit: int) -> int:
        return min(limit - 1, -(-limit * self.percent // 100))


LOAD = st.lists(
    st.tuples(
        st.integers(0, len(MAKERS) - 1),
        st.sampled_from("LLS"),
        st.integers(1, 3),
        st.sampled_from([0, 0, 0, 1, 90, 400, 1000]),
        st.sampled_from([50, 900, 1_000, 3_000, 4_000_000]),
    ),
    min_size=1,
    max_size=40,
)
STORIES = given(LOAD, st.integers(1, 4), st.integers(2, 12), st.sampled_from([0, 20, 50]))


@settings(deadline=None, max_examples=150)
@STORIES
def test_no_budget_is_ever_exceeded_and_low_lanes_leave_the_reserve(
    load: list[tuple[int, str, int, int, int]], per_second: int, ip: int, percent: int
) -> None:
    story = Story(per_second, ip, percent)
    story.run(load)
    for at, one in enumerate(story.in_order(), start=1):
        now, is_low = story.sent[one.number], one.lane > Lane.REDUCE
        for path in one.paths:
            kept = story.reserve(per_second) if is_low and path[0] is Endpoint.CREATE else 0
            assert story.used(path, at, now) <= per_second - kept
        kept = story.reserve(ip) if is_low else 0
        assert story.used_of_address(at, now) <= max(ip - kept, one.requests if ip - kept < one.requests else 0)


@settings(deadline=None, max_examples=150)
@STORIES
def test_order_is_kept_within_a_lane_and_deadlines_are_kept_and_all_else_is_said_never_to_have_been_sent(
    load: list[tuple[int, str, int, int, int]], per_second: int, ip: int, percent: int
) -> None:
    story = Story(per_second, ip, percent)
    story.run(load)
    last: dict[tuple[Lane, Any], int] = {}
    for one in story.in_order():
        assert story.sent[one.number] < one.deadline_ns
        for path in one.paths:
            assert last.get((one.lane, path), 0) < one.number
            last[one.lane, path] = one.number
    for number, one in story.asked.items():
        answer = story.kernel.outside_answers[number]
        assert says_never_sent(answer) is (number not in story.sent)
        assert isinstance(answer, AskFailed) is (number in story.sent), "nobody answers for the venue here"
        assert one.deadline_ns - one.at_ns < 4_000 * SECOND_NS or number in story.sent, "who waits long is served"


@settings(deadline=None, max_examples=150)
@STORIES
def test_nothing_of_a_lower_lane_goes_out_while_a_request_waits_that_could_have_gone_instead(
    load: list[tuple[int, str, int, int, int]], per_second: int, ip: int, percent: int
) -> None:
    story = Story(per_second, ip, percent)
    story.run(load)
    in_order = story.in_order()
    for at, lower in enumerate(in_order):
        now = story.sent[lower.number]
        for higher in in_order[at + 1 :]:
            if higher.lane < lower.lane and higher.number < lower.number:
                needs = [min(per_second, count_of(higher.message)) for _ in higher.paths]
                waits_for_a_path = any(
                    story.used(path, at, now) + count > per_second
                    for path, count in zip(higher.paths, needs, strict=True)
                )
                assert waits_for_a_path, f"{higher} waited for the address while {lower} used it"
                assert not set(lower.paths) & set(higher.paths), "it took what the other waited for"


@pytest.mark.parametrize("ahead", [0, 1, 2])
def test_a_batch_as_large_as_its_budget_goes_out_however_many_small_ones_follow(ahead: int) -> None:
    story = Story(3, 600, 0)
    for _ in range(ahead):
        story.ask(CancelBatch((CancelOrder("L", "x"),)), 4_000 * SECOND_NS)
    story.ask(CancelBatch((CancelOrder("L", "x"),) * 3), 4_000 * SECOND_NS)
    large = list(story.asked)[-1]
    for _ in range(30):
        story.driver.run_until(story.kernel.now + 100 * MS)
        story.ask(CancelBatch((CancelOrder("L", "x"),)), 4_000 * SECOND_NS)
    assert story.sent[large] <= SECOND_NS
