r"""Ready-made tables against peers: AutoGluon, FLAML, LightGBM and CatBoost by hand, logistic.

Every table falls into three stratified folds; each is one split: two teach, one is scored, so that
every row is judged once. Peers run in environments of their own and see the same rows and columns.
A cell (method, table, split, seconds allowed) is one file of scores: what is there is not run
again, and the report is made of what is there. With 0 seconds this project is given no budget.

    python benchmarks/tables.py run --method churn lightgbm logistic --seconds 60
    python benchmarks/tables.py run --method autogluon flaml --seconds 60 300 \
        --python autogluon=peers/autogluon/bin/python flaml=peers/flaml/bin/python
    python benchmarks/tables.py report --seconds 60

Further tables, on which nothing was chosen, come with packages: see ``packaged_tables.py``.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from packaged_tables import TABLES as PACKAGED
from packaged_tables import TARGET
from scipy.special import expit, logit
from sklearn.model_selection import StratifiedGroupKFold

from churn.evaluation.calibration import observed_expected
from churn.evaluation.intervals import Interval, Resampling, intervals, percentiles
from churn.evaluation.metrics import average_precision, log_loss, roc_auc
from churn.evaluation.ranking import Scored, Weighed
from churn.learning.penalised import penalised_logit

HERE = Path(__file__).parent
PEERS = HERE / "table_peers.py"
COMMAND = "from pipelines.cli import main; main()"
OURS = "churn"
METHODS = (OURS, "autogluon", "flaml", "lightgbm", "catboost", "logistic")
OWN_ENVIRONMENT = ("autogluon", "flaml", "catboost")
SPLITS = 3
SEED = 1
REPLICATES = 500
METRICS = {
    "average_precision": average_precision,
    "log_loss": log_loss,
    "roc_auc": roc_auc,
}
CERTAIN = 1e-6  # chances are taken no nearer to 0 and 1 for their log-odds
NUMBER_FROM = 0.95
"""Share of a text column's values that must be numbers for peers to be given it as numbers."""


@dataclass(frozen=True)
class Table:
    """A public table: what is predicted, and what nobody may learn from.

    Attributes
    ----------
    without
        Names of rows, and columns that are filled in after the outcome.
    group
        What must not be torn apart, by a split or by a method.
    distinct
        Whether rows that repeat an earlier one are dropped.
    tuned
        Whether this project's defaults were chosen with a look at it.
    """

    file: str
    target: str
    without: tuple[str, ...] = ()
    group: str | None = None
    distinct: bool = False
    tuned: bool = False

    def frame(self, data: Path) -> pd.DataFrame:
        """Read it with the target as 0 and 1, in the order of the file."""
        rows = pd.read_csv(data / self.file).drop(columns=list(self.without))
        if self.distinct:
            rows = rows.drop_duplicates(ignore_index=True)
        target = rows[self.target].astype(str).str.strip().str.lower()
        rows[self.target] = target.isin({"1", "1.0", "yes", "true"}).astype(int)
        return rows


TABLES = {
    "ibm_telco": Table(
        "ibm_telco/telco_customer_churn.csv.gz", "Churn", ("customerID",), tuned=True
    ),
    "mlc_churn": Table("mlc_churn/mlc_churn_5000.csv.gz", "churn", tuned=True),
    "databel": Table(
        "databel/databel.csv.gz",
        "Churn Label",
        ("Customer ID", "Phone Number", "Churn Category", "Churn Reason"),
        tuned=True,
    ),
    "iranian_churn": Table("iranian_churn/iranian_churn_3150.csv.gz", "Churn", distinct=True),
    "uci_credit_default": Table(
        "uci_credit_default/UCI_Credit_Card.csv.gz", "default.payment.next.month", ("ID",)
    ),
}
FIVE = tuple(TABLES)
TABLES |= {name: Table(f"{name}.csv.gz", TARGET, group=one.group) for name, one in PACKAGED.items()}


@dataclass(frozen=True)
class Cell:
    """One method on one split of one table in so many seconds."""

    method: str
    table: str
    split: int
    seconds: int

    def path(self, out: Path) -> Path:
        """Return where its scores are."""
        return out / f"{self.table}-{self.split}-{self.method}-{self.seconds}.parquet"


