"""DuckDB beside Spark over a whole operator: the same panel, and the same scores, column by column.

One operator is generated and ingested once. Each engine is given a copy of that workspace, builds
the panel in it, labels and features of every snapshot, and scores the night with the same champion,
in processes of their own. Then the files are held to each other: as many rows, the same columns,
and in each column as many values that differ as are told. What is there already is not made again.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
import yaml

from churn.sample import generate
from churn.store import Workspace
from churn.store.atomic import folder as whole_folder
from churn.store.atomic import write_json
from pipelines import ingest, panel, score
from pipelines.run import open_run

HERE = Path(__file__).parent
SETTINGS = HERE.parent / "pipelines" / "settings" / "sample.yaml"
ENGINES = ("duckdb", "spark")
MORE = {"spark": {"shuffle_partitions": 8}}
"""Further settings of an engine: Spark's own 200 parts are for many machines."""
KIB_PER_GIB = 2**20


def operator(folder: Path, asked: argparse.Namespace) -> Path:
    """Generate and ingest the operator, and put the champion in place; return its folder."""
    home = folder / f"{asked.customers}x{asked.months}x{asked.calls:g}"
    if home.exists():
        return home
    with whole_folder(home) as partial:
        generate(
            partial,
            customers=asked.customers,
            months=asked.months,
            seed=1,
            calls_per_month=asked.calls,
            dirty=False,
        )
        settings = yaml.safe_load(SETTINGS.read_text(encoding="utf-8"))
        settings["workspace"], settings["ingest"]["folder"] = "workspace", "extracts"
        settings["engine"] = {"memory": asked.memory, "threads": 2}
        _write(partial, settings)
        with open_run(partial / "churn.yaml") as run:
            ingest.ingest(run)
        place = Workspace(partial / "workspace").models / "champion"
        shutil.copytree(asked.champion, place, dirs_exist_ok=True)
    return home


def _write(home: Path, settings: dict[str, Any]) -> None:
    text = yaml.safe_dump(settings, allow_unicode=True)
    (home / "churn.yaml").write_text(text, encoding="utf-8")


def made(home: Path, engine: str) -> dict[str, Any]:
    """Build panel and scores on an engine in a copy of the workspace; return what it took."""
    place = home / engine
    figures = place / "figures.json"
    if not figures.exists():
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(home / "workspace", place / "workspace", copy_function=_linked)
        settings = yaml.safe_load((home / "churn.yaml").read_text(encoding="utf-8"))
        settings["ingest"]["folder"] = "../extracts"
        settings["engine"] |= {"name": engine, **MORE.get(engine, {})}
        _write(place, settings)
        write_json(figures, {step.__name__: _alone(step, place) for step in (panelled, scored)})
    told: dict[str, Any] = json.loads(figures.read_text(encoding="utf-8"))
    return told


def _linked(source: str, to: str) -> str:
    """Link what nobody writes into, and copy the rest."""
    if source.endswith(".parquet"):
        os.link(source, to)
        return to
    return str(shutil.copy2(source, to))


def panelled(place: Path) -> str:
    """Build the panel; return the folder of its files."""
    with open_run(place / "churn.yaml") as run:
        return str(panel.build(run).stage.folder)


def scored(place: Path) -> str:
    """Score the night; return the folder of its files."""
    with open_run(place / "churn.yaml") as run:
        return str(score.score(run).stage.folder)


def _alone(step: Callable[[Path], str], place: Path) -> dict[str, Any]:
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(_measured, step, place).result()


def _measured(step: Callable[[Path], str], place: Path) -> dict[str, Any]:
    start = time.monotonic()
    folder = step(place)
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "folder": folder,
        "seconds": round(time.monotonic() - start, 1),
        "python_processor": round(used.ru_utime + used.ru_stime, 1),
        "python_gib": round(used.ru_maxrss / KIB_PER_GIB, 2),
    }


def differences(one: Path, other: Path) -> Iterator[tuple[str, int, int, dict[str, int]]]:
    """Yield each file's name, rows and columns, and how many values of a column differ."""
    names = [{path.name for path in folder.glob("*.parquet")} for folder in (one, other)]
    if names[0] != names[1] or not names[0]:
        raise SystemExit(f"other files: {sorted(names[0] ^ names[1])}")
    for name in sorted(names[0]):
        first, second = (pq.read_table(folder / name) for folder in (one, other))
        if first.schema != second.schema or len(first) != len(second):
            raise SystemExit(f"{name}: other columns, or {len(first)} and {len(second)} rows")
        found = {
            column: differing
            for column in first.column_names
            if (differing := _differing(first[column], second[column]))
        }
        yield name, len(first), first.num_columns, found


def _differing(one: Any, other: Any) -> int:
    if one.equals(other):
        return 0
    same = pc.or_kleene(
        pc.fill_null(pc.equal(one, other), False),  # noqa: FBT003 - of Arrow, by position
        pc.and_(pc.is_null(one), pc.is_null(other)),
    )
    return len(one) - int(pc.sum(same).as_py() or 0)


def main() -> None:
    """Make what is not there, and print what each engine took and what differs."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, required=True, help="where everything stays")
    parser.add_argument("--champion", type=Path, required=True, help="the folder of a model")
    parser.add_argument("--customers", type=int, default=200_000)
    parser.add_argument("--months", type=int, default=12, help="12 leave two snapshots")
    parser.add_argument("--calls", type=float, default=4, help="a month and subscriber")
    parser.add_argument("--memory", default="4GB", help="what the engine may take")
    asked = parser.parse_args()
    home = operator(asked.folder.resolve(), asked)
    told = {engine: made(home, engine) for engine in ENGINES}
    print(json.dumps(told, indent=2))
    for step in (panelled, scored):
        folders = [Path(told[engine][step.__name__]["folder"]) for engine in ENGINES]
        for name, rows, columns, found in differences(*folders):
            print(f"{step.__name__} {name}: {rows:,} rows × {columns} columns, differing: {found}")


if __name__ == "__main__":
    main()
