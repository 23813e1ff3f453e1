"""A night with its champion in place and its tables ingested: seconds and memory, stage by stage.

A generated operator is lived, ingested and trained on for real. A larger one is as many copies of
its tables as make the size that is asked for, every copy under identifiers of its own, each file
sorted as ingest sorts it; of the calls only the half-year that a night reads. The champion is the
small operator's. Then the next night is run, with lists, reasons and hand-out. Memory is that of
the whole process tree (proportional set size, looked at ten times a second). What is there already
is not made again: a stopped measurement goes on, and every size keeps its figures.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import yaml

from churn.ingest.registry import Registry
from churn.sample import generate
from churn.store import Workspace
from churn.store.atomic import folder as whole_folder
from churn.store.atomic import write_json
from churn.tables import TABLES, Table

SETTINGS = Path(__file__).parent.parent / "pipelines" / "settings" / "sample.yaml"
CHURN = "from pipelines.cli import main; main()"
HALF_YEAR = timedelta(days=184)
MONTHS = 6  # of calls that a night can look back on
MONEY = 3.0  # of the month's budget, in currency, for every subscriber
LOOKED_EVERY = 0.1  # seconds
KIB_PER_GIB = 2**20
MILLION = 1_000_000
ROW_IDS = ("complaint_id", "fault_id", "order_id")  # of a row, not of anybody


def lived(home: Path, asked: argparse.Namespace) -> None:
    """Generate the small operator, and let its first night ingest and train."""
    if not (home / "generated").exists():
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        rate = asked.calls / asked.subscribers / MONTHS
        generate(
            home,
            customers=asked.copied,
            months=asked.months,
            seed=1,
            calls_per_month=rate,
            dirty=False,
        )
        (home / "generated").touch()
    if not (home / "trained").exists():
        _settings(home / "churn.yaml", asked, MONEY * asked.copied)
        if asked.champion:
            place = Workspace(home / "workspace").open().models / "champion"
            shutil.copytree(asked.champion, place, dirs_exist_ok=True)
        churn(home, "ingest" if asked.champion else "nightly")
        (home / "trained").touch()


def _settings(path: Path, asked: argparse.Namespace, budget: float) -> None:
    settings = yaml.safe_load(SETTINGS.read_text(encoding="utf-8"))
    settings["workspace"], settings["ingest"]["folder"] = "workspace", "extracts"
    settings["engine"] = {"memory": asked.memory, "threads": asked.threads}
    settings["targeting"] = {"budget": {"month": budget}}
    path.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")


def churn(home: Path, command: str) -> None:
    """Run a command of the product to its end."""
    done = subprocess.run(_command(command), cwd=home, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{command} ended with {done.returncode}: {done.stderr.splitlines()[-3:]}")


def _command(command: str) -> list[str]:
    return [sys.executable, "-P", "-c", CHURN, command, "--settings", "churn.yaml"]


def multiplied(small: Path, home: Path, asked: argparse.Namespace) -> None:
    """Make the large operator's workspace: the tables in copies, the map of ids, the champion."""
    base = Workspace(small / "workspace")
    entries = Registry(base).entries
    books = entries[max(slot for slot in entries if slot[0] == "subscribers")]
    copies = round(asked.subscribers / pq.read_metadata(base.root / books.path).num_rows)
    if copies < 1:
        sys.exit(f"--subscribers is less than --copied makes: {books.accepted:,}")
    with whole_folder(home) as partial:
        workspace = Workspace(partial / "workspace").open()
        shutil.copytree(base.models / "champion", workspace.models / "champion")
        with closing(duckdb.connect()) as engine:
            engine.execute(f"SET memory_limit='3GB'; SET threads={asked.threads}")
            engine.execute(f"SET temp_directory='{partial / 'spill'}'")
            since = (date.fromisoformat(books.delivered_on) - HALF_YEAR).isoformat()
            content = json.loads((base.tables / "deliveries.json").read_text("utf-8"))
            kept, gone = [], set()
            for entry in content["deliveries"]:
                if entry["table"] == "calls" and entry["covers_until"] < since:
                    gone |= {Path(file["name"]).name for file in entry["files"]}
                    continue
                kept.append(entry)
                to = workspace.root / entry["path"]
                _copy(engine, base.root / entry["path"], to, TABLES[entry["table"]], copies)
                for file in entry["files"]:
                    for count in ("delivered", "accepted", "quarantined", "not_selected"):
                        file[count] *= copies
            write_json(workspace.tables / "deliveries.json", {**content, "deliveries": kept})
            _map(engine, base, workspace, copies)
        shutil.rmtree(partial / "spill", ignore_errors=True)
        # ingest asks only whether a file is one that it has read
        shutil.copytree(
            small / "extracts",
            partial / "extracts",
            copy_function=os.link,
            ignore=lambda _folder, names: [name for name in names if name in gone],
        )
        _settings(partial / "churn.yaml", asked, MONEY * asked.subscribers)


