"""The `leaders` of a card: symbols that it reads and does not trade, none of them without use."""

from collections.abc import Iterator

from ideacards.card import SYMBOL, Card
from ideacards.errors import Problem
from ideacards.expressions.nodes import Series, leaves
from ideacards.intents import series_of_size
from ideacards.loading.rules import problem_at
from ideacards.loading.tree import ListNode, MapNode, Scalar
from ideacards.prices import leader_price

__all__ = ["check_leaders", "leaders_in", "traded_in", "unread_leaders"]

_KEY = "leaders"


def leaders_in(top: MapNode) -> tuple[str, ...]:
    """The symbols under `leaders` that are sound; the strict reader reports the others."""
    return tuple(dict.fromkeys(node.text for node in _items(top) if SYMBOL.matches(node.text)))


def traded_in(top: MapNode) -> str:
    """The symbol that the card trades, "" if it states none."""
    market = top.get("market")
    symbol = market.get("symbol") if isinstance(market, MapNode) else None
    return symbol.text if isinstance(symbol, Scalar) else ""


def check_leaders(top: MapNode, problems: list[Problem]) -> None:
    """Refuse the traded symbol as a leader."""
    for node in _items(top):
        if node.text == traded_in(top):
            what, hint = f"`{node.text}` is what the card trades", "leave it out: `close` is its price"
            problems.append(problem_at(node, what, hint))


def unread_leaders(top: MapNode, card: Card) -> list[Problem]:
    """A problem for each leader that nothing in the card reads."""
    read = dict.fromkeys(_read(card))
    return [
        problem_at(
            node,
            f"nothing reads the leader `{node.text}`",
            f"read `{node.text}.close`, write a feature with `symbol: {node.text}`, or leave it out",
        )
        for node in _items(top)
        if node.text not in read
    ]


def _items(top: MapNode) -> list[Scalar]:
    node = top.get(_KEY)
    return [child for child in node if isinstance(child, Scalar)] if isinstance(node, ListNode) else []


def _read(card: Card) -> Iterator[str]:
    """The leaders that features, conditions and sizes read."""
    names: list[str] = []
    for feature in card.features:
        if feature.symbol:
            yield feature.symbol
        names += feature.inputs
    for condition in card.conditions():
        names += [leaf.name for leaf in leaves(condition) if isinstance(leaf, Series)]
    for emit in card.emits():
        names += [series.name for series in series_of_size(emit.metadata.size)]
    for name in names:
        found = leader_price(name, card.leaders)
        if found is not None:
            yield found[0]
