"""HTML and SVG as nested elements, in both languages until the document writes them.

Whatever is not markup already is escaped where it is written, so nothing slips by.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from churn.language import Language, Text, Words, resolved

_VOID = frozenset({"meta", "link", "br", "hr"})
# Control characters have no place in a document; line breaks and tabs are white space.
_CONTROL = {code: "\ufffd" for code in (*range(32), *range(127, 160)) if code not in {9, 10, 13}}
_CONTROL |= dict.fromkeys(range(0xD800, 0xE000), "\ufffd")


class Markup(str):
    """Text that is HTML already; only constants make it."""

    __slots__ = ()


@dataclass(frozen=True)
class Element:
    """An element with what stands in it; see :func:`element`."""

    name: str
    content: tuple[Content, ...]
    attributes: Mapping[str, Words | float | None]


Content: TypeAlias = "Words | int | Element | Sequence[Content] | None"


def element(name: str, /, *content: Content, **attributes: Words | float | None) -> Element:
    """Return an element.

    Parameters
    ----------
    content
        Pieces to be put one behind the other; None is nothing.
    attributes
        By name, ``_`` standing for ``-``, one at the end falling away (``class_``); one that is
        None is left out; numbers are written with at most two decimals.
    """
    return Element(name, content, attributes)


def render(content: Content, language: Language) -> str:
    """Write content in one language, quotes escaped like brackets.

    Examples
    --------
    >>> render(element("p", Text("a < b", "甲"), element("br"), class_="note", id=None), "en")
    '<p class="note">a &lt; b<br></p>'
    """
    if content is None or isinstance(content, Markup):
        return content or ""
    if isinstance(content, Element):
        return _written(content, language)
    if isinstance(content, str | Text):
        return html.escape(resolved(content, language).translate(_CONTROL))
    if isinstance(content, int):
        return str(content)
    return "".join(render(piece, language) for piece in content)


def _written(node: Element, language: Language) -> str:
    attributes = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_attribute(value, language)}"'
        for key, value in node.attributes.items()
        if value is not None
    )
    inner = "" if node.name in _VOID else f"{render(node.content, language)}</{node.name}>"
    return f"<{node.name}{attributes}>{inner}"


def _attribute(value: Words | float, language: Language) -> str:
    if isinstance(value, str | Text):
        return render(value, language)
    return f"{round(value, 2) + 0.0:.2f}".rstrip("0").rstrip(".")
