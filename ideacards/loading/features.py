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
from ideacards.prices import LEADER_PRICES, feed_key, leader_price

__all__ = ["FEATURE_NAME", "read_features"]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
_BARS = "one of them must read bars"
_ONE_TIMEFRAME = "a kind reads one timeframe; an expression may read several, and a condition compares them"
_ONE_SYMBOL = "read an expression, like `here: {}`, which lies on the card's exec bars"
_Feed = tuple[str, str]  # leader, "" for the card's own symbol, and the name of the timeframe
_OWN_EXEC: _Feed = ("", "exec")

FEATURE_NAME = Word("[A-Za-z_][A-Za-z0-9_]{0,63}", "a feature name", "letters, digits and _, no digit first")


def read_features(
    node: MapNode, timeframes: tuple[str, ...], known: Scope, problems: list[Problem]
) -> tuple[list[Feature], Scope]:
    """The sound features, in card order, and `known` with the names they make; faults are added to `problems`.

    `timeframes` are the names of those that the card declares, `exec` first; `known` has parameters and leaders.
    """
    written: dict[str, Any] = {}
    for name, child in node.items():
        try:
            _check_name(node, name, known)
            written[name] = _read_one(child)
        except CardError as error:
            problems += error.problems
    scope = _scope_of(node, written, known)
    _drop_cycles(node, written, problems)
    features: list[Feature] = []
    for name in written:
        try:
            features.append(_resolve(node[name], name, written, scope, timeframes))
        except CardError as error:
            problems += error.problems
    return features, attrs.evolve(scope, led={one.name: one.symbol for one in features if one.symbol})


def _check_name(node: MapNode, name: str, known: Scope) -> None:
    place = node.key_places[name]
    if name in (known.symbol, *known.leaders):
        raise refuse(node[name], f"`{name}` is a symbol of the card", "give the feature another name", place)
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


def _scope_of(node: MapNode, written: Mapping[str, Any], known: Scope) -> Scope:
    several = {
        name: INDICATORS[one.use].outputs if not isinstance(one, str | WrittenOwn) else ("value",)
        for name, one in written.items()
    }
    return attrs.evolve(
        known,
        features=tuple(name for name, outputs in several.items() if len(outputs) == 1),
        outputs={name: outputs for name, outputs in several.items() if len(outputs) > 1},
        unjudged=tuple(name for name in node if name not in written),
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
    symbol, timeframe = _feed_of(node, name, written, scope)
    if timeframe not in timeframes and one.timeframe is not None:
        hint = nearest(timeframe, timeframes)
        raise refuse(node["timeframe"], f"the card has no timeframe `{timeframe}`", f"{hint}; or add it there")
    if one.fresh is not None:
        _check_fresh(node["fresh"], one.fresh, (symbol, timeframe))
    if isinstance(one, WrittenOwn):
        own = _own(node, one)
        return Feature(name, one.use, "", timeframe, {}, own=own, fresh=one.fresh, symbol=symbol, place=node.place)
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
        symbol=symbol,
        place=node.place,
    )


def _feed_of(node: MapNode, name: str, written: Mapping[str, Any], scope: Scope) -> _Feed:
    """The leader and timeframe of a feature: those of its sources, else as it says, else the card's own exec bars."""
    one = written[name]
    found = _feeds_of(name, written, scope)
    if len(found) > 1:
        raise refuse(node, *_mixed(found))
    symbol, timeframe = next(iter(found), (one.symbol or "", one.timeframe or "exec"))
    sources = [text for text in (getattr(one, "of", ""), getattr(one, "with_", "")) if text]
    if one.symbol is not None:
        _check_leader(node["symbol"], one.symbol, scope)
    if any(of.partition(".")[0] in scope.unjudged for of in sources):
        return symbol, timeframe
    bare = [of for of in sources if of in LEADER_PRICES]
    if symbol and bare and one.symbol is None:
        of = next(iter(found.values()))
        what = f"`{of}` is of {symbol}, and `{bare[0]}` may be of {scope.symbol} or of {symbol}"
        hint = f"add `symbol: {symbol}` if so; else {_ONE_SYMBOL.format(of)}"
        raise refuse(node, what, hint)
    if one.symbol is not None and one.symbol != symbol:
        raise refuse(node["symbol"], *_other_symbol(one.symbol, symbol, next(iter(found.values())), scope))
    if one.timeframe is not None and one.timeframe != timeframe:
        what = f"`{sources[0]}` is on {timeframe}, so a feature of it cannot be on {one.timeframe}"
        raise refuse(node["timeframe"], what, "leave `timeframe` away")
    return symbol, timeframe


