"""Tables of the page: with a caption, header cells, and on a phone one block per row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from churn.evaluation.intervals import Interval
from churn.language import Text, Words
from churn.report.page.markup import Content, Element, element
from churn.report.page.numbers import Shown, bounds
from churn.report.words import NOTHING


@dataclass(frozen=True)
class HeaderCell:
    """The header of a column; ``number`` aligns it to the right."""

    label: Words
    number: bool = False


PROPORTION = HeaderCell(Text("In proportion", "对比"))


def table(
    caption: Words,
    heads: Sequence[HeaderCell],
    rows: Iterable[Sequence[Content]],
    *,
    stacked: bool = False,
    look: str | None = None,
) -> Element:
    """Return a table whose first column names the row.

    Parameters
    ----------
    stacked
        On a narrow screen each row becomes a block with the headers beside the values; the roles
        keep it a table for screen readers. Without it the table scrolls sideways.
    """
    body = [
        element(
            "tr", [_cell(place, head, value) for place, (head, value) in
                   enumerate(zip(heads, row, strict=True))],
            role="row",
        )
        for row in rows
    ]  # fmt: skip
    header = [
        element("th", head.label, scope="col", role="columnheader", class_=_look(head))
        for head in heads
    ]
    whole = element(
        "table",
        element("caption", caption),
        element("thead", element("tr", header, role="row"), role="rowgroup"),
        element("tbody", body, role="rowgroup"),
        role="table",
        class_=" ".join(name for name in ("stacked" if stacked else "", look) if name) or None,
    )
    if stacked:
        return whole
    return element("div", whole, class_="scroll", tabindex=0, role="group", aria_label=caption)


def _look(head: HeaderCell) -> str | None:
    return "number" if head.number else None


def _cell(place: int, head: HeaderCell, value: Content) -> Element:
    inner = element("span", value, class_="value")
    if place == 0:
        return element("th", inner, scope="row", role="rowheader", class_=_look(head))
    return element("td", inner, role="cell", data_label=head.label, class_=_look(head))


def folded_table(
    caption: Words, heads: Sequence[HeaderCell], rows: Iterable[Sequence[Content]], *below: Content
) -> Element:
    """Return a table of nights that opens on demand under its caption."""
    return more(caption, table(caption, heads, rows, stacked=True, look="nights"), *below)


def tiles(facts: Iterable[tuple[Words, Content, Content]]) -> Element:
    """Return figures that are read at a glance: name, value, what to compare it with."""
    return element(
        "dl",
        [
            element("div", element("dt", name), element("dd", value, note(more)))
            for name, value, more in facts
        ],
        class_="tiles",
    )


def note(content: Content) -> Element | None:
    """Return small print; nothing where there is nothing to say."""
    return element("small", content) if content else None


def measured(interval: Interval | None, shown: Shown) -> Content:
    """Return a value with its interval below; a dash where it is not known."""
    return (shown(interval.value), note(bounds(interval, shown))) if interval else NOTHING


def warning(content: Content) -> Element:
    """Return what no reader must overlook."""
    return element("div", content, class_="warning", role="note")


def more(summary: Words, *content: Content) -> Element:
    """Return something that opens on demand, without a script."""
    return element("details", element("summary", summary), *content)


def figure(title: Words, image: Content, caption: Words, *, level: int = 4) -> Element:
    """Return a chart with its title above, a heading of ``level``, and what it says below."""
    return element("figure", element(f"h{level}", title), image, element("figcaption", caption))


def columns(*parts: Content) -> Element:
    """Set parts side by side where there is room; None is no part."""
    return element("div", [element("div", part) for part in parts if part], class_="columns")


def lines(texts: Iterable[Content], look: str | None = None) -> Element:
    """Return a list of sentences."""
    return element("ul", [element("li", sentence) for sentence in texts], class_=look)