def split_of(table: Table, frame: pd.DataFrame) -> np.ndarray:
    """Return the fold of each row: shape (n,); groups are whole, outcomes spread evenly."""
    groups = frame[table.group] if table.group else np.arange(len(frame))
    fold = np.empty(len(frame), dtype=np.int64)
    cut = StratifiedGroupKFold(SPLITS, shuffle=True, random_state=SEED)
    for number, (_, inside) in enumerate(cut.split(frame, frame[table.target], groups)):
        fold[inside] = number
    return fold


def as_peers_see(frame: pd.DataFrame) -> pd.DataFrame:
    """Give columns of numbers that a few words made text as numbers."""
    frame = frame.copy()
    for name in frame.columns[[not pd.api.types.is_numeric_dtype(kind) for kind in frame.dtypes]]:
        numbers = pd.to_numeric(frame[name], errors="coerce")
        if numbers.notna().mean() >= NUMBER_FROM:
            frame[name] = numbers
    return frame


def run(cell: Cell, given: argparse.Namespace, pythons: dict[str, str]) -> None:
    """Fit and score one cell, in processes of its own, and keep the scores."""
    table = TABLES[cell.table]
    frame = table.frame(given.data)
    asked = split_of(table, frame) == cell.split
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        train, test, scores = here / "train.csv", here / "test.csv", here / "scores.parquet"
        names = frame.columns if cell.method == OURS else frame.columns.drop(table.target)
        seen = frame if cell.method == OURS else as_peers_see(frame)
        seen[~asked].to_csv(train, index=False)
        seen.loc[asked, names.drop(table.target, errors="ignore")].to_csv(test, index=False)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        started = time.monotonic()
        failed = (_ours if cell.method == OURS else _peer)(
            cell, table, train, test, scores, pythons.get(cell.method, sys.executable)
        )
        wall = time.monotonic() - started
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        user = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
        if failed:
            print(f"FAILED {cell}: {failed[-2000:]}", flush=True)
            return
        score = pq.read_table(scores)["score"].to_numpy()
    rows = {
        "row": np.flatnonzero(asked),
        "outcome": frame.loc[asked, table.target].to_numpy(),
        "score": score,
    }
    told = json.dumps({"wall": round(wall, 1), "processor": round(user, 1)})
    done = cell.path(given.out)
    partial = done.with_suffix(".partial")
    pq.write_table(pa.table(rows).replace_schema_metadata({"seconds": told}), partial)
    partial.replace(done)
    print(f"{cell.table} {cell.split} {cell.method} {cell.seconds}: {told}", flush=True)


def _ours(
    cell: Cell, table: Table, train: Path, test: Path, scores: Path, python: str
) -> str | None:
    """Go the way of a user: fit within the seconds, then predict."""
    start = [python, "-P", "-c", COMMAND, "table"]
    model = train.parent / "model"
    group = ["--group", table.group] if table.group else []
    fit = [*start, "fit", train, "--target", table.target, "--out", model, *group]
    fit += ["--seed", str(SEED)]
    fit += ["--time-budget", str(cell.seconds)] if cell.seconds else []
    for command in (fit, [*start, "predict", model, test, "--out", scores]):
        done = subprocess.run(
            [str(part) for part in command], capture_output=True, text=True, check=False
        )
        if done.returncode:
            return done.stdout + done.stderr
    return None


def _peer(
    cell: Cell, table: Table, train: Path, test: Path, scores: Path, python: str
) -> str | None:
    asked = {
        "method": cell.method,
        "target": table.target,
        "group": table.group,
        "seconds": cell.seconds,
        "seed": SEED,
        "train": str(train),
        "test": str(test),
        "scores": str(scores),
    }
    bare = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [python, PEERS, json.dumps(asked)],
        capture_output=True,
        text=True,
        check=False,
        cwd=train.parent,
        env=bare,
    )
    return done.stdout + done.stderr if done.returncode else None


def cells(given: argparse.Namespace) -> Iterator[Cell]:
    """Return what is asked for, table by table."""
    for seconds in given.seconds:
        for name in given.table:
            for split in given.split:
                for method in given.method:
                    yield Cell(method, name, split, seconds)


def _seed(cell: Cell) -> int:
    """Return the seed of a split's draws: its own, the same for every method."""
    return SEED + SPLITS * list(TABLES).index(cell.table) + cell.split


