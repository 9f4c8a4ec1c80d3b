"""The report's written parts: what they say of an empty run, of a full one, and of texts that mean harm."""

import re
from html.parser import HTMLParser
from typing import Any

import attrs
import pytest

from actors.app.results.report import sections
from actors.app.results.report.formats import as_money, as_percent, as_time, as_value
from actors.app.results.report.page import asset, report_page
from actors.app.results.result import RunFlags
from actors.app.results.scoring.catalog import METRICS
from actors.app.results.scoring.metric import MetricUnit
from tests.actors.app.results.tapes import FIRST_MS, a_card, a_fill, a_refusal, a_result, a_tape, an_order, some_bars

BARS = some_bars([str(100 + bar % 5) for bar in range(30)], missing_after=(3, 9, 9))
EVIL = '"><img src=x onerror=alert(1)></table><script>alert(1)</script>&amp;'


class Reader(HTMLParser):
    """Collects the tags of a page with their attributes, and its plain text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._in_code = False
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._in_code = tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._in_code = False

    def handle_data(self, data: str) -> None:
        if not self._in_code:
            self.text += data + "\n"


def full_tape(text: str = "plain") -> Any:
    fills = [
        a_fill(BARS, 2, "1", "101", block_id=text),
        a_fill(BARS, 6, "-1", "104", origin="take_profit", block_id=""),
        a_fill(BARS, 8, "0.5", "103", block_id=text),
    ]
    return a_tape(
        BARS,
        fills,
        card=a_card(text, text),
        orders=(an_order(BARS, 29, block_id=text, link_id=text),),
        refusals=(a_refusal(BARS, 9, text, text), a_refusal(BARS, 10)),
        not_modelled=("funding", "price_band"),
    )


def test_no_text_of_the_users_becomes_a_tag() -> None:
    flags = RunFlags({"set": [EVIL]}, {EVIL: EVIL})
    plain, evil = (Reader(report_page(a_result(full_tape(text), flags))) for text in ("plain", EVIL))
    assert [tag for tag, _ in evil.tags] == [tag for tag, _ in plain.tags]
    assert not any(name.startswith("on") for _, attributes in evil.tags for name in attributes)
    assert evil.text.count("onerror=alert(1)") >= 10


def test_nothing_is_fetched_from_anywhere() -> None:
    page = Reader(report_page(a_result(full_tape())))
    fetching = ("src", "href", "srcset", "action", "data", "poster", "background")
    named = [(tag, attributes[name]) for tag, attributes in page.tags for name in attributes if name in fetching]
    assert named == [("a", "https://www.tradingview.com/")]  # the chart library's licence asks for this link
    assert not {"link", "iframe", "object", "embed", "base", "form", "img"} & {tag for tag, _ in page.tags}
    policy = next(attributes["content"] for tag, attributes in page.tags if "http-equiv" in attributes)
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"
    assert "url(" not in asset("page.css")
    scripts = "".join(map(asset, ("page.js", "trade.js", "tools.js")))
    assert not re.search(r"\bfetch\(|XMLHttpRequest|import\(|https?://", scripts)


def test_the_chart_library_comes_with_its_licence() -> None:
    assert "Apache License" in asset("vendor/lightweight-charts.LICENSE.txt")
    version = re.search(r"Charts™ v([\d.]+)", asset("vendor/lightweight-charts.standalone.production.js"))
    assert version is not None
    assert version[1] in asset("vendor/NOTICE")


def test_every_metric_stands_with_its_definition() -> None:
    text = Reader(report_page(a_result(full_tape()))).text
    assert [metric.label for metric in METRICS if metric.label not in text or metric.definition not in text] == []


def test_an_empty_run_says_so() -> None:
    text = Reader(report_page(a_result(a_tape(some_bars(["100"] * 5), not_modelled=())))).text
    for said in (
        "No position is open at the end.",
        "No order is open at the end.",
        "Nothing was refused.",
        "No bar is missing in the range.",
        "undefined",
    ):
        assert said in text
    assert "nan" not in text.lower().split()


def test_an_open_position_and_order_are_told() -> None:
    text = Reader(sections.open_at_end(a_result(full_tape()))).text
    assert "of \n0.5\n is open since 2024-01-01 00:09, entered at 103.0 by" in text
    assert "104.0, without a closing fee: 0.50 before fees" in text
    assert "acked" in text


def test_gaps_and_refusals_are_listed() -> None:
    result = a_result(full_tape())
    gaps = Reader(sections.gaps(result)).text
    assert "2 gaps, 3 missing bars" in gaps
    assert "2024-01-01 00:04" in gaps
    refusals = Reader(sections.refusals(result)).text
    assert refusals.count("a position stands") == 1
    assert refusals.count("POSITION_OPEN") == 2  # in the summary and in the list


def test_a_long_list_is_cut_and_says_so() -> None:
    many = tuple(a_refusal(BARS, 5) for _ in range(sections.MAX_LISTED + 20))
    text = sections.refusals(a_result(a_tape(BARS, refusals=many)))
    assert text.count("a position stands") == sections.MAX_LISTED
    assert f"The first {sections.MAX_LISTED:,} of {len(many):,} are shown" in text


def test_settings_show_what_is_off_and_what_is_not_modelled() -> None:
    text = Reader(sections.provenance(a_result(full_tape()))).text
    assert "settings.risk.max_loss_percent\noff" in text
    assert "funding\nnot modelled" in text
    assert "settings.every_bar\nfalse" in text
    assert "0.0550%" in text


def test_a_lost_account_still_has_a_report() -> None:
    bars = some_bars(["100", "100", "1"])
    tape = a_tape(bars, [a_fill(bars, 1, "1000", "100")])
    assert "−" in sections.headline(a_result(attrs.evolve(tape, card=a_card(equity="1000"))))  # noqa: RUF001


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (as_money(-1234.5), "−1,234.50"),  # noqa: RUF001
        (as_money(-0.001), "0.00"),
        (as_percent(-0.00004, 4), "−0.0040%"),  # noqa: RUF001
        (as_time(FIRST_MS), "2024-01-01 00:00"),
        (as_time(FIRST_MS + 20_000), "2024-01-01 00:00:20"),
        (as_value(None, MetricUnit.PERCENT), "undefined"),
        (as_value(0.5, MetricUnit.PERCENT), "50.00%"),
        (as_value(0.00123, MetricUnit.PERCENT), "0.1230%"),
        (as_value(0.0, MetricUnit.PERCENT), "0.00%"),
        (as_value(0.01, MetricUnit.DAYS), "14 minutes"),
        (as_value(0.5, MetricUnit.DAYS), "12.0 hours"),
        (as_value(40.0, MetricUnit.DAYS), "40.0 days"),
        (as_value(1234.0, MetricUnit.COUNT), "1,234"),
    ],
)
def test_numbers_and_times_read_one_way(shown: str, text: str) -> None:
    assert shown == text


def test_months_stand_in_years_and_what_is_not_there_is_empty() -> None:
    bars = some_bars(["100"] * 40, step_ms=86_400_000)
    page = sections.months(a_result(a_tape(bars)))
    assert page.count("0.00%") == 3  # January, February and the year
    assert page.count("<td></td>") == 10
