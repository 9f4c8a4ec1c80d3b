"""Text of an expression to Python's own syntax tree, after a look at its characters.

Python's parser provides precedence, chained comparisons and columns. The text is never compiled or run; the checker
refuses, node by node, what the language does not have.
"""

import ast
import re
import warnings

from ideacards.expressions.scope import Complaint
from ideacards.hints import CHARACTERS, hint_for_text

__all__ = ["MAX_LENGTH", "ExpressionError", "parse"]

MAX_LENGTH = 2000
_FOREIGN = re.compile(r"[^A-Za-z0-9_ \t\n.,()\[\]+\-*/<>=!]|!(?!=)", re.ASCII)
_SINGLE_EQUALS = re.compile(r"(?<![<>=!])=(?!=)")
_KEYWORD = re.compile(r",\s*[A-Za-z_]+\s*$")  # what stands before the `=` of an argument by name


class ExpressionError(Exception):
    """An expression that cannot be read at all."""

    def __init__(self, complaint: Complaint) -> None:
        super().__init__(complaint.what)
        self.complaint = complaint


def parse(text: str) -> ast.expr:
    """Python's tree; its `col_offset`s count from the start of `text`, as if line ends were blanks."""
    flat = text.replace("\n", " ")
    body = flat.lstrip()
    if not body:
        raise ExpressionError(Complaint(0, "an empty expression", "like `close > open`"))
    if len(text) > MAX_LENGTH:
        raise ExpressionError(Complaint(0, f"an expression of {len(text)} characters", f"at most {MAX_LENGTH}"))
    if found := _FOREIGN.search(flat):
        char = found.group()
        what = f"character `{char}` is not part of the expression language"
        hint = (CHARACTERS[char],) if char in CHARACTERS else ()
        raise ExpressionError(Complaint(found.start(), what, *hint))
    for found in _SINGLE_EQUALS.finditer(flat):
        if not _KEYWORD.search(flat, 0, found.start()):
            hint_text = hint_for_text(flat[found.start() : found.start() + 2]) or "there are < <= > >= == !="
            raise ExpressionError(Complaint(found.start(), "`=` does not compare", hint_text))
    start = len(flat) - len(body)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(body, mode="eval").body
    except SyntaxError as error:
        offset = start + max((error.offset or 1) - 1, 0)
        hint_text = hint_for_text(flat) or "like `close > open`"
        raise ExpressionError(Complaint(offset, f"not an expression: {error.msg}", hint_text)) from None
    except (MemoryError, RecursionError):
        raise ExpressionError(Complaint(0, "nested too deeply", "state part of it in another case")) from None
    for node in ast.walk(tree):
        if isinstance(node, ast.expr):
            node.col_offset += start
            node.end_col_offset = (node.end_col_offset or 0) + start
    return tree
