"""The page docs/card-reference.md, printed from what the loader and the JSON Schema are made of.

Keys, types, defaults and ranges come from the written classes and their rules, kinds of features from the registry,
names of conditions from the grammar. `python -P -m ideacards.reference > docs/card-reference.md` writes it; a test
compares the two.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, get_args, get_origin

import attrs

from ideacards.card import SYMBOL, Fresh
from ideacards.expressions.calls import MAX_WINDOW, NUMBER_CALLS, TRUTH_CALLS
from ideacards.expressions.parser import MAX_LENGTH
from ideacards.expressions.scope import ACCOUNT_NAMES, BAR_FIELDS, CLOCK_NAMES
from ideacards.indicators.kind import Indicator
from ideacards.indicators.registry import FAMILIES
from ideacards.loading.clock_rules import WrittenSession
from ideacards.loading.parameters import WrittenParameter
from ideacards.loading.rules import Rule, Word
from ideacards.loading.structuring import key_of, rule_of
from ideacards.loading.written import (
    ACTION_KEYS,
    FEATURES,
    WrittenBlock,
    WrittenCard,
    WrittenCase,
    WrittenEmit,
    WrittenOwn,
)
from ideacards.meanings import FACTS, FEATURE_KEYS, FUNCTIONS, KEYS, TITLES
from ideacards.prices import PRICE_SOURCES

__all__ = ["names_of_conditions", "reference_page", "written_classes"]

_ROOTS = (WrittenCard, WrittenParameter, WrittenSession, WrittenOwn, Fresh, WrittenBlock, WrittenCase, WrittenEmit)
_HEAD = """# Card reference

Every key of a card: its type, its default, its range and its meaning. This page is printed from the definitions that
the loader and `./coldframe schema` use (`python -P -m ideacards.reference`); a test compares them. [cards.md](cards.md)
is the guide, [cookbook.md](cookbook.md) has examples, [indicators.md](indicators.md) the formula of every kind of
feature.

