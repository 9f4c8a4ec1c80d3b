"""Strict reading of TOML into attrs classes: every key known, every value of its exact type, all problems at once.

TOML decides what a value is, so nothing is coerced: `"10"` is text and no number, `1.0` is no whole number. Numbers
with a point become Decimal from their text. A key's line is found by a scan of the file, for tables written as
`[table]` and lists of them as `[[table]]`, which count from 1; elsewhere a problem names the path alone.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar, get_args

import attrs
from cattrs import (
    BaseValidationError,
    ClassValidationError,
    Converter,
    ForbiddenExtraKeysError,
    IterableValidationError,
)

from actors.model.errors import InputError
from ideacards.errors import Problem, nearest

__all__ = ["AtLeast", "Matching", "Positive", "TomlTable", "read_table", "structure_table"]

T = TypeVar("T")
Place = tuple[int, int]
_KINDS = {
    bool: "true or false",
    str: "text",
    int: "a whole number",
    Decimal: "a number",
    dict: "a table",
    list: "a list",
    date: "a date",
}
_AT = re.compile(r"^(?P<what>.*) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$")
_KEY = re.compile(r"""^\s*(?P<key>[A-Za-z0-9_-]+|"[^"]*")\s*=""")
_HEADER = re.compile(r"^\s*(?P<bracket>\[\[?)(?P<name>[^\[\]]+)\]")


@attrs.frozen
class AtLeast:
    """A whole number not below `minimum`; used in Annotated."""

    minimum: int

    def complaint(self, value: Any) -> str:
        return "" if value >= self.minimum else f"is {value}, below {self.minimum}"


@attrs.frozen
class Positive:
    """A number above zero; used in Annotated."""

    def complaint(self, value: Any) -> str:
        return "" if value > 0 else f"is {value}, not above 0"


@attrs.frozen
class Matching:
    """Text that matches `pattern` as a whole; `meaning` says it in words; used in Annotated."""

    pattern: str
    meaning: str

    def complaint(self, value: Any) -> str:
        return "" if re.fullmatch(self.pattern, value) else f"is {value!r}, expected {self.meaning}"


@attrs.frozen
class TomlTable:
    """A parsed file: its values and the place (line, column) of each key path."""

    file: str
    values: dict[str, Any]
    places: Mapping[tuple[str, ...], Place]

    def problem(self, path: tuple[str, ...], what: str, hint: str = "") -> Problem:
        """A problem at a key, or at the nearest enclosing table that the scan found."""
        known = next((path[:n] for n in range(len(path), 0, -1) if path[:n] in self.places), None)
        line, column = self.places[known] if known else (None, None)
        return Problem(self.file, line, column, ".".join(path), what, hint)


class _Wrong(Exception):
    """A value that is not what its key wants."""


def read_table(path: Path) -> TomlTable:
    """Parse a TOML file; InputError for a missing, unreadable or broken one."""
    name = str(path)
    try:
        text = path.read_bytes().decode("utf-8")
        return TomlTable(name, tomllib.loads(text, parse_float=Decimal), _places(text))
    except FileNotFoundError:
        raise InputError([Problem(name, None, None, "", "no such file", "")]) from None
    except OSError as error:
        raise InputError([Problem(name, None, None, "", f"cannot be read: {error.strerror}", "")]) from None
    except UnicodeDecodeError as error:
        raise InputError([Problem(name, None, None, "", f"is not UTF-8 text (byte {error.start})", "")]) from None
    except tomllib.TOMLDecodeError as error:
        raise InputError([_syntax_problem(name, str(error))]) from None


def _syntax_problem(file: str, message: str) -> Problem:
    match = _AT.match(message)
    if match is None:
        return Problem(file, None, None, "", message, "")
    line, column = match["line"], match["column"]
    return Problem(file, int(line) if line else None, int(column) if column else None, "", match["what"], "")


def _places(text: str) -> dict[tuple[str, ...], Place]:
    places: dict[tuple[str, ...], Place] = {}
    table: tuple[str, ...] = ()
    counts: Counter[tuple[str, ...]] = Counter()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            table = tuple(part.strip().strip('"') for part in header["name"].split("."))
            if header["bracket"] == "[[":
                counts[table] += 1
                table = (*table, str(counts[table]))
            places[table] = (number, header.start("name") + 1)
        elif key := _KEY.match(line):
            places[(*table, key["key"].strip('"'))] = (number, key.start("key") + 1)
    return places


