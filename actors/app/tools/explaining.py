"""A card in words: what it does, what it needs, when each thing is known, what rests at the venue and what is watched.

Every sentence follows from the card as the program reads it, so what the card does not say (a default) is told too.
"""

from collections.abc import Iterator
from datetime import timedelta

from actors.app.tools.emitted import emit_text, is_at_market, venue_lines
from actors.strategy.leading import LEADER_WAIT_NS
from ideacards.card import Block, Card, Emit, Feature
from ideacards.decimals import plain_text
from ideacards.expressions.nodes import (
    BarsSince,
    Clock,
    CountTrue,
    Expr,
    InSession,
    NumberFact,
    PositionNumber,
    PositionTruth,
    Series,
    ValueWhen,
    children,
    leaves,
)
from ideacards.expressions.wording import text_of
from ideacards.indicators.kind import UNKNOWN
from ideacards.readiness import bars_to_be_ready

__all__ = ["explanation_of"]

_EVERY_BAR = (NumberFact.EQUITY, NumberFact.DRAWDOWN, NumberFact.BEST_PRICE, NumberFact.WORST_PRICE)


def explanation_of(card: Card) -> Iterator[str]:
    """The lines, under headings that end with a colon."""
    account, market = card.account, card.market
    yield f"{card.id}: {card.thesis}" if card.thesis else card.id
    led = f", and reads {', '.join(card.leaders)}" if card.leaders else ""
    yield f"It trades {market.symbol} ({market.category}, {market.venue}) on bars of {card.timeframes.exec.text}{led}."
    leverage = plain_text(account.leverage)
    yield f"A back-test starts with {plain_text(account.equity)} in quote coin, at leverage {leverage}."
    yield from _section("What it does, at the close of each bar, in this order", _doing(card))
    yield from _section("What it needs", _needing(card))
    yield from _section("When each thing is known", _knowing(card))
    yield from _section("What rests at the venue, and what is watched here", _resting(card))


def _section(title: str, lines: Iterator[str]) -> Iterator[str]:
    yield ""
    yield f"{title}:"
    for line in lines:
        yield f"  {line}"


def _doing(card: Card) -> Iterator[str]:
    for block in card.blocks:
        yield from _block(block)
    if not any(_emits(card)):
        yield "No case emits anything: the card never trades."


def _block(block: Block) -> Iterator[str]:
    words = ["when", *["else when"] * (len(block.cases) - 1)]
    for word, case in zip(words, block.cases, strict=True):
        yield f"block {block.id}: {word} {text_of(case.when)}"
        yield f"  {emit_text(case.emit)}"
    if block.otherwise is not None:
        yield f"block {block.id}: otherwise"
        yield f"  {emit_text(block.otherwise)}"


def _needing(card: Card) -> Iterator[str]:
    count = bars_to_be_ready(card)
    wanted = max(count, (card.warmup or 0) + 1)
    span = timedelta(milliseconds=wanted * card.timeframes.exec.ms)
    why = f"; `warmup: {card.warmup}` asks for more than the features do" if wanted > count else ""
    each = ", of each symbol" if card.leaders else ""
    bars = f"{wanted:,} bars of {card.timeframes.exec.text}{each}"
    yield f"history: at most {bars} ({span}) up to its first decision{why}"
    for name, timeframe in card.timeframes.slower().items():
        yield f"timeframe {name}: bars of {timeframe.text}, made of the bars of {card.timeframes.exec.text}"
    for symbol in card.leaders:
        yield f"leader {symbol}: its bars of {card.timeframes.exec.text}, for a back-test by --bars {symbol}=FILE"
    for parameter in card.parameters:
        bounds = (("at least", parameter.min), ("at most", parameter.max))
        told = "".join(f", {word} {plain_text(bound)}" for word, bound in bounds if bound is not None)
        yield f"parameter {parameter.name}: {plain_text(parameter.value)}{told}"
    for feature in card.features:
        yield f"feature {feature.name}: {_feature(feature, card)}"
    if not card.features:
        yield "no feature: it reads bars alone"


