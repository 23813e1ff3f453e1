"""``churn table``: the same learners, gate and bundle on a ready-made feature table."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import ValidationError

from churn import learning
from churn.audit import (
    Acceptance,
    Audit,
    AuditSettings,
    audit_rows,
    both_sides,
    judged,
    leaking_columns,
    row_order,
)
from churn.errors import GateError, ModelError, UsageError
from churn.evaluation import EvaluationSettings
from churn.ingest.recognition import RECOGNISED, Written
from churn.ingest.whole import read_as, read_whole
from churn.learning import Bundle, LearningSettings
from churn.learning.capacity import Pursuit
from churn.panel import FOLDS
from churn.ready_made import HEAD, ReadyMade, RoleError, Said, TableRecipe, ready_made
from churn.report.flat import harmless
from churn.store.atomic import folder, write_bytes, write_json
from churn.store.hashing import sha256_file
from pipelines.bundles import read_bundle, write_bundle
from pipelines.table.budget import Budget
from pipelines.table.report import REPORT, Fitted, Predicted, reported
from pipelines.trials import Trials

BUNDLE = "bundle"
RECIPE = "table"
ACCEPTED = "accepted"
REASONS = 3


def fit(
    train: Path,
    out: Path,
    *,
    target: str,
    positive: str | None = None,
    negative: Sequence[str] = (),
    id_column: str | None = None,
    group_column: str | None = None,
    time_column: str | None = None,
    gap: int | None = None,
    base_rate: float | None = None,
    left_out: Sequence[str] = (),
    kinds: Mapping[str, Said] | None = None,
    accept: Sequence[Acceptance] = (),
    written: Written = RECOGNISED,
    time_budget: float | None = None,
    seed: int | None = None,
) -> Fitted:
    """Fit, calibrate and judge the learners on a table; write bundle and report to ``out``.

    Parameters
    ----------
    time_column, gap
        Column that tells when a row was known, and the days that must lie between a row that
        teaches and a row that is asked about: the past is then asked about what came later.
    left_out, kinds
        Columns that nothing is learned from, and what columns hold that are recognised wrongly.
    accept
        Findings of the leak audit that somebody answers for.
    written
        How the file's text is written, where that is not recognised.
    time_budget
        Seconds.

    Raises
    ------
    ExtractError
        If the table cannot be read, or holds nothing to learn from.
    UsageError
        If the options do not fit the table, or ``out`` holds something else.
    GateError
        If the table is too small to be split.
    """
    started = time.monotonic()
    _require_ours(out)
    table = read_whole(train, written)
    settings = _settings(seed)
    try:
        made = ready_made(
            table,
            target=target,
            positive=positive,
            negative=negative,
            id_column=id_column,
            group_column=group_column,
            time_column=time_column,
            gap=gap,
            base_rate=base_rate,
            left_out=left_out,
            kinds=kinds,
            accepted=[(finding.code, finding.column) for finding in accept],
            seed=settings.seed,
        )
    except RoleError as error:
        raise _by_option(error) from None
    _require_folds(made, train)
    audited = _audited(made, accept)
    meta = {
        RECIPE: made.recipe.model_dump_json(),
        ACCEPTED: json.dumps([finding.model_dump() for finding in accept], ensure_ascii=False),
    }

    trials, pursuit = Trials(out.with_name(f".{out.name}.trials")), None
    if time_budget is not None:
        settings, pursuit = Budget(time_budget, started).plan(made, settings, trials)
    trained = learning.fit(
        made.frame,
        made.recipe.specs,
        settings,
        EvaluationSettings(seed=settings.seed),
        open_findings=len(audited.open),
        walk=made.walk,
        meta=meta,
        pursuit=pursuit or Pursuit(journal=trials),
    )
    report = reported(
        made,
        trained.reports[HEAD],
        audited,
        source=sha256_file(train),
        read=read_as(table),
        learners=settings.learners,
        reproducible=time_budget is None,
    )
    with folder(out) as partial:
        write_bundle(trained.bundle, partial / BUNDLE)
        write_json(partial / REPORT, report)
    trials.done()
    return Fitted(out, report)


def predict(place: Path, new: Path, out: Path, *, written: Written = RECOGNISED) -> Predicted:
    """Score a new table: the id as it stands there, the score, and reasons.

    Parameters
    ----------
    out
        A name that ends in ``.parquet`` gives Parquet, any other CSV.
    written
        How the new table's text is written, where that is not recognised.

    Raises
    ------
    ModelError
        If the bundle is damaged, not of a table, or did not pass the gate.
    ExtractError
        If the new table cannot be read, or lacks columns of the training table.
    """
    bundle, recipe = _passed(place)
    table = read_whole(new, written)
    features, unread = recipe.features(table)
    ids = recipe.ids(table)
    scores = bundle.score(features)[f"p_{HEAD}"]
    reasons = bundle.reason_columns(features, HEAD, recipe.language, REASONS)
    columns = {"id": ids, "score": pa.array(scores.to_numpy())}
    columns |= {name: pa.array(reasons[name].tolist(), pa.string()) for name in reasons}
    write_bytes(out, _parquet(columns) if out.suffix == ".parquet" else _csv(columns))
    return Predicted(out, table.num_rows, recipe.target, unread, bundle.out_of_time)


def _by_option(error: RoleError) -> UsageError:
    """Word a role as the option that fills it."""
    remedy = f" with --{error.mended_by}" if error.mended_by else ""
    return UsageError(error.what, where=f"--{error.role}", do=error.do + remedy)


def _audited(made: ReadyMade, accept: Sequence[Acceptance]) -> Audit:
    """Audit what is learned from; what leaks by when it is filled was set aside, or accepted."""
    rows = audit_rows(made.frame, [column.name for column in made.recipe.columns])
    return judged(
        [
            *both_sides.find(made.frame, made.walk.folded),
            *leaking_columns(rows, tenure=None),
            *row_order.of_rows(rows),
            *made.kept,
        ],
        AuditSettings(accept=tuple(accept)),
    )


def _passed(place: Path) -> tuple[Bundle, TableRecipe]:
    """Read a bundle and how its table is read; both are sealed together."""
    if not (place / BUNDLE).is_dir():
        raise ModelError(
            "there is no bundle of a table", where=str(place), do="run `churn table fit` first"
        )
    bundle = read_bundle(place / BUNDLE)
    try:
        recipe = TableRecipe.model_validate_json(bundle.meta.get(RECIPE, ""))
    except ValidationError:
        raise ModelError(
            "the bundle was not made from a ready-made table",
            where=str(place / BUNDLE),
            do="name a folder that `churn table fit` wrote",
        ) from None
    if not bundle.reports[HEAD].passed:
        raise ModelError(
            "the model did not pass the gate, so it scores nobody",
            where=f"{place / REPORT}",
            do="see there which rule failed; deliver more rows, or columns that tell more",
        )
    return bundle, recipe


def _parquet(columns: dict[str, pa.Array]) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


def _csv(columns: dict[str, pa.Array]) -> bytes:
    frame = pd.DataFrame({name: values.to_pylist() for name, values in columns.items()})
    for name in frame.columns.drop("score"):
        frame[name] = [_cell(value) for value in frame[name]]
    text: str = frame.to_csv(index=False, lineterminator="\n")
    return text.encode()


def _cell(value: object) -> object:
    """Keep text from starting a formula; a number with its sign starts none."""
    if not isinstance(value, str):
        return value
    try:
        float(value)
    except ValueError:
        return harmless(value)
    return value


def _settings(seed: int | None) -> LearningSettings:
    """Return how a table is learned from; only the target's head is on."""
    full = LearningSettings(heads=(HEAD,))
    changes: dict[str, Any] = {} if seed is None else {"seed": seed}
    # stayers may be no more than churners here: leaving some out is compared, not taken for granted
    compared = full.network.rebalancing.model_copy(update={"methods": ("none", "undersampling")})
    changes["network"] = full.network.model_copy(update={"rebalancing": compared})
    return full.model_copy(update=changes)


def _require_ours(out: Path) -> None:
    """Replace only what an earlier fit wrote."""
    if out.is_dir() and not {entry.name for entry in out.iterdir()} <= {BUNDLE, REPORT}:
        raise UsageError(
            "the folder holds something else, and fitting replaces it as a whole",
            where=f"--out {out}",
            do="name a new folder",
        )


def _require_folds(made: ReadyMade, train: Path) -> None:
    """Refuse a table that cannot be folded: every fold needs both outcomes."""
    frame = made.frame
    for fold in range(FOLDS) if made.walk.folded else ():
        inside = frame["fold"] == fold
        events = int((frame.loc[inside, "outcome"] == HEAD).sum())
        if not 0 < events < int(inside.sum()):
            raise GateError(
                f"the table is too small: one of its {FOLDS} folds has {int(inside.sum()):,} rows"
                f" and {events:,} of the target",
                where=train.name,
                do="deliver more rows; a group, with what copies of rows join to it, must not hold"
                " most of the table",
            )