@dataclass(frozen=True)
class Judged:
    """The scores of one method on one split, with its replicates over the rows of the table."""

    value: dict[str, float]
    drawn: dict[str, np.ndarray]
    wall: float
    processor: float


def judged(cell: Cell, out: Path, score: np.ndarray | None = None) -> Judged:
    """Measure a cell (or other scores of it); every method on a split has the same draws."""
    kept = pq.read_table(cell.path(out))
    score = kept["score"].to_numpy() if score is None else score
    scored = Scored.of(kept["outcome"].to_numpy(), score)
    draws = Resampling.over(kept["row"].to_numpy(), replicates=REPLICATES, seed=_seed(cell))
    rows, codes = scored.weighed(), draws.codes[scored.order]
    drawn = {name: [] for name in METRICS}
    for counts in draws.draws():
        again = Weighed(scored, rows.weight * counts[codes])
        for name, metric in METRICS.items():
            drawn[name].append(metric(again))
    seconds = json.loads(kept.schema.metadata[b"seconds"])
    return Judged(
        {name: metric(rows) for name, metric in METRICS.items()},
        {name: np.array(values) for name, values in drawn.items()},
        seconds["wall"],
        seconds["processor"],
    )


def promised(cells_of: list[Cell], out: Path) -> str:
    """Return observed over expected, pooled over the splits of a table."""
    kept = pa.concat_tables([pq.read_table(cell.path(out)) for cell in cells_of])
    scored = Scored.of(kept["outcome"].to_numpy(), kept["score"].to_numpy())
    draws = Resampling.over(kept["row"].to_numpy(), replicates=REPLICATES, seed=SEED)
    return str(intervals({"ratio": observed_expected}, scored, draws)["ratio"])


def report(given: argparse.Namespace) -> None:
    """Print every table, then this project minus each peer, pooled over what both have."""
    for seconds in given.seconds:
        every = [cell for cell in cells(given) if cell.seconds == seconds]
        done = {cell: judged(cell, given.out) for cell in every if cell.path(given.out).exists()}
        print(f"\n### {seconds} seconds\n\n{HEADER}")
        for name in given.table:
            for method in given.method:
                _told(name, method, done, given.out)
        print(f"\n{DIFFERENCES}")
        for peer in given.method:
            for tables in (*([name] for name in given.table), given.table):
                _difference(peer, tables, done)
        print(f"\n{JOINED}")
        for peer in given.method:
            _joined(peer, done, given.out)


HEADER = """\
| table | method | splits | average precision | log loss | ROC AUC | observed/expected | s | CPU s |
|---|---|---|---|---|---|---|---|---|"""
JOINED = f"""\
| {OURS} and a peer as one, minus {OURS} | cells | average precision | log loss, relative |
|---|---|---|---|"""
DIFFERENCES = f"""\
| {OURS} minus | cells | average precision | log loss | log loss, relative |
|---|---|---|---|---|"""


def _told(name: str, method: str, done: dict[Cell, Judged], out: Path) -> None:
    """Print a method on a table: means over the splits, promises over all rows."""
    found = {cell: one for cell, one in done.items() if (cell.table, cell.method) == (name, method)}
    if not found:
        return
    means = [np.mean([one.value[metric] for one in found.values()]) for metric in METRICS]
    figures = " | ".join(f"{mean:.4f}" for mean in means)
    wall = np.mean([one.wall for one in found.values()])
    processor = np.mean([one.processor for one in found.values()])
    ratio = promised(list(found), out)
    print(
        f"| {name} | {method} | {len(found)} | {figures} | {ratio} | {wall:.0f} | {processor:.0f} |"
    )


def _difference(peer: str, tables: list[str], done: dict[Cell, Judged]) -> None:
    """Print this project minus a peer: the mean over the cells that both have."""
    pairs = [
        (done[cell], done[other])
        for cell in done
        if cell.method == OURS and cell.table in tables
        if (other := replace(cell, method=peer)) in done
    ]
    if not pairs or peer == OURS:
        return
    name = f"{peer}, {tables[0]}" if len(tables) == 1 else f"**{peer}, pooled**"
    precision = _mean("average_precision", pairs, lambda own, its: own - its)
    loss = _mean("log_loss", pairs, lambda own, its: own - its)
    relative = _mean("log_loss", pairs, lambda own, its: own / its - 1)
    told = [_signed(precision), _signed(loss), _signed(relative, percent=True)]
    print(f"| {name} | {len(pairs)} | " + " | ".join(told) + " |")


