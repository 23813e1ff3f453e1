"""One kind of file that feeds a table: which files, when delivered, what each column comes from."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Self

from pydantic import Field, model_validator

from churn.ingest.columns import (
    Cell,
    Cells,
    ColumnMapping,
    Columns,
    ExtraColumn,
    MappingModel,
    Only,
    UnpivotGroup,
)
from churn.ingest.control import ControlMapping
from churn.ingest.databases import snapshots
from churn.ingest.figures import check_signs
from churn.ingest.names import AfterPeriod, NamePattern, last_day
from churn.ingest.readers import FileFormat


class JoinMapping(FileFormat):
    """A second file beside the first: its columns are added where the key is the same."""

    files: str = Field(description="one file or pattern, relative to the folder")
    key: str = Field(description="header of the key, the same in both files")
    columns: Columns = Field(description="canonical columns taken from this file")


class InitialLoad(MappingModel):
    """History extracted on one day, whose availability at the time is only assumed."""

    covers_until: date = Field(description="last day whose facts the extract holds")
    assumed_lag: int = Field(ge=0, description="days after a fact at which it was known, assumed")
    current_state: tuple[str, ...] = Field((), description="columns as of the extraction day")
    constant: tuple[str, ...] = Field((), description="columns that never change for a subscriber")


class SourceMapping(FileFormat):
    """One kind of file that feeds a table."""

    files: str | None = Field(None, description="pattern of the files, relative to the folder")
    view: str | None = Field(None, description="name of a view whose rows are read instead")
    query: str | None = Field(
        None,
        description="name of a query whose kept rows are read instead",
        exclude_if=lambda value: value is None,
    )
    name: NamePattern | None = Field(
        None,
        description="pattern of the file's name with {period} {delivered_on} {covers_until} {part}",
    )
    delivered_on: date | AfterPeriod | None = Field(
        None, description="day of delivery, or rule for it, where no name tells it"
    )
    from_delivery: date | None = Field(
        None,
        description="first day of delivery whose files have this layout",
        exclude_if=lambda value: value is None,
    )
    to_delivery: date | None = Field(
        None,
        description="last day of delivery whose files have this layout",
        exclude_if=lambda value: value is None,
    )
    period: Cell | None = Field(None, description="period of the files, where no name tells it")
    covers_until: date | None = Field(
        None,
        description="last day whose facts the files hold; default: the period's end, else their"
        " latest occurrence",
    )
    optional: bool = Field(default=False, description="whether there may be no such file")
    control: ControlMapping | None = Field(
        None,
        description="a file beside each, which says how many records and what checksum were sent",
        exclude_if=lambda value: value is None,
    )
    nulls: Cells = Field(("", "NULL"), description="field contents that mean: no value")
    decimal: str | None = Field(
        None,
        description="what begins the decimals of numbers, such as a comma; default: a point",
        exclude_if=lambda value: value is None,
    )
    thousands: str | None = Field(
        None,
        description="what parts the thousands of numbers: one of . , ' or a blank; default: none",
        exclude_if=lambda value: value is None,
    )
    only: Only = Field(default_factory=dict, description="rows that this source feeds into it")
    columns: Columns = Field(default_factory=dict, description="canonical column: where from")
    unpivot: tuple[UnpivotGroup, ...] = Field(
        (), description="the rows that each record becomes, where a file is wide"
    )
    extra: dict[str, ExtraColumn] = Field(
        default_factory=dict,
        description="subscribers only: attributes no canonical column holds, by the feature's name",
    )
    join: tuple[JoinMapping, ...] = Field((), description="further files, side by side")
    initial_load: InitialLoad | None = Field(None, description="for history extracted at once")
    refused: dict[str, str] = Field(
        default_factory=dict, description="headers that must not be used, and why"
    )

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        kept = self.query and snapshots(self.query)
        if kept and (self.files != kept or self.view is not None):
            raise ValueError(
                f"a source with `query: {self.query}` reads what `queries:` keeps under that name,"
                " and no `files:` or `view:`"
            )
        if (self.files is None) == (self.view is None):
            raise ValueError("a source reads either `files:`, a `view:` or a `query:`")
        alien = sorted({*FileFormat.model_fields, "join", "control"} & self.model_fields_set)
        if self.view is not None and alien:
            raise ValueError(f"`{alien[0]}:` belongs to the inputs and the query of the view")
        return self

    @model_validator(mode="after")
    def _signs_of_numbers(self) -> Self:
        check_signs(self.decimal, self.thousands)
        return self

    @model_validator(mode="after")
    def _delivery_is_dated(self) -> Self:
        named = self.name.fields if self.name else ()
        if ("delivered_on" in named) == (self.delivered_on is not None):
            raise ValueError(
                "say once when a file was delivered: {delivered_on} in `name:`, or `delivered_on:`"
            )
        if isinstance(self.delivered_on, AfterPeriod) and not (self.period or "period" in named):
            raise ValueError(
                "`days_after_period:` counts from a period: {period} in `name:`, or `period:`"
            )
        if "period" in named and self.period is not None:
            raise ValueError("say once what period a file holds: {period} in `name:`, or `period:`")
        ways = ("covers_until" in named, self.covers_until is not None, bool(self.initial_load))
        if sum(ways) > 1:
            raise ValueError(
                "say once what a file covers: {covers_until} in `name:`, or `covers_until:` of the"
                " source or of its `initial_load:`"
            )
        return self

    @model_validator(mode="after")
    def _layout_has_a_time(self) -> Self:
        if self.from_delivery and self.to_delivery and self.to_delivery < self.from_delivery:
            raise ValueError("`to_delivery:` lies before `from_delivery:`")
        return self

    @model_validator(mode="after")
    def _refused_is_refused(self) -> Self:
        blocks = [self.columns, *(row.columns for row in self.unpivot)]
        blocks += [join.columns for join in self.join]
        used = {how.from_ for block in blocks for how in block.values() if how}
        used |= {extra.from_ for extra in self.extra.values()}
        used |= set(self.only).union(*(group.only for group in self.unpivot))
        for header in self.refused:
            if header in used:
                raise ValueError(f"{header} is listed under `refused:` and used all the same")
        return self

    @model_validator(mode="after")
    def _groups_add(self) -> Self:
        for group in self.unpivot:
            for target in group.columns:
                if target in self.columns:
                    raise ValueError(f"{target} is mapped for all rows and again under `unpivot:`")
            for header in group.only:
                if header in self.only:
                    raise ValueError(f"{header} selects records and again rows under `unpivot:`")
        return self

    def lays_out(self, delivered_on: date) -> bool:
        """Tell whether files of a day of delivery are laid out as this source says."""
        first, last = self.from_delivery or date.min, self.to_delivery or date.max
        return first <= delivered_on <= last

    def delivery_day(self, period: str, named: date | None) -> date | None:
        """Return when a file of a period was delivered; None where the rule knows no such period.

        Parameters
        ----------
        named
            The day that the file's name tells, if any.
        """
        if not isinstance(self.delivered_on, AfterPeriod):
            return self.delivered_on or named
        end = last_day(period)
        return end and end + timedelta(days=self.delivered_on.days_after_period)

    def rows(self) -> tuple[SourceMapping, ...]:
        """Return one mapping for each row that a record becomes; without `unpivot`, this one."""
        if not self.unpivot:
            return (self,)
        return tuple(
            self.model_copy(
                update={
                    "columns": {**self.columns, **group.columns},
                    "only": {**self.only, **group.only},
                    "unpivot": (),
                }
            )
            for group in self.unpivot
        )

    def attributes(self) -> SourceMapping:
        """Return the source that feeds the extra columns into their table, a row for each."""
        identity = self.columns.get("subscriber_id")
        load = self.initial_load
        groups = tuple(
            UnpivotGroup(
                columns={
                    "name": ColumnMapping(constant=name),
                    "text" if extra.unit == "class" else "number": extra.mapping(),
                }
            )
            for name, extra in self.extra.items()
        )
        if load:
            names = {"constant": load.constant, "current_state": load.current_state}
            extras = {kind: tuple(n for n in names[kind] if n in self.extra) for kind in names}
            load = load.model_copy(update=extras)
        return self.model_copy(
            update={
                "columns": {"subscriber_id": identity} if identity else {},
                "unpivot": groups,
                "extra": {},
                "join": (),
                "refused": {},
                "initial_load": load,
            }
        )