def _renamed(name: str) -> str:
    return (
        f"CASE WHEN copy = 0 THEN {name} ELSE substr(md5({name} || '-' || copy), 1, 16) END"
        f" AS {name}"
    )


def _copy(
    engine: duckdb.DuckDBPyConnection, source: Path, to: Path, table: Table, copies: int
) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    ids = [c.name for c in table.columns if c.identifier or c.name in ROW_IDS]
    replaced = ", ".join(_renamed(name) for name in ids)
    by = ", ".join(table.key or (table.names[0], str(table.occurs_on)))
    engine.execute(
        f"COPY (SELECT * EXCLUDE (copy) REPLACE ({replaced}) FROM read_parquet('{source}'),"
        f" (SELECT range AS copy FROM range({copies})) ORDER BY {by})"
        f" TO '{to}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 1048576)"
    )


def _map(
    engine: duckdb.DuckDBPyConnection, base: Workspace, workspace: Workspace, copies: int
) -> None:
    """Copy the map of identifiers, with the stamp of its key."""
    source, to = (each.personal / "id_map.parquet" for each in (base, workspace))
    rows = engine.execute(
        f"SELECT kind, {_renamed('hash')},"
        " CASE WHEN copy = 0 THEN id ELSE id || '-' || copy END AS id"
        f" FROM read_parquet('{source}'), (SELECT range AS copy FROM range({copies}))"
        " ORDER BY kind, hash, id"
    ).to_arrow_table()
    schema = pq.read_schema(source)
    pq.write_table(rows.cast(schema).replace_schema_metadata(schema.metadata), to)


