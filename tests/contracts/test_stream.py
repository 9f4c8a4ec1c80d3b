"""Acknowledgements, the private stream and the rule for unknown outcomes are enough: what they come to is the truth.

After each operation of a trading day the view that they alone have built agrees with the venue's own state, so a
reconciliation after each operation would find nothing (VENUE rules, section 4).
"""

from typing import Any

from actors.model.backend import AmendOrder, SyncState
from actors.model.fixed import Price, Qty
from actors.model.order import Fill, OrderReport, VenueStatus
from actors.model.origins import Origin
from actors.model.result import OrderResult, RequestOutcome
from tests.actors.builders import an_instrument
from tests.contracts.conftest import Eventually, Heard, LetPass, Scripted
from tests.contracts.scripted.backend import ScriptedBybit
from tests.contracts.scripted.script import Script, ScriptedVenue
from tests.contracts.scripted.scripts import ack, by_id, limit_body, resting
from tests.contracts.scripted.shapes import a_frame, a_reply, create_body
from tests.contracts.test_execution_backend import SYMBOL, a_limit, a_request

_OPEN = (VenueStatus.NEW, VenueStatus.PARTIALLY_FILLED, VenueStatus.UNTRIGGERED)


class View:
    """Built from acknowledgements and the stream alone; it asks nobody."""

    def __init__(self, backend: Any, heard: Heard) -> None:
        self._backend, self._heard = backend, heard
        self._orders: dict[str, OrderReport] = {}
        self._fills: dict[str, Fill] = {}
        self._stop_loss: Price | None = None

    def told(self, result: OrderResult) -> None:
        """An acknowledgement: the venue has it, whatever it becomes."""
        assert result.outcome is RequestOutcome.ACCEPTED

    def protected(self, result: OrderResult, stop_loss: Price) -> None:
        """The acknowledgement of a level: it stands until its order ends."""
        self.told(result)
        self._stop_loss = stop_loss

    def listen(self) -> None:
        """Reports replace each other, executions count once."""
        for event in self._backend.stream():
            if isinstance(event, Fill):
                self._fills[event.exec_id] = event
            else:
                self._orders[event.order_id] = event
                if event.origin is Origin.STOP_LOSS and event.status not in _OPEN:
                    self._stop_loss = None

    def status(self, link_id: str) -> VenueStatus | None:
        """Of our order, once the stream has told of it."""
        return next((order.status for order in self._orders.values() if order.link_id == link_id), None)

    @property
    def net_qty(self) -> int:
        """What the executions come to."""
        return sum(fill.side * fill.traded_qty for fill in self._fills.values())

    async def agrees_with_the_venue(self) -> None:
        """Orders, executions and position, compared with what a reconciliation would read."""
        state = await self._backend.sync_state(SYMBOL)
        await self._heard(lambda: self._agrees(state))
        mine = [order for order in self._orders.values() if order.status in _OPEN and order.origin is Origin.USER]
        assert sorted(map(_as_compared, mine)) == sorted(map(_as_compared, state.orders))
        assert sorted(self._fills) == sorted(fill.exec_id for fill in state.fills)
        assert self.net_qty == state.position.position.qty
        assert self._stop_loss == state.position.stop_loss

    def _agrees(self, state: SyncState) -> bool:
        self.listen()
        mine = [order for order in self._orders.values() if order.status in _OPEN and order.origin is Origin.USER]
        return (
            sorted(map(_as_compared, mine)) == sorted(map(_as_compared, state.orders))
            and len(self._fills) == len(state.fills)
            and self._stop_loss == state.position.stop_loss
        )


def _as_compared(order: OrderReport) -> tuple[str, str, str, int, int, int]:
    return order.order_id, order.link_id, order.status, order.qty, order.filled_qty, order.price or 0


async def test_after_each_operation_the_stream_has_told_all_that_a_reconciliation_would_find(
    backend: Any, eventually: Eventually, let_pass: LetPass, heard: Heard
) -> None:
    view = View(backend, heard)
    view.told(await backend.submit_order(a_limit("low", 9_000)))
    await view.agrees_with_the_venue()
    view.told(await backend.amend_order(AmendOrder(SYMBOL, "low", qty=Qty(2000), price=Price(8_500))))
    await view.agrees_with_the_venue()
    view.told(await backend.cancel_order(SYMBOL, "low"))
    await view.agrees_with_the_venue()
    assert view.status("low") is VenueStatus.CANCELLED

    view.told(await backend.submit_order(a_request()))
    await let_pass(1_000)
    await view.agrees_with_the_venue()
    assert (view.status("one"), view.net_qty) == (VenueStatus.FILLED, 1000)

    view.protected(await backend.set_trading_stop(SYMBOL, Price(9_500), None), Price(9_500))
    await view.agrees_with_the_venue()

    async def is_flat() -> bool:
        view.listen()
        return not view.net_qty

    await eventually(is_flat)
    await view.agrees_with_the_venue()


def a_silent_venue(script: Script) -> ScriptedBybit:
    return ScriptedBybit(ScriptedVenue(script), {SYMBOL: an_instrument()})


async def test_an_unknown_outcome_is_cleared_by_the_stream_without_a_question() -> None:
    script = Script()
    script.scene("start").post("order/create", limit_body("low", "90"), None, then="arrived")
    script.scene("arrived").push(a_frame("order", resting("low", "90.00")))
    backend = a_silent_venue(script)
    result = await backend.submit_order(a_limit("low", 9_000))
    assert (result.outcome, result.link_id) == (RequestOutcome.UNKNOWN, "low")
    view = View(backend, Scripted(backend).heard)
    view.listen()
    assert view.status("low") is VenueStatus.NEW
    assert len(backend.venue.asked) == 1


async def test_an_unknown_outcome_that_the_stream_is_silent_about_takes_a_question_by_our_id() -> None:
    script = Script()
    body = create_body()
    script.scene("start").post("order/create", body, None, then="not yet")
    nothing = a_reply({"list": [], "nextPageCursor": ""})
    quiet = script.scene("not yet", later="found")
    quiet.get("order/realtime", by_id("one"), nothing).get("order/history", by_id("one"), nothing)
    found = a_reply({"list": [resting("one", "0", orderType="Market", orderStatus="Filled")], "nextPageCursor": ""})
    script.scene("found").get("order/realtime", by_id("one"), found)
    backend = a_silent_venue(script)
    assert (await backend.submit_order(a_request())).outcome is RequestOutcome.UNKNOWN
    assert backend.stream() == ()
    assert await backend.order_by_id(SYMBOL, "one") is None  # once is no proof
    backend.venue.proceed()
    order = await backend.order_by_id(SYMBOL, "one")
    assert order is not None
    assert order.status is VenueStatus.FILLED


async def test_the_same_id_again_proves_that_the_first_attempt_arrived() -> None:
    script = Script()
    body = create_body()
    script.scene("start").post("order/create", body, None, then="arrived")
    duplicate = a_reply({}, 110072, "OrderLinkedID is duplicate")
    script.scene("arrived").post("order/create", body, duplicate)
    script.scene("fresh").post("order/create", body, ack())
    backend = a_silent_venue(script)
    assert (await backend.submit_order(a_request())).outcome is RequestOutcome.UNKNOWN
    again = await backend.submit_order(a_request())
    assert (again.outcome, again.code) == (RequestOutcome.REJECTED, 110072)
