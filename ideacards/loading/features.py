"""The `features` of a card: parameters by the registry, sources and timeframes resolved, cycles found.

Each feature is checked by itself and then in its chain, so one broken feature does not hide the faults of the others.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ideacards.card import Feature, Fresh
from ideacards.errors import CardError, Problem, nearest
from ideacards.expressions.scope import Scope, grammar_words
from ideacards.indicators.registry import INDICATORS, UNKNOWN, ParamKind
from ideacards.loading.rules import OneOf, Word, of_kind, problem_at, refuse
from ideacards.loading.structuring import read
from ideacards.loading.tree import MapNode, Node
from ideacards.loading.written import FEATURES

__all__ = ["FEATURE_NAME", "read_features"]

FEATURE_NAME = Word("[A-Za-z_][A-Za-z0-9_]{0,63}", "a feature name", "letters, digits and _, no digit first")


def read_features(node: MapNode, timeframes: tuple[str, ...], problems: list[Problem]) -> tuple[list[Feature], Scope]:
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
    scope = _scope_of(node, written)
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
    found = of_kind(node, MapNode, "a feature like {use: ema, length: 12}")
    if "use" not in found:
        raise refuse(node, "`use` is missing", f"it names an indicator: {', '.join(INDICATORS)}")
    use = OneOf(tuple(INDICATORS)).read(found["use"])
    written: Any = read(found, FEATURES[use])
    fault = INDICATORS[use].check(_params(use, written))
    if fault is not None:
        raise refuse(found, fault, "change one of them")
    return written


def _params(use: str, written: Any) -> dict[str, Any]:
    values = {param.name: getattr(written, param.name) for param in INDICATORS[use].params}
    for param in INDICATORS[use].params:
        if param.kind is ParamKind.FLAT:
            value = values[param.name]
            values[param.name] = UNKNOWN if value is None else float(value)
    return {name: float(value) if isinstance(value, Decimal) else value for name, value in values.items()}


def _scope_of(node: MapNode, written: Mapping[str, Any]) -> Scope:
    several = {name: INDICATORS[one.use].outputs for name, one in written.items()}
    return Scope(
        tuple(name for name, outputs in several.items() if len(outputs) == 1),
        {name: outputs for name, outputs in several.items() if len(outputs) > 1},
        tuple(name for name in node if name not in written),
    )


def _source_of(name: str, written: Mapping[str, Any]) -> str | None:
    """The feature that a feature reads; None if it reads bars or a feature that does not exist."""
    head = str(getattr(written[name], "of", "")).partition(".")[0]
    return head if head in written else None


def _drop_cycles(node: MapNode, written: dict[str, Any], problems: list[Problem]) -> None:
    """Add one problem per cycle, at its first feature; drop every feature that leads into a cycle from `written`."""
    told: dict[str, str] = {}
    endless: list[str] = []
    for name in written:
        chain = {name: name}
        source = _source_of(name, written)
        while source is not None and source not in chain:
            chain[source] = source
            source = _source_of(source, written)
        if source is None:
            continue
        endless.append(name)
        if source == name and name not in told:
            told |= chain
            at = node[name]
            assert isinstance(at, MapNode)
            what = f"features read each other: {' -> '.join((*chain, name))}"
            problems.append(problem_at(at["of"], what, "one of them must read bars"))
    for name in endless:
        del written[name]


def _resolve(node: Node, name: str, written: Mapping[str, Any], scope: Scope, timeframes: tuple[str, ...]) -> Feature:
    one = written[name]
    assert isinstance(node, MapNode)
    of = getattr(one, "of", "")
    fault = scope.fault_of(of) if of else None
    if fault is not None:
        raise refuse(node["of"], *fault)
    bottom = _bottom_of(name, written)
    timeframe = str(written[bottom].timeframe or "exec")
    is_known = str(getattr(written[bottom], "of", "")).partition(".")[0] not in scope.unjudged
    if is_known and one.timeframe is not None and one.timeframe != timeframe:
        what = f"`{of}` is on {timeframe}, so a feature of it cannot be on {one.timeframe}"
        raise refuse(node["timeframe"], what, "leave `timeframe` away")
    if timeframe not in timeframes and one.timeframe is not None:
        hint = nearest(timeframe, timeframes)
        raise refuse(node["timeframe"], f"the card has no timeframe `{timeframe}`", f"{hint}; or add it there")
    fresh = one.fresh
    if fresh is not None:
        _check_fresh(node["fresh"], fresh, timeframe)
    return Feature(name, one.use, of, timeframe, _params(one.use, one), one.history, fresh, node.place)


def _check_fresh(node: Node, fresh: Fresh, timeframe: str) -> None:
    if (fresh.bars is None) is (fresh.age is None):
        raise refuse(node, "`fresh` takes one bound", "give bars or age")
    if timeframe == "exec":
        raise refuse(node, "a feature on exec is new at every bar", "`fresh` is for a slower timeframe")


def _bottom_of(name: str, written: Mapping[str, Any]) -> str:
    """The feature at the end of a chain: it reads bars, and its timeframe is that of the whole chain."""
    while (source := _source_of(name, written)) is not None:
        name = source
    return name
