"""How the bytes of a delivered file become fields."""

from __future__ import annotations

import codecs

from pydantic import Field, field_validator

from churn.frozen import Frozen

ENCODINGS = ("utf-8", "gb18030")
_ALIASES = {"utf-8-sig": "utf-8", "ascii": "utf-8", "gbk": "gb18030", "gb2312": "gb18030"}


class TextFormat(Frozen):
    """How a file's bytes become fields."""

    encoding: str = Field("utf-8", description="utf-8 (with or without BOM) or gb18030")
    delimiter: str = Field(",", min_length=1, max_length=1, description="between fields")
    quote: str | None = Field('"', max_length=1, description="quotes fields; null for none")

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str) -> str:
        try:
            name = codecs.lookup(value).name
        except LookupError:
            name = value
        name = _ALIASES.get(name, name)
        if name not in ENCODINGS:
            raise ValueError(
                f"encoding {value!r} is not read: use utf-8 or gb18030 (which includes GBK)"
            )
        return name

    @field_validator("delimiter", "quote")
    @classmethod
    def _plain_character(cls, value: str | None) -> str | None:
        if value is not None and (not value.isascii() or value in "\r\n\0"):
            raise ValueError("delimiter and quote are single ASCII characters other than line ends")
        return value
