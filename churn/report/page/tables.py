"""Tables of the page: with a caption, header cells, and on a phone one block per row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from churn.report.page.markup import Content, Markup, element, join


@dataclass(frozen=True)
class Head:
    """The header of a column; ``number`` aligns it to the right."""

    label: str
    number: bool = False


def table(
    caption: str,
    heads: Sequence[Head],
    rows: Iterable[Sequence[Content]],
    *,
    stacked: bool = False,
    look: str | None = None,
) -> Markup:
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
        element(
            "th",
            head.label,
            scope="col",
            role="columnheader",
            class_="number" if head.number else None,
        )
        for head in heads
    ]
    found = element(
        "table",
        element("caption", caption),
        element("thead", element("tr", header, role="row"), role="rowgroup"),
        element("tbody", body, role="rowgroup"),
        role="table",
        class_=" ".join(name for name in ("stacked" if stacked else "", look) if name) or None,
    )
    if stacked:
        return found
    return element("div", found, class_="scroll", tabindex=0, role="group", aria_label=caption)


def _cell(place: int, head: Head, value: Content) -> Markup:
    look = "number" if head.number else None
    inner = element("span", value, class_="value")
    if place == 0:
        return element("th", inner, scope="row", role="rowheader", class_=look)
    return element("td", inner, role="cell", data_label=head.label, class_=look)


def tiles(facts: Iterable[tuple[str, Content, Content]]) -> Markup:
    """Return figures that are read at a glance: name, value, what to compare it with."""
    return element(
        "dl",
        [
            element("div", element("dt", name), element("dd", value, note(more)))
            for name, value, more in facts
        ],
        class_="tiles",
    )


def note(*content: Content) -> Markup | None:
    """Return small print; nothing where there is nothing to say."""
    said = join(*content)
    return element("small", said) if said else None


def more(summary: str, *content: Content) -> Markup:
    """Return something that opens on demand, without a script."""
    return element("details", element("summary", summary), *content)


def figure(title: str, image: Markup, caption: str, *, level: int = 4) -> Markup:
    """Return a chart with its title above, a heading of ``level``, and what it says below."""
    return element("figure", element(f"h{level}", title), image, element("figcaption", caption))


def lines(texts: Iterable[Content], look: str | None = None) -> Markup:
    """Return a list of sentences."""
    return element("ul", [element("li", one) for one in texts], class_=look)
