"""Orders, actions and prices as a card writes them: each form as it is read, each fault with its place and hint."""

from decimal import Decimal

import pytest

from ideacards.expressions.wording import text_of
from ideacards.intents import (
    Action,
    ExitPlan,
    Expiry,
    Follow,
    IntentMetadata,
    LevelAt,
    OrderKind,
    OrderSpec,
    PriceRef,
    Rung,
    Size,
    SizeKind,
    TickDistance,
    TimeLimit,
    TrailPlan,
    UnderMinimum,
)
from tests.ideacards.builders import a_card, a_card_text, faults_of
from tests.ideacards.test_schema import SCHEMA, conforms, plain
from tests.ideacards.test_sizes_and_levels import FEATURES, blocks

LADDER = "action: enter_long, size: {quantity: 1}, order: {type: limit"
LIMIT = "action: enter_long, size: {quantity: 1}, order: {type: limit, price: {ref: close}"


def emitted(emit: str) -> tuple[Action, IntentMetadata]:
    card = a_card(features=FEATURES, blocks=blocks(emit))
    stated = card.blocks[0].cases[0].emit
    assert stated is not None
    assert conforms(plain(a_card_text(features=FEATURES, blocks=blocks(emit))), SCHEMA)
    return stated.action, stated.metadata


ONE = Size(SizeKind.QUANTITY, Decimal(1))


@pytest.mark.parametrize(
    ("emit", "action", "metadata"),
    [
        ("{action: reverse, size: {quantity: 1}}", Action.REVERSE, IntentMetadata(ONE)),
        ("{action: scale_in, size: {quantity: 1}, max_layers: 2}", Action.SCALE_IN, IntentMetadata(ONE, max_layers=2)),
        ("{action: scale_out, fraction: 0.5}", Action.EXIT, IntentMetadata(fraction=Decimal("0.5"))),
        ("{action: flatten}", Action.FLATTEN, IntentMetadata()),
        ("{action: cancel}", Action.WITHDRAW, IntentMetadata()),
        (
            "{action: set_stop, stop_loss: {price: low3}, tighten: true}",
            Action.SET_STOP,
            IntentMetadata(stop_loss=LevelAt("low3"), only_tighten=True),
        ),
        (
            "{action: set_target, take_profit: {percent: 2}}",
            Action.SET_TARGET,
            IntentMetadata(take_profit=Decimal(2)),
        ),
        (
            "{action: trail, trail: {percent: 1, activation: {ticks: 40}}}",
            Action.TRAIL,
            IntentMetadata(exits=ExitPlan(trail=TrailPlan(Decimal(1), TickDistance(40)))),
        ),
        (
            "{action: replace, price: {ref: close, offset_ticks: -5}, size: {risk: {percent: 1}}, under_minimum: skip}",
            Action.REPLACE,
            IntentMetadata(
                Size(SizeKind.RISK, Decimal(1)),
                OrderSpec(price=PriceRef("close", offset_ticks=-5)),
                under_minimum=UnderMinimum.SKIP,
            ),
        ),
        (
            "{action: trail, trail: {price: low3}}",
            Action.TRAIL,
            IntentMetadata(exits=ExitPlan(trail=TrailPlan(LevelAt("low3")))),
        ),
    ],
)
def test_every_action_is_read(emit: str, action: Action, metadata: IntentMetadata) -> None:
    assert emitted(emit) == (action, metadata)


def test_every_word_of_an_order_is_read() -> None:
    order = emitted(f"{{{LIMIT}, post_only: true, expires: {{bars: 3}}, follow: {{ticks: 5}}}}}}")[1].order
    assert order == OrderSpec(
        OrderKind.LIMIT, PriceRef("close"), post_only=True, expires=Expiry(3), follow=Follow(ticks=5)
    )
    order = emitted(f'{{{LIMIT}, time_in_force: ioc, expires: {{until: "21:05"}}, follow: {{percent: 0.5}}}}}}')[
        1
    ].order
    assert (order.time_in_force, order.expires, order.follow) == (
        TimeLimit.IOC,
        Expiry(until=21 * 60 + 5),
        Follow(percent=Decimal("0.5")),
    )
    stop = "order: {type: stop_limit, price: {ref: fast}, limit: {REF}}".replace(
        "REF", "ref: best_ask, offset: {feature: noise, multiple: -2}"
    )
    stop = stop.replace("high", "fast")
    order = emitted(f"{{action: enter_long, size: {{quantity: 1}}, {stop}}}")[1].order
    assert order.price == PriceRef("fast")
    assert order.limit == PriceRef("best_ask", offset_feature="noise", offset_multiple=Decimal(-2))


