"""HTML and SVG as nested calls: whatever is not markup already is escaped, so nothing slips by."""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import TypeAlias

_VOID = frozenset({"meta", "link", "br", "hr"})
# Control characters have no place in a document; line breaks and tabs are white space.
_CONTROL = {code: "\ufffd" for code in (*range(32), *range(127, 160)) if code not in {9, 10, 13}}
_CONTROL |= dict.fromkeys(range(0xD800, 0xE000), "\ufffd")


class Markup(str):
    """Text that is HTML already; only :func:`element`, :func:`join` and constants make it."""

    __slots__ = ()


Content: TypeAlias = "str | int | Iterable[Content] | None"


def text(value: object) -> Markup:
    """Escape a value, quotes included.

    Examples
    --------
    >>> text("<b onclick='x'>")
    '&lt;b onclick=&#x27;x&#x27;&gt;'
    """
    if isinstance(value, Markup):
        return value
    return Markup(html.escape(str(value).translate(_CONTROL)))


def join(*content: Content) -> Markup:
    """Put pieces one behind the other; None is nothing."""
    pieces: list[str] = []
    for piece in content:
        if piece is None:
            continue
        if isinstance(piece, str | int):
            pieces.append(text(piece))
        else:
            pieces.append(join(*piece))
    return Markup("".join(pieces))


def element(name: str, /, *content: Content, **attributes: str | float | None) -> Markup:
    """Return an element.

    Parameters
    ----------
    attributes
        By name, ``_`` standing for ``-``, one at the end falling away (``class_``); one that is
        None is left out; numbers are written with at most two decimals.

    Examples
    --------
    >>> element("p", "a < b", element("br"), class_="note", id=None)
    '<p class="note">a &lt; b<br></p>'
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_attribute(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    inner = "" if name in _VOID else f"{join(*content)}</{name}>"
    return Markup(f"<{name}{written}>{inner}")


def _attribute(value: str | float) -> str:
    if isinstance(value, str):
        return text(value)
    return f"{round(value, 2) + 0.0:.2f}".rstrip("0").rstrip(".")
