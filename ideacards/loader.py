"""From a file to a Card: text, tree, overrides, strict reading, cross-checks; every fault of a card in one go.

A fault that makes the rest unreadable is reported alone: a file that is no text, broken YAML, a duplicate key. Each
part (header, feature, block, case) is read by itself, so a fault in one does not hide those of another.
"""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

import attrs

from ideacards.card import Block, Card, Case, Timeframes
from ideacards.digest import card_digest
from ideacards.errors import CardError, Problem
from ideacards.expressions.scope import Scope
from ideacards.loading.clock_rules import read_sessions, read_zone
from ideacards.loading.conditions import read_condition
from ideacards.loading.emits import read_emit
from ideacards.loading.feature_kinds import kinds_of
from ideacards.loading.features import read_features
from ideacards.loading.files import text_of
from ideacards.loading.leading import check_leaders, leaders_in, traded_in, unread_leaders
from ideacards.loading.migrations import SCHEMA_KEY, SchemaVersion
from ideacards.loading.overrides import apply_overrides
from ideacards.loading.parameters import fill_in, read_parameters
from ideacards.loading.rules import of_kind, problem_at
from ideacards.loading.structuring import read
from ideacards.loading.tree import ListNode, MapNode, Node, item_id, label
from ideacards.loading.written import WrittenBlock, WrittenCard, WrittenCase
from ideacards.loading.yaml_text import parse_tree

__all__ = ["card_digest", "load_card", "read_card"]

T = TypeVar("T")


def load_card(path: Path | str, overrides: Sequence[str] = ()) -> Card:
    """The card in a file, `overrides` (PATH=VALUE) applied before it is checked; CardError with all its problems."""
    return read_card(text_of(Path(path), "a card"), str(path), overrides)


def read_card(text: str, file: str, overrides: Sequence[str] = ()) -> Card:
    """As `load_card`, from YAML text; `file` is its name in problems."""
    root = parse_tree(text, file)
    if root is None:
        raise CardError([Problem(file, None, None, "", "the card is empty", "`coldframe schema` shows what it holds")])
    apply_overrides(root, overrides)
    label(root)
    top = of_kind(root, MapNode, "a card: a mapping of id, market, timeframes...")
    if SCHEMA_KEY in top:
        SchemaVersion().read(top[SCHEMA_KEY])  # of another version every fault further down would be a false one
    problems: list[Problem] = []
    keys = tuple(field.name for field in attrs.fields(WrittenCard))
    parameters = read_parameters(top, (*keys, *_map(top, "features")), problems)
    fill_in(top, parameters)
    written = _read(top, WrittenCard, problems)
    if written is not None:
        _check_timeframes(top, written.timeframes, problems)
    timeframes = tuple(dict.fromkeys(("exec", *_map(top, "timeframes"))))
    values = {name: Decimal(1) for name in _map(top, "parameters")} | {one.name: one.value for one in parameters}
    known = Scope(parameters=values, symbol=traded_in(top), leaders=leaders_in(top))
    features, scope = read_features(_map(top, "features"), timeframes, known, problems)
    zone = read_zone(top.get("time_zone"))
    scope = attrs.evolve(
        scope,
        kinds=kinds_of(features, scope.leaders),
        sessions=read_sessions(_map(top, "sessions"), zone, problems),
        zone=zone,
    )
    blocks = _read_blocks(top, scope, problems)
    check_leaders(top, problems)
    if problems or written is None:
        raise CardError(problems)
    card = Card(
        written.id,
        written.thesis,
        written.market,
        written.timeframes,
        written.account,
        written.warmup,
        tuple(features),
        tuple(blocks),
        tuple(parameters),
        written.leaders,
    )
    if unread := unread_leaders(top, card):
        raise CardError(unread)
    return card


def _read(node: Node, kind: type[T], problems: list[Problem]) -> T | None:
    try:
        return read(node, kind)
    except CardError as error:
        problems += error.problems
        return None


def _map(top: MapNode, key: str) -> MapNode:
    """The mapping under a key, or an empty one if something else is there (the strict reader reports that)."""
    node = top.get(key)
    return node if isinstance(node, MapNode) else MapNode(top.place)


def _items(node: MapNode, key: str) -> ListNode:
    child = node.get(key)
    return child if isinstance(child, ListNode) else ListNode(node.place)


def _check_timeframes(top: MapNode, timeframes: Timeframes, problems: list[Problem]) -> None:
    for name, slower in timeframes.slower().items():
        if slower.ms % timeframes.exec.ms or slower.ms <= timeframes.exec.ms:
            what = f"{slower.text} is no multiple of exec, {timeframes.exec.text}"
            problems.append(problem_at(_map(top, "timeframes")[name], what, "like 15m of 1m"))


def _read_blocks(top: MapNode, scope: Scope, problems: list[Problem]) -> list[Block]:
    blocks: list[Block] = []
    ids: list[str] = []
    for node in _items(top, "blocks"):
        block = _read_block(node, scope, problems)
        name = item_id(node)
        if name is not None and name in ids:
            assert isinstance(node, MapNode)
            problems.append(problem_at(node["id"], f"block id `{name}` stands twice", "give each block its own"))
        ids += [name] if name is not None else []
        blocks += [block] if block is not None else []
    return blocks


def _read_block(node: Node, scope: Scope, problems: list[Problem]) -> Block | None:
    written = _read(node, WrittenBlock, problems)
    if not isinstance(node, MapNode):
        return None
    cases = [_read_case(child, scope, problems) for child in _items(node, "cases")]
    otherwise = read_emit(_map(node, "else")["emit"], scope, problems) if "emit" in _map(node, "else") else None
    if written is None:
        return None
    return Block(written.id, tuple(case for case in cases if case is not None), otherwise)


def _read_case(node: Node, scope: Scope, problems: list[Problem]) -> Case | None:
    written = _read(node, WrittenCase, problems)
    when = read_condition(node["when"], scope, problems) if isinstance(node, MapNode) and "when" in node else None
    emit = read_emit(node["emit"], scope, problems) if isinstance(node, MapNode) and "emit" in node else None
    return None if written is None or when is None else Case(when, emit)
