"""The `calls` family beside hand-written peers: same records, same columns, results compared.

This project on DuckDB, from records and from sums kept by day (and on Spark, if asked), lazy Polars
and pandas as their users would write them, and a bare scan of the columns; beside them what the
family `peers`, whom a line calls, takes over the same records. Each measurement is a
process of its own, repeated, the best one told; what was measured is kept in the folder and not
measured again. A peer whose values are not those of this project is told as differing, without a
time.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

DAY = date(2025, 7, 1)
MONTHS = 6
ID = "subscriber_id"
KIB_PER_GIB = 2**20
MILLION = 1_000_000
WHOM = "family peers"  # other columns than the others'
PEERS = ("scan", "polars", "pandas", "duckdb", "sums", WHOM, "spark")
OURS = ("duckdb", "sums", WHOM, "spark")
CIRCLE = 40  # numbers that a line calls in the half-year, the first ones far oftener
LEFT = 0.05  # of the lines, in the half-year
TOLERANCE = 1e-6


def generated(folder: Path, subscribers: int, calls: int) -> None:
    """Write half a year of records, a delivery a month, as ingest stores them."""
    from churn.tables import TABLES  # noqa: PLC0415 - a peer's process imports nothing of ours

    schema = TABLES["calls"].schema.to_pyarrow()
    draw = np.random.default_rng(1)
    ids = pa.array([f"{at:016x}" for at in draw.permutation(subscribers)])
    strangers = pa.array([f"s{at:015x}" for at in range(subscribers)])
    numbers = pa.concat_arrays([ids, strangers])  # half of whom is called are lines of this base
    first = datetime(2025, 1, 1)  # noqa: DTZ001 - local time without zone
    length = (DAY - first.date()).days * 86_400
    rows = calls // MONTHS
    for month in range(MONTHS):
        seconds = np.sort(
            draw.integers(month * length // MONTHS, (month + 1) * length // MONTHS, rows)
        )
        line = draw.integers(0, subscribers, rows)
        of_circle = (CIRCLE * draw.random(rows) ** 2).astype("int64")
        whom = (line * 7919 + of_circle * 104_729 + 1) % (2 * subscribers)
        kind = draw.choice(3, rows, p=(0.55, 0.1, 0.35))
        talk = np.where(kind == 0, draw.integers(1, 900, rows), 0)
        columns = {
            ID: ids.take(pa.array(line)),
            "peer_id": numbers.take(pa.array(whom)),
            "started_at": pa.array(np.datetime64(first) + seconds.astype("timedelta64[s]")),
            "seconds": pa.array(talk),
            "megabytes": pa.array(np.where(kind == 2, draw.integers(0, 500, rows), 0).astype("i4")),
            "direction": pa.array(["out", "in"]).take(pa.array(draw.integers(0, 2, rows))),
            "kind": pa.array(["voice", "sms", "data"]).take(pa.array(kind)),
            "network": pa.array(["own", "competitor", "fixed", "international"]).take(
                pa.array(draw.choice(4, rows, p=(0.6, 0.25, 0.1, 0.05)))
            ),
            "charge": pa.array((talk // 60).astype("i4")),
            "delivered_on": pa.array([_delivered(month)] * rows),
        }
        table = pa.table({name: columns[name] for name in schema.names}).cast(schema)
        pq.write_table(table, folder / f"calls-{month}.parquet", compression="zstd")
    begun = {ID: ids, "effective_at": first - timedelta(days=400), "status": "in_service"}
    gone = ids.take(pa.array(draw.choice(subscribers, int(LEFT * subscribers), replace=False)))
    left = {ID: gone, "effective_at": first + timedelta(days=151), "status": "left"}
    events = TABLES["status_events"].schema.to_pyarrow()
    pq.write_table(
        pa.concat_tables(_events(columns, events) for columns in (begun, left)),
        folder / "status_events.parquet",
    )


def _events(columns: dict[str, Any], schema: pa.Schema) -> pa.Table:
    """Return one event of each line; what is not told is null."""
    told = {**columns, "delivered_on": _delivered(MONTHS - 1)}
    rows = len(columns[ID])
    arrays = [
        columns[ID] if field.name == ID else pa.array([told.get(field.name)] * rows, field.type)
        for field in schema
    ]
    return pa.table(arrays, schema=schema)


def _delivered(month: int) -> date:
    return date(2025, month + 2, 1)


def files(folder: Path) -> list[Path]:
    """Return the months' files, oldest first."""
    return [folder / f"calls-{month}.parquet" for month in range(MONTHS)]


