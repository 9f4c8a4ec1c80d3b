"""Rules for the leaves of cards and settings: each reads one node and states itself in JSON Schema.

They stand on attrs classes as `Annotated[Decimal, Number(above=0)]`, so that loader and schema follow one table. A rule
coerces nothing: `length: "12"` is text, and text is no number.
"""

import operator
import re
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Protocol, TypeVar

import attrs

from ideacards.decimals import decimal_of
from ideacards.errors import CardError, Problem, nearest
from ideacards.loading.tree import ListNode, MapNode, Node, Place, Scalar, ScalarKind, described
from ideacards.timeframe import Timeframe, timeframe_of

__all__ = [
    "Day",
    "Flag",
    "ListOf",
    "MapOf",
    "Number",
    "OneOf",
    "OneWhole",
    "Rule",
    "Text",
    "TimeframeText",
    "Whole",
    "Word",
    "WrittenPart",
    "of_kind",
    "problem_at",
    "refuse",
    "text_of_node",
]

Schema = dict[str, Any]
N = TypeVar("N", bound=Node)

_BOUNDS: dict[str, tuple[str, Callable[[Any, Any], bool]]] = {
    "above": ("exclusiveMinimum", operator.gt),
    "at least": ("minimum", operator.ge),
    "below": ("exclusiveMaximum", operator.lt),
    "at most": ("maximum", operator.le),
}


class Rule(Protocol):
    """`read` returns a leaf's value or raises CardError; `schema` states the same rule as JSON Schema."""

    def read(self, node: Node) -> Any: ...

    def schema(self) -> Schema: ...


def problem_at(node: Node, what: str, hint: str = "", place: Place | None = None) -> Problem:
    """A problem with `node`, at its place or at another `place` (of its key)."""
    at = place or node.place
    return Problem(at.file, at.line, at.column, node.path, what, hint)


def refuse(node: Node, what: str, hint: str, place: Place | None = None) -> CardError:
    """A CardError with the one problem that `problem_at` makes."""
    return CardError([problem_at(node, what, hint, place)])


def of_kind(node: Node, kind: type[N], expected: str) -> N:
    """The node if it is of that kind, else CardError."""
    if isinstance(node, kind):
        return node
    hint = "write its items under it" if kind is ListNode else "write its keys under it, each with its value"
    raise refuse(node, f"expected {expected}, found {described(node)}", hint)


def text_of_node(node: Node, expected: str) -> str:
    """The text of a node, else CardError."""
    if isinstance(node, Scalar) and node.kind is ScalarKind.TEXT:
        return node.text
    hint = "write it in quotes if it is meant as text" if isinstance(node, Scalar) and node.text else "write a text"
    raise refuse(node, f"expected {expected}, found {described(node)}", hint)


@attrs.frozen
class Text:
    """Any text."""

    def read(self, node: Node) -> str:
        return text_of_node(node, "text")

    def schema(self) -> Schema:
        return {"type": "string"}


@attrs.frozen
class Word:
    """Text that matches `pattern` as a whole; `meaning` and `hint` say in words what that is."""

    pattern: str = "[A-Za-z][A-Za-z0-9_-]{0,63}"
    meaning: str = "a name"
    hint: str = "letters, digits, _ and -, a letter first, at most 64"

    def read(self, node: Node) -> str:
        text = text_of_node(node, self.meaning)
        if not self.matches(text):
            raise refuse(node, f"expected {self.meaning}, found {described(node)}", self.hint)
        return text

    def matches(self, text: str) -> bool:
        """Whether the whole text matches."""
        return re.fullmatch(self.pattern, text, re.ASCII) is not None

    def schema(self) -> Schema:
        return {"type": "string", "pattern": f"^{self.pattern}$"}


@attrs.frozen
class OneOf:
    """One of a closed set of words; the members of a StrEnum are read as such."""

    words: Sequence[str]

    def read(self, node: Node) -> str:
        text = text_of_node(node, f"one of {', '.join(self.words)}")
        if text not in self.words:
            raise refuse(node, f"unknown {node.path.rpartition('.')[2]} `{text}`", nearest(text, self.words))
        return self.words[self.words.index(text)]

    def schema(self) -> Schema:
        return {"enum": [str(word) for word in self.words]}


@attrs.frozen
class TimeframeText:
    """`<n>m`, `<n>h`, `<n>d` or `1w`."""

    def read(self, node: Node) -> Timeframe:
        text = text_of_node(node, "a timeframe like 1m, 4h, 1d or 1w")
        try:
            return timeframe_of(text)
        except ValueError as error:
            raise refuse(node, str(error), "write 1m, 15m, 4h, 1d or 1w") from None

    def schema(self) -> Schema:
        return {"type": "string", "pattern": "^([1-9][0-9]{0,3}[mhd]|1w)$"}


