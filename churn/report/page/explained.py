"""One subscriber on a page: what was said of it, decided, done, and what it would take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from churn.language import Language, Text
from churn.report.page.frame import whole
from churn.report.page.markup import Content, element

Part: TypeAlias = tuple[Text, Sequence[Text]]
"""A heading, and lines as a terminal shows them: two spaces set off what a line is about."""


def write_explained(
    subscriber: str, night: str, parts: Sequence[Part], language: Language
) -> bytes:
    """Return the page of one subscriber's night; the same lines as in the terminal.

    It names the subscriber: it is for who asked, and stands in no export.
    """
    title = Text(f"Subscriber {subscriber}, night of {night}", f"用户 {subscriber}（{night}）")
    sections = [
        (
            f"part{number}",
            _as_title(heading),
            element("ul", [_line(line, language) for line in lines]),
        )
        for number, (heading, lines) in enumerate(parts)
    ]
    footer = Text(
        "churn · Told from what was stored; nothing is recomputed.",
        "churn · 内容取自已存储的结果，未重新计算。",
    )
    return whole(title, sections, footer, language, about=subscriber)


def _as_title(heading: Text) -> Text:
    return Text(heading.en[:1].upper() + heading.en[1:], heading.zh)


def _line(line: Text, language: Language) -> Content:
    about, gap, told = line.of(language).strip().partition("  ")
    if not gap:
        return element("li", about)
    return element("li", element("strong", about), " ", told.strip())
