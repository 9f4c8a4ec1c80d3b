"""The `features` of a card: parameters by the registry, sources and timeframes resolved, cycles found.

Each feature is checked by itself and then in its chain, so one broken feature does not hide the faults of the others.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs

from ideacards.card import Feature, Fresh
from ideacards.errors import CardError, Problem, nearest
from ideacards.expressions.checker import check_number
from ideacards.expressions.nodes import BarsSince, Clock, Expr, PositionNumber, ValueWhen, children, leaves
from ideacards.expressions.scope import Scope, grammar_words
from ideacards.indicators.kind import SOURCES
from ideacards.indicators.own import OwnStep, own_step
from ideacards.indicators.registry import INDICATORS, UNKNOWN, ParamKind
from ideacards.loading.conditions import complaint_at
from ideacards.loading.rules import OneOf, Word, of_kind, problem_at, refuse
from ideacards.loading.structuring import read
from ideacards.loading.tree import MapNode, Node, Scalar, ScalarKind
from ideacards.loading.written import FEATURES, OWN, WrittenOwn

__all__ = ["FEATURE_NAME", "read_features"]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
_BARS = "one of them must read bars"
_ONE_TIMEFRAME = "a feature reads one timeframe; compare those of several in a condition"

FEATURE_NAME = Word("[A-Za-z_][A-Za-z0-9_]{0,63}", "a feature name", "letters, digits and _, no digit first")


def read_features(
    node: MapNode, timeframes: tuple[str, ...], parameters: Mapping[str, Decimal], problems: list[Problem]
) -> tuple[list[Feature], Scope]:
    """The sound features, in card order, and the names they make; faults are added to `problems`.

    `timeframes` are the names of those that the card declares, `exec` first.
    """
    written: dict[str, Any] = {}
    for name, child in node.items():
        try:
            _check_name(node, name)
            written[name] = _read_one(child)
        except CardError as error:
            problems += error.problems
    scope = attrs.evolve(_scope_of(node, written), parameters=dict(parameters))
    _drop_cycles(node, written, problems)
    features: list[Feature] = []
    for name in written:
        try:
            features.append(_resolve(node[name], name, written, scope, timeframes))
        except CardError as error:
            problems += error.problems
    return features, scope


def _check_name(node: MapNode, name: str) -> None:
    place = node.key_places[name]
    if name in grammar_words():
        raise refuse(node[name], f"`{name}` is a word of the grammar", "give the feature another name", place)
    if not FEATURE_NAME.matches(name):
        raise refuse(node[name], f"`{name}` is not {FEATURE_NAME.meaning}", FEATURE_NAME.hint, place)


def _read_one(node: Node) -> Any:
    """What a feature's node states: an attrs object of FEATURES, or the text of an expression."""
    if isinstance(node, Scalar) and node.kind is ScalarKind.TEXT and node.text not in INDICATORS:
        return node.text
    found = of_kind(node, MapNode, "a feature like {use: ema, length: 12}")
    if "use" not in found:
        raise refuse(node, "`use` is missing", f"it names an indicator: {', '.join(INDICATORS)}")
    if isinstance(found["use"], Scalar) and found["use"].text.startswith(OWN):
        return read(found, WrittenOwn)
    use = OneOf(tuple(INDICATORS)).read(found["use"])
    written: Any = read(found, FEATURES[use])
    kind, params = INDICATORS[use], _params(use, written)
    fault = kind.check(params)
    if fault is not None:
        raise refuse(found, fault, "change one of them")
    needs = max(kind.warm_index(params).values()) + 1
    if kind.is_recursive and written.history is not None and written.history < needs:
        what = f"history ({written.history}) is shorter than the {needs} bars that a first value takes"
        raise refuse(found["history"], what, "several times as many: see how far the start is felt")
    return written


def _params(use: str, written: Any) -> dict[str, Any]:
    values = {param.name: getattr(written, param.name) for param in INDICATORS[use].params}
    for param in INDICATORS[use].params:
        if param.kind is ParamKind.FLAT:
            value = values[param.name]
            values[param.name] = UNKNOWN if value is None else float(value)
    return {name: float(value) if isinstance(value, Decimal) else value for name, value in values.items()}


def _scope_of(node: MapNode, written: Mapping[str, Any]) -> Scope:
    several = {
        name: INDICATORS[one.use].outputs if not isinstance(one, str | WrittenOwn) else ("value",)
        for name, one in written.items()
    }
    return Scope(
        tuple(name for name, outputs in several.items() if len(outputs) == 1),
        {name: outputs for name, outputs in several.items() if len(outputs) > 1},
        tuple(name for name in node if name not in written),
    )


def _series_of(one: Any) -> tuple[str, ...]:
    """The series that a feature reads, as the card writes them; of an expression every word in it."""
    if isinstance(one, str):
        return tuple(dict.fromkeys(_NAME.findall(one)))
    return tuple(name for name in (getattr(one, "of", ""), getattr(one, "with_", "")) if name)


def _read_by(name: str, written: Mapping[str, Any]) -> tuple[str, ...]:
    """The features that a feature reads; bars, and features that do not exist, are left out."""
    heads = (series.partition(".")[0] for series in _series_of(written[name]))
    return tuple(dict.fromkeys(head for head in heads if head in written))


