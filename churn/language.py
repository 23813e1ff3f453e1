"""The two languages of the product: every sentence an analyst reads exists in both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias, TypeVar

Language = Literal["en", "zh"]
Other = TypeVar("Other")
LANGUAGES: tuple[Language, ...] = ("en", "zh")


@dataclass(frozen=True)
class Text:
    """One sentence or term in English and Chinese.

    Examples
    --------
    >>> (Text("off", "未启用") + COLON + "3").zh
    '未启用：3'
    """

    en: str
    zh: str

    @classmethod
    def by(cls, worded: Callable[[Language], str]) -> Text:
        """Return what is worded in one language after the other."""
        return cls(worded("en"), worded("zh"))

    def of(self, language: Language) -> str:
        """Return the wording in ``language``."""
        return self.en if language == "en" else self.zh

    def __add__(self, more: Words) -> Text:
        """Put words behind it."""
        return Text.by(lambda language: self.of(language) + resolved(more, language))


COLON = Text(": ", "：")
SEPARATOR = Text("; ", "；")
Words: TypeAlias = Text | str
"""A text in both languages, or a string that is the same in both."""


def resolved(value: Text | Other, language: Language) -> str | Other:
    """Return a text as it is read in ``language``, anything else as it is."""
    return value.of(language) if isinstance(value, Text) else value
