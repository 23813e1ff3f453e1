"""Between the tables' hashed ids and the operator's own; reads the personal folder."""

from __future__ import annotations

from collections.abc import Collection

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from churn.errors import ExtractError
from churn.ingest import hashed_id
from pipelines.run import Run

ID_MAP = "id_map.parquet"


def own_ids(run: Run, hashes: Collection[str] | None = None) -> dict[str, str]:
    """Return the operator's own id for every hashed one, or for some of them."""
    only = None if hashes is None else pc.field("hash").isin(pa.array(list(hashes), pa.string()))
    table = pq.read_table(run.workspace.personal / ID_MAP, columns=["hash", "id"], filters=only)
    return dict(zip(table["hash"].to_pylist(), table["id"].to_pylist(), strict=True))


def named_ids(run: Run) -> ir.Table:
    """Return ``hash`` and ``id`` of every subscriber, lazily, on the engine of this machine."""
    schema = ibis.schema({"kind": "string", "hash": "string", "id": "string"})
    rows = run.ingest_engine.read_parquet([run.workspace.personal / ID_MAP], schema)
    return rows.filter(rows.kind == "subscriber").select("hash", "id")


def hashed(run: Run, subscriber: str) -> str:
    """Return the id that stands for the operator's own in the tables; refuse an unknown one."""
    wanted = hashed_id(run.settings.ingest.key(), subscriber)
    named = [("kind", "=", "subscriber"), ("hash", "=", wanted)]
    path = run.workspace.personal / ID_MAP
    if not path.exists() or not pq.read_table(path, filters=named).num_rows:
        raise ExtractError(
            "no delivery names this subscriber",
            where="the id on the command line",
            do="give the operator's own subscriber id, as it stands in the extracts",
        )
    return wanted