def structure_table(table: TomlTable, cls: type[T], at: tuple[str, ...] = ()) -> T:
    """The values at key path `at` as `cls`; InputError listing every unknown key, missing key and wrong value."""
    values: Any = table.values
    for part in at:
        values = values[part]
    if not isinstance(values, dict):
        raise InputError([table.problem(at, f"expected a table, got {_kind(values)}")])
    try:
        return _CONVERTER.structure(values, cls)
    except ClassValidationError as error:
        problems = sorted(_problems(table, error, at, cls), key=lambda problem: problem.line or 0)
        raise InputError(problems) from None


def _problems(table: TomlTable, error: BaseValidationError, path: tuple[str, ...], cls: Any) -> Iterator[Problem]:
    if isinstance(error, IterableValidationError):
        for problem, at in error.group_exceptions()[0]:
            place = (*path, str(int(at.index) + 1))
            if isinstance(problem, BaseValidationError):
                yield from _problems(table, problem, place, at.type)
            else:
                yield table.problem(place, str(problem))
        return
    if not isinstance(error, ClassValidationError):
        raise error
    located, others = error.group_exceptions()
    fields = [field.name for field in attrs.fields(cls)]
    for problem, note in located:
        place = (*path, note.name)
        if isinstance(problem, BaseValidationError):
            yield from _problems(table, problem, place, note.type)
        elif isinstance(problem, KeyError):
            yield table.problem(place, "is missing")
        else:
            yield table.problem(place, str(problem))
    for other in others:
        if not isinstance(other, ForbiddenExtraKeysError):
            raise other
        for key in sorted(other.extra_fields):
            yield table.problem((*path, key), "unknown key", nearest(key, fields))


def _kind(value: Any) -> str:
    return _KINDS.get(type(value), f"a {type(value).__name__}")


def _exactly(kind: type, name: str) -> Callable[[Any, Any], Any]:
    def hook(value: Any, cls: Any) -> Any:
        if issubclass(cls, Enum):  # a StrEnum is a str to cattrs
            return _member(value, cls)
        if type(value) is not kind:
            raise _Wrong(f"expected {name}, got {_kind(value)}")
        return value

    return hook


def _decimal(value: Any, _: Any) -> Decimal:
    if type(value) not in (int, Decimal) or not Decimal(value).is_finite():
        raise _Wrong(f"expected a number, got {_kind(value) if type(value) is not Decimal else value}")
    return Decimal(value)


def _member(value: Any, cls: type[Enum]) -> Enum:
    names = [str(member.value) for member in cls]
    if type(value) is not str:
        raise _Wrong(f"expected one of {', '.join(names)}, got {_kind(value)}")
    if value not in names:
        raise _Wrong(f"is {value!r}; {nearest(value, names)}")
    return cls(value)


def _annotated(cls: Any) -> Callable[[Any, Any], Any]:
    base, *rules = get_args(cls)

    def hook(value: Any, _: Any) -> Any:
        structured = _CONVERTER.structure(value, base)
        for rule in rules:
            if structured is not None and (complaint := rule.complaint(structured)):
                raise _Wrong(complaint)
        return structured

    return hook


def _table_class(cls: Any) -> Callable[[Any, Any], Any]:
    inner = _CONVERTER.gen_structure_attrs_fromdict(cls)

    def hook(value: Any, _: Any) -> Any:
        if not isinstance(value, dict):
            raise _Wrong(f"expected a table, got {_kind(value)}")
        return inner(value, cls)

    return hook


def _make_converter() -> Converter:
    converter = Converter(forbid_extra_keys=True, detailed_validation=True)
    for kind, name in ((str, "text"), (bool, "true or false"), (int, "a whole number"), (date, "a date")):
        converter.register_structure_hook(kind, _exactly(kind, name))
    converter.register_structure_hook(Decimal, _decimal)
    converter.register_structure_hook_factory(lambda cls: hasattr(cls, "__metadata__"), _annotated)
    converter.register_structure_hook_factory(attrs.has, _table_class)
    return converter


_CONVERTER = _make_converter()
