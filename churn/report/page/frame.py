"""The frame of every page: head, style, contents and sections; here words become one language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from churn.language import Language, Text, Words
from churn.report.page.markup import Content, Element, Markup, element, render
from churn.report.page.style import STYLE

# Refuses every request, script and form, whatever a value might smuggle in.
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'"
)

_PLAIN = Markup()
Section: TypeAlias = tuple[str, Text, Content]
"""A section's anchor, its name and what stands in it."""


def whole(
    title: Text,
    sections: Sequence[Section],
    footer: Words,
    language: Language,
    style: Markup = _PLAIN,
    about: str | None = None,
) -> bytes:
    """Return a page of sections, each with its anchor and its name, as a document of its own.

    ``style`` is added to that of every page. ``about`` is whom the page is about, if it is one
    subscriber's alone: it goes when that one is erased.
    """
    links = [element("li", element("a", name, href=f"#{anchor}")) for anchor, name, _ in sections]
    contents = element("nav", element("ul", links), aria_label=Text("Contents", "目录"))
    body = element(
        "body",
        element("a", Text("To the content", "跳到正文"), href="#main", class_="skip"),
        element("header", element("h1", title), contents),
        element("main", [_section(*section) for section in sections], id="main", data_about=about),
        element("footer", element("p", footer)),
    )
    return _document(title, body, language, style)


def write_document(title: Text, content: Content, language: Language) -> bytes:
    """Return a page of its own for a part of the report, in the same frame and style."""
    body = element(
        "body", element("header", element("h1", title)), element("main", content, id="main")
    )
    return _document(title, body, language)


def _document(title: Text, body: Element, language: Language, style: Markup = _PLAIN) -> bytes:
    document = (
        Markup("<!DOCTYPE html>\n"),
        element("html", _head(title, style), body, lang=Text("en", "zh-CN")),
        Markup("\n"),
    )
    return render(document, language).encode("utf-8")


def _head(title: Text, style: Markup) -> Element:
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("meta", name_="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name_="robots", content="noindex"),
        element("link", rel="icon", href="data:,"),
        element("title", title),
        element("style", STYLE, style),
    )


def _section(anchor: str, name: Text, content: Content) -> Element:
    heading = element("h2", name, id=f"{anchor}-title")
    return element("section", heading, content, id=anchor, aria_labelledby=f"{anchor}-title")
