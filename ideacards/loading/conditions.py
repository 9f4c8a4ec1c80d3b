"""What stands under `when`: a text, or `all:`, `any:`, `not:` over texts and further such mappings.

`not` over a list holds if none of the list does. Complaints of the checker get their place in the file here.
"""

from ideacards.errors import CardError, Problem, nearest
from ideacards.expressions.checker import MAX_DEPTH, check
from ideacards.expressions.nodes import And, Not, Or, TruthExpr
from ideacards.expressions.scope import Complaint, Scope
from ideacards.loading.rules import problem_at, refuse
from ideacards.loading.tree import ListNode, MapNode, Node, Scalar, ScalarKind

__all__ = ["GROUPS", "complaint_at", "read_condition"]

GROUPS = ("all", "any", "not")


def read_condition(node: Node, scope: Scope, problems: list[Problem], depth: int = 0) -> TruthExpr:
    """The condition a node states; faults are added to `problems`, and the value is then a placeholder."""
    before = len(problems)
    found = _read(node, scope, problems, depth)
    return And(()) if found is None or len(problems) > before else found


def _read(node: Node, scope: Scope, problems: list[Problem], depth: int) -> TruthExpr | None:
    if isinstance(node, Scalar) and node.kind is not ScalarKind.NULL:
        found, complaints = check(node.text, scope, depth)
        problems += [complaint_at(node, complaint) for complaint in complaints]
        return found
    try:
        group, members = _group_of(node)
    except CardError as error:
        problems += error.problems
        return None
    if depth >= MAX_DEPTH:
        problems.append(problem_at(node, f"nested deeper than {MAX_DEPTH}", "state part of it in another case"))
        return None
    inner = depth + (2 if group == "not" and len(members) > 1 else 1)
    operands = tuple(read_condition(member, scope, problems, inner) for member in members)
    if group == "all":
        return And(operands)
    if group == "any":
        return Or(operands)
    return Not(operands[0] if len(operands) == 1 else Or(operands))


def _group_of(node: Node) -> tuple[str, list[Node]]:
    if not isinstance(node, MapNode):
        what = "an empty condition" if isinstance(node, Scalar) else "a list of conditions by itself"
        raise refuse(node, what, "write a text, or all:, any: or not: over a list")
    unknown = [key for key in node if key not in GROUPS]
    if unknown:
        raise refuse(node, f"unknown key `{unknown[0]}`", nearest(unknown[0], GROUPS), node.key_places[unknown[0]])
    if len(node) != 1:
        raise refuse(node, f"{len(node)} of all, any, not in one condition", "nest them in a list, one a mapping")
    ((group, child),) = node.items()
    if isinstance(child, ListNode) and not child:
        raise refuse(child, f"`{group}` over an empty list", "write each condition after `- `")
    return group, list(child) if isinstance(child, ListNode) else [child]


def complaint_at(node: Scalar, complaint: Complaint) -> Problem:
    """A complaint about a text as a problem at its place in the file."""
    place = node.text_place
    column = place.column
    if column is not None and node.is_verbatim:
        column += complaint.offset
    return Problem(place.file, place.line, column, node.path, complaint.what, complaint.hint)
