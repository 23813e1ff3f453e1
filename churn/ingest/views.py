"""Views, as settings name them: a checked SELECT over delivered files."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from churn.ingest.columns import Cells, MappingModel, short_form_of_files
from churn.ingest.queries import Query, checked
from churn.ingest.readers import FileFormat
from churn.tables.attributes import NAME


class ViewInput(FileFormat):
    """One kind of file that a view reads; every column of it is text."""

    files: str = Field(description="pattern of the files, relative to the folder")
    nulls: Cells = Field(("", "NULL"), description="field contents that mean: no value")


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
        return self

    @cached_property
    def checked(self) -> Query:
        """The query, checked."""
        return checked(self.query, self.inputs)

    @property
    def others(self) -> tuple[str, ...]:
        """The inputs beside the first, in their order in the query."""
        return tuple(self.checked.tables.values())[1:]
