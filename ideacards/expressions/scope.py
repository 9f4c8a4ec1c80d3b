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
from ideacards.prices import LEADER_PRICES, PRICE_SOURCES, leader_price
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
    itself stands here with a value that passes. `symbol` is what the card trades, `leaders` what it reads besides, and
    `led` names the leader of each feature that is computed over one's bars.
    """

    features: tuple[str, ...] = ()
    outputs: dict[str, tuple[str, ...]] = attrs.field(factory=dict)
    unjudged: tuple[str, ...] = ()
    kinds: dict[str, NumberKind] = attrs.field(factory=dict)
    sessions: dict[str, Session] = attrs.field(factory=dict)
    parameters: dict[str, Decimal] = attrs.field(factory=dict)
    zone: str = UTC_ZONE
    symbol: str = ""
    leaders: tuple[str, ...] = ()
    led: dict[str, str] = attrs.field(factory=dict)

    def series(self) -> tuple[str, ...]:
        """Every name that has one value per bar."""
        several = (f"{name}.{output}" for name, outputs in self.outputs.items() for output in outputs)
        return (*self.features, *several, *BAR_FIELDS, *PRICE_SOURCES, *self._leader_prices())

    def _leader_prices(self) -> tuple[str, ...]:
        return tuple(f"{symbol}.{price}" for symbol in self.leaders for price in LEADER_PRICES)

    def leader_of(self, name: str) -> str | None:
        """The leader whose value a series is; None for one of the card's own bars."""
        found = leader_price(name, self.leaders)
        return self.led.get(name.partition(".")[0]) if found is None else found[0]

    def price_fault(self, name: str) -> tuple[str, str] | None:
        """(what, hint) if a series is a leader's, so that it is no price, and no distance, of what the card trades."""
        leader = self.leader_of(name)
        if leader is None:
            return None
        hint = "compute it over the card's own bars, or write a feature that converts it"
        return f"`{name}` is a value of {leader}, and the card trades {self.symbol}", hint

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
        if (fault := self._leader_fault(head, dot, tail)) is not None:
            return fault
        known = (*self.series(), *self.unjudged, *others)
        return f"undefined name `{name}`", meant(name, known) or kind_hint(name) or nearest(name, known)

    def _leader_fault(self, head: str, dot: str, tail: str) -> tuple[str, str] | None:
        """(what, hint) for a name that begins with a symbol."""
        if head in self.leaders:
            prices = [f"{head}.{price}" for price in LEADER_PRICES]
            if not dot:
                return f"`{head}` is a leader", f"write the name of its price, like `{head}.close`"
            return f"the leader `{head}` has no `{tail}`", nearest(f"{head}.{tail}", prices)
        if not dot or tail not in LEADER_PRICES:
            return None
        if head == self.symbol:
            return f"`{head}` is what the card trades", f"write `{tail}`"
        if head.upper() in self.leaders:
            return f"the card has no leader `{head}`", f"did you mean `{head.upper()}.{tail}`?"
        if not head.isupper():
            return None
        known = f"its leaders are {', '.join(self.leaders)}; " if self.leaders else ""
        return f"the card has no leader `{head}`", f"{known}add {head} to the card's `leaders` to read it"
