"""Which features are computed beyond those every deployment has."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Self

from pydantic import Field, field_validator, model_validator

from churn.features.calendar import Calendar
from churn.features.feature import Unit
from churn.frozen import Frozen
from churn.language import Text
from churn.tables import TABLES
from churn.windows import Window

LANGUAGES = (".py", ".sql")


class Festival(Frozen):
    """A spell of days that compare with no others."""

    first: date = Field(description="its first day")
    last: date = Field(description="its last day")

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.last < self.first:
            raise ValueError("a festival ends before it begins")
        return self

    @property
    def window(self) -> Window:
        """The festival as a window of days."""
        return Window(self.first, self.last + timedelta(days=1))


class OwnFeature(Frozen):
    """What one column of an own family declares about itself."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="the column's name")
    unit: Unit = Field(description="its unit; `class` marks words")
    en: str = Field(min_length=1, description="the words an analyst reads before the value")
    zh: str = Field(min_length=1, description="the same in Chinese")
    null_means: Text | None = Field(
        None,
        description="what no value means, as `{en: …, zh: …}`; not set: nothing having happened"
        " counts as 0",
    )
    topic: str = Field("", description="what a contact made for its sake would be about, if any")

    @model_validator(mode="after")
    def _says_what_no_word_means(self) -> Self:
        if self.unit == "class" and self.null_means is None:
            raise ValueError(f"feature {self.name} is a class: say what null_means")
        return self


class OwnFamily(Frozen):
    """Features of the operator's own, from a Python function or an SQL query."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="the family's name")
    en: str = Field(min_length=1, description="what it is called")
    zh: str = Field(min_length=1, description="the same in Chinese")
    file: Path = Field(
        description="a Python file with a function `build(view)`, or an SQL file with one SELECT;"
        " relative to the settings file"
    )
    needs: tuple[str, ...] = Field(min_length=1, description="the canonical tables it reads")
    features: tuple[OwnFeature, ...] = Field(min_length=1, description="its columns")

    @field_validator("needs")
    @classmethod
    def _are_tables(cls, needs: tuple[str, ...]) -> tuple[str, ...]:
        foreign = sorted(n for n in needs if n not in TABLES or TABLES[n].personal)
        if foreign:
            raise ValueError(f"{', '.join(foreign)}: no table that features may read")
        return needs

    @field_validator("file")
    @classmethod
    def _is_python_or_sql(cls, file: Path) -> Path:
        if file.suffix not in LANGUAGES:
            raise ValueError(f"ends in one of: {', '.join(LANGUAGES)}")
        return file


class FeatureSettings(Frozen):
    """Which features are computed beyond those every deployment has (``features:``)."""

    traffic_basis: str | None = Field(
        None,
        min_length=1,
        description="the legal basis on which features of whom people are in touch with are"
        " computed, in your words; not set: they are left out",
    )
    spring_festival: bool = Field(
        default=True,
        description="leave the weeks around the Spring Festival (2018 to 2035) out of trends of"
        " use",
    )
    festivals: tuple[Festival, ...] = Field((), description="further days that trends leave out")
    own: tuple[OwnFamily, ...] = Field((), description="families of your own")
    daily_sums_from: int | None = Field(
        None,
        ge=1,
        description="records of a delivery of calls from which on their sums by subscriber and day"
        " are kept for the nights to come; the features are the same. Not set: none are kept",
    )

    @field_validator("own")
    @classmethod
    def _have_names(cls, own: tuple[OwnFamily, ...]) -> tuple[OwnFamily, ...]:
        names = [family.name for family in own]
        double = sorted({name for name in names if names.count(name) > 1})
        if double:
            raise ValueError(f"{double[0]} stands twice")
        return own

    @property
    def calendar(self) -> Calendar:
        """The days that compare with no others."""
        shipped = Calendar.of_spring_festivals().festivals if self.spring_festival else ()
        return Calendar((*shipped, *(festival.window for festival in self.festivals)))

    def version(self, sources: Mapping[str, str]) -> dict[str, Any]:
        """Return what of these settings decides a feature's value.

        Parameters
        ----------
        sources
            The text of each own family's file, by the family's name.
        """
        told = self.model_dump(mode="json", exclude={"traffic_basis", "daily_sums_from"})
        return {**told, "traffic": self.traffic_basis is not None, "sources": dict(sources)}
