"""How faults are ordered, matched and counted, without a wire."""

from decimal import Decimal
from typing import Any

import attrs
import pytest

from actors.bybit.server.clock import SteppedClock
from actors.bybit.server.faults.desk import FaultDesk
from actors.bybit.server.faults.kinds import KINDS, Delay, ErrorCode, ForeignOrder
from actors.bybit.server.faults.matching import Match, Traffic, heard_traffic, sent_traffic
from actors.bybit.server.faults.reading import BadFault, read_fault
from actors.bybit.server.injection import Door
from actors.bybit.topics import Socket
from tests.actors.bybit.server.markets import FLAT, START_MS, an_exchange

CREATE = Traffic(Door.REST, "/v5/order/create", symbols=("BTCUSDT",), account="local-key-1")


def wrongs(**values: Any) -> list[str]:
    with pytest.raises(BadFault) as caught:
        read_fault(values)
    return str(caught.value).splitlines()


def a_desk(*orders: dict[str, Any], seed: int = 0) -> FaultDesk:
    desk = FaultDesk(an_exchange([FLAT] * 10), SteppedClock(START_MS), seed)
    desk.order([read_fault(order) for order in orders])
    return desk


def struck(desk: FaultDesk, times: int) -> list[bool]:
    return [desk.take(Delay, CREATE) is not None for _ in range(times)]


# -- reading ----------------------------------------------------------------------------------------------------------


def test_a_fault_is_read_from_one_flat_table() -> None:
    order = read_fault(
        {"kind": "error_code", "code": 10006, "path": "order/create", "at": "01:02:03.5", "times": 4, "until_ms": 9**9}
    )
    assert order.fault == ErrorCode(code=10006)
    assert order.match == Match(path="order/create")
    assert (order.at_ms, order.until_ms, order.times, order.probability) == (3_723_500, 9**9, 4, Decimal(1))


def test_numbers_are_exact() -> None:
    order = read_fault({"kind": "foreign_order", "symbol": "BTCUSDT", "side": "Buy", "qty": 0.1, "price": "100.10"})
    assert order.fault == ForeignOrder(side="Buy", qty=Decimal("0.1"), price=Decimal("100.10"))  # type: ignore[arg-type]


def test_lasting_faults_go_on_and_others_happen_once() -> None:
    assert read_fault({"kind": "silent_stream"}).times is None
    assert read_fault({"kind": "silent_stream", "times": 2}).times == 2
    assert read_fault({"kind": "delay", "ms": 1}).times == 1
    assert read_fault({"kind": "delay", "ms": 1, "times": "always"}).times is None


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({}, [f"kind: is missing; known: {', '.join(KINDS)}"]),
        ({"kind": "half_opne"}, ["kind: 'half_opne' is no kind of fault; did you mean `half_open`?"]),
        ({"kind": 7}, [f"kind: 7 is no kind of fault; known: {', '.join(KINDS)}"]),
        ({"kind": "delay"}, ["ms: is missing"]),
        ({"kind": "delay", "ms": "5"}, ["ms: expected a whole number, got '5'"]),
        ({"kind": "delay", "ms": True}, ["ms: expected a whole number, got True"]),
        ({"kind": "delay", "ms": -1}, ["ms: is -1, not within 0 and 86400000"]),
        ({"kind": "delay", "ms": 1, "topik": "order"}, ["topik: unknown key; did you mean `topic`?"]),
        ({"kind": "delay", "ms": 1, "socket": "privat"}, ["socket: is 'privat'; did you mean `private`?"]),
        ({"kind": "delay", "ms": 1, "symbol": 3}, ["symbol: expected text, got 3"]),
        ({"kind": "delay", "ms": 1, "times": 0}, ["times: is 0, expected a whole number from 1, or 'always'"]),
        ({"kind": "delay", "ms": 1, "probability": 1.5}, ["probability: is 1.5, expected above 0 and at most 1"]),
        ({"kind": "delay", "ms": 1, "probability": "nan"}, ["probability: is nan, not above 0"]),
        (
            {"kind": "delay", "ms": 1, "at": "00:61:00"},
            ["at: is '00:61:00', expected HH:MM:SS since the exchange's start, as 00:05:00"],
        ),
        ({"kind": "delay", "ms": 1, "at": "00:00:09", "at_ms": 9}, ["at_ms: stands beside at, which says the same"]),
        ({"kind": "delay", "ms": 1, "at_ms": 9, "until_ms": 9}, ["until_ms: is not after the beginning"]),
        (
            {"kind": "clock_step", "by_ms": 1, "times": 3},
            ["times: has no meaning for clock_step; known: by_ms, at, at_ms"],
        ),
        (
            {"kind": "foreign_order", "side": "buy", "qty": 0, "price": []},
            [
                "symbol: is missing",
                "side: is 'buy'; did you mean `Buy`?",
                "qty: is 0, not above 0",
                "price: expected a number, got []",
            ],
        ),
    ],
)
def test_everything_that_is_wrong_is_said_at_once(values: dict[str, Any], found: list[str]) -> None:
    assert wrongs(**values) == found


