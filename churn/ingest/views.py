"""Views, as settings name them: a checked SELECT over delivered files."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cached_property
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from churn.ingest.columns import Cells, MappingModel, short_form_of_files
from churn.ingest.names import AfterPeriod, NamePattern, last_day
from churn.ingest.queries import Query, checked
from churn.ingest.readers import FileFormat
from churn.tables.attributes import NAME


class ViewInput(FileFormat):
    """One kind of file that a view reads; every column of it is text."""

    files: str = Field(description="pattern of the files, relative to the folder")
    name: NamePattern | None = Field(
        None,
        description="of an input beside the first, where it is several files: pattern of their"
        " names; each file of the first goes with that of its own period, else the newest by then",
        exclude_if=lambda value: value is None,
    )
    delivered_on: AfterPeriod | None = Field(
        None,
        description="rule for the day of delivery, where these names tell the period alone",
        exclude_if=lambda value: value is None,
    )
    together: bool = Field(
        default=False,
        description="of the first input: the query runs once over all files of a delivery, as for"
        " sums of a month whose days are files; default: over each",
        exclude_if=lambda value: not value,
    )
    before: int = Field(
        0,
        ge=0,
        description="of an input beside the first with a `name:`: so many files delivered before"
        " the one that goes with it are read with it, as a line's last register is where it ended",
        exclude_if=lambda value: not value,
    )
    once: tuple[str, ...] = Field(
        (),
        description="of an input beside the first: columns; of several rows alike in them one is"
        " joined, with the last by content of each other column",
        exclude_if=lambda value: not value,
    )
    nulls: Cells = Field(("", "NULL"), description="field contents that mean: no value")

    @model_validator(mode="after")
    def _is_dated(self) -> Self:
        named = self.name.fields if self.name else ()
        ruled = self.delivered_on is not None
        if self.before and not self.name:
            raise ValueError("`before:` counts deliveries: say in `name:` when they were made")
        if self.name and ("delivered_on" in named) == ruled:
            raise ValueError(
                "say once when a file was delivered: {delivered_on} in `name:`, or `delivered_on:`"
            )
        if ruled and "period" not in named:
            raise ValueError("`days_after_period:` counts from a period: {period} in `name:`")
        return self

    def delivery(self, name: str) -> tuple[str, date] | None:
        """Return the period and the day of delivery that a file's name tells; None if neither."""
        values = self.name.read(name) if self.name else None
        if values is None:
            return None
        period = values.get("period", "")
        end = last_day(period)
        if self.delivered_on is not None:
            after = timedelta(days=self.delivered_on.days_after_period)
            return (period, end + after) if end else None
        return period, values["delivered_on"]


class ViewMapping(MappingModel):
    """A SELECT over delivered files, under a name that sources may use in place of `files:`."""

    query: str = Field(description="one flat SELECT over the inputs; see extracts.md")
    inputs: dict[str, Annotated[ViewInput, BeforeValidator(short_form_of_files)]] = Field(
        min_length=1, description="the tables it reads: name and files"
    )

    @model_validator(mode="after")
    def _is_checked(self) -> Self:
        for name in self.inputs:
            if not NAME.fullmatch(name):
                raise ValueError(f"input {name!r} of a view is not lower case with underscores")
        _ = self.checked
        if self.inputs[self.checked.first].name is not None:
            raise ValueError("the first input of a view is named and dated by the source")
        if self.inputs[self.checked.first].once:
            raise ValueError(
                "`once:` is for an input that is joined: every row of the first counts"
            )
        if any(self.inputs[name].together for name in self.others):
            raise ValueError("`together:` is for the first input of a view: the one in FROM")
        return self

    @cached_property
    def checked(self) -> Query:
        """The query, checked."""
        return checked(self.query, self.inputs)

    @property
    def others(self) -> tuple[str, ...]:
        """The inputs beside the first, in their order in the query."""
        return tuple(self.checked.tables.values())[1:]
