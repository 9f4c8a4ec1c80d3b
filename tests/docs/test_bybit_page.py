"""The tables of docs/bybit.md are the codec's data: endpoints, topics, codes. `python -m` this module prints them."""

import re
from pathlib import Path

from actors.bybit.codes import CODES, HTTP_STATUSES, CodeClass
from actors.bybit.endpoints import ENDPOINTS
from actors.bybit.topics import TOPICS
from tests.actors.builders import an_instrument

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "bybit.md"


def endpoint_table() -> str:
    rows = ["| endpoint | method | linear a second | spot a second | demo |", "|---|---|---|---|---|"]
    for item in ENDPOINTS.values():
        limits = " | ".join("IP" if not item.is_signed else str(limit or "") for limit in (item.linear, item.spot))
        rows.append(f"| `{item.path}` | {item.method} | {limits} | {'yes' if item.on_demo else 'no'} |")
    return "\n".join(rows)


def topic_table() -> str:
    rows = ["| topic | sockets | by category | demo | |", "|---|---|---|---|---|"]
    for rule in TOPICS.values():
        marks = " | ".join("yes" if mark else "no" for mark in (rule.categories, rule.on_demo))
        rows.append(f"| `{rule.pattern}` | {', '.join(rule.sockets)} | {marks} | {rule.note} |")
    return "\n".join(rows)


def code_table() -> str:
    rows = ["| class | codes |", "|---|---|"]
    for kind in CodeClass:
        codes = [str(code) for code, answer in sorted(CODES.items()) if answer.kind is kind]
        rows.append(f"| {kind} | {', '.join(codes)} |")
    return "\n".join(rows)


def http_table() -> str:
    rows = ["| HTTP status | meaning | class |", "|---|---|---|"]
    for status, answer in HTTP_STATUSES.items():
        kind = answer.kind if answer.on_write is None else f"{answer.kind}; of a write {answer.on_write}"
        rows.append(f"| {status} | {answer.meaning} | {kind} |")
    return "\n".join(rows)


TABLES = (endpoint_table, topic_table, code_table, http_table)


def test_the_page_shows_the_tables_as_they_are() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for table in TABLES:
        assert table() in text, table.__name__


def test_the_page_names_files_that_exist() -> None:
    names = re.findall(r"`((?:[a-z_]+/)*[a-z_]+\.py)`", PAGE.read_text(encoding="utf-8"))
    assert len(names) > 8
    for name in names:
        assert (ROOT / "actors" / "bybit" / name).exists() or (ROOT / name).exists(), name


def test_the_code_of_the_page_runs() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    exec(compile(code, "docs/bybit.md", "exec"), {"instrument": an_instrument()})


if __name__ == "__main__":
    print("\n\n".join(table() for table in TABLES))