@attrs.frozen
class Flag:
    """true or false."""

    def read(self, node: Node) -> bool:
        if isinstance(node, Scalar) and node.kind is ScalarKind.BOOL:
            return node.text.lower() == "true"
        raise refuse(node, f"expected a truth value, found {described(node)}", "write true or false")

    def schema(self) -> Schema:
        return {"type": "boolean"}


@attrs.frozen
class Day:
    """A date of TOML, not in quotes."""

    def read(self, node: Node) -> date:
        if isinstance(node, Scalar) and node.kind is ScalarKind.DATE:
            return date.fromisoformat(node.text)
        raise refuse(node, f"expected a date, found {described(node)}", "write it like 2025-01-31, without quotes")

    def schema(self) -> Schema:
        return {"type": "string", "format": "date"}


@attrs.frozen
class Number:
    """A decimal, read from its text; `above` and `below` are exclusive bounds, the others inclusive."""

    above: int | None = None
    at_least: int | None = None
    below: int | None = None
    at_most: int | None = None

    def read(self, node: Node) -> Decimal:
        value = decimal_of(_number_text(node, "a number", "write it like 1000 or 0.5"))
        if value is None:
            raise refuse(node, f"{described(node)} has too many digits", "15 before the point and 12 after it will do")
        _check_range(node, value, self._bounds())
        return value

    def _bounds(self) -> list[tuple[str, int]]:
        bounds = zip(_BOUNDS, (self.above, self.at_least, self.below, self.at_most), strict=True)
        return [(name, bound) for name, bound in bounds if bound is not None]

    def schema(self) -> Schema:
        return {"type": "number"} | {_BOUNDS[name][0]: bound for name, bound in self._bounds()}


@attrs.frozen
class Whole:
    """A whole number between two inclusive bounds."""

    at_least: int
    at_most: int = 1_000_000_000

    def read(self, node: Node) -> int:
        text = _number_text(node, "a whole number", "write it like 12")
        if not re.fullmatch(r"[-+]?\d{1,20}", text, re.ASCII):
            raise refuse(node, f"expected a whole number, found {described(node)}", "write it like 12")
        _check_range(node, Decimal(text), [("at least", self.at_least), ("at most", self.at_most)])
        return int(text)

    def schema(self) -> Schema:
        return {"type": "integer", "minimum": self.at_least, "maximum": self.at_most}


@attrs.frozen
class OneWhole:
    """One of a few whole numbers."""

    choices: tuple[int, ...]

    def read(self, node: Node) -> int:
        value = Whole(min(self.choices), max(self.choices)).read(node)
        if value not in self.choices:
            raise refuse(node, f"{described(node)} is none of them", f"one of {', '.join(map(str, self.choices))}")
        return value

    def schema(self) -> Schema:
        return {"type": "integer", "enum": list(self.choices)}


def _number_text(node: Node, expected: str, hint: str) -> str:
    if isinstance(node, Scalar) and (node.number or node.kind is ScalarKind.NUMBER):
        return node.number or node.text
    is_grouped = isinstance(node, Scalar) and re.fullmatch(r"[-+]?\d[\d_,]*(\.\d+)?", node.text, re.ASCII)
    hint = "numbers stand without quotes and separators, like 1000 or 0.5" if is_grouped else hint
    raise refuse(node, f"expected {expected}, found {described(node)}", hint)


def _check_range(node: Node, value: Decimal, bounds: Sequence[tuple[str, int]]) -> None:
    if not all(_BOUNDS[name][1](value, bound) for name, bound in bounds):
        allowed = " and ".join(f"{name} {bound}" for name, bound in bounds)
        raise refuse(node, f"{described(node)} is out of range", allowed)


@attrs.frozen
class MapOf:
    """A mapping of names to what `$defs/<item>` says; the items are read one by one, so that all their faults show."""

    item: str

    def read(self, node: Node) -> MapNode:
        return of_kind(node, MapNode, f"a mapping of {self.item}s")

    def schema(self) -> Schema:
        return {"type": "object", "additionalProperties": {"$ref": f"#/$defs/{self.item}"}}


@attrs.frozen
class ListOf:
    """A list of at least one `$defs/<item>`; the items are read one by one, so that all their faults show."""

    item: str

    def read(self, node: Node) -> ListNode:
        found = of_kind(node, ListNode, f"a list of {self.item}s")
        if not found:
            raise refuse(node, f"expected at least one {self.item}, found an empty list", "write each after `- `")
        return found

    def schema(self) -> Schema:
        return {"type": "array", "minItems": 1, "items": {"$ref": f"#/$defs/{self.item}"}}


@attrs.frozen
class WrittenPart:
    """A part described by `$defs/<item>` and read later, when the card's names are known."""

    item: str

    def read(self, node: Node) -> Node:
        return node

    def schema(self) -> Schema:
        return {"$ref": f"#/$defs/{self.item}"}
