"""Orders and reconciler against a venue with faults: when these stop, both hold the same, and a second run changes
nothing.
"""

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.model.backend import (
    CancelOrder,
    EquityQuery,
    EquityReport,
    Executions,
    ExecutionsQuery,
    OpenOrders,
    OpenOrdersQuery,
    OrderFound,
    OrderQuery,
    PositionQuery,
    PositionReport,
    PrivateFrame,
    SubmitOrder,
)
from actors.model.fixed import Money, Price, Qty
from actors.model.order import Fill, LocalStatus, OrderReport, OrderRequest, OrderType, Side, VenueStatus
from actors.model.position import FLAT, apply_fill
from actors.model.result import OrderResult, RejectReason, RequestOutcome, VenueCode
from actors.orders.actor import Orders
from actors.orders.messages import ApprovedOrder, FillBooked, LedgerChanged, LedgerQuery, OrderUpdated
from actors.orders.wiring import OrdersWiring
from actors.reconciler.actor import Reconciler
from actors.reconciler.messages import ReconcileCause, ReconcileNow, ReconcileReport, ReconcileVerdict
from actors.reconciler.wiring import ReconcilerWiring
from runtime.actor import Actor
from runtime.context import Context
from runtime.drivers.simulated import SimulatedDriver
from runtime.journal.actor import JournalActor
from runtime.kernel.kernel import Kernel
from runtime.messages import Ref
from runtime.spec import SECOND_NS, ActorSpec, SupervisorSpec
from tests.actors.builders import an_instrument

SYMBOL, CARD = "BTCUSDT", "card"
PLACE = an_instrument()
WALLET = Money(10**15)
OPEN = (VenueStatus.NEW, VenueStatus.PARTIALLY_FILLED)