Where a number stands, so may the name of a [parameter](#parameter). *Required* keys have no default; *-* is a key that
may be left away.
"""
_BOUNDS = (
    ("exclusiveMinimum", "above"),
    ("minimum", "at least"),
    ("exclusiveMaximum", "below"),
    ("maximum", "at most"),
)
_ABOUT = {"WrittenEmit": "An action and its details."}


def reference_page() -> str:
    """The whole page, with a line feed at its end."""
    parts = [_HEAD, *map(_class_section, written_classes()), _features(), _conditions()]
    return "\n".join(parts)


def written_classes() -> list[type]:
    """Every class of the written card, each before those that stand in it for the first time."""
    found: dict[type, None] = {}
    for root in _ROOTS:
        found |= dict.fromkeys(_with_parts(root))
    return list(found)


def names_of_conditions() -> tuple[str, ...]:
    """What an expression may call or read, apart from series and sessions."""
    return (*TRUTH_CALLS, *NUMBER_CALLS, *map(str, ACCOUNT_NAMES), *CLOCK_NAMES)


def _with_parts(kind: type) -> Iterator[type]:
    yield kind
    for field in attrs.fields(kind):
        part = _plain(field.type)
        if attrs.has(part):
            yield from _with_parts(part)


def _plain(kind: Any) -> Any:
    """Without None and without tuple."""
    if rule_of(kind) is None and type(None) in get_args(kind):
        (kind,) = (each for each in get_args(kind) if each is not type(None))
    if rule_of(kind) is None and get_origin(kind) is tuple:
        kind = get_args(kind)[0]
    return kind


def _is_list(kind: Any) -> bool:
    return any(get_origin(each) is tuple and rule_of(each) is None for each in (kind, *get_args(kind)))


def _class_section(kind: type) -> str:
    meanings = KEYS[kind.__name__]
    lines = [f"## {TITLES[kind.__name__]}\n", _ABOUT.get(kind.__name__, kind.__doc__ or ""), ""]
    goes_with = kind is WrittenEmit
    lines.append("| key | type | default | meaning |" + (" goes with |" if goes_with else ""))
    lines.append("|---|---|---|---|" + ("---|" if goes_with else ""))
    for field in attrs.fields(kind):
        row = [f"`{key_of(field)}`", _type_of(field.type), _default_of(field), meanings[key_of(field)]]
        if goes_with:
            row.append(_actions_of(key_of(field)))
        lines.append(f"| {' | '.join(row)} |")
    return "\n".join(lines) + "\n"


def _actions_of(key: str) -> str:
    if key == "action":
        return "all"
    return ", ".join(f"`{action}`" for action, keys in ACTION_KEYS.items() if key in keys)


def _type_of(kind: Any) -> str:
    plain, rule = _plain(kind), rule_of(_plain(kind))
    if rule is not None:
        return _rule_text(rule)
    title = TITLES[plain.__name__]
    link = f"[{title.lower()}](#{title.lower().replace(' ', '-')})"
    return f"list of {link}" if _is_list(kind) else link


def _rule_text(rule: Rule) -> str:
    """A rule in words, from what it states in JSON Schema."""
    if isinstance(rule, Word):
        return f"{rule.meaning}: {rule.hint}" if rule == Word() else rule.meaning
    return _schema_text(rule.schema())


def _schema_text(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return " ".join(f"`{word}`" for word in schema["enum"])
    if "$ref" in schema:
        return _item_text(schema["$ref"])
    match schema.get("type"):
        case "number" | "integer":
            name = "number" if schema["type"] == "number" else "whole number"
            return f"{name} {_range_text(schema)}".strip()
        case "boolean":
            return "`true` `false`"
        case "array":
            return f"list of {_schema_text(schema['items'])}"
        case "object" if "properties" in schema:
            return f"mapping of names to a {_schema_text(schema['additionalProperties'])}"
        case "object":
            return f"mapping of names to {_schema_text(schema['additionalProperties'])}"
    return _pattern_text(schema)


def _range_text(schema: dict[str, Any]) -> str:
    if "minimum" in schema and "maximum" in schema:
        return f"{schema['minimum']:,} to {schema['maximum']:,}"
    return " and ".join(f"{word} {schema[key]:,}" for key, word in _BOUNDS if key in schema)


def _item_text(ref: str) -> str:
    item = ref.rpartition("/")[2]
    if item == "zone":
        return "time zone like `Europe/London`"
    plural = {"feature": "features", "condition": "conditions"}
    return f"[{item}](#{plural.get(item, item)})"


def _pattern_text(schema: dict[str, Any]) -> str:
    pattern = schema.get("pattern", "")
    if pattern == SYMBOL.schema()["pattern"]:
        return "symbol like `BTCUSDT`"
    if "mhd" in pattern:
        return "timeframe: `<n>m`, `<n>h`, `<n>d` or `1w`"
    return "time of day like `08:00`" if ":[0-5]" in pattern else "text"


def _default_of(field: "attrs.Attribute[Any]") -> str:
    if field.default is attrs.NOTHING:
        return "required"
    if field.default in (None, "", ()):
        return "-"
    if isinstance(field.default, tuple):
        return "all"
    if isinstance(field.default, float):
        return f"`{field.default:g}`"
    if isinstance(field.default, bool):
        return f"`{str(field.default).lower()}`"
    return f"`{field.default:f}`" if isinstance(field.default, Decimal) else f"`{field.default}`"


def _features() -> str:
    lines = ["## Features\n", _FEATURES_HEAD, "| key | type | default | meaning |", "|---|---|---|---|"]
    fields = {key_of(field): field for kind in FEATURES.values() for field in attrs.fields(kind)}
    for key, meaning in FEATURE_KEYS.items():
        kind = "a kind of the tables below" if key == "use" else _type_of(fields[key].type)
        default = {"use": "required", "of": "by kind", "with": "by kind"}.get(key, "-")
        lines.append(f"| `{key}` | {kind} | {default} | {meaning} |")
    for family, kinds in FAMILIES.items():
        lines += ["", f"### {family.capitalize()}\n", "| use | of | further keys | outputs |", "|---|---|---|---|"]
        lines += [_kind_row(kind) for kind in kinds.values()]
    return "\n".join(lines) + "\n"


_FEATURES_HEAD = f"""A mapping with these keys and those of its kind, or an expression of at most {MAX_LENGTH:,}
characters. An expression reads features, bars, parameters and numbers, and nothing of the account or the clock. A
feature without outputs is read by its name, another by `name.output`.
"""


def _kind_row(kind: Indicator) -> str:
    own = {param.name for param in kind.params}
    found = [_stated(field) for field in attrs.fields(FEATURES[kind.name]) if key_of(field) in own]
    of = f"`{kind.default_of}`" if kind.default_of is not None else "-"
    if "with" in kind.inputs:
        of += f", with `{kind.default_with}`" if kind.default_with else ", with required"
    outputs = " ".join(f"`.{output}`" for output in kind.outputs) if len(kind.outputs) > 1 else "-"
    return f"| [`{kind.name}`](indicators.md#{kind.name}) | {of} | {'; '.join(found) or '-'} | {outputs} |"


def _stated(field: "attrs.Attribute[Any]") -> str:
    default = _default_of(field)
    told = {"required": "required", "-": "may be absent"}.get(default, default)
    return f"`{key_of(field)}` {_type_of(field.type).replace('whole number', 'whole')}, {told}"


def _conditions() -> str:
    lines = ["## Conditions\n", _CONDITIONS_HEAD, "| function | meaning |", "|---|---|"]
    calls = (*TRUTH_CALLS, *NUMBER_CALLS)
    lines += [f"| `{FUNCTIONS[name][0]}` | {FUNCTIONS[name][1]} |" for name in calls]
    lines += ["", "| name | meaning |", "|---|---|"]
    lines.append(f"| {' '.join(f'`{name}`' for name in BAR_FIELDS)} | of the exec bar |")
    lines.append(f"| {' '.join(f'`{name}`' for name in PRICE_SOURCES)} | prices made of it |")
    lines += [f"| `{name}` | {FACTS[name]} |" for name in names_of_conditions() if name not in calls]
    lines.append("| `session.NAME` | whether the close lies in the session |")
    return "\n".join(lines) + "\n"


_CONDITIONS_HEAD = f"""A text of at most {MAX_LENGTH:,} characters, `true` or `false`, or one of `all:`, `any:` and
`not:` with a text or a list. Operators: `or and not < <= > >= == != + - * /`, unary minus, parentheses, `name[k]`.
The n and k of a window are whole numbers up to {MAX_WINDOW:,}. [cards.md](cards.md#conditions) says what unknown
values and the kinds of numbers do.
"""

if __name__ == "__main__":
    print(reference_page(), end="")