def summed(folder: Path) -> None:
    """Keep the sums of each month by subscriber and day, where they are not there."""
    from churn.engines import EngineSettings, connect  # noqa: PLC0415 - as above
    from churn.features.daily_use import DAILY_USE  # noqa: PLC0415 - as above
    from churn.tables import TABLES  # noqa: PLC0415 - as above

    began = time.process_time()
    with connect(EngineSettings(), spill=folder / "spill") as engine:
        for path in files(folder):
            if not _sums_of(path).exists():
                records = engine.read_parquet([path], TABLES["calls"].schema)
                rows = DAILY_USE.by_day(records)
                engine.to_parquet(rows, _sums_of(path), order_by=[ID, "day"])
    print(f"sums made where they were not there: {time.process_time() - began:.1f} s of processor")


def _sums_of(path: Path) -> Path:
    return path.with_name(path.name.replace("calls", "sums"))


def by_product(folder: Path, engine: str, *, named: str = "calls", sums: bool = False) -> pa.Table:
    """Compute a family as a night does: through the tables as known on the day."""
    from churn.engines import EngineSettings, connect  # noqa: PLC0415 - as above
    from churn.features import FAMILIES, View  # noqa: PLC0415 - as above
    from churn.states import StateSettings  # noqa: PLC0415 - as above
    from churn.tables import Delivery, Tables  # noqa: PLC0415 - as above

    deliveries = [
        Delivery(
            table="calls",
            partition=f"{month + 1:02}",
            delivered_on=_delivered(month),
            covers_until=_delivered(month) - timedelta(days=1),
            mode="append",
            paths=(path,),
            summed=(_sums_of(path),) if sums else (),
        )
        for month, path in enumerate(files(folder))
    ]
    deliveries.append(
        Delivery(
            table="status_events",
            partition="06",
            delivered_on=_delivered(MONTHS - 1),
            covers_until=_delivered(MONTHS - 1) - timedelta(days=1),
            mode="append",
            paths=(folder / "status_events.parquet",),
        )
    )
    (family,) = (one for one in FAMILIES if one.name == named)
    memory = (folder / "memory").read_text("utf-8")
    with connect(EngineSettings(name=engine, memory=memory), spill=folder / "spill") as opened:
        view = View(Tables(opened, deliveries).known_at(DAY), StateSettings())
        rows = opened.to_arrow(family.rows(view), order_by=[ID])
    for feature in family.features:
        if feature.never_null:  # as joining the families does
            at = rows.schema.get_field_index(feature.name)
            rows = rows.set_column(at, feature.name, rows[feature.name].fill_null(0))
    return rows


def _windows() -> dict[int, datetime]:
    end = datetime(DAY.year, DAY.month, DAY.day)  # noqa: DTZ001 - as above
    return {days: end - timedelta(days=days) for days in (7, 30, 60, 90, 120)}


