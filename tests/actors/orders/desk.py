"""The desk: the `orders` actor alone; the test plays every actor it sends to."""

from typing import Any

import msgspec

from actors.model.backend import AmendOrder, CancelOrder, PositionReport, PrivateFrame, SubmitOrder
from actors.model.fixed import Money, Price, Qty
from actors.model.order import Fill, LocalStatus, Order, OrderReport, OrderType, Side, VenueStatus
from actors.model.position import FLAT, Position
from actors.model.result import OrderResult, RejectReason, RequestOutcome, VenueCode
from actors.orders.actor import Orders
from actors.orders.messages import (
    ApprovedOrder,
    FillBooked,
    LedgerChanged,
    LedgerQuery,
    OrderUpdated,
    Reconciled,
    WithdrawResting,
)
from actors.orders.wiring import OrdersWiring
from runtime.journal.messages import Recall, Recalled
from runtime.messages import Ref
from runtime.spec import SECOND_NS
from runtime.testing import ActorHarness
from runtime.testing.harness import Said
from tests.actors.builders import an_instrument

__all__ = ["ACCEPTED", "CARD", "TOO_LATE", "TOO_MANY", "UNKNOWN", "Desk", "opened"]

CARD = "grid"
PARTS = ("journal", "port", "gateway", "private_socket", "protection", "reconciler", "intents", "safety")
ACCEPTED = OrderResult(RequestOutcome.ACCEPTED)
TOO_MANY = OrderResult(RequestOutcome.REJECTED, code=VenueCode.RATE_LIMITED, rejection=RejectReason.RATE_LIMITED)
TOO_LATE = OrderResult(RequestOutcome.REJECTED, code=VenueCode.ORDER_NOT_FOUND, rejection=RejectReason.ORDER_NOT_FOUND)
UNKNOWN = OrderResult(RequestOutcome.UNKNOWN, reason="timed out")


def opened(qty: int = 0, wallet: int = 0, at_ms: int = 0) -> Reconciled:
    """The venue states this position and wallet, and that all executions up to then are known."""
    position = Position(Qty(qty), Money(qty * 9_000 * 10**5)) if qty else FLAT
    return Reconciled(PositionReport("BTCUSDT", position, None, None, at_ms), Money(wallet), at_ms)


