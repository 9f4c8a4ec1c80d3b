"""No iteration over a set: its order changes with the hash seed and the heap.

Sets are known by literal, call and annotation within one file, which is what a reader sees too; what crosses files is
left to the test that runs one story under two hash seeds. sorted, len, any, all, min, max and set itself are harmless.
"""

import ast
from collections.abc import Iterator

from attrs import define, field

from tests.architecture.source import Offence, Source, dotted, is_pure

__all__ = ["no_iteration_over_sets"]

_SET_TYPES = {"set", "frozenset", "Set", "FrozenSet", "AbstractSet", "MutableSet"}
_SET_METHODS = {"union", "intersection", "difference", "symmetric_difference", "copy"}
_ORDERLESS = {"sorted", "set", "frozenset", "any", "all", "min", "max"}
_ORDERED = {"list", "tuple", "dict", "enumerate", "zip", "map", "filter", "iter", "next", "sum", "str", "repr", "print"}
_ORDERED |= {"join", "format", "extend", "fromkeys", "deque", "chain", "from_iterable", "array", "asarray"}
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_SCOPES = (*_FUNCTIONS, ast.ClassDef)


def _is_set_annotation(node: ast.expr | None) -> bool:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return _is_set_annotation(ast.parse(node.value, mode="eval").body)
    if isinstance(node, ast.BinOp):
        return _is_set_annotation(node.left) or _is_set_annotation(node.right)
    if isinstance(node, ast.Subscript):
        if dotted(node.value).rpartition(".")[2] in ("Final", "ClassVar", "Annotated", "Optional"):
            return any(_is_set_annotation(item) for item in getattr(node.slice, "elts", [node.slice])[:1])
        node = node.value
    return node is not None and dotted(node).rpartition(".")[2] in _SET_TYPES


@define
class _Scope:
    """Names of one function (or the module) that hold sets; attributes and functions are known file-wide."""

    attributes: set[str]
    functions: set[str]
    names: set[str] = field(factory=set)

    def is_set(self, node: ast.expr) -> bool:
        match node:
            case ast.Set() | ast.SetComp():
                return True
            case ast.Name(id=name):
                return name in self.names
            case ast.Attribute(attr=name):
                return name in self.attributes
            case ast.NamedExpr(value=value):
                return self.is_set(value)
            case ast.IfExp(body=one, orelse=other):
                return self.is_set(one) or self.is_set(other)
            case ast.BoolOp(values=values):
                return any(self.is_set(value) for value in values)
            case ast.BinOp(left=left, op=ast.BitOr() | ast.BitAnd() | ast.BitXor() | ast.Sub(), right=right):
                return any(self.is_set(side) or _is_keys(side) for side in (left, right))
            case ast.Call(func=ast.Attribute(value=value, attr=method)):
                return method in self.functions or (method in _SET_METHODS and self.is_set(value))
            case ast.Call(func=ast.Name(id=name)):
                return name in ("set", "frozenset") or name in self.functions
        return False

    def learn(self, node: ast.AST) -> None:
        """Take in what an assignment or an argument says about a name."""
        if isinstance(node, ast.arg) and _is_set_annotation(node.annotation):
            self.names.add(node.arg)
        elif isinstance(node, ast.AnnAssign) and _is_set_annotation(node.annotation):
            self._bind(node.target)
        elif isinstance(node, ast.Assign) and self.is_set(node.value):
            for target in node.targets:
                self._bind(target)
        elif isinstance(node, ast.NamedExpr) and self.is_set(node.value):
            self._bind(node.target)

    def _bind(self, target: ast.expr) -> None:
        if isinstance(target, ast.Name):
            self.names.add(target.id)
        elif isinstance(target, ast.Attribute):
            self.attributes.add(target.attr)


def _is_keys(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("keys", "items")


def _own(scope: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a module, class or function without those of the scopes inside it (lambdas belong)."""
    for child in ast.iter_child_nodes(scope):
        yield child
        if not isinstance(child, _SCOPES):
            yield from _own(child)


def no_iteration_over_sets(source: Source) -> Iterator[Offence]:
    """In a pure room nothing walks a set in its own order."""
    if not is_pure(source.path):
        return
    attributes: set[str] = set()
    functions = {f.name for f in ast.walk(source.tree) if isinstance(f, _FUNCTIONS) and _is_set_annotation(f.returns)}
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ClassDef):
            fields = [item for item in node.body if isinstance(item, ast.AnnAssign)]
            attributes |= {dotted(item.target) for item in fields if _is_set_annotation(item.annotation)}
    for _ in range(2):  # the second time knows the attributes that later methods bind
        found = list(_walk(source, source.tree, _Scope(attributes, functions)))
    yield from sorted(found, key=lambda offence: offence.line)


def _walk(source: Source, scope_node: ast.AST, outer: _Scope) -> Iterator[Offence]:
    scope = _Scope(outer.attributes, outer.functions, set(outer.names))
    own = list(_own(scope_node))
    for _ in range(2):  # a name may be bound from one that is bound further down
        for node in own:
            scope.learn(node)
    harmless = {id(arg) for node in own if _is_call(node, _ORDERLESS) for arg in getattr(node, "args", ())}
    for node in own:
        if id(node) not in harmless and any(scope.is_set(walked) for walked in _walked(node)):
            yield source.offence(node, "walks a set in its own order: sort it, or keep a dict")
        if isinstance(node, _SCOPES):  # a method does not see the names of its class
            yield from _walk(source, node, outer if isinstance(scope_node, ast.ClassDef) else scope)


def _is_call(node: ast.AST, names: set[str]) -> bool:
    if not isinstance(node, ast.Call):
        return False
    name = node.func.attr if isinstance(node.func, ast.Attribute) else dotted(node.func)
    return name in names and not (name in ("min", "max") and node.keywords)


def _walked(node: ast.AST) -> list[ast.expr]:
    """The expressions whose order this node shows, were they sets."""
    match node:
        case ast.For(iter=walked) | ast.AsyncFor(iter=walked) | ast.YieldFrom(value=walked):
            return [walked]
        case ast.ListComp() | ast.DictComp() | ast.GeneratorExp():
            return [generator.iter for generator in node.generators]
        case ast.Assign(targets=[ast.Tuple() | ast.List()], value=walked):
            return [walked]
        case ast.Starred(value=walked, ctx=ast.Load()) | ast.FormattedValue(value=walked):
            return [walked]
        case ast.Call(func=ast.Attribute(value=walked, attr="pop"), args=[]):
            return [walked]
        case ast.Call(func=ast.Name(id="min" | "max"), args=args, keywords=[_, *_]):
            return args
        case ast.Call(args=args) if _is_call(node, _ORDERED):
            return args
    return []