def test_what_is_not_of_this_exchange_is_said_before_anything_is_ordered() -> None:
    desk = a_desk()
    good = read_fault({"kind": "delay", "ms": 1})
    bad = read_fault({"kind": "delay", "ms": 1, "symbol": "XXXUSDT", "account": "nobody", "path": "order/creat"})
    cut = read_fault({"kind": "drop_socket", "topic": "order"})
    with pytest.raises(BadFault) as caught:
        desk.order([good, bad, cut])
    assert str(caught.value).splitlines() == [
        "symbol: 'XXXUSDT' is not listed; known: BTCUSDT",
        "account: 'nobody' is no key here; known: local-key-1",
        "path: 'order/creat' is no endpoint; as order/create",
        'topic: has no meaning for a socket that is cut now; on: "sent" or "heard"',
    ]
    assert desk.active == {}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_says_what_it_is_and_what_it_looks_at(kind: str) -> None:
    fault = KINDS[kind]
    assert fault.about
    assert fault.__doc__
    matched = {field.name for field in attrs.fields(Match)}
    assert set(fault.needs) <= set(fault.uses) <= matched
    assert not {field.name for field in attrs.fields(fault)} & matched


# -- matching ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("match", "takes"),
    [
        (Match(), True),
        (Match(path="order/create"), True),
        (Match(path="/v5/order/create"), True),
        (Match(path="order/create-batch"), False),
        (Match(symbol="BTCUSDT", account="local-key-1", socket=Door.REST), True),
        (Match(symbol="ETHUSDT"), False),
        (Match(account="other"), False),
        (Match(socket=Door.TRADE), False),
        (Match(topic="order"), False),
        (Match(op="order.create"), False),
    ],
)
def test_a_matcher_takes_what_it_names(match: Match, takes: bool) -> None:
    assert match.takes(CREATE) is takes


@pytest.mark.parametrize(("topic", "takes"), [("order", True), ("order.linear", True), ("orderbook.1.X", False)])
def test_a_topic_takes_those_below_it(topic: str, takes: bool) -> None:
    assert Match(topic="order").takes(Traffic(Door.PRIVATE, topic=topic)) is takes


def test_frames_are_read_as_far_as_a_matcher_looks() -> None:
    create = '{"op":"order.create","args":[{"symbol":"BTCUSDT"}]}'
    batch = '{"op":"order.create-batch","args":[{"request":[{"symbol":"A"},{"symbol":"B"}]}]}'
    heard = heard_traffic(Socket.TRADE, "k", create)
    assert heard == Traffic(Door.TRADE, "/v5/order/create", "order.create", symbols=("BTCUSDT",), account="k")
    assert heard_traffic(Socket.TRADE, "k", batch).symbols == ("A", "B")
    assert heard_traffic(Socket.TRADE, "k", batch).path == "/v5/order/create-batch"
    subscribe = '{"op":"subscribe","args":["kline.1.A", 4]}'
    assert heard_traffic(Socket.PUBLIC_SPOT, "", subscribe).symbols == ("A",)
    for nonsense in ("", "[]", "3", "{", '{"op":4,"args":{}}', '{"args":"x"}'):
        assert heard_traffic(Socket.PRIVATE, "", nonsense).symbols == ()
    pushed = sent_traffic(Socket.PRIVATE, "k", b'{"topic":"order","data":[{"symbol":"A"}],"op":"x"}')
    assert (pushed.topic, pushed.op, pushed.symbols) == ("order", "", ("A",))
    assert sent_traffic(Socket.PUBLIC_LINEAR, "", b'{"topic":"kline.1.A","data":[{"open":"1"}]}').symbols == ("A",)
    assert sent_traffic(Socket.PUBLIC_LINEAR, "", b'{"topic":"orderbook.1.A","data":{"s":"A"}}').symbols == ("A",)


