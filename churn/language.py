"""The two languages of the product: every sentence an analyst reads exists in both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Language = Literal["en", "zh"]


@dataclass(frozen=True)
class Text:
    """One sentence or term in English and Chinese."""

    en: str
    zh: str

    def of(self, language: Language) -> str:
        """Return the wording in ``language``."""
        return self.en if language == "en" else self.zh
