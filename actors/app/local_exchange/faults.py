"""A schedule of faults for the local exchange from a TOML file: `seed`, and a [[fault]] table for each."""

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

from actors.app.files.toml import read_toml
from actors.bybit.server.faults.assembly import FaultSetup
from actors.bybit.server.faults.desk import check_order
from actors.bybit.server.faults.reading import BadFault, FaultOrder, Wrong, read_fault
from actors.bybit.server.trading.exchange import LocalExchange
from actors.model.errors import InputError
from ideacards.errors import Problem, nearest
from ideacards.loading.rules import problem_at
from ideacards.loading.tree import ListNode, MapNode, Node, Scalar, ScalarKind, described

__all__ = ["load_faults"]

_KEYS = ("seed", "fault")
_MAX_SEED = 2**63 - 1
_WHOLE = re.compile(r"[-+]?\d[\d_]*")


def load_faults(path: Path, exchange: LocalExchange, *, has_control: bool = True) -> FaultSetup:
    """The faults of a file, ordered for this exchange. Raises InputError with every problem and its line."""
    file = read_toml(path, "a schedule of faults")
    problems = [
        problem_at(file, f"unknown key `{key}`", nearest(key, _KEYS), file.key_places[key])
        for key in file
        if key not in _KEYS
    ]
    seed = _plain(file["seed"]) if "seed" in file else 0
    if type(seed) is not int or not 0 <= seed <= _MAX_SEED:
        problems.append(problem_at(file["seed"], f"is {seed!r}, expected a whole number from 0 to {_MAX_SEED}"))
    tables = file.get("fault", ListNode(file.place))
    orders: list[FaultOrder] = []
    if not isinstance(tables, ListNode):
        problems.append(problem_at(tables, f"expected a list of tables, as [[fault]], found {described(tables)}"))
    else:
        for table in tables:
            problems += _read(table, exchange, orders)
    if problems:
        problems.sort(key=lambda problem: (problem.line or 0, problem.column or 0))
        raise InputError(problems)
    return FaultSetup(tuple(orders), seed, has_control)


def _read(table: Node, exchange: LocalExchange, orders: list[FaultOrder]) -> list[Problem]:
    """Add the order of one table; what is wrong with it."""
    if not isinstance(table, MapNode):
        return [problem_at(table, f"expected a table, as [[fault]], found {described(table)}")]
    try:
        order = read_fault({key: _plain(value) for key, value in table.items()})
    except BadFault as error:
        return [_problem(table, wrong) for wrong in error.wrongs]
    orders.append(order)
    return [_problem(table, wrong) for wrong in check_order(order, exchange)]


def _problem(table: MapNode, wrong: Wrong) -> Problem:
    """At the key that is wrong, or at the table where there is none."""
    at = table.key_places.get(wrong.key, table.place)
    path = f"{table.path}.{wrong.key}" if wrong.key else table.path
    return Problem(at.file, at.line, at.column, path, wrong.what, wrong.hint)


def _plain(node: Node) -> Any:
    """A value as control requests have it; a time without quotes is its text."""
    if not isinstance(node, Scalar):
        return described(node)
    if node.kind is ScalarKind.BOOL:
        return node.text == "true"
    if node.kind is ScalarKind.NUMBER:
        return int(node.text) if _WHOLE.fullmatch(node.text) else _decimal(node.text)
    return node.text


def _decimal(text: str) -> Decimal | int:
    """A number with a point or an exponent, or a whole one in another base."""
    return int(text, 0) if text[:2].lower() in ("0x", "0o", "0b") else Decimal(text.replace("_", ""))
