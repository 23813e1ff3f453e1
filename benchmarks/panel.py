"""The panel of a whole operator: how long it takes, how much memory, and whether its counts hold.

Generates an operator, ingests it and builds its panel, each in a process of its own, so that the
peak of one says nothing of another. What can be counted in the raw files is counted there too and
must be equal: a fast panel with rows missing is no result.
"""

from __future__ import annotations

import argparse
import gzip
import json
import multiprocessing
import resource
import shutil
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SETTINGS = HERE.parent / "pipelines" / "settings" / "sample.yaml"
KIB_PER_GIB = 2**20


def generated(folder: Path, customers: int, months: int, calls: float) -> dict[str, Any]:
    """Write the operator's extracts, without broken lines: so that every row can be accounted."""
    from churn.sample import generate  # noqa: PLC0415 - the parent stays small: a peak is inherited

    report = generate(
        folder, customers=customers, months=months, seed=1, calls_per_month=calls, dirty=False
    )
    (folder / "rows.json").write_text(json.dumps(report.rows), encoding="utf-8")
    return {"calls": report.rows["calls"]}


def ingested(settings: Path) -> dict[str, Any]:
    """Ingest the extracts and compare the rows with those generated."""
    from churn.ingest.registry import Registry  # noqa: PLC0415 - as above
    from pipelines import ingest  # noqa: PLC0415 - as above
    from pipelines.run import open_run  # noqa: PLC0415 - as above

    with open_run(settings) as run:
        report = ingest.ingest(run)
        accepted: dict[str, int] = {}
        for entry in Registry(run.workspace).entries.values():
            accepted[entry.table] = accepted.get(entry.table, 0) + entry.accepted
    expected = json.loads((settings.parent / "rows.json").read_text(encoding="utf-8"))
    _require(accepted == expected, f"ingested {accepted}, generated {expected}")
    return {"rows": report.accepted}


def built(settings: Path) -> dict[str, Any]:
    """Build the panel; returns its size."""
    from pipelines import panel  # noqa: PLC0415 - as above
    from pipelines.run import open_run  # noqa: PLC0415 - as above

    with open_run(settings) as run:
        made = panel.build(run)
        found = made.manifest()
        folder = made.stage.folder
    return {
        "rows": sum(part.rows for one in found.snapshots for part in one.parts.values()),
        "snapshots": len(found.snapshots),
        "bytes": sum(file.stat().st_size for file in folder.glob("*.parquet")),
        "folder": str(folder),
    }


def checked(settings: Path, folder: Path) -> dict[str, Any]:
    """Count in the raw files who was known at each snapshot, and compare with the manifest."""
    import polars as pl  # noqa: PLC0415 - as above

    from churn.panel import PanelManifest  # noqa: PLC0415 - as above

    raw = settings.parent / "extracts"
    found = PanelManifest.model_validate_json((folder / "manifest.json").read_bytes())
    rows = pl.read_parquet(folder / "*.parquet", columns=["subscriber_id", "snapshot"])
    _require(rows.is_unique().all(), "a subscriber stands twice in one snapshot")
    for one in found.snapshots:
        (books,) = (raw / "subscribers").glob(f"*_{one.snapshot:%Y%m%d}.csv.gz")
        ids = pl.read_csv(books, columns=["subscriber_id", "activated_on"], try_parse_dates=True)
        begun = pl.col("activated_on").is_null() | (pl.col("activated_on") < one.snapshot)
        known = set(ids.filter(begun)["subscriber_id"])
        for path in sorted((raw / "status_events").iterdir()):
            if path.name[-15:-7] <= f"{one.snapshot:%Y%m%d}":
                text = gzip.decompress(path.read_bytes()).decode("gb18030").encode()
                known |= set(pl.read_csv(text, columns=["用户编号"])["用户编号"])
        counted = one.eligible + sum(one.left_out.values())
        _require(counted == len(known), f"{one.snapshot}: {counted} known, {len(known)} in files")
        inside = sum(part.rows for part in one.parts.values())
        _require(inside == one.eligible, f"{one.snapshot}: {inside} rows, {one.eligible} eligible")
    counted = sum(one.eligible for one in found.snapshots)
    _require(len(rows) == counted, f"{len(rows)} rows stored, {counted} counted")
    return {"counts": "equal"}


def _require(holds: bool, otherwise: str) -> None:  # noqa: FBT001 - an assertion that stays
    if not holds:
        raise SystemExit(otherwise)


def _measured(step: Callable[..., dict[str, Any]], *given: Any) -> dict[str, Any]:
    start = time.monotonic()
    told = step(*given)
    seconds = time.monotonic() - start
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "step": step.__name__,
        "seconds": round(seconds, 1),
        "cpu_seconds": round(used.ru_utime + used.ru_stime, 1),
        "peak_gib": round(used.ru_maxrss / KIB_PER_GIB, 2),
        **told,
    }


def alone(step: Callable[..., dict[str, Any]], *given: Any) -> dict[str, Any]:
    """Run one step in a process of its own and print its figures."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        told = pool.submit(_measured, step, *given).result()
    print(json.dumps(told), flush=True)
    return told


def deployment(folder: Path, memory: str) -> Path:
    """Write the operator's settings: those of the sample, with the engine's memory."""
    import yaml  # noqa: PLC0415 - as above

    settings = yaml.safe_load(SETTINGS.read_text(encoding="utf-8"))
    settings["workspace"] = "workspace"
    settings["ingest"]["folder"] = "extracts"
    settings["engine"] = {"memory": memory, "threads": 2}
    path = folder / "churn.yaml"
    path.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    return path


def main() -> None:
    """Measure one operator and print the figures, a line per step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=200_000)
    parser.add_argument("--months", type=int, default=16, help="16 leave six snapshots")
    parser.add_argument("--calls", type=float, default=6, help="a month and subscriber")
    parser.add_argument("--memory", default="4GiB", help="what the engine may take")
    parser.add_argument("--out", type=Path, default=HERE / "out")
    given = parser.parse_args()
    size = (given.customers, given.months, given.calls)
    folder = given.out / "panel-{}x{}x{:g}".format(*size)
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "rows.json").exists():
        alone(generated, folder, *size)
    shutil.rmtree(folder / "workspace", ignore_errors=True)  # what is there already takes no time
    settings = deployment(folder, given.memory)
    alone(ingested, settings)
    panel = alone(built, settings)
    alone(checked, settings, Path(panel["folder"]))


if __name__ == "__main__":
    main()
