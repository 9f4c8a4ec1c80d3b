"""docs/ratelimiter.md draws budgets and lanes as the code has them. `python -m` this module prints the drawings."""

import re
from pathlib import Path

from actors.model.backend import SubmitBatch, SubmitOrder
from actors.ratelimiter.actor import MAX_HELD
from actors.ratelimiter.messages import ACCOUNT_WIDE, ENDPOINTS, Lane, lane_of
from actors.ratelimiter.policy import RESERVE_PERCENT
from tests.actors.ratelimiter.test_deadlines import CLOSING, REQUESTS

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "ratelimiter.md"


def paths() -> str:
    """What every message of the port counts as."""
    lines = ["| message | counts at | by category |", "|---|---|---|"]
    for kind, endpoints in ENDPOINTS.items():
        names = ", ".join(f"`{endpoint.value.removeprefix('/v5/')}`" for endpoint in endpoints)
        is_by_category = "" if not endpoints else "no" if endpoints[0] in ACCOUNT_WIDE else "yes"
        lines.append(f"| `{kind.__name__}` | {names or 'the address alone'} | {is_by_category} |")
    return "\n".join(lines)


def lanes() -> str:
    """The lanes in their order, and what rides in them."""
    found: dict[Lane, list[str]] = {lane: [] for lane in Lane}
    for message in (*REQUESTS, SubmitBatch((CLOSING,))):
        name = f"`{type(message).__name__}`"
        lane = lane_of(message)
        is_closing = isinstance(message, SubmitOrder | SubmitBatch) and lane is Lane.REDUCE
        found[lane].append(f"{name} that is reduce-only" if is_closing else name)
    lines = ["| lane | requests |", "|---|---|"]
    return "\n".join([*lines, *(f"| {lane.name.lower()} | {', '.join(names)} |" for lane, names in found.items())])


DRAWINGS = (paths, lanes)


def test_the_page_draws_budgets_and_lanes_as_they_are() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for drawing in DRAWINGS:
        assert drawing() in text, drawing.__name__


def test_the_page_tells_the_numbers_of_the_code() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert f"{RESERVE_PERCENT} % (rounded up, `reserve_percent`)" in text
    assert f"at most {MAX_HELD} requests wait" in text


def test_the_page_names_files_that_exist() -> None:
    names = re.findall(r"`((?:[a-z_]+/)+[a-z_]+\.py)`", PAGE.read_text(encoding="utf-8"))
    assert names
    assert [name for name in names if not (ROOT / name).exists()] == []


if __name__ == "__main__":
    print("\n\n".join(drawing() for drawing in DRAWINGS))
