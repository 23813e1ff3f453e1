"""Tables of the page: with a caption, header cells, and on a phone one block per row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from churn.evaluation.intervals import Interval
from churn.language import Text, Words
from churn.report.page.markup import Content, Element, element
from churn.report.page.numbers import Shown, bounds
from churn.report.words import NOTHING


@dataclass(frozen=True)
class TableColumn:
    """A column of a table, its cells from the first row to the last; numbers stand at the right."""

    label: Words
    cells: Iterable[Content]
    number: bool = False

    @property
    def look(self) -> str | None:
        """The class of its cells."""
        return "number" if self.number else None


def numbers(label: Words, values: Iterable[float], shown: Shown) -> TableColumn:
    """Return a column of numbers, each written as ``shown`` writes them."""
    return TableColumn(label, [shown(value) for value in values], number=True)


def in_proportion(bars: Iterable[Element]) -> TableColumn:
    """Return a column of bars."""
    return TableColumn(Text("In proportion", "对比"), bars)


def table(
    caption: Words,
    *columns: TableColumn,
    stacked: bool = False,
    look: str | None = None,
    rows: Sequence[Mapping[str, Words]] | None = None,
) -> Element:
    """Return a table whose first column names the row.

    Parameters
    ----------
    stacked
        On a narrow screen each row becomes a block with the headers beside the values; the roles
        keep it a table for screen readers. Without it the table scrolls sideways.
    rows
        Per row further attributes.
    """
    header = [
        element("th", column.label, scope="col", role="columnheader", class_=column.look)
        for column in columns
    ]
    cells = (_cells(column, names=not place) for place, column in enumerate(columns))
    body = [
        element("tr", row, role="row", **(rows[place] if rows else {}))
        for place, row in enumerate(zip(*cells, strict=True))
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


def _cells(column: TableColumn, *, names: bool) -> Iterator[Element]:
    for value in column.cells:
        inner = element("span", value, class_="value")
        if names:
            yield element("th", inner, scope="row", role="rowheader", class_=column.look)
        else:
            yield element("td", inner, role="cell", data_label=column.label, class_=column.look)


def folded_table(caption: Words, columns: Iterable[TableColumn], *below: Content) -> Element:
    """Return a table of nights that opens on demand under its caption."""
    return more(caption, table(caption, *columns, stacked=True, look="nights"), *below)


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
