"""TOML text to a tree of nodes with places: the twin of `yaml_text`.

The standard library's tomllib checks the text but gives no positions. A second walk over the checked text notes where
each key and value stands. Numbers keep their text and never pass through a float.
"""

import re
import tomllib
from bisect import bisect_right
from contextlib import suppress

from ideacards.errors import CardError, Problem
from ideacards.loading.tree import MAX_NESTING, ListNode, MapNode, Node, Place, Scalar, ScalarKind, claim, label

__all__ = ["parse_toml"]

_AT = re.compile(r"(?P<what>.*) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)")
_BLANK = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_KEY = re.compile(r"""[A-Za-z0-9_-]+|"(?:\\.|[^"\\\n])*"|'[^'\n]*'""")
_TEXT = re.compile(
    r'''"""(?:\\.|[^\\])*?"{3,5}|"(?:\\.|[^"\\\n])*"'''  # over several lines, or on one; both with escapes
    r"""|'''.*?'{3,5}|'[^'\n]*'""",
    re.DOTALL,
)
_BARE = re.compile(r"[^\s,\]}#]+(?: \d\d:[^\s,\]}#]+)?")  # a blank may separate a date from its time
_BARE_KINDS = (
    (ScalarKind.BOOL, re.compile(r"true|false")),
    (ScalarKind.DATE, re.compile(r"\d{4}-\d\d-\d\d")),
    (ScalarKind.NUMBER, re.compile(r"[-+]?\d[\d_]*(\.[\d_]+)?([eE][-+]?[\d_]+)?|0[xob][\da-fA-F_]+")),
)


def parse_toml(text: str, file: str) -> MapNode:
    """The tree of a TOML document, paths written into it; CardError with the first problem if it is not TOML."""
    text = text.replace("\r\n", "\n")
    try:
        tomllib.loads(text, parse_float=str)
    except RecursionError:
        raise _too_deep(Place(file)) from None
    except ValueError as error:  # TOMLDecodeError, or int() refusing thousands of digits
        fault = _fault(text, file, str(error))
        with suppress(ValueError):  # the walk names a key that stands twice, and its first line
            _Walk("\n".join(text.split("\n")[: fault.line]), file).document()
        raise CardError([fault]) from None
    root = _Walk(text, file).document()
    label(root)
    return root


def _fault(text: str, file: str, message: str) -> Problem:
    found = _AT.fullmatch(message)
    before_end = text.split("\n")
    line, column = len(before_end), len(before_end[-1]) + 1
    if found is not None and found["line"]:
        line, column = int(found["line"]), int(found["column"])
    what = f"broken TOML: {found['what'] if found else message}"
    return Problem(file, line, column, "", what, "look for a quote, bracket or equals sign near here")


def _too_deep(place: Place) -> CardError:
    what = f"nested deeper than {MAX_NESTING}"
    return CardError([Problem(place.file, place.line, place.column, "", what, "no file needs that")])