# -- how often, and when ----------------------------------------------------------------------------------------------


def test_a_fault_happens_so_often() -> None:
    desk = a_desk({"kind": "delay", "ms": 1, "times": 2})
    assert struck(desk, 4) == [True, True, False, False]
    assert desk.active == {}
    (ended,) = desk.shown()["ended"]
    assert (ended["kind"], ended["happened"], ended["left"]) == ("delay", 2, 0)


def test_faults_of_one_kind_are_taken_in_their_order() -> None:
    desk = a_desk({"kind": "delay", "ms": 1}, {"kind": "delay", "ms": 2})
    assert [desk.take(Delay, CREATE) for _ in range(3)] == [Delay(ms=1), Delay(ms=2), None]


def test_a_fault_happens_from_a_time_until_another() -> None:
    desk = a_desk({"kind": "delay", "ms": 1, "times": "always", "at": "00:00:01", "until_ms": 3_000})
    clock, seen = desk.clock, []
    assert isinstance(clock, SteppedClock)
    for ms in (0, 999, 1_000, 2_999, 3_000):
        clock.advance_to(START_MS + ms)
        seen.append(desk.take(Delay, CREATE) is not None)
    assert seen == [False, False, True, True, False]
    assert desk.active == {}


def test_for_ms_counts_from_the_beginning() -> None:
    desk = a_desk({"kind": "silent_stream", "at_ms": 500, "for_ms": 200})
    (active,) = desk.active.values()
    assert (active.at_ms, active.until_ms) == (START_MS + 500, START_MS + 700)


def test_chance_is_of_the_seed_alone() -> None:
    order = {"kind": "delay", "ms": 1, "times": "always", "probability": 0.3}
    one, same, other = (struck(a_desk(order, seed=seed), 1_000) for seed in (7, 7, 8))
    assert one == same
    assert one != other
    assert 250 < sum(one) < 350
    assert 250 < sum(other) < 350


def test_other_traffic_does_not_move_the_dice() -> None:
    order = {"kind": "delay", "ms": 1, "times": "always", "probability": 0.5, "path": "order/create"}
    desk, plain = a_desk(order), struck(a_desk(order), 50)
    found = []
    for _ in range(50):
        desk.take(Delay, Traffic(Door.REST, "/v5/order/cancel"))
        found += struck(desk, 1)
    assert found == plain


def test_what_is_held_is_let_go_in_the_order_of_its_times() -> None:
    desk, gone = a_desk(), []
    for ms in (30, 10, 20):
        desk.hold(START_MS + ms, lambda ms=ms: gone.append(ms))  # type: ignore[misc]
    assert desk.next_ms() == START_MS + 10
    clock = desk.clock
    assert isinstance(clock, SteppedClock)
    clock.advance_to(START_MS + 20)
    desk.perform_due()
    assert (gone, desk.next_ms()) == ([10, 20], START_MS + 30)
    desk.clear()
    assert gone == [10, 20, 30]


def test_a_fault_is_cleared_by_its_number() -> None:
    desk = a_desk({"kind": "delay", "ms": 1}, {"kind": "delay", "ms": 2})
    assert desk.clear(1) == 1
    assert desk.take(Delay, CREATE) == Delay(ms=2)
    with pytest.raises(KeyError):
        desk.clear(1)
    assert desk.clear() == 0
