"""The outline of a JSON value: names, nesting, and whether a value is text, a number, true or false, or null.

Lists are outlined by all of their items together. Objects whose names are data (coins) are outlined as a list.
"""

from typing import Any

__all__ = ["Outline", "differences", "outline"]

Outline = dict[str, set[str]]
"""By path (`list[].qty`), the kinds of value that were seen there."""

_BY_COIN = ("cumFeeDetail",)
_KINDS = {
    str: "text",
    int: "number",
    float: "number",
    bool: "boolean",
    type(None): "null",
    list: "list",
    dict: "object",
}


def outline(*values: Any) -> Outline:
    """Of several values together."""
    found: Outline = {}
    for value in values:
        _take(value, "", found)
    return found


def _take(value: Any, path: str, found: Outline) -> None:
    found.setdefault(path, set()).add(_KINDS[type(value)])
    if isinstance(value, list):
        for item in value:
            _take(item, f"{path}[]", found)
    elif isinstance(value, dict):
        is_data = path.rpartition(".")[2] in _BY_COIN
        for name, item in value.items():
            _take(item, f"{path}.{'*' if is_data else name}".lstrip("."), found)


def differences(seen: Outline, wanted: Outline) -> list[str]:
    """What `seen` lacks, has too much, or has in another kind; null goes with everything.

    What lies below a list or object that is empty or null on either side cannot be compared.
    """
    found = []
    for path in sorted(wanted.keys() - seen.keys()):
        if not _is_hidden(path, seen):
            found.append(f"lacks {path}")
    for path in sorted(seen.keys() - wanted.keys()):
        if not _is_hidden(path, wanted):
            found.append(f"has {path}")
    for path in sorted(seen.keys() & wanted.keys()):
        extra = seen[path] - wanted[path] - {"null"}
        if extra and wanted[path] != {"null"}:
            found.append(f"{path} is {', '.join(sorted(extra))}, not {', '.join(sorted(wanted[path]))}")
    return found


def _is_hidden(path: str, other: Outline) -> bool:
    """Whether the container of a path is there on the other side, but shows nothing of what it holds."""
    for at in range(len(path) - 1, 0, -1):
        above = path[:at]
        if path[at] in ".[" and above in other:
            if path[at] == "[":
                return f"{above}[]" not in other
            return "object" not in other[above] or not any(each.startswith(f"{above}.") for each in other)
    return False
