"""How the bytes of a delivered file become fields."""

from __future__ import annotations

import re

from pydantic import Field, field_validator

from churn.frozen import Frozen
from churn.ingest.readers.encodings import named

_ESCAPED = re.compile(r"\\(?:t|x[0-9a-fA-F]{2}|[0-7]{3})")
LONGEST_DELIMITER = 8


class TextFormat(Frozen):
    """How a file's bytes become fields."""

    encoding: str = Field("utf-8", description="any that Python knows by name; gb18030 for GBK")
    delimiter: str = Field(",", description=r"between fields: one or more characters; \001, \t")
    quote: str | None = Field('"', max_length=1, description="quotes fields; null for none")
    skip: int = Field(
        0,
        ge=0,
        description="lines before the header, such as a title",
        exclude_if=lambda value: value == 0,
    )
    header: tuple[str, ...] | None = Field(
        None,
        min_length=1,
        description="names of the columns, for files without a header line",
        exclude_if=lambda value: value is None,
    )

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str) -> str:
        return named(value)

    @field_validator("delimiter")
    @classmethod
    def _parts_fields(cls, value: str) -> str:
        return delimiter_of(value)

    @field_validator("quote")
    @classmethod
    def _plain_character(cls, value: str | None) -> str | None:
        if value is not None and (not value.isascii() or value in "\r\n\0"):
            raise ValueError("a quote is a single ASCII character other than line ends")
        return value

    @field_validator("header")
    @classmethod
    def _names_differ(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if value is not None and len(set(value)) < len(value):
            raise ValueError("two columns under `header:` have one name")
        return value


def delimiter_of(spelt: str) -> str:
    r"""Return a delimiter as it stands in the file, of ``\t``, ``\001`` and the like.

    Raises
    ------
    ValueError
        If it parts nothing.
    """
    sign = _ESCAPED.sub(lambda escaped: _character(escaped[0]), spelt)
    if not 0 < len(sign) <= LONGEST_DELIMITER or set(sign) & set('\r\n\0"'):
        raise ValueError(
            f"a delimiter is 1 to {LONGEST_DELIMITER} characters, none of them a quote or an end of"
            " a line"
        )
    return sign


def _character(spelt: str) -> str:
    r"""Return the character that ``\t``, ``\x01`` or ``\001`` stands for."""
    if spelt == r"\t":
        return "\t"
    return chr(int("0" + spelt[1:], 16 if spelt[1] == "x" else 8))
