"""Names that an expression, a feature's `of` and a price's `ref` may use, and the complaint about any other."""

import keyword
from decimal import Decimal

import attrs

from ideacards.errors import nearest
from ideacards.expressions.facts import DERIVED, OPEN_FACTS
from ideacards.expressions.kinds import NumberKind
from ideacards.expressions.nodes import Function, NumberFact, TruthFact
from ideacards.hints import KINDS, meant, without_prefix
from ideacards.indicators.registry import INDICATORS
from ideacards.prices import PRICE_SOURCES
from ideacards.sessions import ClockPart, Session
from ideacards.zones import UTC_ZONE

__all__ = ["ACCOUNT_NAMES", "BAR_FIELDS", "CLOCK_NAMES", "CROSSES", "Complaint", "Scope", "grammar_words", "kind_hint"]

BAR_FIELDS = ("open", "high", "low", "close", "volume")
CROSSES = ("crosses_above", "crosses_below")
SIDE = "position.side"
LAST_EXIT = str(NumberFact.LAST_EXIT)
ACCOUNT_NAMES = (*OPEN_FACTS, *TruthFact, *DERIVED, SIDE, LAST_EXIT)
CLOCK_NAMES = tuple(f"time.{part}" for part in ClockPart)
_OTHER_WORDS = ("all", "any", "else", "entry", "equity", "exec", "facts", "false", "htf", "mtf", "position", "true")
_LATER_WORDS = ("session", "time")


def grammar_words() -> tuple[str, ...]:
    """Words that may not name a feature."""
    return (*BAR_FIELDS, *CROSSES, *Function, *_OTHER_WORDS, *_LATER_WORDS, *keyword.kwlist)


def kind_hint(name: str, arguments: str = "") -> str | None:
    """How to make a feature of what is the name of a kind of features, here or elsewhere; None if it is none."""
    use = without_prefix(name)
    if use not in INDICATORS:
        use = next((row.word for row in KINDS if row.typed == use), use)
    if use not in INDICATORS:
        return None
    return (
        f"`{use}` is a kind of feature: write `my_{use}: {{use: {use}{arguments}}}` under `features`, and its name here"
    )


@attrs.frozen
class Complaint:
    """What is wrong at `offset` characters into an expression."""

    offset: int
    what: str
    hint: str = "there are names, numbers, + - * /, < <= > >=, and, or, not, and functions"


@attrs.frozen
class Scope:
    """A card's series: bar columns and features. `outputs` has the features with several outputs.

    `unjudged` are features that are wrong themselves. Any use of them passes, so that one fault is reported once.
    `kinds` are those of the series that are known, `zone` the card's time zone. A session or parameter that is wrong
    itself stands here with a value that passes.
    """

    features: tuple[str, ...] = ()
    outputs: dict[str, tuple[str, ...]] = attrs.field(factory=dict)
    unjudged: tuple[str, ...] = ()
    kinds: dict[str, NumberKind] = attrs.field(factory=dict)
    sessions: dict[str, Session] = attrs.field(factory=dict)
    parameters: dict[str, Decimal] = attrs.field(factory=dict)
    zone: str = UTC_ZONE

    def series(self) -> tuple[str, ...]:
        """Every name that has one value per bar."""
        several = (f"{name}.{output}" for name, outputs in self.outputs.items() for output in outputs)
        return (*self.features, *several, *BAR_FIELDS, *PRICE_SOURCES)

    def fault_of(self, name: str, others: tuple[str, ...] = ()) -> tuple[str, str] | None:
        """(what, hint) if `name` is no series; `others` are further names known where it stands."""
        head, dot, tail = name.partition(".")
        if name in self.series() or head in self.unjudged:
            return None
        outputs = [f"{head}.{each}" for each in self.outputs.get(head, ())]
        if outputs:
            what = f"`{head}` has no output `{tail}`" if dot else f"`{head}` has several outputs"
            return what, nearest(name, outputs) if dot else f"write {' or '.join(outputs)}"
        if dot and head in self.features:
            return f"`{head}` has one output", f"write `{head}`"
        known = (*self.series(), *self.unjudged, *others)
        return f"undefined name `{name}`", meant(name, known) or kind_hint(name) or nearest(name, known)