def by_polars(folder: Path) -> pa.Table:
    """Write the same columns in lazy Polars: one pass for the sums, one for the days."""
    at = _windows()
    reach = pl.scan_parquet(files(folder)).filter(pl.col("started_at") >= at[120])
    started = pl.col("started_at")
    recent, week = started >= at[30], started >= at[7]
    earlier, middle = ~recent, recent & ~week
    voice = pl.col("kind") == "voice"
    out = voice & (pl.col("direction") == "out")
    rival = out & (pl.col("network") == "competitor")
    hour = started.dt.hour()
    talk, volume, charge = pl.col("seconds"), pl.col("megabytes"), pl.col("charge")

    def total(column: pl.Expr, *conditions: pl.Expr) -> pl.Expr:
        return (column.filter(*conditions) if conditions else column).sum().cast(pl.Float64)

    def share(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
        return pl.when(whole > 0).then(part / whole)

    def trend(part: pl.Expr, days: int, before: pl.Expr, days_before: int) -> pl.Expr:
        return pl.when(before != 0).then(part * days_before / (before * days))

    sums = (
        reach.filter(started >= at[90])
        .group_by(ID)
        .agg(
            days_since_use_90d=(pl.lit(DAY) - started.max().dt.date()).dt.total_days(),
            voice_minutes_90d=total(talk, voice) / 60,
            voice_minutes_30d=total(talk, voice, recent) / 60,
            call_minutes_mean_90d=share(total(talk, voice), voice.sum() * 60),
            voice_trend_90d=trend(total(talk, voice, recent), 30, total(talk, voice, earlier), 60),
            voice_trend_30d=trend(total(talk, voice, week), 7, total(talk, voice, middle), 23),
            outgoing_trend_90d=trend(total(talk, out, recent), 30, total(talk, out, earlier), 60),
            megabytes_90d=total(volume),
            megabytes_30d=total(volume, recent),
            megabytes_trend_90d=trend(total(volume, recent), 30, total(volume, earlier), 60),
            megabytes_trend_30d=trend(total(volume, week), 7, total(volume, middle), 23),
            uses_30d=recent.sum(),
            use_trend_90d=trend(recent.sum(), 30, earlier.sum(), 60),
            sms_90d=(pl.col("kind") == "sms").sum(),
            call_charge_90d=total(charge),
            call_charge_trend_90d=trend(total(charge, recent), 30, total(charge, earlier), 60),
            night_share_90d=((hour >= 22) | (hour < 6)).sum() / pl.len(),
            incoming_share_90d=share((voice & (pl.col("direction") == "in")).sum(), voice.sum()),
            competitor_share_90d=share(rival.sum(), out.sum()),
            competitor_share_30d=share((rival & recent).sum(), (out & recent).sum()),
            competitor_share_change_90d=share((rival & recent).sum(), (out & recent).sum())
            - share((rival & earlier).sum(), (out & earlier).sum()),
            international_share_90d=share(
                (out & (pl.col("network") == "international")).sum(), out.sum()
            ),
        )
    )
    day = pl.col("day")
    ago = (pl.lit(DAY) - day).dt.total_days()
    days = (
        reach.filter(started >= at[90])
        .select(ID, day=started.dt.date())
        .unique()
        .group_by(ID)
        .agg(
            active_days_90d=pl.len(),
            active_days_30d=(ago <= 30).sum(),
            active_days_7d=(ago <= 7).sum(),
            weekend_share_90d=(day.dt.weekday() >= 6).sum() / pl.len(),
            weeks_silent_84d=12 - ((ago - 1) // 7).filter(ago <= 84).n_unique(),
        )
    )
    changes = reach.group_by(ID).agg(
        use_trend_120d=trend(recent.sum(), 30, (started < at[60]).sum(), 60)
    )
    rows = changes.join(sums, on=ID, how="left").join(days, on=ID, how="left")
    rows = rows.with_columns(
        silence_against_usual_90d=pl.col("days_since_use_90d") * pl.col("active_days_90d") / 90
    )
    return rows.sort(ID).collect().to_arrow()


def by_pandas(folder: Path) -> pa.Table:
    """Write the same columns in pandas: filtered parts, grouped, joined by index."""
    at = _windows()
    frame = pd.read_parquet(files(folder))
    frame = frame[frame["started_at"] >= at[120]]
    frame[["megabytes", "charge"]] = frame[["megabytes", "charge"]].astype("float64")
    quarter = frame[frame["started_at"] >= at[90]]
    recent, week = quarter["started_at"] >= at[30], quarter["started_at"] >= at[7]
    earlier, middle = ~recent, recent & ~week
    voice = quarter["kind"] == "voice"
    out = voice & (quarter["direction"] == "out")
    rival = out & (quarter["network"] == "competitor")
    every = pd.Series(True, index=quarter.index)  # noqa: FBT003 - a mask
    index = pd.Index(quarter[ID].unique()).sort_values()

    def total(column: str, where: pd.Series) -> pd.Series:
        return quarter.loc[where].groupby(ID)[column].sum().reindex(index, fill_value=0)

    def count(where: pd.Series) -> pd.Series:
        return quarter.loc[where].groupby(ID).size().reindex(index, fill_value=0)

    def share(part: pd.Series, whole: pd.Series) -> pd.Series:
        return part / whole.where(whole > 0)

    def trend(part: pd.Series, days: int, before: pd.Series, days_before: int) -> pd.Series:
        return part * days_before / (before.where(before != 0) * days)

    hour = quarter["started_at"].dt.hour
    last = quarter.groupby(ID)["started_at"].max().dt.normalize()
    days = quarter.assign(day=quarter["started_at"].dt.normalize())[[ID, "day"]].drop_duplicates()
    ago = (pd.Timestamp(DAY) - days["day"]).dt.days
    by = days.assign(ago=ago, week=(ago - 1) // 7, weekend=days["day"].dt.dayofweek >= 5)
    columns = {
        "days_since_use_90d": (pd.Timestamp(DAY) - last).dt.days,
        "voice_minutes_90d": total("seconds", voice) / 60,
        "voice_minutes_30d": total("seconds", voice & recent) / 60,
        "call_minutes_mean_90d": share(total("seconds", voice), count(voice) * 60),
        "voice_trend_90d": trend(
            total("seconds", voice & recent), 30, total("seconds", voice & earlier), 60
        ),
        "voice_trend_30d": trend(
            total("seconds", voice & week), 7, total("seconds", voice & middle), 23
        ),
        "outgoing_trend_90d": trend(
            total("seconds", out & recent), 30, total("seconds", out & earlier), 60
        ),
        "megabytes_90d": total("megabytes", every),
        "megabytes_30d": total("megabytes", recent),
        "megabytes_trend_90d": trend(
            total("megabytes", recent), 30, total("megabytes", earlier), 60
        ),
        "megabytes_trend_30d": trend(total("megabytes", week), 7, total("megabytes", middle), 23),
        "uses_30d": count(recent),
        "use_trend_90d": trend(count(recent), 30, count(earlier), 60),
        "sms_90d": count(quarter["kind"] == "sms"),
        "call_charge_90d": total("charge", every),
        "call_charge_trend_90d": trend(total("charge", recent), 30, total("charge", earlier), 60),
        "night_share_90d": count((hour >= 22) | (hour < 6)) / count(every),
        "incoming_share_90d": share(count(voice & (quarter["direction"] == "in")), count(voice)),
        "competitor_share_90d": share(count(rival), count(out)),
        "competitor_share_30d": share(count(rival & recent), count(out & recent)),
        "competitor_share_change_90d": share(count(rival & recent), count(out & recent))
        - share(count(rival & earlier), count(out & earlier)),
        "international_share_90d": share(
            count(out & (quarter["network"] == "international")), count(out)
        ),
        "active_days_90d": by.groupby(ID).size(),
        "active_days_30d": by[by["ago"] <= 30].groupby(ID).size().reindex(index, fill_value=0),
        "active_days_7d": by[by["ago"] <= 7].groupby(ID).size().reindex(index, fill_value=0),
        "weekend_share_90d": by.groupby(ID)["weekend"].mean(),
        "weeks_silent_84d": 12
        - by[by["ago"] <= 84].groupby(ID)["week"].nunique().reindex(index, fill_value=0),
    }
    rows = pd.DataFrame(columns)
    rows["silence_against_usual_90d"] = rows["days_since_use_90d"] * rows["active_days_90d"] / 90
    started = frame["started_at"]
    then = frame[started < at[60]].groupby(ID).size()
    now = frame[started >= at[30]].groupby(ID).size()
    everyone = pd.Index(frame[ID].unique()).sort_values()
    now, then = (part.reindex(everyone, fill_value=0) for part in (now, then))
    rows = rows.reindex(everyone).assign(use_trend_120d=trend(now, 30, then, 60))
    return pa.Table.from_pandas(rows.rename_axis(ID).reset_index(), preserve_index=False)


def by_scan(folder: Path) -> pa.Table:
    """Read the columns that the family reads, and nothing more."""
    columns = [ID, "started_at", "seconds", "megabytes", "charge", "direction", "kind", "network"]
    rows = pl.scan_parquet(files(folder)).filter(pl.col("started_at") >= _windows()[120])
    return rows.select(columns).select(pl.all().count()).collect().to_arrow()


HOW: dict[str, Callable[[Path], pa.Table]] = {
    "scan": by_scan,
    "polars": by_polars,
    "pandas": by_pandas,
    "duckdb": lambda folder: by_product(folder, "duckdb"),
    "sums": lambda folder: by_product(folder, "duckdb", sums=True),
    WHOM: lambda folder: by_product(folder, "duckdb", named="peers"),
    "spark": lambda folder: by_product(folder, "spark"),
}


def measured(folder: Path, peer: str) -> dict[str, float]:
    """Run a peer once in this process; keep its rows. What it imports is imported before."""
    if peer in OURS:
        for module in ("churn.engines.duckdb", "churn.features", "churn.tables"):
            import_module(module)
    began, spent = time.perf_counter(), time.process_time()
    rows = HOW[peer](folder)
    figures = {
        "seconds": time.perf_counter() - began,
        "processor": time.process_time() - spent,
        "gib": most_held() / KIB_PER_GIB,
    }
    pq.write_table(rows, folder / f"rows-{peer}.parquet")
    return figures


def most_held() -> int:
    """Return the most memory this program held at once, KiB; getrusage also tells its parent's."""
    status = Path("/proc/self/status").read_text("utf-8")
    return int(status.partition("VmHWM:")[2].split()[0])


def differing(folder: Path, peer: str) -> list[str]:
    """Name the columns in which a peer's values are not those of this project on DuckDB."""
    ours = pq.read_table(folder / "rows-duckdb.parquet").to_pandas().set_index(ID)
    theirs = pq.read_table(folder / f"rows-{peer}.parquet").to_pandas().set_index(ID)
    if set(ours) != set(theirs) or not ours.index.equals(theirs.index):
        return sorted({*ours} ^ {*theirs}) or [ID]
    return [
        name
        for name in ours
        if not np.allclose(
            ours[name].to_numpy("float64", na_value=np.nan),
            theirs[name].to_numpy("float64", na_value=np.nan),
            rtol=TOLERANCE,
            atol=TOLERANCE,
            equal_nan=True,
        )
    ]


def compared(folder: Path, peers: list[str], repeats: int) -> None:
    """Measure what has not been, and print the table."""
    kept = folder / "figures.json"
    figures = json.loads(kept.read_text("utf-8")) if kept.exists() else {}
    for peer in peers:
        for _ in range(len(figures.get(peer, [])), repeats):
            done = subprocess.run(
                [sys.executable, __file__, "--folder", str(folder), "--one", peer],
                check=True,
                capture_output=True,
                text=True,
            )
            figures.setdefault(peer, []).append(json.loads(done.stdout.splitlines()[-1]))
            kept.write_text(json.dumps(figures, indent=1), "utf-8")
    calls = sum(pq.read_metadata(path).num_rows for path in files(folder))
    subscribers = pc.count_distinct(pq.read_table(files(folder)[-1], columns=[ID])[ID]).as_py()
    print(f"{calls:,} records, {subscribers:,} subscribers in the last month")
    print("| | seconds | processor | GiB | against DuckDB, processor | µs a record |")
    print("|---|---|---|---|---|---|")
    least = {peer: min(figures[peer], key=lambda one: one["processor"]) for peer in peers}
    for peer, one in least.items():
        wrong = [] if peer in ("scan", "duckdb", WHOM) else differing(folder, peer)
        if wrong:
            print(f"| {peer} | differs in {len(wrong)} columns: {', '.join(wrong[:3])} | | | | |")
            continue
        ratio = one["processor"] / least["duckdb"]["processor"] if "duckdb" in least else np.nan
        print(
            f"| {peer} | {one['seconds']:.1f} | {one['processor']:.1f} | {one['gib']:.2f} |"
            f" {ratio:.2f} | {one['processor'] / calls * MILLION:.2f} |"
        )


def drawn(folders: list[Path], picture: Path) -> None:
    """Draw the seconds of everything measured in the folders by how many records they hold."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - a peer's process needs no picture

    held: dict[str, list[tuple[int, float]]] = {}
    for folder in folders:
        calls = sum(pq.read_metadata(path).num_rows for path in files(folder))
        for peer, each in json.loads((folder / "figures.json").read_text("utf-8")).items():
            held.setdefault(peer, []).append((calls, min(one["seconds"] for one in each)))
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    for peer, points in held.items():
        axes.loglog(*zip(*sorted(points), strict=True), marker="o", label=peer)
    axes.set(xlabel="records of half a year", ylabel="seconds")
    axes.grid(visible=True, which="major", alpha=0.3)
    figure.legend(loc="outside right upper")
    figure.savefig(picture)


def main() -> None:
    """Generate the records where they are not there, and compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="where records and figures stay")
    parser.add_argument("--subscribers", type=int, default=200_000)
    parser.add_argument("--calls", type=int, default=20_000_000)
    parser.add_argument("--memory", default="4GB", help="what the engine of this project may take")
    parser.add_argument("--peers", nargs="+", choices=PEERS, default=list(PEERS[:-1]))
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--picture", type=Path, help="draw the folder's figures and those --beside")
    parser.add_argument("--beside", type=Path, nargs="*", default=[])
    parser.add_argument("--one", choices=PEERS, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(measured(asked.folder, asked.one)))
        return
    if asked.picture:
        drawn([asked.folder, *asked.beside], asked.picture)
        return
    asked.folder.mkdir(parents=True, exist_ok=True)
    if not (asked.folder / "generated").exists():
        generated(asked.folder, asked.subscribers, asked.calls)
        (asked.folder / "generated").touch()
    kept = asked.folder / "memory"
    if kept.exists() and kept.read_text("utf-8") != asked.memory:
        parser.error(f"{asked.folder} holds figures of {kept.read_text('utf-8')}: another folder")
    kept.write_text(asked.memory, "utf-8")
    if "sums" in asked.peers:
        summed(asked.folder)
    compared(asked.folder, asked.peers, asked.repeats)


if __name__ == "__main__":
    main()
