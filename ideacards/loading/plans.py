"""The exits of an entry besides stop loss and take profit: targets, trail, break-even, time stop, session end."""

from collections.abc import Sequence
from decimal import Decimal

from ideacards.errors import Problem
from ideacards.expressions.scope import Scope
from ideacards.intents import BreakEven, ExitPlan, LevelAt, Target, TrailPlan
from ideacards.loading.exits import WrittenBreakEven, WrittenLevel, WrittenTrail, check_level, level_of
from ideacards.loading.rules import problem_at
from ideacards.loading.tree import ListNode, MapNode, Node, Scalar
from ideacards.loading.written import EXIT_KEYS, WrittenEmit

__all__ = ["MAX_TARGETS", "check_plan", "check_written_plan", "plan_of"]

MAX_TARGETS = 20


def plan_of(written: WrittenEmit) -> ExitPlan | None:
    """The plan that an emit states, None where it has none of its keys."""
    if all(getattr(written, key) is None for key in EXIT_KEYS):
        return None
    return ExitPlan(
        targets=tuple(Target(_level(target), target.fraction) for target in written.targets or ()),
        trail=_trail(written.trail),
        break_even=_break_even(written.break_even),
        time_stop=None if written.time_stop is None else written.time_stop.bars,
        session_end=written.session_end,
    )


def _level(written: WrittenLevel) -> "Decimal | LevelAt":
    level = level_of(written)
    assert level is not None
    return level  # type: ignore[return-value]


def _trail(written: WrittenTrail | None) -> TrailPlan | None:
    return None if written is None else TrailPlan(_level(written), level_of(written.activation))


def _break_even(written: WrittenBreakEven | None) -> BreakEven | None:
    return None if written is None else BreakEven(written.at_r, written.at_target, written.offset_ticks)


def check_plan(node: MapNode, scope: Scope, problems: list[Problem]) -> None:
    """Check what the keys need of one another, one unit a level, and the names of features."""
    targets, trail = node.get("targets"), node.get("trail")
    if isinstance(targets, ListNode):
        if not targets or len(targets) > MAX_TARGETS:
            problems.append(problem_at(targets, f"found {len(targets)} targets", f"write 1 to {MAX_TARGETS}"))
        for target in targets:
            check_level(target, "targets", scope, problems)
    if isinstance(trail, MapNode):
        check_level(trail, "trail", scope, problems)
        if "activation" in trail:
            check_level(trail["activation"], "activation", scope, problems)
            if "price" in trail:
                what = "a trail along a feature has no activation: it follows from the entry on"
                problems.append(problem_at(trail["activation"], what, "leave it away"))
    action = node.get("action")
    is_of_entry = not isinstance(action, Scalar) or action.text != "trail"
    for key in ("trail", "break_even"):
        if key in node and "stop_loss" not in node and is_of_entry:
            what = f"`{key}` moves the stop loss, and the entry has no `stop_loss`"
            problems.append(problem_at(node[key], what, "add one: it rests at the venue from the entry's fill on"))
    _check_break_even(node.get("break_even"), targets, problems)


def _check_break_even(node: Node | None, targets: Node | None, problems: list[Problem]) -> None:
    if not isinstance(node, MapNode):
        return
    if ("at_r" in node) == ("at_target" in node):
        problems.append(problem_at(node, "`break_even` has one condition", "give at_r or at_target"))
    if "at_target" in node and not isinstance(targets, ListNode):
        problems.append(problem_at(node["at_target"], "the entry has no `targets`", "add them, or use at_r"))


def check_written_plan(node: MapNode, written: WrittenEmit, problems: list[Problem]) -> None:
    """Check the sum of the fractions, and that the target of break-even exists."""
    targets: Sequence[WrittenLevel] = written.targets or ()
    total = sum((target.fraction for target in written.targets or ()), Decimal(0))
    if total > 1:
        problems.append(problem_at(node["targets"], f"the fractions add up to {total}", "1 at most"))
    even = written.break_even
    if even is not None and even.at_target is not None and targets and even.at_target > len(targets):
        assert isinstance(node["break_even"], MapNode)
        what = f"there is no target {even.at_target}"
        problems.append(problem_at(node["break_even"]["at_target"], what, f"there are {len(targets)}"))
