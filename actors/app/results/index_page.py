"""A page that links the reports in the folders beside it."""

from collections.abc import Sequence
from decimal import Decimal
from html import escape

from actors.app.results.report.formats import as_money
from actors.app.results.result import RunResult

__all__ = ["INDEX", "index_page"]

INDEX = "index.html"


def index_page(title: str, remark: str, results: Sequence[RunResult]) -> str:
    """The page as HTML: for each card a link to its report, its thesis, and its result."""
    items = "\n".join(
        f'<li><a href="{escape(result.object["card"])}/report.html">{escape(result.object["card"])}</a>: '
        f"{escape(result.tape.card.thesis)} Final equity {as_money(Decimal(result.object['final_equity']))}.</li>"
        for result in results
    )
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{escape(title)}</title>\n'
        "<style>:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;"
        f"padding:0 1rem}}</style>\n</head>\n<body>\n<h1>{escape(title)}</h1>\n"
        f"<p>{escape(remark)}</p>\n<ul>\n{items}\n</ul>\n</body>\n</html>\n"
    )
