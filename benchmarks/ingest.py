"""Ingest beside a bare copy: the same rows of calls in UTF-8 and GB18030, and what each costs.

The rival does nothing but read the UTF-8 files with the embedded engine, every column in its type,
and write Parquet: no rule, no quarantine, no hash of identifiers, no id map, no line numbers. Each
run is a process of its own, so that the peak of one says nothing of another. The rows, and the sum
of what they cost, must be equal before a ratio is told.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import shutil
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

KIB_PER_GIB = 2**20
HEADER = "用户号码,对端号码,开始时间,通话时长,呼叫类型,业务类型,对端网络,费用"
COLUMNS = {
    "subscriber_id": "用户号码",
    "peer_id": "对端号码",
    "started_at": "开始时间",
    "seconds": "通话时长",
    "direction": {"from": "呼叫类型", "codes": {"主叫": "out", "被叫": "in"}},
    "kind": {"from": "业务类型", "codes": {"语音": "voice", "短信": "sms"}},
    "network": {
        "from": "对端网络",
        "codes": {"本网": "own", "异网": "competitor", "固网": "fixed"},
    },
    "charge": "费用",
}
ENCODINGS = ("utf-8", "gb18030")
FLOORS = {"utf-8": 5.0, "gb18030": 7.0}
TARGETS = {"utf-8": 2.0, "gb18030": 3.0}
PER_FILE = 1_000_000


def written(folder: Path, rows: int) -> dict[str, Any]:
    """Write the calls, a file for every million, in both encodings."""
    import numpy as np  # noqa: PLC0415 - the parent stays small: a peak is inherited

    rng = np.random.default_rng(1)
    for encoding in ENCODINGS:
        (folder / encoding).mkdir(parents=True)
    start = np.datetime64("2024-01-01T00:00:00")
    for number in range(-(-rows // PER_FILE)):
        count = min(PER_FILE, rows - number * PER_FILE)
        cells = (
            13_800_000_000 + rng.integers(0, max(1000, rows // 200), count),
            13_900_000_000 + rng.integers(0, 50_000_000, count),
            np.char.replace(
                np.datetime_as_string(start + rng.integers(0, 31 * 86_400, count)), "T", " "
            ),
            rng.integers(0, 3600, count),
            np.array(["主叫", "被叫"])[rng.integers(0, 2, count)],
            np.array(["语音", "短信"])[rng.integers(0, 2, count)],
            np.array(["本网", "异网", "固网"])[rng.integers(0, 3, count)],
            np.char.mod("%.2f", rng.integers(0, 900, count) / 100),
        )
        lines = zip(*(column.tolist() for column in cells), strict=True)
        text = "\n".join([HEADER, *(",".join(map(str, line)) for line in lines), ""])
        for encoding in ENCODINGS:
            name = f"calls_2024{number + 1:03}_20250101.csv"
            (folder / encoding / name).write_bytes(text.encode(encoding))
    return {"rows": rows}


def copied(folder: Path, memory: str) -> dict[str, Any]:
    """Copy the UTF-8 files to Parquet with the engine alone."""
    import duckdb  # noqa: PLC0415 - as above

    out = folder / "copy.parquet"
    with duckdb.connect(config={"memory_limit": memory, "threads": 2}) as engine:
        engine.execute(
            f"COPY (SELECT * FROM read_csv('{folder}/utf-8/*.csv', header = true, columns = {{"
            "'a': 'VARCHAR', 'b': 'VARCHAR', 'c': 'TIMESTAMP', 'd': 'BIGINT', 'e': 'VARCHAR',"
            " 'f': 'VARCHAR', 'g': 'VARCHAR', 'h': 'DECIMAL(18, 4)'}))"
            f" TO '{out}' (FORMAT parquet, COMPRESSION zstd)"
        )
        rows, charged = engine.sql(f"SELECT count(*), sum(h) FROM '{out}'").fetchone() or (0, 0)
    return {"rows": rows, "charged": str(Decimal(charged).normalize())}


def ingested(folder: Path, encoding: str, memory: str) -> dict[str, Any]:
    """Ingest the files of an encoding into a workspace of its own."""
    import pyarrow.compute as pc  # noqa: PLC0415 - as above
    import pyarrow.dataset as ds  # noqa: PLC0415 - as above

    from churn.engines import EngineSettings, connect  # noqa: PLC0415 - as above
    from churn.ingest import IngestSettings, deliveries, ingest  # noqa: PLC0415 - as above
    from churn.store import Workspace  # noqa: PLC0415 - as above

    source = {
        "files": "calls_*.csv", "name": "calls_{period}_{delivered_on}.csv",
        "encoding": encoding, "columns": COLUMNS, "covers_until": "2024-12-31",
    }  # fmt: skip
    settings = IngestSettings.model_validate(
        {"folder": encoding, "id_key": "a key for benchmarks",
         "tables": {"calls": {"sources": [source]}}}
    )  # fmt: skip
    workspace = Workspace(folder / f"workspace-{encoding}").open()
    engine = connect(EngineSettings(memory=memory), spill=workspace.spill)
    report = ingest(settings, folder, workspace, engine, code_version="benchmark")
    paths = [str(path) for delivery in deliveries(workspace) for path in delivery.paths]
    charges = ds.dataset(paths).to_table(columns=["charge"])["charge"]
    charged = str(Decimal(pc.sum(charges).as_py()).normalize())
    return {"rows": report.accepted, "charged": charged}


def _measured(work: Callable[..., dict[str, Any]], *args: Any) -> dict[str, Any]:
    began, before = time.monotonic(), _processor()
    result = work(*args)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB_PER_GIB
    spent = {"seconds": time.monotonic() - began, "processor": _processor() - before}
    return result | {name: round(value, 2) for name, value in (spent | {"peak_gib": peak}).items()}


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _alone(work: Callable[..., dict[str, Any]], *args: Any) -> dict[str, Any]:
    """Run in a process of its own."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as process:
        return process.submit(_measured, work, *args).result()


def main() -> None:
    """Write the files, copy and ingest them, and print ratios and peaks as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where files and workspaces are written")
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--memory", default="4GB", help="what the engine may use")
    parser.add_argument("--keep", action="store_true", help="leave the files there")
    asked = parser.parse_args()
    folder = asked.folder.resolve()
    if not (folder / ENCODINGS[-1]).exists():  # written before: measured again
        _alone(written, folder, asked.rows)
    bare = _alone(copied, folder, asked.memory)
    result: dict[str, Any] = {"rows": asked.rows, "bare copy": bare}
    for encoding in ENCODINGS:
        shutil.rmtree(folder / f"workspace-{encoding}", ignore_errors=True)
        mine = _alone(ingested, folder, encoding, asked.memory)
        for what in ("rows", "charged"):
            if mine[what] != bare[what]:
                raise SystemExit(f"{encoding}: {what} are {mine[what]}, of the copy {bare[what]}")
        ratios = {
            f"ratio_{name}": round(mine[name] / bare[name], 2) for name in ("seconds", "processor")
        }
        bounds = {"floor": FLOORS[encoding], "target": TARGETS[encoding]}
        result[encoding] = mine | ratios | bounds
    print(json.dumps(result, indent=2, ensure_ascii=False))
    if not asked.keep:
        for name in (*ENCODINGS, *(f"workspace-{encoding}" for encoding in ENCODINGS)):
            shutil.rmtree(folder / name)
        (folder / "copy.parquet").unlink()


if __name__ == "__main__":
    main()
