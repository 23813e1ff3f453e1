"""A ready-made feature table as a panel: one row per line of the file, one outcome.

Where a column tells when rows were known, the past is asked about what came later. Else the table
is one period and nothing is out of time: whole groups go to folds by the digest of their name. Only
the target is predicted; what learning calls the active head.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from churn.audit.filled import written_afterwards
from churn.audit.finding import Finding
from churn.errors import ExtractError
from churn.ingest.columns import nearest
from churn.ingest.spelling import as_text, plain
from churn.panel.rows import DOWNGRADED, META
from churn.panel.split import Walk
from churn.ready_made.classes import Classes, as_compared, classes_of
from churn.ready_made.copies import Copies, copies
from churn.ready_made.forward import forward
from churn.ready_made.groups import SEPARATOR, content_of, groups_of
from churn.ready_made.parts import folds_of, population_weight
from churn.ready_made.recipe import TableRecipe
from churn.ready_made.recognition import Reading, Said, SetAside, recognise
from churn.ready_made.roles import Role, RoleError
from churn.ready_made.times import Times, times_of
from churn.ready_made.totals import totals_of

TRAINING_WEIGHT = "training_weight"
RESERVED = (*META, TRAINING_WEIGHT, DOWNGRADED)
HEAD: Literal["active"] = "active"
ONE_DAY = pd.Timestamp("2000-01-01")  # a table has one snapshot; which day it was, nobody said
WALK = Walk.by_customer([ONE_DAY.date()])
"""How a table is told of: by folds of all its rows, of what the other folds taught."""


class ReadyMade(NamedTuple):
    """A table ready for learning.

    Attributes
    ----------
    frame
        The panel: meta columns, ``training_weight`` where the table was resampled, features.
    classes
        How the values of the target were taken.
    unlabelled
        Rows left out because their target is blank or says neither class.
    repeated
        Rows that repeat an earlier one in the target and every column that is learned from.
    copied
        Copies and near-copies among the rows, whatever their target; each group is in one fold.
    unread
        Per column, values read as missing because they do not fit the rest.
    walk
        What teaches and what is asked about.
    times
        When rows were known; None where nothing tells.
    untimed
        Rows left out because their time is not known.
    kept
        Findings for which columns would be set aside, had they not been accepted.
    """

    recipe: TableRecipe
    frame: pd.DataFrame
    classes: Classes
    unlabelled: int
    repeated: int
    copied: Copies
    unread: dict[str, int]
    walk: Walk
    times: Times | None
    untimed: int
    kept: tuple[Finding, ...]


def ready_made(
    table: pa.Table,
    *,
    target: str,
    positive: str | None = None,
    negative: Sequence[str] = (),
    id_column: str | None = None,
    group_column: str | None = None,
    time_column: str | None = None,
    gap: int | None = None,
    base_rate: float | None = None,
    left_out: Collection[str] = (),
    kinds: Mapping[str, Said] | None = None,
    accepted: Collection[tuple[str, str]] = (),
    seed: int = 0,
) -> ReadyMade:
    """Recognise a table's columns and deal its rows into folds.

    Parameters
    ----------
    target
        Column of the outcome; rows where it is blank, or says no value, are left out.
    positive, negative
        The value that counts, needed unless the column reads as yes and no; and those that do
        not, needed where there are several.
    id_column, group_column
        Columns that name a row, and what must not be torn apart. Without a group rows of one id
        stay together. Copies and near-copies of rows stay together in any case.
    time_column, gap
        Column that tells when a row was known, and how many days (periods, where these are only
        numbered) must lie between a row that teaches and a row that is asked about. Rows without a
        time are left out.
    base_rate
        The population's share of the outcome where the table was resampled: rows weigh R/tau
        and (1-R)/(1-tau) in calibration, metrics and gate, tau being the share in their fold,
        or with times in all rows, and 1 in fitting.
    left_out
        Columns that nothing is learned from, whatever they hold.
    kinds
        What columns hold, and how it is written, where recognition would say otherwise.
    accepted
        Code and column of findings that somebody answers for: such a column is not set aside.

    Raises
    ------
    RoleError
        If a named column is not there or has two roles, the target does not tell two classes,
        hardly a value of a column is of the kind it was said to be, or the times leave no period
        to judge in.
    ExtractError
        If no column is left to learn from.
    """
    kinds = kinds or {}
    taken = {target, id_column, group_column, time_column}
    _require_roles(
        table.column_names,
        [("target", target), ("id", id_column), ("group", group_column), ("time", time_column)],
        [*(("leave-out", name) for name in left_out), *(("read", name) for name in kinds)],
    )
    labels = plain(table[target])
    if labels is None or target in {id_column, group_column, time_column}:
        raise RoleError(
            f"column {target} holds no single outcome",
            role="target",
            do="name a column of its own with two values",
        )
    every = [label and as_compared(label) for label in as_text(labels).to_pylist()]
    classes = classes_of(target, every, positive, negative)
    labelled = np.array([word in classes.kept for word in every])
    times = None if time_column is None else _times(table, time_column)
    timed = labelled if times is None else labelled & np.isfinite(times.days)
    rows = table.filter(pa.array(timed))
    words = np.array(every, dtype=object)[timed]
    churned = np.isin(words, classes.positive)
    read, kept = _recognised(rows, taken, churned, left_out, kinds, accepted)
    columns = tuple(column for column in read if isinstance(column, Reading))
    if not columns:
        raise ExtractError(
            f"none of the {rows.num_columns:,} columns holds anything to learn from",
            where="the training table",
            do="deliver columns that differ from row to row and do not name the row",
        )
    content = content_of(rows.select([reading.column for reading in columns])) + SEPARATOR + words
    share = float(churned.mean())
    recipe = TableRecipe(
        target=target, positive=classes.positive, id=id_column, group=group_column,
        time=time_column, gap=gap or 0, base_rate=base_rate, sampled_rate=share, seed=seed,
        columns=columns,
        set_aside=tuple(column for column in read if isinstance(column, SetAside)),
        totals=totals_of(columns, {*RESERVED, *(column.name for column in columns)}),
    )  # fmt: skip
    features, unread = recipe.features(rows)
    copied = copies(features[[column.name for column in columns]])
    keys = groups_of(rows, group_column or id_column, content, copied)
    fold = folds_of(keys, churned, seed)
    snapshot, walk = _walked(times and times.days[timed], churned, keys, gap)
    meta = {
        "subscriber_id": _row_names(rows, id_column),
        "customer_id": keys,
        "snapshot": snapshot,
        "fold": fold,
        "outcome": np.where(churned, HEAD, "none"),
        "weight": 1.0,
    }
    if base_rate is not None:
        drawn = fold if times is None else np.zeros_like(fold)
        meta["weight"] = population_weight(churned, drawn, base_rate)
        meta[TRAINING_WEIGHT] = 1.0
    frame = pd.concat([pd.DataFrame(meta, index=features.index), features], axis=1)
    repeated = int(pd.Series(content).duplicated().sum())
    return ReadyMade(
        recipe, frame, classes, int((~labelled).sum()), repeated, copied, unread, walk, times,
        int(labelled.sum() - timed.sum()), tuple(kept),
    )  # fmt: skip


def _times(table: pa.Table, column: str) -> Times:
    values = plain(table[column])
    times = None if values is None else times_of(values)
    if times is None:
        raise RoleError(
            f"column {column} holds neither dates nor numbered periods",
            role="time",
            do="name a column of days, months, years, or periods numbered in their order",
        )
    return times


def _walked(
    days: npt.NDArray[np.float64] | None,
    churned: npt.NDArray[np.bool_],
    keys: npt.NDArray[np.object_],
    gap: int | None,
) -> tuple[npt.NDArray[np.datetime64] | pd.Timestamp, Walk]:
    """Return each row's snapshot, and who is asked about what."""
    if days is None:
        if gap is not None:
            raise RoleError(
                "nothing tells between which rows the gap lies",
                role="gap",
                do="name the column of times as well",
                mended_by="time",
            )
        return ONE_DAY, WALK
    found = forward(days, churned, keys, gap=gap or 0)
    if found is None:
        raise RoleError(
            f"{len(np.unique(days)):,} times, {int(np.ptp(days)):,} apart at most, leave no period"
            " with enough rows of both outcomes before it",
            role="time",
            do="deliver more history or a shorter gap; or leave the times out and have folds judge",
        )
    return found.snapshot.astype("datetime64[s]"), found.walk