class Desk:
    """`orders` in the hand, open unless told otherwise."""

    def __init__(
        self,
        *,
        is_open: bool = True,
        recalled: dict[str, tuple[tuple[str, Any], ...]] | None = None,
        round_trip_ns: int = 0,
        wallet_floor: Money | None = None,
    ) -> None:
        refs: Any = {part: Ref(part) for part in PARTS}
        wiring = OrdersWiring(**refs, cards={CARD: Ref("card")}, wallet_floor=wallet_floor)
        build = lambda: Orders(wiring, {"BTCUSDT": an_instrument()}, "test", round_trip_ns)  # noqa: E731
        self.harness = ActorHarness(build, others=(*PARTS, "card"))
        for _, question, correlation in self.harness.take():
            if isinstance(question, Recall):
                self.harness.answer(correlation, Recalled(question.topic, (recalled or {}).get(question.topic, ())))
        if is_open:
            self.harness.deliver(opened())
        self._seen = self._step = 0  # records before the last step, and before the next
        self.said = []
        self.submitted = 0
        self.amended = 0

    @property
    def said(self) -> list[Said]:
        """What the last step made it say; `memories` is what it remembered."""
        return self._said

    @said.setter
    def said(self, said: list[Said]) -> None:
        self._said = said
        self.memories = self.harness.remembered()
        self._seen, self._step = self._step, len(self.harness.kernel.recorder.stream)

    def noted(self) -> list[Any]:
        """What stands on the record of the last step."""
        return [record.message for record in self.harness.kernel.recorder.stream[self._seen :]]

    def booked(self) -> list[FillBooked]:
        """The executions that the last step booked."""
        return [message for message in self.noted() if isinstance(message, FillBooked)]

    def revision(self) -> LedgerChanged:
        """The one revision that the card heard of in the last step."""
        (changed,) = self.told("card")
        assert isinstance(changed, LedgerChanged)
        return changed

    def ledger(self) -> LedgerChanged:
        """What it answers who asks for the ledger."""
        told = self.harness.ask(LedgerQuery("BTCUSDT"))
        assert isinstance(told, LedgerChanged)
        return told

    def place(self, **changes: Any) -> str:
        """Approve an order; its id if it goes out, else an empty text."""
        order = ApprovedOrder(
            CARD, "b", 0, 60_000, "BTCUSDT", Side.BUY, OrderType.LIMIT, Qty(5), Price(9_000), None, None, False, True,
            None, None,
        )  # fmt: skip
        self.said = self.harness.deliver(msgspec.structs.replace(order, **changes))
        for _, message, correlation in self.said:
            if isinstance(message, SubmitOrder):
                self.submitted = correlation
                return message.request.link_id
        return ""

    def accept(self) -> None:
        """The venue takes the last submission."""
        self.said = self.harness.answer(self.submitted, ACCEPTED)

    def report(self, link_id: str, status: VenueStatus, *, qty: int = 5, price: int = 9_000, filled: int = 0) -> None:
        """The venue tells of an order."""
        report = OrderReport(
            "o1", link_id, "BTCUSDT", Side.BUY, OrderType.LIMIT, status, Qty(qty), Qty(filled), Money(0), Price(price),
            None, False, 61_000,
        )  # fmt: skip
        self.said = self.harness.deliver(PrivateFrame((report,)))

    def fill(self, link_id: str, qty: int, number: int = 1) -> None:
        """The venue tells of an execution, and of the order's end where that is all of it, in one frame."""
        fill = Fill(
            f"e{number}", "o1", link_id, "BTCUSDT", Side.BUY, Price(9_000), Qty(qty), Money(1), False, 61_000,
        )  # fmt: skip
        report = OrderReport(
            "o1", link_id, "BTCUSDT", Side.BUY, OrderType.LIMIT, VenueStatus.FILLED, Qty(5), Qty(5), Money(0),
            Price(9_000), None, False, 61_000,
        )  # fmt: skip
        self.said = self.harness.deliver(PrivateFrame((fill, report) if qty == 5 else (fill,)))

    def told(self, name: str) -> list[Any]:
        """What one of them heard in the last step."""
        return [message for ref, message, _ in self.said if ref == name]

    def withdraw(self) -> None:
        self.said = self.harness.deliver(WithdrawResting(CARD))

    def answer_cancel(self, result: OrderResult) -> None:
        ((_, correlation),) = self.cancels()
        self.said = self.harness.answer(correlation, result)

    def cancels(self) -> list[tuple[str, int]]:
        """Which orders it asked the venue to end, in the last step, and under which correlation."""
        return [(message.link_id, number) for _, message, number in self.said if isinstance(message, CancelOrder)]

    def amends(self) -> list[AmendOrder]:
        """What it asked the venue to change, in the last step."""
        found = []
        for _, message, correlation in self.said:
            if isinstance(message, AmendOrder):
                self.amended = correlation
                found.append(message)
        return found

    def answer_amend(self, result: OrderResult | None) -> None:
        """The venue's word on the last amend that was looked at; None: it never comes."""
        if result is None:
            self.said = self.harness.advance(30 * SECOND_NS)
        else:
            self.said = self.harness.answer(self.amended, result)

    def orders(self) -> list[Order]:
        """The orders that came to rest or ended in the last step, in a revision that the card heard of."""
        rested = (LocalStatus.WORKING, LocalStatus.UNTRIGGERED)
        found = [message.order for message in self.noted() if isinstance(message, OrderUpdated)]
        found = [order for order in found if order.status in rested or order.status.has_ended]
        told = [order.request.link_id for changed in self.told("card") for order in changed.orders]
        assert all(order.request.link_id in told for order in found)
        return found

    def states(self) -> list[LocalStatus]:
        """Their states."""
        return [order.status for order in self.orders()]
