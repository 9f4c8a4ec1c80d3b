"""A card's digest: blake2b-128 of its canonical form, the same for every way of writing the same card.

Keys are sorted, defaults filled in, decimals plain (1e3 is 1000), expressions reduced to the core language. Comments,
layout and the order of keys and features do not count; overrides do, as they change the card.
"""

import hashlib
import json
from decimal import Decimal
from typing import Any

import attrs
import msgspec

from ideacards.card import Card
from ideacards.decimals import plain_text

__all__ = ["canonical_form", "card_digest"]


def card_digest(card: Card) -> str:
    """32 hex digits."""
    text = json.dumps(canonical_form(card), sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def canonical_form(card: Card) -> dict[str, Any]:
    """The card in lists, mappings and texts; features by name."""
    form = _fields(card)
    return form | {"features": {feature.name: _plain(feature) for feature in card.features}}


def _fields(value: Any) -> dict[str, Any]:
    """The attributes that make up its meaning, optional ones only where the card uses them."""
    kept = [field for field in attrs.fields(type(value)) if field.eq and not _is_left_out(field, value)]
    return {field.name: _plain(getattr(value, field.name)) for field in kept}


def _plain(value: Any) -> Any:
    if attrs.has(type(value)):
        return {type(value).__name__: _fields(value)}
    if isinstance(value, msgspec.Struct):
        return _plain_struct(value)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Decimal):
        return plain_text(value)
    return value


def _plain_struct(value: msgspec.Struct) -> dict[str, Any]:
    """Its fields; one that was added later (OPTIONAL) only if it does not hold its default."""
    added = getattr(value, "OPTIONAL", ())
    defaults = {field.name: field.default for field in msgspec.structs.fields(value)}
    kept = (name for name in value.__struct_fields__ if name not in added or getattr(value, name) != defaults[name])
    fields = {name: _plain(getattr(value, name)) for name in kept}
    tag = value.__struct_config__.tag
    return fields if tag is None else {"type": tag} | fields


def _is_left_out(field: "attrs.Attribute[Any]", value: Any) -> bool:
    """Whether an optional field holds its default: such a card has the digest it had before there was the field."""
    return bool(field.metadata.get("is_optional")) and getattr(value, field.name) == field.default
