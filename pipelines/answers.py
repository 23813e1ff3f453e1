"""Answers on record: what came back of contacts, by contact id."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from churn.report.handover import contact_id
from churn.store import Workspace
from churn.store.atomic import write_bytes
from churn.store.hashing import sha256_file

FILE = "answers.parquet"
"""In the personal folder."""
_COLUMNS = ("contact_id", "subscriber_id", "answer")


@dataclass(frozen=True)
class Answers:
    """The answers of one workspace; ids are hashed, and no text of a person's is kept."""

    workspace: Workspace

    def frame(self) -> pd.DataFrame:
        """Return ``contact_id, subscriber_id, answer``, a row per contact answered."""
        if not self._path.exists():
            return pd.DataFrame({name: pd.Series(dtype="str") for name in _COLUMNS})
        return pq.read_table(self._path).to_pandas()

    def put(self, answers: pd.DataFrame) -> int:
        """Take answers in, later ones in place of earlier; return how many changed."""
        before = self.frame()
        every = pd.concat([before, answers[list(_COLUMNS)]])
        every = every.drop_duplicates("contact_id", keep="last")
        every = every.sort_values("contact_id", ignore_index=True)
        changed = len(every.merge(before, how="left", indicator="was").query("was == 'left_only'"))
        if changed:
            sink = pa.BufferOutputStream()
            pq.write_table(pa.Table.from_pandas(every, preserve_index=False), sink)
            write_bytes(self._path, sink.getvalue().to_pybytes())
        return changed

    def fingerprint(self) -> str | None:
        """Return the hash of what is on record; none if nothing is."""
        return sha256_file(self._path) if self._path.exists() else None

    def contacts(self) -> dict[str, str]:
        """Return the hashed subscriber of every contact that was ever handed over, by its id."""
        return {name: subscriber for name, (subscriber, _) in self._handed_over().items()}

    def dated(self) -> pd.DataFrame:
        """Return ``subscriber_id, contacted_on, answer``, with the night each was handed over."""
        answers = self.frame()
        handed_over = self._handed_over()
        nights = {name: night for name, (_, night) in handed_over.items()}
        dated = answers.assign(contacted_on=answers["contact_id"].map(nights))
        return dated.dropna(subset=["contacted_on"])[["subscriber_id", "contacted_on", "answer"]]

    def _handed_over(self) -> dict[str, tuple[str, date]]:
        """Return the subscriber and the night of every contact that was handed over, by its id."""
        found = {}
        for path in sorted(self.workspace.handed_over.glob("*/rev*.parquet")):
            rows = pq.read_table(path, columns=["subscriber_id", "arm"]).to_pandas()
            night = date.fromisoformat(path.parent.name)
            for name in rows.loc[rows["arm"] == "treated", "subscriber_id"]:
                found[contact_id(night, name)] = (name, night)
        return found

    @property
    def _path(self) -> Path:
        return self.workspace.personal / FILE
