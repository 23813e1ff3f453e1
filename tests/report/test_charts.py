"""Charts: everything drawn lies inside the picture, scales hold their values, numbers are short."""

from __future__ import annotations

import math
import re

import pytest

from churn.evaluation.intervals import Interval
from churn.language import Text
from churn.report.page.axes import HEIGHT, WIDTH, Axis
from churn.report.page.charts import Dots, Line, bar, dot_figure, line_chart, stacked_bar
from churn.report.page.markup import Markup, element, render
from churn.report.page.numbers import count, figure, money, percent, tick, tick_percent


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([1699.23], [0, 500, 1000, 1500, 2000]),
        ([0.066], [0, 0.02, 0.04, 0.06, 0.08]),
        ([-30.0, 80.0], [-50, 0, 50, 100]),
        ([0.0], [0, 0.25, 0.5, 0.75, 1]),
        ([math.nan, 3.0], [0, 1, 2, 3]),
    ],
)
def test_axes_end_at_round_numbers_around_all_values(values, ticks):
    """Zero is always among them; what is not known is passed over."""
    axis = Axis.over(values, "", tick)
    assert axis.ticks == pytest.approx(ticks)
    assert all(0 <= axis.at(value) <= 1 for value in values if math.isfinite(value))


@pytest.mark.parametrize(("highest", "words"), [(2, ["0", "1", "2"]), (8.6, ["0", "5", "10"])])
def test_a_tick_reads_as_what_it_is(highest, words):
    """Of two contacts an axis of whole numbers tells 0, 1 and 2: no halves, and no two alike."""
    axis = Axis.over([0.0, highest], "", count)
    assert [axis.shown(place) for place in axis.ticks] == words


def coordinates(image: str) -> list[tuple[float, float]]:
    """Return every point of a picture."""
    points = re.findall(r"(-?[\d.]+),(-?[\d.]+)", " ".join(re.findall(r'points="([^"]*)"', image)))
    points += re.findall(r'cx="(-?[\d.]+)" cy="(-?[\d.]+)"', image)
    points += re.findall(r'x1="(-?[\d.]+)" x2="[\d.]+" y1="(-?[\d.]+)"', image)
    points += re.findall(r'x="(-?[\d.]+)" y="(-?[\d.]+)"', image)
    return [(float(x), float(y)) for x, y in points]


def test_everything_drawn_lies_inside_the_picture():
    """Also losses and whiskers; an unknown value is no dot."""
    x = Axis.over([3], "contacts", count)
    y = Axis.over([-20.0, 90.0], "profit", count)
    curves = [Line("a", ((0, 0), (1, 90), (3, -20))), Line("b", ((0, 0),), 1)]
    lines = render(line_chart(curves, x, y, "l"), "en")
    interval = Interval(value=50, lower=10, upper=90)
    series = [Dots.whiskered("a", (interval, None)), Dots.bare("b", (1, math.nan))]
    dots = render(dot_figure(Text("t", "题"), "said", ["1", "2"], series, "", y), "en")
    for image in (lines, dots):
        points = coordinates(image)
        assert len(points) > 10
        assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points)
    assert dots.count('class="dot') - dots.count('class="mark') == 2
    assert dots.count("whisker") == 1


def test_series_are_told_apart_by_more_than_colour():
    """Each has a style of its own, in the picture and in the legend."""
    axis = Axis.over([1], "", tick)
    curves = [Line(str(n), ((0, 0), (1, 1)), n) for n in range(5)]
    image = render(line_chart(curves, axis, axis, ""), "en")
    for style in range(5):
        assert image.count(f"line s{style}") == 2


def test_bars_stay_inside_their_cell():
    """A share above the whole fills it; no share fills nothing."""
    widths = [float(re.search(r'width="([\d.]+)" height="10" class="fill',
                              render(bar(share), "en"))[1])
              for share in (0, 0.25, 1.5, math.nan)]  # fmt: skip
    assert widths == [0, 25, 100, 0]
    parts = render(stacked_bar([(0.8, "s0"), (0.5, "s1")], "budget"), "en")
    assert re.findall(r'x="([\d.]+)" y="0" width="([\d.]+)" height="10" class="fill', parts) == [
        ("0", "80"),
        ("80", "20"),
    ]


def test_markup_escapes_what_is_not_markup():
    """Content and attributes alike; nothing is written for None."""
    assert render(element("p", "<&>\"'", title="<&>\"'", id=None), "en") == (
        '<p title="&lt;&amp;&gt;&quot;&#x27;">&lt;&amp;&gt;&quot;&#x27;</p>'
    )
    assert render(("<", Markup("<br>"), None, ["a", 1, ["&"]]), "en") == "&lt;<br>a1&amp;"
    assert render("a\x00b\x1b\ud800\n", "en") == "a\ufffdb\ufffd\ufffd\n"


def test_texts_are_resolved_where_the_document_is_written():
    """The same elements give either language, in content and attributes, escaped in both."""
    both = element("p", Text("a <", "甲 <"), " ", [Text("b", "乙") + "!"], title=Text("t", "题"))
    assert render(both, "en") == '<p title="t">a &lt; b!</p>'
    assert render(both, "zh") == '<p title="题">甲 &lt; 乙!</p>'


@pytest.mark.parametrize(
    ("shown", "value", "text"),
    [
        (percent, 0.14804, "14.8 %"),
        (percent, 0.0042, "0.42 %"),
        (percent, 0.0, "0 %"),
        (percent, 1.0, "100 %"),
        (percent, math.nan, "–"),
        (tick_percent, 0.025, "2.5 %"),
        (money, -1234.5, "−1,234.50"),
        (money, -0.001, "0.00"),
        (count, 1e6, "1,000,000"),
        (figure, 0.0144, "0.0144"),
        (figure, 23.65, "23.6"),
        (figure, -0.02, "−0.0200"),
        (figure, 1.0, "1"),
        (tick, 0.30000000000000004, "0.3"),
    ],
)
def test_numbers_are_short_and_unknown_ones_are_a_dash(shown, value, text):
    """A minus is a minus, noughts have none."""
    assert shown(value).replace("\N{NO-BREAK SPACE}", " ") == text
