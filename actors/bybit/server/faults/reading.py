"""Faults from plain values, as a control request or a schedule file has them: strict, and all that is wrong at once.

An order is one flat table: `kind`, the parameters of that kind, the fields of the matcher, and when: `at` or `at_ms`
(since the exchange's start; now, where neither stands), `until`, `until_ms` or `for_ms`, `times`, `probability`.
"""

import difflib
import re
import types
from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import Enum
from typing import Any, Union, get_args, get_origin, get_type_hints

import attrs

from actors.bybit.server.faults.kinds import KINDS, ExchangeFault
from actors.bybit.server.faults.matching import Match

__all__ = ["BadFault", "FaultOrder", "Wrong", "fields_of", "read_fault"]

_CLOCK = re.compile(r"(?P<hours>\d{1,4}):(?P<minutes>[0-5]\d):(?P<seconds>[0-5]\d)(?:\.(?P<part>\d{1,3}))?")
_TIMING = ("at", "at_ms", "until", "until_ms", "for_ms", "times", "probability")
_ALWAYS = "always"
_KIND_NAMES = {int: "a whole number", str: "text", bool: "true or false", Decimal: "a number"}


@attrs.frozen
class Wrong:
    """One thing wrong: the key it is at ("" for the whole), what, and a hint."""

    key: str
    what: str
    hint: str = ""

    def text(self) -> str:
        """On one line."""
        said = f"{self.key}: {self.what}" if self.key else self.what
        return f"{said}; {self.hint}" if self.hint else said


class BadFault(Exception):
    """What was given is no fault; `wrongs` lists everything."""

    def __init__(self, wrongs: Iterable[Wrong]) -> None:
        self.wrongs = tuple(wrongs)
        super().__init__("\n".join(wrong.text() for wrong in self.wrongs))


@attrs.frozen(kw_only=True)
class FaultOrder:
    """A fault, what it is for, and when. Times are ms since the exchange's start; None: now, or without an end.

    `times` is how often it happens, None without a limit; each chance is taken with `probability`.
    """

    fault: ExchangeFault
    match: Match = attrs.Factory(Match)
    at_ms: int | None = None
    until_ms: int | None = None
    for_ms: int | None = None
    times: int | None = 1
    probability: Decimal = Decimal(1)


def read_fault(values: Mapping[str, Any]) -> FaultOrder:
    """The order that the values name. Raises BadFault."""
    kind = values.get("kind")
    if kind is None:
        raise BadFault([Wrong("kind", "is missing", _known(KINDS))])
    found = KINDS.get(kind) if isinstance(kind, str) else None
    if found is None:
        raise BadFault([Wrong("kind", f"{kind!r} is no kind of fault", _nearest(str(kind), KINDS))])
    wrongs: list[Wrong] = []
    parameters, matched, timing = fields_of(found), fields_of(Match), _timing(values, found, wrongs)
    names = [*parameters, *found.uses, *(name for name in _TIMING if not (found.is_act and name not in _TIMING[:2]))]
    for key in values:
        if key in names or key == "kind":
            continue
        if key in matched or key in _TIMING:
            wrongs.append(Wrong(key, f"has no meaning for {kind}", _known(names)))
        else:
            wrongs.append(Wrong(key, "unknown key", _nearest(key, names)))
    wrongs += [Wrong(name, "is missing") for name in found.needs if name not in values]
    fault = _structure(found, parameters, values, wrongs)
    match = _structure(Match, {name: matched[name] for name in found.uses}, values, wrongs)
    if wrongs:
        raise BadFault(wrongs)
    return FaultOrder(fault=fault, match=match, **timing)


def fields_of(cls: type) -> dict[str, "attrs.Attribute[Any]"]:
    """The parameters of a kind, or the fields of the matcher."""
    return {field.name: field for field in attrs.fields(cls)}


# -- values -----------------------------------------------------------------------------------------------------------


def _structure(
    cls: type, fields: Mapping[str, "attrs.Attribute[Any]"], values: Mapping[str, Any], wrongs: list[Wrong]
) -> Any:
    hints, found = get_type_hints(cls), {}
    for name, field in fields.items():
        if name not in values:
            if field.default is attrs.NOTHING:
                wrongs.append(Wrong(name, "is missing"))
            continue
        try:
            found[name] = _value(values[name], hints[name], field.metadata)
        except ValueError as error:
            wrongs.append(Wrong(name, str(error)))
    return None if wrongs else cls(**found)