class Venue(Actor):
    """An exchange of one symbol. `silent` questions, `lost` acknowledgements and `hidden` frames never come."""

    def __init__(self) -> None:
        self.position, self.wallet = FLAT, WALLET
        self.orders: dict[str, OrderReport] = {}
        self.fills: list[Fill] = []
        self.silent = self.lost = self.hidden = self.stale = 0
        self.old: tuple[Any, ...] = ()
        self.frames: list[PrivateFrame] = []
        self.now_ms = 0

    def receive(self, message: Any, ctx: Context) -> None:
        self.now_ms = ctx.now // 10**6
        if isinstance(message, SubmitOrder):
            self.submit(message.request, ctx)
        elif isinstance(message, CancelOrder):
            found = self.orders.get(message.link_id)
            if found is None or found.status not in OPEN:
                code, reason = VenueCode.ORDER_NOT_FOUND, RejectReason.ORDER_NOT_FOUND
                ctx.reply(OrderResult(RequestOutcome.REJECTED, code=code, rejection=reason))
            else:
                self.end(message.link_id, VenueStatus.CANCELLED)
                ctx.reply(OrderResult(RequestOutcome.ACCEPTED))
        elif self.silent:
            self.silent -= 1
        else:
            ctx.reply(self.answer(message))
        self.push(ctx)

    def submit(self, request: OrderRequest, ctx: Context) -> None:
        if request.link_id in self.orders:
            code, reason = VenueCode.DUPLICATE_ID, RejectReason.DUPLICATE_ID
            ctx.reply(OrderResult(RequestOutcome.REJECTED, code=code, rejection=reason))
            return
        self.orders[request.link_id] = OrderReport(
            f"v{len(self.orders)}", request.link_id, SYMBOL, request.side, request.type, VenueStatus.NEW, request.qty,
            Qty(0), Money(0), request.price, None, False, self.now_ms,
        )  # fmt: skip
        self.tell(self.orders[request.link_id])
        if self.lost:
            self.lost -= 1
            ctx.reply(OrderResult(RequestOutcome.UNKNOWN, reason="lost"))
        else:
            ctx.reply(OrderResult(RequestOutcome.ACCEPTED))

    def answer(self, message: Any) -> Any:
        match message:
            case PositionQuery():
                position, time_ms = self.position, self.now_ms
                if self.stale and self.old:  # as it was before the last execution
                    self.stale -= 1
                    position, time_ms = self.old
                return PositionReport(SYMBOL, position, None, None, time_ms)
            case EquityQuery():
                return EquityReport(self.wallet, self.wallet, self.wallet, self.now_ms)
            case OpenOrdersQuery():
                return OpenOrders(tuple(one for one in self.orders.values() if one.status in OPEN), self.now_ms)
            case ExecutionsQuery(since_ms=since_ms):
                return Executions(tuple(fill for fill in self.fills if fill.time_ms >= since_ms), self.now_ms)
            case OrderQuery(link_id=link_id):
                return OrderFound(self.orders.get(link_id))
        raise AssertionError(message)

    def tell(self, *events: OrderReport | Fill) -> None:
        if self.hidden:
            self.hidden -= 1
        else:
            self.frames.append(PrivateFrame(events))

    def push(self, ctx: Context) -> None:
        for frame in self.frames:
            ctx.send(Ref("orders"), frame)
        self.frames.clear()

    def end(self, link_id: str, status: VenueStatus) -> None:
        self.orders[link_id] = msgspec.structs.replace(self.orders[link_id], status=status, time_ms=self.now_ms)
        self.tell(self.orders[link_id])

    def execute(self, link_id: str, qty: int, side: Side = Side.BUY) -> None:
        """An execution of an order of ours, or of the venue's own."""
        self.old = (self.position, self.now_ms)
        value = PLACE.value(9_000, qty)
        self.position, realised = apply_fill(self.position, Qty(side * qty), Money(value))
        self.wallet = Money(self.wallet + realised - 1)
        order = self.orders.get(link_id)
        order_id = "x" if order is None else order.order_id
        fill = Fill(f"e{len(self.fills)}", order_id, link_id, SYMBOL, side, Price(9_000), Qty(qty), Money(1), False,
                    self.now_ms)  # fmt: skip
        self.fills.append(fill)
        if order is None:
            self.tell(fill)
            return
        filled = Qty(order.filled_qty + qty)
        status = VenueStatus.FILLED if filled == order.qty else VenueStatus.PARTIALLY_FILLED
        self.orders[link_id] = msgspec.structs.replace(order, filled_qty=filled, status=status, time_ms=self.now_ms)
        self.tell(fill, self.orders[link_id])


class Nobody(Actor):
    """Hears and does nothing."""

    def receive(self, message: Any, ctx: Context) -> None: ...


