"""The live branch over scripted edges and over the local exchange, orders by REST and by socket, by the same tests."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import attrs
import msgspec
import pytest
import trio

from actors.bybit.edges.keys import ApiKeys, Secret
from actors.bybit.edges.rest import RestEdge
from actors.bybit.endpoints import Environment
from actors.bybit.server.clock import ScaledClock
from actors.bybit.server.serve import ServerPlan, run_server
from actors.bybit.server.trading.accounts import DEFAULT_ACCOUNT
from actors.model.backend import (
    AmendOrder,
    CancelOrder,
    ClosedBars,
    EquityQuery,
    EquityReport,
    HistoryQuery,
    OpenOrdersQuery,
    OrderFound,
    OrderQuery,
    ServerTime,
    ServerTimeQuery,
    SubmitBatch,
    SubmitOrder,
)
from actors.model.calls import CallAnswered, CallLost, CallReply, SendCall
from actors.model.fixed import Price, Qty
from actors.model.order import OrderRequest, OrderType, Side
from actors.model.result import RejectReason, RequestOutcome
from actors.model.streams import SocketClosed, SocketConnected, SocketFrame
from actors.websocket.messages import StreamQuery, StreamReport
from runtime.drivers.live_tasks import Edge
from runtime.edges.journal_writer import WriterStore
from runtime.journal.boundary import Boundary
from runtime.journal.codec import Codec
from runtime.journal.replay import Replay
from runtime.kernel.kernel import Kernel
from runtime.messages import ActorDied
from tests.actors.bybit.edges.stacks import (
    LANES,
    ScriptedRest,
    ScriptedTrade,
    Stack,
    a_live_kernel,
    a_stack,
    trade_edge,
)
from tests.actors.bybit.server.markets import FLAT, START_MS, an_exchange
from tests.contracts.scripted.shapes import a_reply, a_wallet, an_order, batch_reply
from tests.runtime.live.test_live_driver import Thread

ACCEPTED, REJECTED = RequestOutcome.ACCEPTED, RequestOutcome.REJECTED
LIMIT = OrderRequest("cf-1", "BTCUSDT", Side.BUY, OrderType.LIMIT, Qty(1000), Price(9_000))
MAX_AHEAD_MS = 1000
PORTS = (SubmitOrder, CancelOrder, EquityQuery, StreamQuery, StreamReport)
BARS = {"symbol": "BTCUSDT", "category": "linear", "list": [[str(START_MS - 60_000), *["100"] * 4, "1", "1"]]}


@attrs.define
class Host:
    """A venue behind edges: its clock, and how it is made to jump. With `trade` orders go by socket."""

    serve: Edge
    wall_ms: Callable[[], int]
    step_ms: Callable[[int], None]
    trade: Edge | None = None

    @asynccontextmanager
    async def stack(self, **options: Any) -> AsyncIterator[Stack]:
        """The branch over it; its writes go by the host's lane, and by no other."""
        async with self.stack_of(a_live_kernel(has_trade=self.trade is not None, **options)) as stack:
            yield stack

    @asynccontextmanager
    async def stack_of(self, kernel: Kernel, store: WriterStore | None = None) -> AsyncIterator[Stack]:
        """The same with a kernel of the test's."""

        async def serve(request: Any, emit: Callable[[Any], Any]) -> None:
            assert self.trade is None or not request.call.is_write, "a write went by REST"
            await self.serve(request, emit)

        async with a_stack(kernel, serve, self.wall_ms, store, self.trade) as stack:
            yield stack
            if self.trade is not None:
                assert (await stack.trade()).calls > 0