def _other_symbol(wanted: str, symbol: str, source: str, scope: Scope) -> tuple[str, str]:
    """(what, hint) for a feature of one leader whose source is on other bars."""
    price = leader_price(source, scope.leaders)
    if price is not None:
        what = f"`{source}` lies on the card's own bars, so a feature of it cannot be one of {wanted}"
        return what, f"beside `symbol: {wanted}` write `{price[1]}`"
    whose = f"of {symbol}" if symbol else "of the card's own bars"
    return f"`{source}` is {whose}, so a feature of it cannot be one of {wanted}", "leave `symbol` away"


def _check_leader(node: Node, symbol: str, scope: Scope) -> None:
    if symbol == scope.symbol:
        raise refuse(node, f"`{symbol}` is what the card trades", "leave `symbol` away")
    if symbol not in scope.leaders:
        known = f"its leaders are {', '.join(scope.leaders)}; " if scope.leaders else ""
        hint = f"{known}add {symbol} to the card's `leaders` to read it"
        raise refuse(node, f"the card has no leader `{symbol}`", hint)


def _check_fresh(node: Node, fresh: Fresh, feed: _Feed) -> None:
    if (fresh.bars is None) is (fresh.age is None):
        raise refuse(node, "`fresh` takes one bound", "give bars or age")
    if feed == _OWN_EXEC:
        raise refuse(node, "a feature on exec is new at every bar", "`fresh` is for a slower timeframe or a leader")


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
    feeds = _feeds_of(name, written, scope)
    if len(feeds) > 1:
        raise refuse(node, *_mixed(feeds))
    _, timeframe = next(iter(feeds), _OWN_EXEC)
    return Feature(name, "", "", timeframe, {}, expr=found, place=node.place)


def _looks_back(expr: Expr) -> bool:
    return isinstance(expr, Clock | BarsSince | ValueWhen) or any(map(_looks_back, children(expr)))


def _own(node: MapNode, one: WrittenOwn) -> OwnStep:
    """The user's function, from the file beside the card's."""
    try:
        return own_step(one.use, Path(node.place.file).parent, one.state)
    except ValueError as error:
        hint = "a file beside the card, with a function of (state, bar) that returns a number"
        raise refuse(node["use"], str(error), hint) from None


def _feeds_of(name: str, written: Mapping[str, Any], scope: Scope) -> dict[_Feed, str]:
    """Leader and timeframe -> a series there, of all that a feature reads; empty if it reads its own bars only.

    The price of a leader lies on the exec bars of the card, and in an expression its features do too, as do features of
    several timeframes.
    """
    found: dict[_Feed, str] = {}
    for series in _series_of(written[name]):
        source = series.partition(".")[0]
        if leader_price(series, scope.leaders):
            found[_OWN_EXEC] = series
        elif source in written:
            one = written[source]
            at = _OWN_EXEC if isinstance(one, str) else (one.symbol or "", one.timeframe or "exec")
            below = _feeds_of(source, written, scope) or {at: source}
            found |= {feed: source if leader_price(of, scope.leaders) else of for feed, of in below.items()}
    if isinstance(written[name], str) and len({timeframe for _, timeframe in found}) > 1:
        return {_OWN_EXEC: name}  # it is evaluated there, and each slower value stands until its own close
    if isinstance(written[name], str):
        return {_OWN_EXEC if symbol else (symbol, timeframe): of for (symbol, timeframe), of in found.items()}
    return found


def _mixed(found: Mapping[_Feed, str]) -> tuple[str, str]:
    """(what, hint) for sources on different bars."""
    if len({symbol for symbol, _ in found}) == 1:
        told = ", ".join(f"`{name}` on {timeframe}" for (_, timeframe), name in found.items())
        return f"sources on different timeframes: {told}", _ONE_TIMEFRAME
    told = ", ".join(f"`{name}` on {feed_key(*feed)}" for feed, name in found.items())
    led = next(name for (symbol, _), name in found.items() if symbol)
    return f"sources on different bars: {told}", _ONE_SYMBOL.format(led)
