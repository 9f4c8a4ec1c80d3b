"""docs/live.md: its key file is one, its hosts are the codec's, its numbers are those of the code."""

import re
from pathlib import Path

from actors.bybit.capabilities import ROWS
from actors.bybit.edges.keys import read_key_file, rest_url
from actors.bybit.endpoints import IP_BAN_MS, Environment
from actors.gateway.messages import WRITE_PORT
from actors.gateway.policy import GatewayPolicy

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "live.md").read_text(encoding="utf-8")


def test_the_key_file_of_the_page_can_be_read(tmp_path: Path) -> None:
    (text,) = re.findall(r"```\n(#.*?)```", PAGE, re.DOTALL)
    path = tmp_path / "keys"
    path.write_text(text)
    path.chmod(0o600)
    assert read_key_file(path).environment is Environment.DEMO


def test_the_page_names_every_environment_and_its_host() -> None:
    for environment in Environment:
        host = "the address that" if environment is Environment.LOCAL else rest_url(environment)
        assert f"| `{environment}` | {host}" in PAGE


def test_the_page_shows_the_capability_table() -> None:
    for row in ROWS:
        cells = ["yes" if environment in row.environments else "no" for environment in Environment]
        wanted = [row.capability, *cells, row.instead]
        (line,) = [line for line in PAGE.splitlines() if line.startswith(f"| {row.capability} |")]
        assert [cell.strip() for cell in line.removeprefix("|").removesuffix("|").split("|")] == wanted
    (head,) = [line for line in PAGE.splitlines() if line.startswith("| | `main`")]
    assert re.findall("`([a-z]+)`", head) == list(Environment)


def test_the_page_tells_the_numbers_of_the_code() -> None:
    policy = GatewayPolicy()
    assert f"| {policy.timeout_ns // 10**9} s, or less" in PAGE
    assert IP_BAN_MS == 600_000 and "sends nothing for ten minutes" in PAGE  # noqa: PT018
    assert f"`{WRITE_PORT}` is a durable-first port" in PAGE
