"""A booster's scores from Parquet to Parquet, beside what it predicts of rows in memory.

The way of a night's scoring without its words: features are read by the engine, encoded and scored
batch by batch, and written sorted by subscriber. In memory the same rows lie encoded before the
clock starts. Both take as many threads, in one run; scores are compared first. Run with
``python benchmarks/scoring.py [ROWS]``.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from contributions import FEATURES, FITTED, SPECS, THREADS, drawn, fit, rate

from churn.engines import EngineSettings, connect
from churn.learning.boosting import Boosting
from churn.learning.encoding import Encoder

ID = "subscriber_id"
SIZES = ((250, 7, 6), (250, 31, 8), (600, 31, 8))
SCORED = pa.schema({ID: pa.string(), "raw": pa.float64()})


def main(rows: int) -> None:
    """Measure every size of ensemble."""
    generator = np.random.default_rng(0)
    frame = pd.DataFrame({f.name: drawn(f, max(rows, FITTED), generator) for f in FEATURES})
    encoder = Encoder.fit(frame, list(SPECS), 0.005)
    matrix = encoder.transform(frame.iloc[:rows])
    frame.insert(0, ID, [f"{at:016x}" for at in range(len(frame))])
    print(f"{rows:,} rows, {len(FEATURES)} features, {THREADS} threads")
    print("| trees | leaves | in memory, rows/s | Parquet to Parquet, rows/s | ratio |")
    print("|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as here:
        source, to = Path(here) / "features.parquet", Path(here) / "scores.parquet"
        pq.write_table(pa.Table.from_pandas(frame.iloc[:rows], preserve_index=False), source)
        schema = ibis.Schema.from_pyarrow(pq.read_schema(source))
        for trees, leaves, depth in SIZES:
            fitted = fit(encoder.transform(frame.iloc[:FITTED]), trees, leaves, depth)
            booster = Boosting(fitted.model_to_string(), THREADS)

            def scored(batch: pa.RecordBatch, booster: Boosting = booster) -> pa.RecordBatch:
                logit = booster.raw_logit(encoder.transform(batch.to_pandas(split_blocks=True)))
                return pa.record_batch([batch[ID], pa.array(logit)], schema=SCORED)

            def from_parquet() -> None:
                with connect(EngineSettings(threads=THREADS), spill=Path(here)) as engine:
                    table = engine.read_parquet([source], schema)
                    scores = engine.map_batches(table, scored, ibis.Schema.from_pyarrow(SCORED))
                    engine.to_parquet(scores, to, order_by=[ID])

            inside, expected = rate(rows, lambda booster=booster: booster.raw_logit(matrix))
            files, _ = rate(rows, from_parquet)
            np.testing.assert_array_equal(pq.read_table(to)["raw"].to_numpy(), expected)
            print(f"| {trees} | {leaves} | {inside:,.0f} | {files:,.0f} | {files / inside:.2f} |")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)
