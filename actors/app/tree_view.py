"""The supervision tree for printing, as nested nodes, and its drawing in rich."""

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from rich.text import Text
    from rich.tree import Tree

__all__ = ["TreeNode", "draw_tree"]


@attrs.frozen
class TreeNode:
    """A supervisor or an actor; `strategy` is "" for an actor; `note` is printed after it."""

    name: str
    kind: str  # supervisor or actor
    restart: str = ""
    strategy: str = ""
    note: str = ""
    children: tuple["TreeNode", ...] = ()


def draw_tree(root: TreeNode) -> "Tree":
    """A rich tree; a line is a name, the strategy or restart, and the note."""
    from rich.tree import Tree

    drawn = Tree(_line(root))
    _grow(drawn, root)
    return drawn


def _grow(branch: "Tree", node: TreeNode) -> None:
    for child in node.children:
        _grow(branch.add(_line(child)), child)


def _line(node: TreeNode) -> "Text":
    from rich.text import Text

    policy = node.strategy or ("" if node.restart == "permanent" else f"restart: {node.restart}")
    line = Text(node.name, style="bold" if node.strategy else "")
    if policy:
        line.append(f"  {policy}", style="cyan")
    if node.note:
        line.append(f"  {node.note}", style="dim")
    return line