def _drop_cycles(node: MapNode, written: dict[str, Any], problems: list[Problem]) -> None:
    """Add one problem per cycle, at its first feature; drop every feature that leads into a cycle from `written`."""
    told: dict[str, None] = {}
    endless: list[str] = []
    for name in written:
        circle = _circle_from(name, written)
        if circle is None:
            continue
        endless.append(name)
        if circle[0] == name and name not in told:
            told |= dict.fromkeys(circle)
            what = f"features read each other: {' -> '.join((*circle, name))}"
            problems.append(problem_at(_source_node(node[name], (*circle, name)[1]), what, _BARS))
    for name in endless:
        del written[name]


def _circle_from(name: str, written: Mapping[str, Any]) -> tuple[str, ...] | None:
    """A circle that a feature leads into, from its own place on if it is part of it; None if its chain ends."""
    clear: dict[str, None] = {}

    def walk(path: tuple[str, ...]) -> tuple[str, ...] | None:
        for source in _read_by(path[-1], written):
            if source in path:
                return path[path.index(source) :]
            if source not in clear and (found := walk((*path, source))) is not None:
                return found
        clear[path[-1]] = None
        return None

    return walk((name,))


def _source_node(node: Node, source: str) -> Node:
    """Where a feature names the feature that it reads."""
    if isinstance(node, MapNode):
        for key in SOURCES:
            if key in node and isinstance(of := node[key], Scalar) and of.text.partition(".")[0] == source:
                return of
    return node


def _resolve(node: Node, name: str, written: Mapping[str, Any], scope: Scope, timeframes: tuple[str, ...]) -> Feature:
    one = written[name]
    if isinstance(one, str):
        return _resolve_expression(node, name, written, scope)
    assert isinstance(node, MapNode)
    sources = {"of": getattr(one, "of", ""), "with": getattr(one, "with_", "")}
    for key, of in sources.items():
        fault = scope.fault_of(of) if of else None
        if fault is not None:
            raise refuse(node[key], *fault)
    found = _timeframes_of(name, written)
    if len(found) > 1:
        raise refuse(node, _mixed(found), _ONE_TIMEFRAME)
    timeframe = next(iter(found), one.timeframe or "exec")
    is_known = not any(of.partition(".")[0] in scope.unjudged for of in sources.values())
    if is_known and one.timeframe is not None and one.timeframe != timeframe:
        what = f"`{sources['of']}` is on {timeframe}, so a feature of it cannot be on {one.timeframe}"
        raise refuse(node["timeframe"], what, "leave `timeframe` away")
    if timeframe not in timeframes and one.timeframe is not None:
        hint = nearest(timeframe, timeframes)
        raise refuse(node["timeframe"], f"the card has no timeframe `{timeframe}`", f"{hint}; or add it there")
    if one.fresh is not None:
        _check_fresh(node["fresh"], one.fresh, timeframe)
    if isinstance(one, WrittenOwn):
        return Feature(name, one.use, "", timeframe, {}, own=_own(node, one), fresh=one.fresh, place=node.place)
    params = _params(one.use, one)
    return Feature(
        name,
        one.use,
        sources["of"],
        timeframe,
        params,
        one.history,
        sources["with"],
        fresh=one.fresh,
        place=node.place,
    )


def _check_fresh(node: Node, fresh: Fresh, timeframe: str) -> None:
    if (fresh.bars is None) is (fresh.age is None):
        raise refuse(node, "`fresh` takes one bound", "give bars or age")
    if timeframe == "exec":
        raise refuse(node, "a feature on exec is new at every bar", "`fresh` is for a slower timeframe")


def _resolve_expression(node: Node, name: str, written: Mapping[str, Any], scope: Scope) -> Feature:
    """A feature written as an expression; its timeframe is that of the features it reads, or exec."""
    assert isinstance(node, Scalar)
    found, complaints = check_number(written[name], scope)
    if found is None:
        raise CardError([complaint_at(node, complaint) for complaint in complaints])
    if any(isinstance(leaf, PositionNumber) for leaf in leaves(found)):
        raise refuse(node, "a feature cannot read the account", "bars, features and numbers; the account in conditions")
    if _looks_back(found):
        what = "a feature cannot read the clock or look for a bar at which something held"
        raise refuse(node, what, "write that in a condition")
    timeframes = _timeframes_of(name, written)
    if len(timeframes) > 1:
        raise refuse(node, _mixed(timeframes), _ONE_TIMEFRAME)
    return Feature(name, "", "", next(iter(timeframes), "exec"), {}, expr=found, place=node.place)


def _looks_back(expr: Expr) -> bool:
    return isinstance(expr, Clock | BarsSince | ValueWhen) or any(map(_looks_back, children(expr)))


def _own(node: MapNode, one: WrittenOwn) -> OwnStep:
    """The user's function, from the file beside the card's."""
    try:
        return own_step(one.use, Path(node.place.file).parent, one.state)
    except ValueError as error:
        hint = "a file beside the card, with a function of (state, bar) that returns a number"
        raise refuse(node["use"], str(error), hint) from None


def _timeframes_of(name: str, written: Mapping[str, Any]) -> dict[str, str]:
    """Timeframe -> a feature of that timeframe, of all features that a feature reads; empty if it reads bars only."""
    found: dict[str, str] = {}
    for source in _read_by(name, written):
        below = _timeframes_of(source, written)
        one = written[source]
        found |= below or {(None if isinstance(one, str) else one.timeframe) or "exec": source}
    return found


def _mixed(found: Mapping[str, str]) -> str:
    return "sources on different timeframes: " + ", ".join(f"`{name}` on {key}" for key, name in found.items())