def _value(value: Any, hint: Any, bounds: Mapping[Any, Any]) -> Any:
    """A value of its exact type, within its bounds. Raises ValueError."""
    if get_origin(hint) in (Union, types.UnionType):
        hint = next(each for each in get_args(hint) if each is not types.NoneType)
    if issubclass(hint, Enum):
        names = [str(member.value) for member in hint]
        if value not in names:
            raise ValueError(f"is {value!r}; {_nearest(str(value), names)}")
        return hint(value)
    if hint is Decimal:
        return _number(value, bounds)
    if type(value) is not hint:
        raise ValueError(f"expected {_KIND_NAMES[hint]}, got {value!r}")
    if hint is int:
        _check(value, bounds)
    if hint is str and not value.isprintable():
        raise ValueError("is not printable text")
    return value


def _number(value: Any, bounds: Mapping[Any, Any]) -> Decimal:
    """Quantities and prices are text on the wire; whole numbers and decimals are taken as well, above the least."""
    if type(value) not in (int, str, Decimal) and not isinstance(value, float):
        raise ValueError(f"expected a number, got {value!r}")
    try:
        number = Decimal(str(value))
    except ArithmeticError:
        raise ValueError(f"expected a number, got {value!r}") from None
    if not number.is_finite() or number <= bounds["least"]:
        raise ValueError(f"is {value}, not above {bounds['least']}")
    return number


def _check(value: int, bounds: Mapping[Any, Any]) -> None:
    least, most = bounds.get("least"), bounds.get("most")
    if (least is not None and value < least) or (most is not None and value > most):
        raise ValueError(f"is {value}, not within {least} and {most}")


# -- when -------------------------------------------------------------------------------------------------------------


def _timing(values: Mapping[str, Any], kind: type[ExchangeFault], wrongs: list[Wrong]) -> dict[str, Any]:
    found: dict[str, Any] = {"times": None if kind.is_lasting else 1}
    for key in _TIMING:
        if key not in values:
            continue
        try:
            found[key.removesuffix("_ms") + "_ms" if key in ("at", "until") else key] = _TIMES[key](values[key])
        except ValueError as error:
            wrongs.append(Wrong(key, str(error)))
    for one, other in (("at", "at_ms"), ("until", "until_ms"), ("until", "for_ms"), ("until_ms", "for_ms")):
        if one in values and other in values:
            wrongs.append(Wrong(other, f"stands beside {one}, which says the same"))
    if not wrongs and found.get("until_ms") is not None and found["until_ms"] <= found.get("at_ms", -1):
        wrongs.append(Wrong("until" if "until" in values else "until_ms", "is not after the beginning"))
    return found


def _since_start(value: Any) -> int:
    match = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"is {value!r}, expected HH:MM:SS since the exchange's start, as 00:05:00")
    seconds = int(match["hours"]) * 3_600 + int(match["minutes"]) * 60 + int(match["seconds"])
    return seconds * 1_000 + int((match["part"] or "0").ljust(3, "0"))


def _ms(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(f"is {value!r}, expected a whole number of milliseconds, 0 or more")
    return value


def _times(value: Any) -> int | None:
    if value == _ALWAYS:
        return None
    if type(value) is not int or value < 1:
        raise ValueError(f"is {value!r}, expected a whole number from 1, or {_ALWAYS!r}")
    return value


def _probability(value: Any) -> Decimal:
    number = _number(value, {"least": 0})
    if number > 1:
        raise ValueError(f"is {value}, expected above 0 and at most 1")
    return number


_TIMES = {
    "at": _since_start,
    "at_ms": _ms,
    "until": _since_start,
    "until_ms": _ms,
    "for_ms": _ms,
    "times": _times,
    "probability": _probability,
}


def _nearest(word: str, known: Iterable[str]) -> str:
    names = list(known)
    close = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    return f"did you mean `{close[0]}`?" if close else _known(names)


def _known(names: Iterable[str]) -> str:
    return f"known: {', '.join(names)}"
