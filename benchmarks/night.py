"""A night with its champion in place and its tables ingested: seconds and memory, stage by stage.

A generated operator is lived, ingested and trained on for real. A larger one is as many copies of
its tables as make the size that is asked for, every copy under identifiers of its own, each file
sorted as ingest sorts it; of the calls only the half-year that a night reads. The champion is the
small operator's. Then the night is run as its commands, one after the other, so that each has
seconds and processor time of its own, or (``--once``) as one ``churn nightly``, whose ledger tells
the seconds of its stages; memory is that of the whole process tree (proportional set size, looked
at four times a second). What is there already is not made again: a stopped measurement goes on, and
every size keeps its figures.
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
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, timedelta
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
NIGHT = ("ingest", "score", "target", "monitor", "export")
ONCE = ("nightly",)
CHURN = "from pipelines.cli import main; main()"
HALF_YEAR = timedelta(days=184)
MONTHS = 6  # of calls that a night can look back on
MONEY = 3.0  # of the month's budget, in currency, for every subscriber
LOOKED_EVERY = 0.25  # seconds
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
    """The most that the processes of one session took together, in GiB."""

    session: int
    peak: float = 0.0
    ended: threading.Event = field(default_factory=threading.Event)

    def watch(self) -> None:
        """Look until told to end."""
        while not self.ended.wait(LOOKED_EVERY):
            self.peak = max(self.peak, sum(map(_proportional, self._processes())))

    def _processes(self) -> Iterator[Path]:
        for process in Path("/proc").glob("[0-9]*"):
            try:
                fields = (process / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # it has ended
            if int(fields[3]) == self.session:
                yield process


def _proportional(process: Path) -> float:
    """Return a process's proportional set size in GiB: shared pages count once for all sharers."""
    try:
        lines = (process / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    kib = next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return kib / KIB_PER_GIB


def measured(home: Path, command: str) -> dict[str, Any]:
    """Run a command in a session of its own; return what it took."""
    began, spent = time.monotonic(), _children()
    with (home / f"{command}.log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            _command(command), cwd=home, stdout=log, stderr=log, start_new_session=True
        )
        memory = Memory(process.pid)
        watching = threading.Thread(target=memory.watch)
        watching.start()
        process.wait()
        memory.ended.set()
        watching.join()
    if process.returncode:
        sys.exit(f"{command} ended with {process.returncode}: see {home / command}.log")
    return {
        "seconds": time.monotonic() - began,
        "processor": _children() - spent,
        "gib": memory.peak,
        "note": _stages(home) if command in ONCE else _note(home, command),
    }


def _children() -> float:
    used = os.times()
    return used.children_user + used.children_system


def _note(home: Path, stage: str) -> str:
    """Return what the ledger notes of a stage's latest run."""
    with closing(sqlite3.connect(home / "workspace" / "ledger.sqlite")) as ledger:
        (note,) = ledger.execute(
            "SELECT note FROM stages WHERE stage = ? ORDER BY id DESC", (stage,)
        ).fetchone()
    return str(note).partition("\n")[0]


def _stages(home: Path) -> str:
    """Return the seconds of the latest run's stages, by the ledger."""
    with closing(sqlite3.connect(home / "workspace" / "ledger.sqlite")) as ledger:
        rows = ledger.execute(
            "SELECT stage, (julianday(finished_at) - julianday(started_at)) * 86400 FROM stages"
            " WHERE run = (SELECT run FROM stages ORDER BY id DESC LIMIT 1) ORDER BY id"
        ).fetchall()
    return ", ".join(f"{stage} {seconds:.0f} s" for stage, seconds in rows)


def night(home: Path, commands: Sequence[str]) -> dict[str, Any]:
    """Run the commands of the night that were not measured, one after the other."""
    registry = home / "workspace" / "tables" / "deliveries.json"
    before = registry.read_bytes()
    churn(home, "ingest")  # counts what ingest would have counted; the night finds it done
    if registry.read_bytes() != before:
        sys.exit(f"{home} was made by other code, and would be ingested anew: remove it")
    kept = home / "figures.json"
    figures: dict[str, Any] = json.loads(kept.read_text("utf-8")) if kept.exists() else {}
    for command in commands:
        if command not in figures:
            figures[command] = measured(home, command)
            write_json(kept, figures)
    return figures


def told(home: Path, figures: dict[str, Any]) -> None:
    """Print a night's table."""
    entries = Registry(Workspace(home / "workspace")).entries.values()
    calls = sum(entry.accepted for entry in entries if entry.table == "calls")
    spent = sum(one["processor"] for one in figures.values())
    print("| | seconds | processor, s | share | peak, GiB | |\n|---|---|---|---|---|---|")
    for command, one in figures.items():
        print(
            f"| {command} | {one['seconds']:.1f} | {one['processor']:.1f} |"
            f" {one['processor'] / spent:.0%} | {one['gib']:.2f} | {one['note']} |"
        )
    seconds = sum(one["seconds"] for one in figures.values())
    gib = max(one["gib"] for one in figures.values())
    print(f"| **night** | {seconds:.1f} | {spent:.1f} | | {gib:.2f} | {calls:,} calls |")


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
    parser.add_argument("--once", action="store_true", help="one command, in place of five")
    parser.add_argument("--prepare", action="store_true", help="make the operators, run no night")
    asked = parser.parse_args()
    rate = asked.calls / asked.subscribers / MONTHS
    small = asked.folder.resolve() / f"small-{asked.copied}x{asked.months}x{rate:.3g}"
    large = asked.folder.resolve() / f"large-{asked.subscribers}{'-once' if asked.once else ''}"
    lived(small, asked)
    if not large.exists():
        multiplied(small, large, asked)
    if asked.prepare:
        return
    told(large, night(large, ONCE if asked.once else NIGHT))


if __name__ == "__main__":
    main()
