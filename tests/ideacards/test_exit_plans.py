"""What a card writes about the exits of an entry: each form as it is read, each fault with its place and hint."""

from decimal import Decimal

import pytest

from ideacards.intents import BreakEven, Distance, ExitPlan, LevelAt, Target, TickDistance, TrailPlan, references_of
from tests.ideacards.builders import a_card_text, faults_of
from tests.ideacards.test_sizes_and_levels import FEATURES, blocks, metadata

ENTRY = "action: enter_long, size: {quantity: 1}, stop_loss: {percent: 1}"


def plan(text: str) -> ExitPlan:
    found = metadata(f"{{{ENTRY}, {text}}}").exits
    assert found is not None
    return found


def test_every_exit_is_read() -> None:
    ladder = "targets: [{percent: 1, fraction: 0.5}, {atr: {feature: noise, multiple: 2}, fraction: 0.25}]"
    assert plan(f"{ladder}, break_even: {{at_target: 2, offset_ticks: 3}}") == ExitPlan(
        targets=(Target(Decimal(1), Decimal("0.5")), Target(Distance("noise", Decimal(2)), Decimal("0.25"))),
        break_even=BreakEven(at_target=2, offset_ticks=3),
    )
    assert plan("trail: {ticks: 9, activation: {percent: 0.5}}, break_even: {at_r: 1.5}") == ExitPlan(
        trail=TrailPlan(TickDistance(9), Decimal("0.5")), break_even=BreakEven(at_r=Decimal("1.5"))
    )
    assert plan('trail: {price: low3}, time_stop: {bars: 5}, session_end: "21:55"') == ExitPlan(
        trail=TrailPlan(LevelAt("low3")), time_stop=5, session_end=21 * 60 + 55
    )
    assert metadata(f"{{{ENTRY}}}").exits is None
    found = metadata(f"{{{ENTRY}, {ladder}, trail: {{price: low3}}}}")
    assert references_of(found) == ("noise", "low3")


@pytest.mark.parametrize(
    ("text", "is_watched"),
    [
        ("targets: [{ticks: 5, fraction: 1}], break_even: {at_target: 1}", False),
        ("trail: {ticks: 5}", False),
        ("trail: {price: low3}", True),
        ("break_even: {at_r: 1}", True),
        ("time_stop: {bars: 5}", True),
        ('session_end: "00:00"', True),
    ],
)
def test_what_an_actor_has_to_watch(text: str, is_watched: bool) -> None:
    assert plan(text).is_watched is is_watched


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("targets: []", ("targets: found 0 targets", "1 to 20")),
        ("targets: {percent: 1, fraction: 1}", ("targets", "expected a list")),
        ("targets: [{percent: 1}]", ("targets.0: `fraction` is missing",)),
        ("targets: [{fraction: 1}]", ("targets.0: `targets` has one unit, found no unit",)),
        (
            "targets: [{percent: 1, fraction: 0.7}, {percent: 2, fraction: 0.4}]",
            ("targets: the fractions add up to 1.1", "1 at most"),
        ),
        ("targets: [{atr: {feature: nois}, fraction: 1}]", ("targets.0.atr.feature", "`noise`")),
        ("trail: {percent: 1, ticks: 2}", ("trail: `trail` has one unit, found percent and ticks",)),
        ("trail: {price: low3, activation: {ticks: 3}}", ("trail.activation", "leave it away")),
        ("trail: {ticks: 3, activation: {}}", ("trail.activation: `activation` has one unit",)),
        ("break_even: {}", ("break_even: `break_even` has one condition", "at_r or at_target")),
        ("break_even: {at_r: 1, at_target: 1}", ("`break_even` has one condition",)),
        ("break_even: {at_target: 1}", ("break_even.at_target: the entry has no `targets`", "at_r")),
        (
            "targets: [{ticks: 5, fraction: 1}], break_even: {at_target: 2}",
            ("break_even.at_target: there is no target 2", "there are 1"),
        ),
        ("time_stop: 5", ("time_stop", "a mapping of bars")),
        ("time_stop: {bars: 0}", ("time_stop.bars", "out of range")),
        ("session_end: 2155", ("session_end: expected a time of day", "in quotes")),
    ],
)
def test_a_fault_has_its_place_and_a_hint(text: str, words: tuple[str, ...]) -> None:
    lines = faults_of(a_card_text(features=FEATURES, blocks=blocks(f"{{{ENTRY}, {text}}}")))
    assert any(all(word in line for word in words) for line in lines), lines
    assert all(line.startswith("probe.yaml:") and "; " in line for line in lines)


@pytest.mark.parametrize("text", ["trail: {ticks: 3}", "break_even: {at_r: 1}"])
def test_what_moves_a_stop_needs_one(text: str) -> None:
    emit = f"{{action: enter_long, size: {{quantity: 1}}, {text}}}"
    (line,) = faults_of(a_card_text(features=FEATURES, blocks=blocks(emit)))
    assert "the entry has no `stop_loss`; add one" in line


def test_an_exit_takes_no_exits() -> None:
    (line,) = faults_of(a_card_text(features=FEATURES, blocks=blocks("{action: exit, time_stop: {bars: 3}}")))
    assert "`time_stop` does not go with `exit`" in line