class World:
    """The actors over a venue; time passes by `wait`."""

    def __init__(self) -> None:
        venue = self.venue = Venue()
        parts = ("gateway", "protection", "intents", "safety", CARD, "private_socket")
        named = ("journal", "gateway", "private_socket", "protection", "reconciler", "intents", "safety")
        refs: Any = {part: Ref(part) for part in named}
        wiring = OrdersWiring(port=Ref("venue"), cards={CARD: Ref(CARD)}, **refs)
        reads = ReconcilerWiring(Ref("venue"), Ref("private_socket"), Ref("orders"))
        children = (
            ActorSpec("journal", JournalActor),
            ActorSpec("venue", lambda: venue),
            *(ActorSpec(part, Nobody) for part in parts),
            ActorSpec("orders", lambda: Orders(wiring, {SYMBOL: PLACE}, "test")),
            ActorSpec("reconciler", lambda: Reconciler(reads, (SYMBOL,), 3600 * SECOND_NS)),
        )
        self.kernel = Kernel(SupervisorSpec("root", children=children))
        self.kernel.set_time(10**15)
        self.driver = SimulatedDriver(self.kernel)
        self.driver.start()
        self.placed = 0

    def wait(self, seconds: float) -> None:
        self.driver.run_until(self.kernel.now + int(seconds * SECOND_NS))
        self.venue.now_ms = self.kernel.now // 10**6

    def place(self) -> None:
        self.placed += 1
        order = ApprovedOrder(
            CARD, "b", self.placed, 60_000 * self.placed, SYMBOL, Side.BUY, OrderType.LIMIT, Qty(4), Price(9_000), None,
            None, False, True, None, None,
        )  # fmt: skip
        self.kernel.tell(Ref("orders"), order)
        self.kernel.pump()

    def happen(self, kind: str, number: int) -> None:
        venue = self.venue
        links = [link for link, one in venue.orders.items() if one.status in OPEN]
        match kind:
            case "place":
                self.place()
            case "fill" if links:
                link = links[number % len(links)]
                venue.execute(link, min(1 + number % 4, venue.orders[link].qty - venue.orders[link].filled_qty))
            case "cancel" if links:
                venue.end(links[number % len(links)], VenueStatus.CANCELLED)
            case "stop" if venue.position.qty:
                venue.execute("", 1, Side.SELL)
            case "silent" | "lost" | "hidden" | "stale":
                setattr(venue, kind, number % 4)
            case "reconcile":
                self.reconcile()
        self.push()

    def push(self) -> None:
        for frame in self.venue.frames:
            self.kernel.tell(Ref("orders"), frame)
        self.venue.frames.clear()
        self.kernel.pump()

    def reconcile(self) -> None:
        self.kernel.tell(Ref("reconciler"), ReconcileNow("the test", ReconcileCause.OPERATOR))
        self.kernel.pump()

    def ledger(self) -> LedgerChanged:
        number = self.kernel.ask(None, Ref("orders"), LedgerQuery(SYMBOL), SECOND_NS)
        self.kernel.pump()
        told = self.kernel.outside_answers.pop(number)
        assert isinstance(told, LedgerChanged)
        return told

    def notes(self, *kinds: type) -> list[Any]:
        return [record.message for record in self.kernel.recorder.stream if isinstance(record.message, kinds)]


KINDS = ("place", "place", "fill", "fill", "cancel", "stop", "silent", "lost", "hidden", "stale", "reconcile")
STORY = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 7), st.sampled_from([0, 0.2, 2, 9])), max_size=25)


@settings(deadline=None, max_examples=150)
@given(STORY)
def test_when_the_faults_stop_both_sides_agree_and_a_second_run_changes_nothing(
    story: list[tuple[str, int, float]],
) -> None:
    world = World()
    world.wait(1)
    for kind, number, seconds in story:
        world.happen(kind, number)
        world.wait(seconds)
    venue = world.venue
    venue.silent = venue.lost = venue.hidden = venue.stale = 0
    world.wait(60)
    for _ in range(2):
        world.reconcile()
        world.wait(60)
    told = world.ledger()
    assert (told.position.qty, told.quarantine, told.wallet) == (venue.position.qty, "", venue.wallet)
    orders, fills = world.notes(OrderUpdated), world.notes(FillBooked)
    newest = {update.order.request.link_id: update.order for update in orders}
    for link_id, report in venue.orders.items():
        assert sum(booked.fill.qty for booked in fills if booked.fill.link_id == link_id) == report.filled_qty
        assert newest[link_id].status.has_ended is (report.status not in OPEN)
    assert sorted(booked.fill.exec_id for booked in fills) == sorted(fill.exec_id for fill in venue.fills)
    assert not any(order.status is LocalStatus.UNKNOWN for order in newest.values())
    before, revision = len(world.notes(OrderUpdated, FillBooked)), told.position
    world.reconcile()
    world.wait(60)
    last = world.notes(ReconcileReport)[-1]
    assert (last.verdict, last.booked, last.moved, last.run.cause) == (
        ReconcileVerdict.AGREES, 0, 0, ReconcileCause.OPERATOR,
    )  # fmt: skip
    assert len(world.notes(OrderUpdated, FillBooked)) == before
    assert world.ledger().position == revision
