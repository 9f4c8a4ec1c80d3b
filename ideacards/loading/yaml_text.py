"""YAML 1.2 text to a tree, from ruamel.yaml's events, without recursion.

Anchors, aliases, merge keys, tags and second documents are refused: a card says each thing once, where it is used. This
is not a general YAML loader.
"""

import re

from ruamel.yaml import YAML, events
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

from ideacards.errors import CardError, Problem
from ideacards.loading.tree import MAX_NESTING, ListNode, MapNode, Node, Place, Scalar, ScalarKind, claim, described

__all__ = ["parse_tree"]

_PLAIN = (
    (ScalarKind.NULL, re.compile(r"~|null|Null|NULL|")),
    (ScalarKind.BOOL, re.compile(r"true|True|TRUE|false|False|FALSE")),
    (ScalarKind.NUMBER, re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?", re.ASCII)),
)


def parse_tree(text: str, file: str) -> Node | None:
    """The tree of one YAML document, None for an empty one; CardError with the first problem if it is not YAML."""
    try:
        builder = _Builder(file, text.splitlines())
        for event in YAML(typ="safe", pure=True).parse(text):
            builder.take(event)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file)
        what = " ".join(part for part in (error.problem, error.context) if part)
        raise _refusal(place, f"broken YAML: {what}", "look for a bracket, quote, colon or indent near here") from None
    except ReaderError as error:
        before = text[: error.position]
        place = Place(file, before.count("\n") + 1, error.position - before.rfind("\n"))
        raise _refusal(
            place, f"character {ord(text[error.position]):#x} may not stand in YAML", "is it a text file?"
        ) from None
    except YAMLError as error:
        raise _refusal(Place(file), f"broken YAML: {error}", "look for a bracket, quote, colon or indent") from None
    return builder.root


def _refusal(place: Place, what: str, hint: str) -> CardError:
    return CardError([Problem(place.file, place.line, place.column, "", what, hint)])


class _Builder:
    """Turns events into nodes; `_open` holds the open containers, `_keys` the pending key of each."""

    def __init__(self, file: str, lines: list[str]) -> None:
        self.root: Node | None = None
        self._file = file
        self._lines = lines
        self._open: list[MapNode | ListNode] = []
        self._keys: list[Scalar | None] = []
        self._documents = 0

    def take(self, event: events.Event) -> None:
        """Handle one event; CardError for YAML that cards do not use."""
        match event:
            case events.DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    raise self._refuse(event, "a second document begins here", "a card is one YAML document")
                if event.version not in (None, (1, 2)):
                    raise self._refuse(event, "cards are YAML 1.2", "drop the %YAML line")
            case events.AliasEvent():
                raise self._refuse(event, f"alias `*{event.anchor}`", "cards have no anchors: write it out")
            case events.ScalarEvent():
                self._add(self._scalar(event))
            case events.MappingStartEvent():
                self._enter(event, MapNode(self._place(event)))
            case events.SequenceStartEvent():
                self._enter(event, ListNode(self._place(event)))
            case events.MappingEndEvent() | events.SequenceEndEvent():
                self._open.pop()
                self._keys.pop()

    def _enter(self, event: events.NodeEvent, node: MapNode | ListNode) -> None:
        self._check_plain(event)
        if len(self._open) >= MAX_NESTING:
            raise self._refuse(event, f"nested deeper than {MAX_NESTING}", "no file needs that")
        self._add(node)
        self._open.append(node)
        self._keys.append(None)

    def _add(self, node: Node) -> None:
        if not self._open:
            self.root = node
            return
        parent = self._open[-1]
        if isinstance(parent, ListNode):
            parent.append(node)
            return
        key = self._keys[-1]
        if key is not None:
            parent[key.text] = node
            self._keys[-1] = None
            return
        place = node.place
        if not isinstance(node, Scalar):
            raise _refusal(place, f"{described(node)} as a key", "keys are words")
        if node.text == "<<":
            raise _refusal(place, "merge key `<<`", "cards have no merge keys: write it out")
        claim(parent, node.text, place)
        self._keys[-1] = node

    def _scalar(self, event: events.ScalarEvent) -> Scalar:
        self._check_plain(event)
        text = str(event.value)
        place = self._place(event)
        if event.style is None:
            kind = next((kind for kind, pattern in _PLAIN if pattern.fullmatch(text)), ScalarKind.TEXT)
        else:
            kind = ScalarKind.TEXT
        line, start = event.start_mark.line, event.start_mark.column + (event.style in ("'", '"'))
        is_verbatim = line < len(self._lines) and self._lines[line].startswith(text, start)
        text_place = Place(self._file, line + 1, start + 1) if is_verbatim else place
        return Scalar(place, text, kind, text_place, is_verbatim)

    def _check_plain(self, event: events.NodeEvent) -> None:
        if event.anchor is not None:
            raise self._refuse(event, f"anchor `&{event.anchor}`", "cards have no anchors: write it out")
        tag = getattr(event, "ctag", None)
        if tag is not None:
            raise self._refuse(event, f"tag `{tag}`", "cards have no tags")

    def _place(self, event: events.Event) -> Place:
        return Place(self._file, event.start_mark.line + 1, event.start_mark.column + 1)

    def _refuse(self, event: events.Event, what: str, hint: str) -> CardError:
        return _refusal(self._place(event), what, hint)
