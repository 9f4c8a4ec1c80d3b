"""The card's grammar as JSON Schema (draft 2020-12), printed from the classes and rules the loader reads by.

It is for editors. Checks that need the whole card (names, cycles, multiples of timeframes) and the text of expressions
are left to `coldframe validate`.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, get_args, get_origin

import attrs

from ideacards.card import Fresh
from ideacards.expressions.parser import MAX_LENGTH
from ideacards.intents import OrderKind
from ideacards.loading.clock_rules import SESSION_NAME, WrittenSession
from ideacards.loading.conditions import GROUPS
from ideacards.loading.exits import LEVEL_UNITS, WrittenBreakEven, WrittenLevel
from ideacards.loading.features import FEATURE_NAME
from ideacards.loading.parameters import PARAMETER_NAME, WrittenParameter
from ideacards.loading.plans import MAX_TARGETS
from ideacards.loading.resting import EXPIRY_UNITS, FOLLOW_UNITS, WrittenExpiry, WrittenFollow
from ideacards.loading.rules import Number, OneWhole, Whole
from ideacards.loading.structuring import key_of, rule_of
from ideacards.loading.written import (
    ACTION_KEYS,
    FEATURES,
    NEEDED_EITHER,
    NEEDED_KEYS,
    WrittenBlock,
    WrittenCard,
    WrittenCase,
    WrittenEmit,
    WrittenOrder,
    WrittenOwn,
    WrittenSize,
)
from ideacards.zones import zone_names

__all__ = ["card_schema"]

Schema = dict[str, Any]
_OF_ENTRIES = ("ladder", "expires", "follow")
_OF_ORDERS: dict[OrderKind, tuple[tuple[str, ...], tuple[str, ...]]] = {
    OrderKind.MARKET: ((), ()),
    OrderKind.LIMIT: (("price", "ladder", "time_in_force", "post_only", "expires", "follow"), ()),
    OrderKind.STOP: (("price", "expires", "follow"), ("price",)),
    OrderKind.STOP_LIMIT: (("price", "limit", "time_in_force", "post_only", "expires"), ("price", "limit")),
}
_NUMBERS = (Number, Whole, OneWhole)
_EXPRESSION: Schema = {"type": "string", "minLength": 1, "maxLength": MAX_LENGTH}


def card_schema() -> Schema:
    """The schema of a card file, ready for `json.dumps`."""
    schema = _object_schema(WrittenCard)
    schema["properties"]["features"]["propertyNames"] = {"pattern": f"^{FEATURE_NAME.pattern}$"}
    schema["properties"]["parameters"]["propertyNames"] = {"pattern": f"^{PARAMETER_NAME.pattern}$"}
    schema["properties"]["sessions"]["propertyNames"] = {"pattern": f"^{SESSION_NAME.pattern}$"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "IdeaCard",
        **schema,
        "$defs": {
            "feature": {"oneOf": [_EXPRESSION, *map(_object_schema, (WrittenOwn, *FEATURES.values()))]},
            "block": _object_schema(WrittenBlock),
            "case": _object_schema(WrittenCase),
            "condition": _condition_schema(),
            "session": _object_schema(WrittenSession),
            "parameter": _object_schema(WrittenParameter),
            "zone": {"enum": list(zone_names())},
            "emit": {"oneOf": [_emit_schema(action) for action in ACTION_KEYS]},
        },
    }


def _object_schema(written: type, keys: Sequence[str] | None = None) -> Schema:
    """A mapping of exactly the class's attributes, or of those among them named in `keys`."""
    fields = [field for field in attrs.fields(written) if keys is None or field.name in keys]
    schema: Schema = {
        "type": "object",
        "properties": {
            key_of(field): _field_schema(field, in_parameter=written is WrittenParameter) for field in fields
        },
        "required": [key_of(field) for field in fields if field.default is attrs.NOTHING],
        "additionalProperties": False,
    }
    if written in (WrittenSize, Fresh):
        schema |= {"minProperties": 1, "maxProperties": 1}
    if issubclass(written, WrittenLevel):
        schema["oneOf"] = [{"required": [unit]} for unit in LEVEL_UNITS]
    for either, units in ((WrittenExpiry, EXPIRY_UNITS), (WrittenFollow, FOLLOW_UNITS)):
        if written is either:
            schema["oneOf"] = [{"required": [unit]} for unit in units]
    if written is WrittenBreakEven:
        schema["oneOf"] = [{"required": ["at_r"]}, {"required": ["at_target"]}]
    return schema


def _field_schema(field: "attrs.Attribute[Any]", *, in_parameter: bool) -> Schema:
    """Of one attribute. Where a number stands, so may a parameter's name."""
    kind: Any = field.type
    rule = rule_of(kind)
    if rule is None and type(None) in get_args(kind):
        (kind,) = (each for each in get_args(kind) if each is not type(None))
        rule = rule_of(kind)
    schema = rule.schema() if rule is not None else _written_schema(kind)
    if isinstance(rule, _NUMBERS) and not in_parameter:
        schema = {"anyOf": [schema, {"type": "string", "pattern": f"^{PARAMETER_NAME.pattern}$"}]}
    if field.default is attrs.NOTHING or field.default is None:
        return schema
    if isinstance(field.default, tuple):
        return schema  # every day: what leaving it away means
    default = int(field.default) if isinstance(field.default, Decimal) else field.default
    return schema | {"default": default}


def _written_schema(kind: Any) -> Schema:
    """A class's mapping, or a list of such mappings."""
    if get_origin(kind) is tuple:
        return {"type": "array", "minItems": 1, "maxItems": MAX_TARGETS, "items": _object_schema(get_args(kind)[0])}
    return _object_schema(kind)


def _emit_schema(action: str) -> Schema:
    schema = _object_schema(WrittenEmit, ("action", *ACTION_KEYS[action]))
    schema["properties"]["action"] = {"const": action}
    schema["required"] += NEEDED_KEYS.get(action, ())
    if action in NEEDED_EITHER:
        schema["anyOf"] = [{"required": [key]} for key in NEEDED_EITHER[action]]
    if "order" in ACTION_KEYS[action]:
        schema["properties"]["order"] = _order_schema(is_entry="size" in ACTION_KEYS[action])
    if "trail" in ACTION_KEYS[action] and "stop_loss" in ACTION_KEYS[action]:
        needs_stop = {key: ["stop_loss"] for key in ("trail", "break_even")}
        schema["dependentRequired"] = needs_stop
    return schema


def _order_schema(*, is_entry: bool) -> Schema:
    """An order by its type: which keys stand beside it, and which must."""
    kinds: list[Schema] = []
    for kind, (keys, needed) in _OF_ORDERS.items():
        taken = [key for key in keys if is_entry or key not in _OF_ENTRIES]
        schema = _object_schema(WrittenOrder, ("type", *taken))
        schema["properties"]["type"] = {"const": str(kind)}
        schema["required"] = [*needed, *(["type"] if kind is not OrderKind.MARKET else [])]
        if "ladder" in taken:
            schema["oneOf"] = [{"required": ["price"]}, {"required": ["ladder"]}]
        elif kind is OrderKind.LIMIT:
            schema["required"] += ["price"]
        kinds.append(schema)
    return {"oneOf": kinds}


def _condition_schema() -> Schema:
    one = {"$ref": "#/$defs/condition"}
    grouped = {"anyOf": [one, {"type": "array", "minItems": 1, "items": one}]}
    group: Schema = {
        "type": "object",
        "properties": dict.fromkeys(GROUPS, grouped),
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": False,
    }
    return {"anyOf": [_EXPRESSION, {"type": "boolean"}, group]}