class ScriptedBook:
    """One order at most, and a clock: as much of a venue as the tests below look at, written down as answers."""

    def __init__(self) -> None:
        self.orders: dict[str, dict[str, Any]] = {}
        self.began, self.step = trio.current_time(), 0
        self.edge = ScriptedRest(
            {
                "/v5/market/time": self._time,
                "/v5/market/kline": lambda call: self._answer(BARS),
                "/v5/order/create": self._create,
                "/v5/order/create-batch": lambda call: self._say(
                    batch_reply(("b1", "id-b1", 0, "OK"), ("cf-1", "", 110072, "duplicate"))
                ),
                "/v5/order/amend": self._change,
                "/v5/order/cancel": self._change,
                "/v5/order/realtime": lambda call: self._answer({"list": self._found(call), "nextPageCursor": ""}),
                "/v5/order/history": lambda call: self._answer({"list": [], "nextPageCursor": ""}),
                "/v5/account/wallet-balance": lambda call: self._answer({"list": [a_wallet()]}),
            }
        )

    def wall_ms(self) -> int:
        return START_MS + int((trio.current_time() - self.began) * 1000) + self.step

    def step_ms(self, by_ms: int) -> None:
        self.step += by_ms

    def _time(self, call: SendCall) -> CallReply:
        now_ms = self.wall_ms()
        return self._answer({"timeSecond": str(now_ms // 1000), "timeNano": str(now_ms * 10**6)})

    def _create(self, call: SendCall) -> CallReply:
        if call.timestamp_ms >= self.wall_ms() + MAX_AHEAD_MS:
            return self._answer({}, 10002, "invalid request, please check your server timestamp")
        body = json.loads(call.call.payload)
        link_id = body["orderLinkId"]
        if link_id in self.orders:
            return self._answer({}, 110072, "OrderLinkedID is duplicate")
        self.orders[link_id] = an_order(orderId=f"id-{link_id}", orderLinkId=link_id, price=body["price"])
        return self._answer({"orderId": f"id-{link_id}", "orderLinkId": link_id})

    def _change(self, call: SendCall) -> CallReply:
        body = json.loads(call.call.payload)
        order = self.orders.get(body["orderLinkId"])
        if order is None or order["orderStatus"] == "Cancelled":
            return self._answer({}, 110001, "order not exists or too late to cancel")
        if call.call.path.endswith("cancel"):
            order |= {"orderStatus": "Cancelled", "cancelType": "CancelByUser", "leavesQty": "0"}
        else:
            order["price"] = body["price"]
        return self._answer({"orderId": order["orderId"], "orderLinkId": body["orderLinkId"]})

    def _found(self, call: SendCall) -> list[dict[str, Any]]:
        query = dict(part.split("=") for part in call.call.payload.split("&"))
        if "orderLinkId" in query:
            return [each for link_id, each in self.orders.items() if link_id == query["orderLinkId"]]
        return [each for each in self.orders.values() if each["orderStatus"] == "New"]

    def _answer(self, result: Any, code: int = 0, text: str = "OK") -> CallReply:
        return self._say(a_reply(result, code, text, time_ms=self.wall_ms()))

    def _say(self, body: dict[str, Any]) -> CallReply:
        return CallAnswered(200, json.dumps(body))


@asynccontextmanager
async def a_local_exchange() -> AsyncIterator[tuple[str, ScaledClock]]:
    """Its address and its clock."""
    clock = ScaledClock(START_MS)
    async with trio.open_nursery() as nursery:
        exchange = an_exchange([FLAT] * 60, DEFAULT_ACCOUNT)
        bound = await nursery.start(run_server, ServerPlan("127.0.0.1", 0), exchange, clock)
        yield bound[0].removeprefix("http://"), clock
        nursery.cancel_scope.cancel()


def keys_of(secret: str) -> ApiKeys:
    return ApiKeys(Environment.LOCAL, DEFAULT_ACCOUNT.key, Secret(secret))


@pytest.fixture(params=[(venue, lane) for venue in ("scripted", "local exchange") for lane in LANES], ids="-".join)
async def host(request: pytest.FixtureRequest) -> AsyncIterator[Host]:
    """A venue with BTCUSDT at 100, flat for an hour."""
    venue, lane = request.param
    if venue == "scripted":
        book = ScriptedBook()
        trade: Edge | None = ScriptedTrade(book.edge) if lane == "trade" else None
        yield Host(book.edge.serve, book.wall_ms, book.step_ms, trade)
        return
    async with a_local_exchange() as (address, clock):
        keys = keys_of(DEFAULT_ACCOUNT.secret)
        trade = trade_edge(int(address.rpartition(":")[2]), keys) if lane == "trade" else None
        yield Host(RestEdge(Environment.LOCAL, keys, address).serve, clock.wall_ms, clock.step_wall, trade)


async def test_an_order_lives_and_dies(host: Host) -> None:
    async with host.stack() as stack:
        accepted = await stack.ask(SubmitOrder(LIMIT))
        assert (accepted.outcome, accepted.link_id) == (ACCEPTED, "cf-1")
        again = await stack.ask(SubmitOrder(LIMIT))
        assert (again.outcome, again.code, again.rejection) == (REJECTED, 110072, RejectReason.DUPLICATE_ID)
        assert (await stack.ask(AmendOrder("BTCUSDT", "cf-1", price=Price(8_900)))).outcome is ACCEPTED
        found = (await stack.ask(OrderQuery("BTCUSDT", "cf-1"))).order
        assert (found.link_id, found.order_id, found.price) == ("cf-1", accepted.order_id, Price(8_900))
        assert [each.link_id for each in (await stack.ask(OpenOrdersQuery("BTCUSDT"))).orders] == ["cf-1"]
        assert (await stack.ask(CancelOrder("BTCUSDT", "cf-1"))).outcome is ACCEPTED
        gone = await stack.ask(CancelOrder("BTCUSDT", "cf-1"))
        assert (gone.outcome, gone.code, gone.rejection) == (REJECTED, 110001, RejectReason.ORDER_NOT_FOUND)
        assert (await stack.ask(OpenOrdersQuery("BTCUSDT"))).orders == ()


async def test_each_item_of_a_batch_has_its_own_outcome(host: Host) -> None:
    async with host.stack() as stack:
        await stack.ask(SubmitOrder(LIMIT))
        other = msgspec.structs.replace(LIMIT, link_id="b1")
        told = await stack.ask(SubmitBatch((other, LIMIT)))
        assert told.result.outcome is ACCEPTED
        assert [(each.outcome, each.code) for each in told.results] == [(ACCEPTED, 0), (REJECTED, 110072)]


async def test_questions_are_answered_in_fixed_point(host: Host) -> None:
    async with a_stack(a_live_kernel(), host.serve, host.wall_ms) as stack:
        time = await stack.ask(ServerTimeQuery())
        assert isinstance(time, ServerTime)
        assert 0 <= host.wall_ms() - time.time_ms < 10_000
        equity = await stack.ask(EquityQuery("BTCUSDT"))
        assert isinstance(equity, EquityReport)
        assert equity.wallet == 100_000 * 10**10
        bars = await stack.ask(HistoryQuery("BTCUSDT", 60_000, START_MS - 60_000))
        assert isinstance(bars, ClosedBars)
        assert [(bar.ts_open, bar.close) for bar in bars.candles] == [(START_MS - 60_000, Price(10_000))]
        assert await stack.ask(OrderQuery("BTCUSDT", "unheard-of")) == OrderFound(None)


async def test_a_step_of_the_venues_clock_costs_a_request_and_is_measured_away(host: Host) -> None:
    """Ours is 3 s ahead then: refused with 10002; clock sync measures at once, and later requests pass again."""
    async with host.stack(is_synced=False) as stack:
        assert (await stack.ask(SubmitOrder(LIMIT))).outcome is ACCEPTED
        host.step_ms(-3_000)
        refused = await stack.ask(SubmitOrder(msgspec.structs.replace(LIMIT, link_id="late")))
        assert (refused.outcome, refused.code) == (REJECTED, 10002)
        outcome = REJECTED
        with trio.fail_after(20):
            while outcome is REJECTED:
                outcome = (await stack.ask(SubmitOrder(msgspec.structs.replace(LIMIT, link_id="again")))).outcome
        assert outcome is ACCEPTED
        assert stack.driver.kernel.now < 8 * 10**9  # the timer alone would have measured ten seconds later


async def test_wrong_keys_reject_a_command_and_end_the_run_at_a_question() -> None:
    async with a_local_exchange() as (address, clock):
        edge = RestEdge(Environment.LOCAL, keys_of("another-secret"), address)
        async with a_stack(a_live_kernel(), edge.serve, clock.wall_ms) as stack:
            rejected = await stack.ask(SubmitOrder(LIMIT))
            assert (rejected.outcome, rejected.code) == (REJECTED, 10004)
            assert DEFAULT_ACCOUNT.key not in rejected.reason
            assert isinstance(await stack.ask(EquityQuery("BTCUSDT")), ActorDied)
        outcome = stack.driver.kernel.life.outcome
        assert outcome is not None
        assert (outcome.causes[0].ref, outcome.causes[0].error) == ("exchange/gateway", "AuthenticationError")
        assert "check the key" in outcome.causes[0].text


async def test_a_run_over_the_wire_replays_from_its_journal(host: Host) -> None:
    store, codec = Thread(), Codec((*PORTS, CallAnswered, CallLost, SocketConnected, SocketFrame, SocketClosed))
    boundary = Boundary(store, codec)
    kernel = boundary.kernel = a_live_kernel(journal=boundary, has_trade=host.trade is not None)
    async with host.stack_of(kernel, store) as stack:
        assert (await stack.ask(SubmitOrder(LIMIT))).outcome is ACCEPTED
        assert isinstance(await stack.ask(EquityQuery("BTCUSDT")), EquityReport)
        assert (await stack.ask(CancelOrder("BTCUSDT", "cf-1"))).outcome is ACCEPTED
    rows = store.inner.rows
    sent = [said for row in rows if row.kind == "effect" if (said := what_was_sent(json.loads(row.payload)[4][1]))]
    assert sent == ["/v5/order/create", "/v5/account/wallet-balance", "/v5/order/cancel"]
    assert not [row for row in rows if DEFAULT_ACCOUNT.key.encode() in bytes(row.payload)]
    report = Replay(rows, lambda sink: a_live_kernel(journal=sink, has_trade=host.trade is not None), codec).run()
    assert report.divergence is None


def what_was_sent(effect: dict[str, Any]) -> str:
    """The endpoint of a request, whichever way it went; empty for what keeps a socket open."""
    if "call" in effect:
        return str(effect["call"]["path"])
    op = json.loads(effect.get("text", "{}")).get("op", "")
    return f"/v5/{op.replace('.', '/')}" if op.startswith("order.") else ""
