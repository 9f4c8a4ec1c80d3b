"""The trees of the profiles: they differ in the `exchange` branch alone."""

import attrs
import pytest

from actors.app.profiles import describe
from actors.app.settings import load_settings, profile_names
from actors.app.tree_view import TreeNode


def without_notes(node: TreeNode) -> TreeNode:
    return attrs.evolve(node, note="", children=tuple(map(without_notes, node.children)))


def parts_of(profile: str) -> tuple[TreeNode, dict[str, TreeNode]]:
    """The root alone, and the branches by name, without notes (intervals and where the journal is)."""
    root = without_notes(describe(load_settings(profile), ("a_card", "another")))
    return attrs.evolve(root, children=()), {child.name: child for child in root.children}


@pytest.mark.parametrize("profile", profile_names())
def test_a_profile_differs_from_the_simulator_in_exchange_alone(profile: str) -> None:
    root, branches = parts_of(profile)
    simulated_root, simulated = parts_of("simulator")
    assert root == simulated_root
    assert list(branches) == list(simulated)
    assert {name for name, branch in branches.items() if branch != simulated[name]} <= {"exchange"}
    assert profile == "simulator" or branches["exchange"] != simulated["exchange"]
