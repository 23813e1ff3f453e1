"""One column's or one row's part of the mapping language: origins, codes, units, selections."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_validator

from churn.frozen import Frozen
from churn.ingest.figures import check_signs
from churn.ingest.moments import check_format
from churn.ingest.units import KNOWN_UNITS, check_scale
from churn.language import Text
from churn.tables.attributes import AttributeUnit


def nearest(name: str, known: Iterable[str]) -> str:
    """Return `` (did you mean …?)`` for the known name closest to a misspelt one, or nothing."""
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f" (did you mean {close[0]}?)" if close else ""


def _as_text(value: Any) -> Any:
    """Read numbers and dates that YAML took for such as the text that stands in the extract."""
    if isinstance(value, bool):
        raise ValueError(  # noqa: TRY004 - pydantic turns only ValueError into a message
            "YAML reads an unquoted Yes, No, true or false as a truth value: put it in quotes"
        )
    return str(value) if isinstance(value, int | float | date) else value


def _as_text_keys(value: Any) -> Any:
    return (
        {_as_text(key): item for key, item in value.items()} if isinstance(value, dict) else value
    )


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Cell = Annotated[str, BeforeValidator(_as_text)]
Cells = Annotated[tuple[Cell, ...], BeforeValidator(_as_list)]
Formats = Annotated[
    tuple[Annotated[str, AfterValidator(check_format)], ...], BeforeValidator(_as_list)
]


class MappingModel(Frozen):
    """A part of the mapping, whose keys may be words that Python keeps for itself (``from:``)."""

    model_config = ConfigDict(populate_by_name=True)


AS_OF = "{as_of}"
"""A constant for the day that a file's name tells: the last of its period, else that before its
delivery."""


class _Origin(MappingModel):
    from_: str | None = Field(None, alias="from", description="header in the operator's file")
    constant: Cell | None = Field(
        None,
        description="the same value for every row; `{as_of}`: the last day of the period in the"
        " file's name, else the day before its delivery",
    )
    codes: Annotated[dict[str, Cell | None], BeforeValidator(_as_text_keys)] = Field(
        default_factory=dict,
        description="the operator's codes and what each means; null: that there is no value",
    )
    otherwise: Cell | None = Field(None, description="what every code not listed means")
    missing: Cell | None = Field(None, description="what an empty field means")
    round: bool = Field(
        default=False, description="round numbers with more decimals than are stored, half to even"
    )
    scale: Annotated[Cell, AfterValidator(check_scale)] | None = Field(
        None, description="exact decimal that the file's number is multiplied by"
    )

    decimal: str | None = Field(
        None,
        description="what begins the decimals of its numbers; default: the source's",
        exclude_if=lambda value: value is None,
    )
    thousands: str | None = Field(
        None,
        description="what parts the thousands of its numbers; default: the source's",
        exclude_if=lambda value: value is None,
    )

    @model_validator(mode="after")
    def _signs_of_numbers(self) -> Self:
        check_signs(self.decimal, self.thousands)
        return self

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if (self.from_ is None) == (self.constant is None):
            raise ValueError("a column comes either `from:` a header or is a `constant:`")
        if self.otherwise is not None and not self.codes:
            raise ValueError("`otherwise:` needs `codes:`")
        if self.scale is not None and (self.codes or self.constant is not None):
            raise ValueError("`codes:` and `constant:` say what is stored: they have no `scale:`")
        return self


class ColumnMapping(_Origin):
    """Where one canonical column comes from and how its text is read."""

    format: Formats = Field((), description="formats of dates and times, such as %Y%m%d")
    separator: str | None = Field(
        None,
        min_length=1,
        description="what parts the values of one field, where a column takes several, such as |",
        exclude_if=lambda value: value is None,
    )
    unit: str | None = Field(None, description="unit the file counts in, such as minutes or KB")
    affix: str | None = Field(
        None,
        min_length=1,
        description="what stands before or behind its numbers and is no part of them, such as $",
        exclude_if=lambda value: value is None,
    )

    prefix: str | None = Field(
        None,
        min_length=1,
        description="what stands before its identifiers here and is no part of them, such as +55",
        exclude_if=lambda value: value is None,
    )

    @model_validator(mode="after")
    def _one_conversion(self) -> Self:
        if self.unit is None:
            return self
        if self.unit not in KNOWN_UNITS:
            raise ValueError(
                f"there is no unit {self.unit}{nearest(self.unit, KNOWN_UNITS)}: use"
                f" {', '.join(KNOWN_UNITS)}, or `scale:`"
            )
        if self.scale is not None:
            raise ValueError("a column has `unit:` or `scale:`, not both")
        if self.codes or self.constant is not None:
            raise ValueError("`codes:` and `constant:` say what is stored: they have no `unit:`")
        return self


class ExtraColumn(_Origin):
    """An attribute of subscribers for which the canonical tables have no column: a feature."""

    unit: AttributeUnit = Field(
        description="unit of the value as it is stored; class for words, flag for 0 and 1"
    )
    en: str = Field(min_length=1, description="what an analyst reads")
    zh: str = Field(min_length=1, description="the same in Chinese")
    words: dict[str, Text] = Field(
        default_factory=dict, description="what a class is called, for each: {en: …, zh: …}"
    )

    @model_validator(mode="after")
    def _words_are_no_numbers(self) -> Self:
        if self.unit == "class" and (self.scale is not None or self.round):
            raise ValueError("a class is a word: it has neither `scale:` nor `round:`")
        if self.unit != "class" and self.words:
            raise ValueError("only a class has `words:`")
        return self

    def mapping(self) -> ColumnMapping:
        """Return where its value comes from, without what it means."""
        origin = self.model_dump(by_alias=True, include=set(_Origin.model_fields))
        return ColumnMapping.model_validate(origin)


def _short_form(value: Any) -> Any:
    return {"from": value} if isinstance(value, str) else value


def short_form_of_files(value: Any) -> Any:
    """Read a bare pattern as that of an input's files."""
    return {"files": value} if isinstance(value, str) else value


Columns = dict[str, Annotated[ColumnMapping, BeforeValidator(_short_form)] | None]


class Selection(MappingModel):
    """Which values of a header a source takes; the other rows are counted as not selected."""

    in_: Cells | None = Field(None, alias="in", description="take rows with one of these values")
    not_: Cells | None = Field(None, alias="not", description="take rows with none of these")

    @model_validator(mode="after")
    def _one_side(self) -> Self:
        if (self.in_ is None) == (self.not_ is None):
            raise ValueError("name either the values to take (`in:`) or those to leave (`not:`)")
        return self


def _selection(value: Any) -> Any:
    return {"in": value} if isinstance(value, str | list | tuple) else value


Only = dict[str, Annotated[Selection, BeforeValidator(_selection)]]


class UnpivotGroup(MappingModel):
    """One of the rows that each record of a wide file becomes, such as that of one month."""

    columns: Columns = Field(min_length=1, description="canonical columns of this row alone")
    only: Only = Field(default_factory=dict, description="records that have this row")
