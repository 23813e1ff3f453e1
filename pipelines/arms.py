"""Who was selected in which revision: written when a list is handed over, and never again.

It comes back as campaign contacts known from the next night, so that what a list did is measured
even if nobody feeds anything back. The operator's own record of the same subscriber and campaign
takes its place. The chances of every draw lie beside it, and nothing takes theirs.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from churn.store import Workspace
from churn.store.atomic import write_bytes, write_json
from churn.store.hashing import fingerprint, sha256_file
from churn.tables import TABLES, Delivery
from churn.targeting.holdout import named

TABLE = "campaign_contacts"
SAME = ("subscriber_id", "campaign_id")
"""What makes the operator's record one of the same draw."""
CHANCES = (
    *SAME,
    "arm",
    "control_share",
    "planned_action",
    "action",
    "action_share",
    "other_actions",
)
"""What is kept beside the contacts of a revision: the chances with which each was drawn."""
HOLDOUT = "holdout.json"
_REVISION, _LOT = "rev{:03d}.parquet", "lot{:03d}.parquet"


def keep(workspace: Workspace, night: date, revision: int, selected: pd.DataFrame) -> Path:
    """Write who a revision selected, unless it is written already; return the file.

    Whoever an earlier revision of the night drew for the same campaign keeps that draw.

    Parameters
    ----------
    selected
        :attr:`churn.targeting.TargetList.selected`.
    """
    folder = workspace.handed_over / night.isoformat()
    path, lot = folder / _REVISION.format(revision), folder / _LOT.format(revision)
    if path.exists():
        return path
    earlier = [each for each in sorted(folder.glob("rev*.parquet")) if each.name < path.name]
    rows = selected.assign(contacted_on=night, delivered_on=night + timedelta(days=1))
    for each in earlier:
        drawn = pq.read_table(each, columns=list(SAME)).to_pandas()
        rows = rows.merge(drawn, on=list(SAME), how="left", indicator="drawn")
        rows = rows[rows["drawn"] == "left_only"].drop(columns="drawn")
    schema = TABLES[TABLE].schema.to_pyarrow()
    columns = [
        pa.array(rows[field.name], from_pandas=True).cast(field.type)
        if field.name in rows
        else pa.nulls(len(rows), field.type)
        for field in schema
    ]
    chances = pa.Table.from_pandas(rows[list(CHANCES)], preserve_index=False)
    folder.mkdir(parents=True, exist_ok=True)
    write_bytes(lot, _parquet(chances))
    # last: where it is, the draw is written
    write_bytes(path, _parquet(pa.Table.from_arrays(columns, schema=schema)))
    return path


@dataclass(frozen=True)
class Holdout:
    """The share of households held out in a half year, and the night from which it was."""

    share: float
    since: date


def holdouts(workspace: Workspace) -> dict[str, Holdout]:
    """Return who is held out by half year, as the first list that held anybody out fixed it."""
    path = workspace.handed_over / HOLDOUT
    kept = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return {
        name: Holdout(float(each["share"]), date.fromisoformat(each["since"]))
        for name, each in kept.items()
    }


def holdout(workspace: Workspace, night: date) -> float | None:
    """Return the share held out in the half year of a night; none where no list has fixed it."""
    fixed = holdouts(workspace).get(named(night))
    return None if fixed is None else fixed.share


def keep_holdout(workspace: Workspace, night: date, share: float) -> None:
    """Fix the share held out for the rest of a night's half year, unless it is, or is nobody's."""
    if share and holdout(workspace, night) is None:
        every = {**holdouts(workspace), named(night): Holdout(share, night)}
        content = {
            name: {"share": each.share, "since": each.since.isoformat()}
            for name, each in every.items()
        }
        write_json(workspace.handed_over / HOLDOUT, content)


def _parquet(table: pa.Table) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out)
    return out.getvalue()


def own_deliveries(workspace: Workspace, operators: Iterable[Delivery]) -> list[Delivery]:
    """Return what was handed over as deliveries of campaign contacts, oldest first.

    They take nothing away from what the operator's own deliveries are known to cover, and add
    nothing: where there are such deliveries, history is observed as far as these go.
    """
    covered = [each.covers_until for each in operators if each.table == TABLE]
    found = []
    for path in sorted(workspace.handed_over.glob("*/rev*.parquet")):
        night = date.fromisoformat(path.parent.name)
        found.append(
            Delivery(
                TABLE,
                partition=f"handed over {night} {path.stem}",
                delivered_on=night + timedelta(days=1),
                covers_until=min([night, *covered]),
                mode="partition",
                paths=(path,),
                gives_way=SAME,
            )
        )
    return found


def lots(workspace: Workspace, night: date) -> pd.DataFrame:
    """Return the chances of all that had been handed over before a night, a row per draw."""
    known = [
        path
        for path in sorted(workspace.handed_over.glob("*/lot*.parquet"))
        if date.fromisoformat(path.parent.name) < night
    ]
    parts = [pq.read_table(path).to_pandas() for path in known]
    rows = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    return rows.reindex(columns=list(CHANCES))


def own_hash(workspace: Workspace, night: date) -> str | None:
    """Return one hash over what had been handed over before a night; none if nothing had."""
    known = [each for each in own_deliveries(workspace, ()) if each.known_by(night)]
    if not known:
        return None
    return fingerprint([sha256_file(path) for each in known for path in each.paths])
