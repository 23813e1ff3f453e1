"""Making a panel: its snapshots chosen, each one's rows built, all of it counted.

Nothing here reads or writes: whoever makes a panel hands in how a table is materialised and where
the rows of a snapshot are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa

from churn.features import Family
from churn.labels import LabelDefinition
from churn.panel.calendar import Calendar, calendar
from churn.panel.handovers import torn_lines
from churn.panel.history import first_days
from churn.panel.manifest import PanelManifest, churners, manifest, tally
from churn.panel.population import left_out, population
from churn.panel.rows import panel_rows, thinned_out
from churn.panel.settings import PanelSettings
from churn.panel.split import walk
from churn.states import StateSettings, repairs
from churn.tables import TABLES, Tables
from churn.windows import TimeSettings

Materialise = Callable[[ir.Table], pa.Table]
Store = Callable[[Iterable[tuple[date, ir.Table]]], ir.Table]
"""Keep each snapshot's rows, and return all of them as one table."""
Features = Callable[[date], ir.Table]
"""The features of a snapshot's eligible, where they are kept."""


@dataclass(frozen=True)
class Making:
    """What a panel is made of, as known on its night."""

    tables: Tables
    night: date
    families: tuple[Family, ...]
    settings: PanelSettings
    time: TimeSettings
    states: StateSettings
    definition: LabelDefinition
    max_age: int | None
    materialise: Materialise

    def calendar(self) -> Calendar:
        """Choose the snapshots.

        Raises
        ------
        ExtractError
            If there is not enough history for a single snapshot.
        """
        first = first_days(self.tables.known_at(self.night), self.settings)
        return calendar(
            self.tables,
            self.night,
            self._counted(first),
            settings=self.settings,
            time=self.time,
            definition=self.definition,
            max_age=self.max_age,
        )

    def build(self, store: Store, features: Features | None = None) -> PanelManifest:
        """Build the rows of every snapshot, have them stored, and count them.

        Raises
        ------
        ExtractError
            If there is not enough history for a single snapshot.
        """
        chosen = self.calendar()
        stored = store(
            (
                day,
                self._of(
                    panel_rows,
                    chosen,
                    day,
                    families=self.families,
                    built=features(day) if features else None,
                ),
            )
            for day in chosen.snapshots
        )
        return self._manifest(chosen, stored)

    def _manifest(self, chosen: Calendar, stored: ir.Table) -> PanelManifest:
        now = self.tables.known_at(self.night)
        reasons, ages, thinned = {}, {}, []
        assumed = {name for name in TABLES if now.assumed(name)}
        for day in chosen.snapshots:
            then = self.tables.known_at(day)
            assumed |= {name for name in TABLES if then.assumed(name)}
            ages[day] = {name: age for name in TABLES if (age := then.age(name)) is not None}
            people = self._counted(left_out(population(then, self.time, self.states)))
            reasons[day] = {row["reason"]: row["rows"] for row in people}
            if self.settings.keep_negatives < 1:
                thinned += self._counted(self._of(thinned_out, chosen, day))
        tallied = self._counted(tally(stored))
        decided = walk(chosen.snapshots, churners(tallied), self.settings, self.time)
        torn = self._counted(torn_lines(stored, now, decided.folded, self.states))
        repaired = self._counted(repairs(now, self.states))
        return manifest(
            chosen,
            decided,
            reasons,
            tallied,
            thinned=thinned,
            ages=ages,
            availability_assumed=sorted(assumed),
            repairs={row["rule"]: row["rows"] for row in repaired},
            torn_lines=torn[0]["lines"],
            re_entry=self.definition.re_entry,
        )

    def _of(
        self, rows: Callable[..., ir.Table], chosen: Calendar, day: date, **more: Any
    ) -> ir.Table:
        """Give the rows of a snapshot what they depend on.

        Those that may test are never sampled: which of them do is known when all are counted.
        """
        thinned = day not in chosen.snapshots[-self.settings.test :]
        return rows(
            self.tables.known_at(day),
            self.tables.known_at(self.night),
            keep=self.settings.keep_negatives if thinned else 1.0,
            settings=self.settings,
            time=self.time,
            states=self.states,
            definition=self.definition,
            **more,
        )

    def _counted(self, table: ir.Table) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.materialise(table).to_pylist()
        return rows