class _Walk:
    """Reads text that tomllib accepts. On other text it raises ValueError, or CardError for a key that stands twice."""

    def __init__(self, text: str, file: str) -> None:
        self._text = text
        self._file = file
        self._at = 0
        self._line_starts = [0, *(found.end() for found in re.finditer("\n", text))]
        self._root = MapNode(Place(file, 1, 1))
        self._with_header: set[Place] = set()  # of the tables that have had their [header]
        self._by_header: set[Place] = set()  # of the lists that [[headers]] make

    def document(self) -> MapNode:
        """The tree of the whole text."""
        table = self._root
        while True:
            self._match(_BLANK)
            if self._at == len(self._text):
                return self._root
            if self._text.startswith("[", self._at):
                table = self._header()
            else:
                self._pair(table, 1)

    def _header(self) -> MapNode:
        """Read `[table]` or `[[list of tables]]`; the table to which the next lines belong."""
        is_item = self._take("[[")
        if not is_item:
            self._expect("[")
        *parents, (name, place) = self._keys()
        self._expect("]]" if is_item else "]")
        parent = self._descend(self._root, parents)
        found = parent.get(name)
        if found is None:
            claim(parent, name, place)
            found = parent[name] = ListNode(place) if is_item else MapNode(place)
            if is_item:
                self._by_header.add(place)
        if is_item and isinstance(found, ListNode) and found.place in self._by_header:
            found.append(MapNode(place))
            found = found[-1]
        if not isinstance(found, MapNode) or found.place in self._with_header:
            claim(parent, name, place)
            raise ValueError
        self._with_header.add(found.place)
        return found

    def _pair(self, table: MapNode, depth: int) -> None:
        *parents, (name, place) = self._keys()
        self._expect("=")
        parent = self._descend(table, parents)
        claim(parent, name, place)
        self._match(_BLANK)
        parent[name] = self._value(depth)

    def _keys(self) -> list[tuple[str, Place]]:
        """The parts of a dotted key, each with its place."""
        keys: list[tuple[str, Place]] = []
        while not keys or self._take("."):
            self._match(_BLANK)
            place = self._place()
            keys.append((_unquoted(self._match(_KEY)), place))
            self._match(_BLANK)
        if len(keys) > MAX_NESTING:
            raise _too_deep(keys[0][1])
        return keys

    def _descend(self, table: MapNode, keys: list[tuple[str, Place]]) -> MapNode:
        """The table under `keys`, created if it does not exist; of a list of tables the last one."""
        for name, place in keys:
            if name not in table:
                claim(table, name, place)
                table[name] = MapNode(place)
            child = table[name]
            child = child[-1] if isinstance(child, ListNode) and child else child
            if not isinstance(child, MapNode):
                claim(table, name, place)
                raise ValueError
            table = child
        return table

    def _value(self, depth: int) -> Node:
        place = self._place()
        if depth > MAX_NESTING:
            raise _too_deep(place)
        if self._take("["):
            items = ListNode(place)
            while self._is_more(items, "]"):
                items.append(self._value(depth + 1))
            return items
        if self._take("{"):
            table = MapNode(place)
            while self._is_more(table, "}"):
                self._pair(table, depth + 1)
            return table
        return self._scalar(place)

    def _is_more(self, container: MapNode | ListNode, end: str) -> bool:
        """Whether another item follows inside a bracket; moves past the comma, or past the end."""
        self._match(_BLANK)
        if self._take(end):
            return False
        if container:
            self._expect(",")
            self._match(_BLANK)
        return not self._take(end)

    def _scalar(self, place: Place) -> Scalar:
        if self._text.startswith(('"', "'"), self._at):
            return Scalar(place, _unquoted(self._match(_TEXT)), ScalarKind.TEXT, place, is_verbatim=False)
        text = self._match(_BARE)
        kind = next((kind for kind, pattern in _BARE_KINDS if pattern.fullmatch(text)), ScalarKind.OTHER)
        if kind is ScalarKind.NUMBER:
            text = str(int(text, 0)) if text[:2] in ("0x", "0o", "0b") else text.replace("_", "")
        return Scalar(place, text, kind, place, is_verbatim=False)

    def _match(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._text, self._at)
        if found is None:
            raise ValueError
        self._at = found.end()
        return found[0]

    def _take(self, mark: str) -> bool:
        is_there = self._text.startswith(mark, self._at)
        self._at += len(mark) if is_there else 0
        return is_there

    def _expect(self, mark: str) -> None:
        if not self._take(mark):
            raise ValueError

    def _place(self) -> Place:
        line = bisect_right(self._line_starts, self._at)
        return Place(self._file, line, self._at - self._line_starts[line - 1] + 1)


def _unquoted(text: str) -> str:
    """A bare key as it stands; a quoted text without quotes and escapes."""
    return str(tomllib.loads(f"it = {text}")["it"]) if text.startswith(('"', "'")) else text
