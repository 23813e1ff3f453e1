"""A table's rows picked and ordered on the page without a script: lists to choose from, and style.

The page's policy lets no script run, and mail programs strip them anyway. What a reader chooses in
a list is seen by the style sheet alone: it hides rows of other values, and puts rows in another
order. Names of classes are numbers, so no value reaches the style.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from churn.language import Text, Words
from churn.report.page.markup import Content, Element, Markup, element

FIRST = 20
"""Rows that stand open before anything is picked."""
_EVERYTHING = Text("all", "全部")


@dataclass(frozen=True)
class Filter:
    """Rows can be picked by one of their values.

    Parameters
    ----------
    label
        What the values are.
    values
        Per row what it holds, several where there are several.
    """

    label: Text
    values: Sequence[Sequence[Words]]


@dataclass(frozen=True)
class Order:
    """Rows can be put in this order.

    Parameters
    ----------
    places
        Per row its place, from 0.
    """

    label: Text
    places: Sequence[int]


@dataclass(frozen=True)
class Picking:
    """What the rows of one table can be picked and ordered by.

    Parameters
    ----------
    anchor
        Names the table's parts: a constant of letters.
    names
        Per row by what it is found; unique.
    """

    anchor: str
    names: Sequence[str]
    filters: Sequence[Filter]
    orders: Sequence[Order] = field(default=())

    def rows(self) -> list[dict[str, str]]:
        """Return the attributes of each row: its classes, and its place in each order."""
        classes: list[list[str]] = [[f"n{row}"] for row in range(len(self.names))]
        for number, chosen in enumerate(self.filters):
            codes = {value: code for code, value in enumerate(_distinct(chosen))}
            for row, values in enumerate(chosen.values):
                classes[row] += [f"f{number}-{codes[value]}" for value in dict.fromkeys(values)]
        styles = [
            ";".join(f"--o{number}:{order.places[row]}" for number, order in enumerate(self.orders))
            for row in range(len(self.names))
        ]
        return [
            {
                "class_": " ".join([*own, *(["far"] if row >= FIRST else [])]),
                **({"style": style} if style else {}),
            }
            for row, (own, style) in enumerate(zip(classes, styles, strict=True))
        ]

    def controls(self) -> Element:
        """Return the lists to choose from, and how many rows they leave."""
        lists = [
            self._select(
                "find",
                Text("Find", "查找"),
                Text("anybody", "不限"),
                [(f"n{row}", name) for row, name in enumerate(self.names)],
            )
        ]
        for number, chosen in enumerate(self.filters):
            values = _distinct(chosen)
            if len(values) > 1:
                choices = [(f"f{number}-{code}", value) for code, value in enumerate(values)]
                lists.append(self._select(f"f{number}", chosen.label, _EVERYTHING, choices))
        if self.orders:
            named = [(f"o{number}", order.label) for number, order in enumerate(self.orders)]
            by = Text("Order", "排序")
            lists.append(self._select("order", by, Text("as ranked", "按名次"), named))
        if len(self.names) > FIRST:
            first = Text(f"the first {FIRST}", f"前 {FIRST} 行")
            lists.append(self._select("rows", Text("Rows", "行数"), first, [("all", _EVERYTHING)]))
        hint = Text(
            "Whoever stands here is found by opening “Find” and typing the first characters. What "
            "is picked is shown of the whole list, and printed as shown.",
            "打开“查找”后键入前几位即可定位。筛选针对全部名单，打印内容与所示一致。",
        )
        return element(
            "fieldset",
            element("legend", Text("Pick rows", "筛选")),
            element("div", lists, class_="pick"),
            element("p", hint, class_="soft"),
        )

    def counted(self) -> Element:
        """Return a line that says how many rows are shown."""
        return element("p", Text("Rows shown: ", "显示行数："), class_="counted")

    def around(self, *content: Content) -> Element:
        """Set controls, table and count into what the style looks at."""
        return element("div", *content, class_="picked", id=self.anchor)

    def style(self) -> Markup:
        """Return the rules by which a choice hides and orders rows."""
        return Markup("\n".join(self._rules()) + "\n")

    def _rules(self) -> Iterator[str]:
        at = f"#{self.anchor}"
        yield f"{at}:not(:has(.any:checked)) tbody tr.far{{display:none}}"
        for row in range(len(self.names)):
            yield self._hidden("find", f"n{row}")
        for number, chosen in enumerate(self.filters):
            for code in range(len(_distinct(chosen))):
                yield self._hidden(f"f{number}", f"f{number}-{code}")
        for number in range(len(self.orders)):
            chosen_one = f'{at}:has(#{self.anchor}-order option[value="o{number}"]:checked)'
            yield f"{chosen_one} tbody tr{{order:var(--o{number})}}"

    def _hidden(self, part: str, name: str) -> str:
        chosen = f'#{self.anchor}:has(#{self.anchor}-{part} option[value="{name}"]:checked)'
        return f"{chosen} tbody tr:not(.{name}){{display:none}}"

    def _select(
        self, part: str, label: Text, nothing: Text, choices: Sequence[tuple[str, Words]]
    ) -> Element:
        name = f"{self.anchor}-{part}"
        options = [element("option", nothing, value="")]
        options += [element("option", text, value=value, class_="any") for value, text in choices]
        return element(
            "div",
            element("label", label, for_=name),
            element("select", options, id=name, autocomplete="off"),
        )


def _distinct(chosen: Filter) -> list[Words]:
    """Return the values of a filter, the most frequent first, then in their own order."""
    counts: dict[Words, int] = {}
    for values in chosen.values:
        for value in dict.fromkeys(values):
            counts[value] = counts.get(value, 0) + 1
    return sorted(counts, key=lambda value: (-counts[value], _key(value)))


def _key(value: Words) -> str:
    return value if isinstance(value, str) else value.en