def _feature(feature: Feature, card: Card) -> str:
    where = f"on {feature.feed} ({card.timeframes.named(feature.timeframe).text})"
    if feature.expr is not None:
        return f"{text_of(feature.expr)} {where}"
    if feature.own is not None:
        return f"the function of {feature.use}, your own code, {where}"
    kind = feature.kind
    values = {param.name: feature.params[param.name] for param in kind.params}
    params = ", ".join(f"{name} {value}" for name, value in values.items() if value != UNKNOWN)
    of = f" of {', '.join(name for name in (feature.of, feature.other) if name)}" if kind.sources else ""
    text = f"{kind.name}{of} {where}" + (f", {params}" if params else "")
    first = max(kind.warm_index(feature.params).values())
    text += f"; its first value comes with bar {first + 1} of its source"
    if feature.history is not None and kind.is_recursive:
        return f"{text}, and each value starts {feature.history} bars back"
    return f"{text}, and depends on where the bars begin" if kind.is_recursive else text


def _knowing(card: Card) -> Iterator[str]:
    text = card.timeframes.exec.text
    yield f"a bar of {text} is known at its close; a decision made there acts at the next bar's open"
    for symbol in card.leaders:
        first = f"at the first close of {card.market.symbol} that is not before its own"
        yield f"{symbol}: a bar is known {first}, and stands until the next one is"
    if card.leaders:
        yield f"live, a decision waits up to {LEADER_WAIT_NS // 10**9} s for the leaders' bars of the same close"
    for name, timeframe in card.timeframes.slower().items():
        used = ", ".join(feature.name for feature in card.features if feature.timeframe == name) or "nothing"
        yield f"{name}: {used}: new values come when a bar of {timeframe.text} closes, and hold until the next does"
    for feature in card.features:
        if feature.fresh is not None:
            bound = feature.fresh.age.text if feature.fresh.age is not None else f"{feature.fresh.bars} bars"
            yield f"{feature.name} counts as unknown once its bar closed more than {bound} ago"
    looks = dict.fromkeys(_looks_back(card))
    yield from looks
    if any(isinstance(leaf, Clock | InSession) for leaf in _leaves(card)):
        yield "times and sessions are those of the bar's close"
    yield "what has no value yet is unknown, and a case whose condition is unknown does not hold"


def _looks_back(card: Card) -> Iterator[str]:
    for expr in _below(card):
        match expr:
            case Series(lag=lag) if lag:
                yield f"{text_of(expr)} is the value {lag} bar{'' if lag == 1 else 's'} ago, counted in bars of exec"
            case CountTrue(bars=bars):
                yield f"{text_of(expr)} looks at the last {bars} bars"
            case BarsSince() | ValueWhen():
                text = text_of(expr)
                yield f"{text} looks back as far as the bars go, and is unknown before its condition first holds"


def _resting(card: Card) -> Iterator[str]:
    emits = list(_emits(card))
    if not emits:
        yield "nothing"
        return
    yield from dict.fromkeys(line for emit in emits for line in venue_lines(emit))
    yield "watched here, at the close of each bar: the conditions above. While the program is down nothing decides;"
    yield "what rests at the venue goes on without it"
    if any(is_at_market(emit) for emit in emits):
        yield "orders at market do not rest: they act at the next open"
    facts = [leaf.fact for leaf in _leaves(card) if isinstance(leaf, PositionNumber)]
    moving = dict.fromkeys(fact for fact in facts if fact in _EVERY_BAR)
    if moving:
        names = ", ".join(moving)
        yield f"{names}: may change at every bar, so a back-test asks the card at each bar of a position (slower)"
    elif any(isinstance(leaf, PositionNumber | PositionTruth) for leaf in _leaves(card)):
        yield "what it reads of the account changes with fills alone: a back-test skips bars where nothing can hold"


def _emits(card: Card) -> Iterator[Emit]:
    for block in card.blocks:
        found = [*(case.emit for case in block.cases), block.otherwise]
        yield from (emit for emit in found if emit is not None)


def _leaves(card: Card) -> Iterator[Expr]:
    for when in card.conditions():
        yield from leaves(when)


def _below(card: Card) -> Iterator[Expr]:
    """Every expression in the conditions, outermost first."""
    waiting: list[Expr] = list(card.conditions())
    while waiting:
        expr = waiting.pop(0)
        yield expr
        waiting = [*children(expr), *waiting]