@dataclass
class Memory:
    """What the processes of one session took together, by the time of looking."""

    session: int
    looks: list[tuple[datetime, float]] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def watch(self) -> None:
        """Look until told to end."""
        while not self.ended.wait(LOOKED_EVERY):
            self.looks.append((datetime.now(UTC), sum(map(_proportional, self._processes()))))

    def _processes(self) -> Iterator[Path]:
        for process in Path("/proc").glob("[0-9]*"):
            try:
                fields = (process / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # it has ended
            if int(fields[3]) == self.session:
                yield process

    def peak(self, began: datetime, ended: datetime) -> float:
        """Return the most that was seen between two times, in GiB."""
        return max((gib for at, gib in self.looks if began <= at <= ended), default=0.0)


def _proportional(process: Path) -> float:
    """Return a process's proportional set size in GiB: shared pages count once for all sharers."""
    try:
        lines = (process / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    kib = next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return kib / KIB_PER_GIB


def night(home: Path) -> dict[str, Any]:
    """Run a night in a session of its own; return seconds, memory and stages."""
    began, spent = datetime.now(UTC), os.times()
    with (home / "night.log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            _command("nightly"), cwd=home, stdout=log, stderr=log, start_new_session=True
        )
        memory = Memory(process.pid)
        watching = threading.Thread(target=memory.watch)
        watching.start()
        process.wait()
        memory.ended.set()
        watching.join()
    ended, used = datetime.now(UTC), os.times()
    if process.returncode:
        sys.exit(f"the night ended with {process.returncode}: see {home / 'night.log'}")
    return {
        "seconds": (ended - began).total_seconds(),
        "processor": sum(
            getattr(used, name) - getattr(spent, name)
            for name in ("children_user", "children_system")
        ),
        "gib": memory.peak(began, ended),
        "stages": list(_stages(home, memory, began)),
    }


def _stages(home: Path, memory: Memory, began: datetime) -> Iterator[dict[str, Any]]:
    """Return what the ledger noted of the night: no stage runs inside another's time."""
    with closing(sqlite3.connect(home / "workspace" / "ledger.sqlite")) as ledger:
        rows = ledger.execute(
            "SELECT stage, started_at, finished_at, state, note FROM stages"
            " WHERE started_at >= ? AND finished_at IS NOT NULL ORDER BY id",
            (began.isoformat(timespec="milliseconds"),),
        ).fetchall()
    for stage, *times, state, note in rows:
        started, ended = map(datetime.fromisoformat, times)
        yield {
            "stage": stage,
            "seconds": (ended - started).total_seconds(),
            "gib": memory.peak(started, ended),
            "note": (note or state).splitlines()[0],
        }


def measured(home: Path) -> dict[str, Any]:
    """Run the night once the tables stand as ingest leaves them; keep the figures."""
    registry = home / "workspace" / "tables" / "deliveries.json"
    before = registry.read_bytes()
    churn(home, "ingest")
    if registry.read_bytes() != before:
        sys.exit(f"{home} was made by other code, and would be ingested anew: remove it")
    entries = Registry(Workspace(home / "workspace")).entries.values()
    calls = sum(entry.accepted for entry in entries if entry.table == "calls")
    figures = {"calls": calls, **night(home)}
    write_json(home / "figures.json", figures)
    return figures


def told(figures: dict[str, Any]) -> None:
    """Print a night's table."""
    print("| stage | seconds | share | peak, GiB | |\n|---|---|---|---|---|")
    between = figures["seconds"] - sum(one["seconds"] for one in figures["stages"])
    rest = {"stage": "between", "seconds": between, "gib": 0.0, "note": "starting, looking up"}
    for one in [*figures["stages"], rest]:
        share = one["seconds"] / figures["seconds"]
        gib = f"{one['gib']:.2f}" if one["gib"] else ""
        print(f"| {one['stage']} | {one['seconds']:.1f} | {share:.0%} | {gib} | {one['note']} |")
    print(
        f"| **all** | {figures['seconds']:.1f} | | {figures['gib']:.2f} |"
        f" {figures['processor']:.0f} s of processor, {figures['calls']:,} calls |"
    )


def main() -> None:
    """Make what is not there, measure what was not, and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, required=True, help="where everything stays")
    parser.add_argument("--subscribers", type=int, default=200_000)
    parser.add_argument("--calls", type=int, default=20 * MILLION, help="of half a year")
    parser.add_argument("--copied", type=int, default=10_000, help="the small operator's lines")
    parser.add_argument("--months", type=int, default=12, help="its history")
    parser.add_argument("--memory", default="2GB", help="what the engine may take")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--champion", type=Path, help="a model's folder: no training of our own")
    parser.add_argument("--prepare", action="store_true", help="make the operators, run no night")
    asked = parser.parse_args()
    rate = asked.calls / asked.subscribers / MONTHS
    small = asked.folder.resolve() / f"small-{asked.copied}x{asked.months}x{rate:.3g}"
    large = asked.folder.resolve() / f"large-{asked.subscribers}"
    lived(small, asked)
    if not large.exists():
        multiplied(small, large, asked)
    if asked.prepare:
        return
    kept = large / "figures.json"
    told(json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else measured(large))


if __name__ == "__main__":
    main()