def test_a_ladder_is_read_in_the_place_of_a_price() -> None:
    rungs = "ladder: [{weight: 3, price: {ref: close, offset_ticks: -5}}, {price: {ref: low3}}]"
    order = emitted(f"{{{LADDER}, {rungs}, post_only: true}}, max_layers: 2}}")[1].order
    assert order.ladder == (Rung(PriceRef("close", offset_ticks=-5), Decimal(3)), Rung(PriceRef("low3")))
    assert (order.type, order.price, order.post_only) == (OrderKind.LIMIT, None, True)


def test_an_order_may_expire_when_a_condition_holds() -> None:
    order = emitted(f"{{{LIMIT}, expires: {{when: {{any: [fast < low3, drawdown > 2]}}}}}}}}")[1].order
    assert order.expires is None
    assert order.expires_when is not None
    assert text_of(order.expires_when) == "fast < low3 or drawdown > 2"


@pytest.mark.parametrize(
    ("emit", "words"),
    [
        (f"{{{LIMIT}, expires: {{when: fast < slwo}}}}}}", ("expires.when", "undefined name `slwo`")),
        (f"{{{LIMIT}, expires: {{when: fast}}}}}}", ("expires.when", "expected true or false")),
        (f"{{{LIMIT}, expires: {{when: fast < low3, bars: 2}}}}}}", ("`expires` has one unit",)),
        (f"{{{LIMIT}, ladder: [{{price: {{ref: close}}}}]}}}}", ("`price` and `ladder`", "leave this one away")),
        (f"{{{LADDER}, ladder: []}}}}", ("0 rungs", "1 to 20")),
        (f"{{{LADDER}, ladder: [{{weight: 0, price: {{ref: close}}}}]}}}}", ("ladder.0.weight", "out of range")),
        (f"{{{LADDER}, ladder: [{{weight: 1}}]}}}}", ("`price` is missing",)),
        (f"{{{LADDER}, ladder: [{{price: {{ref: clse}}}}]}}}}", ("ladder.0.price.ref", "undefined name `clse`")),
        (
            f"{{{LADDER}, ladder: [{{price: {{ref: close, offset: {{feature: nose}}}}}}]}}}}",
            ("ladder.0.price.offset.feature", "undefined name `nose`"),
        ),
        (
            f"{{{LADDER}, ladder: [{{price: {{ref: close}}}}, {{price: {{ref: low3}}}}]}}, max_layers: 1}}",
            ("a ladder of 2 rungs", "at least 2"),
        ),
        (
            f"{{{LADDER}, ladder: [{{price: {{ref: close}}}}]}}, targets: [{{percent: 1, fraction: 1}}]}}",
            ("`targets` are shares of one order", "`take_profit`"),
        ),
        (
            "{action: exit, order: {type: limit, ladder: [{price: {ref: close}}]}}",
            ("`ladder` goes with an entry", "`targets`"),
        ),
        (
            "{action: enter_long, size: {quantity: 1}, order: {type: stop, ladder: [{price: {ref: close}}]}}",
            ("a ladder is made of limit orders", "`type: limit`"),
        ),
        ("{action: reverse}", ("`size` is missing",)),
        ("{action: reverse, size: {quantity: 1}, order: {type: limit}}", ("`order` does not go with `reverse`",)),
        ("{action: scale_in, size: {quantity: 1}, add: true}", ("`add` does not go with `scale_in`",)),
        ("{action: scale_out}", ("`fraction` is missing", "`scale_out` needs it")),
        ("{action: flatten, fraction: 1}", ("`fraction` does not go with `flatten`", "it takes nothing")),
        ("{action: set_stop}", ("`stop_loss` is missing",)),
        ("{action: set_target, stop_loss: {ticks: 1}}", ("`stop_loss` does not go with `set_target`",)),
        ("{action: set_stop, stop_loss: {ticks: 1}, tighten: 1}", ("tighten", "true or false")),
        ("{action: replace}", ("`replace` changes nothing", "price, size or both")),
        ("{action: replace, under_minimum: skip}", ("`replace` changes nothing",)),
        ("{action: replace, price: {ref: clse}}", ("price.ref", "undefined name `clse`")),
        ("{action: replace, price: {ref: close, offset_ticks: 1, offset_percent: 1}}", ("two offsets",)),
        ("{action: replace, price: {ref: entry}}", ("unknown while flat",)),
        ("{action: replace, size: {}}", ("a size has one unit",)),
        ("{action: replace, order: {type: limit, price: {ref: close}}}", ("`order` does not go with `replace`",)),
        ("{action: exit, price: {ref: close}}", ("`price` does not go with `exit`", "write `order: {type: limit")),
        ("{action: cancel, price: {ref: close}}", ("`price` does not go with `cancel`", "it takes nothing")),
        ("{action: trail}", ("`trail` is missing", "`trail` needs it")),
        ("{action: trail, trail: {ticks: 1}, tighten: true}", ("`tighten` does not go with `trail`",)),
        ("{action: trail, trail: {ticks: 1, percent: 1}}", ("`trail` has one unit",)),
        (
            "{action: trail, trail: {price: low3, activation: {ticks: 1}}}",
            ("a trail along a feature has no activation",),
        ),
        ("{action: withdraw}", ("unknown action `withdraw`",)),
        (
            "{action: exit, order: {type: limit, price: {ref: close}, expires: {bars: 2}}}",
            ("`expires` goes with an entry",),
        ),
        ("{action: enter_long, size: {quantity: 1}, order: {expires: {bars: 2}}}", ("`expires` goes with an entry",)),
        (f"{{{LIMIT}, expires: {{}}}}}}", ("`expires` has one unit", "bars or until")),
        (f"{{{LIMIT}, follow: {{ticks: 1, percent: 1}}}}}}", ("`follow` has one unit",)),
        (f"{{{LIMIT}, follow: {{ticks: 0}}}}}}", ("follow.ticks", "out of range")),
        (f"{{{LIMIT}, limit: {{ref: close}}}}}}", ("`limit` does not go with limit",)),
        (f"{{{LIMIT}, post_only: true, time_in_force: fok}}}}", ("a post-only order rests",)),
        (
            "{action: enter_long, size: {quantity: 1}, order: {type: stop, price: {ref: close}, post_only: true}}",
            ("`post_only` goes with a limit order",),
        ),
        (
            "{action: enter_long, size: {quantity: 1}, order: {type: stop_limit, price: {ref: close}}}",
            ("`limit` is missing",),
        ),
        (
            "{action: enter_long, size: {quantity: 1}, order: {type: limit, price: {ref: close, offset_ticks: 1,"
            " offset: {feature: noise}}}}",
            ("two offsets",),
        ),
        (
            "{action: exit, order: {type: limit, price: {ref: low3, offset: {feature: x}}}}",
            ("offset.feature", "undefined name `x`"),
        ),
        (
            "{action: enter_long, size: {quantity: 1}, order: {type: limit, price: {ref: best_bi}}}",
            ("undefined name `best_bi`", "`best_bid`"),
        ),
    ],
)
def test_a_fault_has_its_place_and_a_hint(emit: str, words: tuple[str, ...]) -> None:
    lines = faults_of(a_card_text(features=FEATURES, blocks=blocks(emit)))
    assert any(all(word in line for word in words) for line in lines), lines
    assert all(line.startswith("probe.yaml:") and "; " in line for line in lines)