def _require_roles(
    header: Sequence[str],
    named: Sequence[tuple[Role, str | None]],
    features: Sequence[tuple[Role, str]],
) -> None:
    """Refuse names that are not in the header, and columns with a role that are told of as others.

    Id, group and time may be one column.
    """
    taken: dict[str, Role] = {name: role for role, name in named if name is not None}
    for role, name in (*named, *features):
        if name is not None and name not in header and len(header) == 1:
            raise RoleError(
                f"the table has no column {name}: all of it was read as one column",
                role=role,
                do="say what parts the fields",
                mended_by="delimiter",
            )
        if name is not None and name not in header:
            raise RoleError(
                f"the table has no column {name}{nearest(name, header)}",
                role=role,
                do="name a column of the header",
            )
    for role, name in features:
        if name in taken:
            raise RoleError(
                f"column {name} is the {taken[name]}, which is no feature",
                role=role,
                do="name a column that has no role",
            )
        taken[name] = role


def _recognised(
    rows: pa.Table,
    taken: Collection[str | None],
    churned: npt.NDArray[np.bool_],
    left_out: Collection[str],
    kinds: Mapping[str, Said],
    accepted: Collection[tuple[str, str]],
) -> tuple[list[Reading | SetAside], list[Finding]]:
    columns: list[Reading | SetAside] = []
    kept: list[Finding] = []
    names: set[str] = set(RESERVED)
    for column in rows.column_names:
        if column in taken:
            continue
        if column in left_out:
            columns.append(SetAside(column=column, code="left_out"))
            continue
        values = plain(rows[column])
        if values is None:
            columns.append(SetAside(column=column, code="nested"))
            continue
        leak = written_afterwards(column, values.is_valid().to_numpy(zero_copy_only=False), churned)
        if leak is not None and (leak.code, column) in accepted:
            kept.append(leak)
        elif leak is not None:
            columns.append(SetAside(column=column, code="tells_target", finding=leak))
            continue
        feature = column
        while feature in names:
            feature += "_"
        names.add(feature)
        columns.append(recognise(column, values, feature, kinds.get(column)))
    return columns, kept


def _row_names(rows: pa.Table, named: str | None) -> list[str]:
    numbers = [f"{at:012d}" for at in range(1, rows.num_rows + 1)]
    values = plain(rows[named]) if named else None
    if values is None:
        return numbers
    names = as_text(values).to_pylist()
    return [name or f"row {at}" for name, at in zip(names, numbers, strict=True)]