def _joined(peer: str, done: dict[Cell, Judged], out: Path) -> None:
    """Print what a peer would bring as a further member, weighed by the table's other splits."""
    pairs = []
    for cell, own in done.items():
        others = [replace(cell, split=split) for split in range(SPLITS) if split != cell.split]
        asked = [replace(one, method=peer) for one in (cell, *others)]
        if cell.method == OURS != peer and all(one in done for one in (*others, *asked)):
            learned = [_log_odds(one, replace(one, method=peer), out) for one in others]
            logits, outcome = (np.concatenate(part) for part in zip(*learned, strict=True))
            line = penalised_logit(logits, outcome, np.ones(len(outcome)))
            logits, _ = _log_odds(cell, asked[0], out)
            chance = expit(logits @ line.slopes + line.intercept)
            pairs.append((judged(cell, out, chance), own))
    if pairs:
        precision = _mean("average_precision", pairs, lambda own, its: own - its)
        relative = _mean("log_loss", pairs, lambda own, its: own / its - 1)
        told = f"{_signed(precision)} | {_signed(relative, percent=True)}"
        print(f"| {peer} | {len(pairs)} | {told} |")


def _log_odds(own: Cell, other: Cell, out: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return both methods' log-odds of a split, shape (n, 2), and the outcomes."""
    kept = [pq.read_table(cell.path(out)) for cell in (own, other)]
    scores = np.column_stack([rows["score"].to_numpy() for rows in kept])
    return logit(np.clip(scores, CERTAIN, 1 - CERTAIN)), kept[0]["outcome"].to_numpy() == 1


def _mean(
    metric: str, pairs: list[tuple[Judged, Judged]], difference: Callable[..., np.ndarray]
) -> Interval:
    """Return the mean of a difference over cells; splits and tables are drawn independently."""
    value = np.mean([difference(own.value[metric], its.value[metric]) for own, its in pairs])
    drawn = [difference(own.drawn[metric], its.drawn[metric]) for own, its in pairs]
    return percentiles(float(value), np.mean(drawn, axis=0))


def _signed(found: Interval, *, percent: bool = False) -> str:
    form = "{:+.1%}" if percent else "{:+.4f}"
    shown = [form.format(figure) for figure in (found.value, found.lower, found.upper)]
    return f"{shown[0]} [{shown[1]}, {shown[2]}]"


def main() -> None:
    """Run cells, or report on what was run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["run", "report"])
    parser.add_argument("--method", nargs="+", choices=METHODS, default=list(METHODS))
    parser.add_argument("--table", nargs="+", choices=list(TABLES), default=list(FIVE))
    parser.add_argument("--split", nargs="+", type=int, default=list(range(SPLITS)))
    parser.add_argument("--seconds", nargs="+", type=int, default=[60])
    parser.add_argument("--out", type=Path, default=HERE / "out" / "tables")
    parser.add_argument(
        "--data", type=Path, default=Path(os.environ.get("CHURN_PUBLIC_DATA", "data"))
    )
    parser.add_argument(
        "--python",
        nargs="+",
        default=[],
        metavar="METHOD=FILE",
        help=f"the interpreter of a peer's own environment ({', '.join(OWN_ENVIRONMENT)})",
    )
    given = parser.parse_args()
    pythons = dict(pair.split("=", 1) for pair in given.python)
    given.out.mkdir(parents=True, exist_ok=True)
    if given.what == "report":
        report(given)
        return
    homeless = sorted({*given.method} & {*OWN_ENVIRONMENT} - {*pythons})
    if homeless:
        parser.error(f"--python is needed for {', '.join(homeless)}: see benchmarks/README.md")
    for name, python in pythons.items():
        if shutil.which(python) is None:
            parser.error(f"--python {name}: there is no {python}")
    for cell in cells(given):
        if not cell.path(given.out).exists():
            run(cell, given, pythons)


if __name__ == "__main__":
    main()
