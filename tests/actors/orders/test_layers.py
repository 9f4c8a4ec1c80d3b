"""Layers: entries of one position are counted by their first executions, and forgotten when it closes or turns."""

from decimal import Decimal

from actors.model.backend import PrivateFrame
from actors.model.fixed import Money, Price, Qty
from actors.model.order import Fill, Side
from tests.actors.orders.desk import Desk
from tests.actors.orders.test_recall import Memory, restarted


def execute(desk: Desk, name: str, link_id: str, side: Side, qty: int) -> None:
    fill = Fill(f"e{name}", f"x{name}", link_id, "BTCUSDT", side, Price(9_000), Qty(qty), Money(1), False, 61_000)
    desk.said = desk.harness.deliver(PrivateFrame((fill,)))


def bought(desk: Desk, bar: int, *pieces: int, side: Side = Side.BUY) -> None:
    ours = desk.place(bar_close_ms=bar * 60_000, qty=Qty(sum(pieces)), side=side, stop_loss=Decimal(1))
    desk.accept()
    for number, qty in enumerate(pieces):
        execute(desk, f"{bar}/{number}", ours, side, qty)


def test_an_entry_in_pieces_is_one_layer_and_a_flat_position_has_none() -> None:
    desk = Desk()
    assert desk.ledger().layers == 0
    bought(desk, 1, 2, 3)
    assert desk.ledger().layers == 1
    bought(desk, 2, 5)
    assert desk.ledger().layers == 2
    execute(desk, "part", "", Side.SELL, 4)
    assert desk.ledger().layers == 2
    execute(desk, "rest", "", Side.SELL, 6)
    assert desk.ledger().layers == 0
    bought(desk, 3, 1)
    assert desk.ledger().layers == 1


def test_an_entry_that_turns_the_position_is_its_first_layer() -> None:
    desk = Desk()
    bought(desk, 1, 2)
    bought(desk, 2, 2)
    bought(desk, 3, 7, side=Side.SELL)
    assert (desk.ledger().position.qty, desk.ledger().layers) == (-3, 1)


def test_a_checkpoint_brings_the_count_back() -> None:
    desk, memory = Desk(), Memory()
    for bar in (1, 2):
        bought(desk, bar, 5)
        memory.keep(desk)
    assert restarted(memory).ledger().layers == 2
