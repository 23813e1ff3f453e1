"""A ready-made table on a terminal: what was fitted on it, and what was scored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from churn.audit import Audit, Finding

_SHOWN = (
    ("average_precision", "average precision"),
    ("roc_auc", "ROC AUC"),
    ("observed_expected", "observed/expected"),
)
_LISTED = 20  # columns of a kind that are named; the report beside the bundle has all
_BY_THE_CLOCK = (
    "what was tried depended on the clock (--time-budget): the result is not reproducible"
)


def fitted_lines(report: Mapping[str, Any]) -> list[str]:
    """Return what was found, as the report beside the bundle has it."""
    head, rows = report["found"], report["rows"]
    counts = f"{rows['events']:,} of {rows['used']:,} rows ({report['sampled_rate']:.2%})"
    lines = [
        f"{report['target']['column']}: {counts}, {len(report['columns']):,} columns",
        "not " + report["target"]["column"] + ": " + ", ".join(_others(report)),
        _read(report),
        report["split"]["note"]["en"],
    ]
    if report["split"]["time"] is not None:
        lines += _periods(head["origins"])
    if report["population_rate"] is not None:
        lines.append(
            f"figures are for a population with {report['population_rate']:.2%}, rows weighed"
        )
    lines += _warnings(report)
    if head["off"] is not None:
        lines.append(f"no model: {head['off']['en']}")
    for learner, metrics in head["metrics"].items():
        figures = [f"{words} {_figure(metrics[name])}" for name, words in _SHOWN]
        figures[0] += f" beside base rate {head['base_rate']['test']:.4f}"
        lines.append(f"{learner}: " + ", ".join(figures))
    lines += Audit.model_validate(report["audit"]).lines()
    lines.append(f"the target {'passes' if report['passed'] else 'fails'} the gate")
    rules = head["verdict"]["rules"] if head["verdict"] else ()
    return lines + [f"  {rule['wording']['en']}" for rule in rules]


def _periods(origins: Sequence[Mapping[str, Any]]) -> list[str]:
    """Tell each period once, whether all was asked of one fit or each fold of one of its own."""
    periods: dict[str, list[Mapping[str, Any]]] = {}
    for origin in origins:
        periods.setdefault(origin["origin"].partition(",")[0], []).append(origin)
    lines = []
    for name, fits in periods.items():
        rows, churners = (sum(fit[count] for fit in fits) for count in ("rows", "churners"))
        least = min(fit["fitted_rows"] for fit in fits)
        lines.append(
            f"{name}: {rows:,} rows, {churners:,} of the target, asked of {least:,} earlier ones"
            f"{' or more' if fits[1:] else ''}; for {' and '.join(fits[0]['serves'])}"
        )
    return lines


def _read(report: Mapping[str, Any]) -> str:
    """Tell how the file, and how each column, was read; a spelling stands behind its column."""
    kinds: dict[str, list[str]] = {}
    for column in report["columns"]:
        form = f" ({column['form'].replace('|', ' ')})" if column["form"] else ""
        kinds.setdefault(column["kind"], []).append(column["column"] + form)
    listed = (
        f"{kind}: {', '.join(names[:_LISTED])}"
        + (f" and {len(names) - _LISTED:,} more" if names[_LISTED:] else "")
        for kind, names in sorted(kinds.items())
    )
    return f"read as {report['read_as']}; {'; '.join(listed)}"


def _others(report: Mapping[str, Any]) -> list[str]:
    return [f"{word} ({count:,})" for word, count in report["target"]["negative"].items()]


def _warnings(report: Mapping[str, Any]) -> list[str]:
    lines, rows = [], report["rows"]
    if report["totals"]:
        shown = [*report["totals"][:3], *(["…"] if report["totals"][3:] else [])]
        lines.append(f"learned from too: {'; '.join(shown)}")
    for aside in report["set_aside"]:
        leak = aside["finding"] and Finding.model_validate(aside["finding"]).sentence.en
        lines.append(
            f"warning: set aside: {leak}"
            if leak
            else f"set aside: {aside['column']} {aside['why']['en']}"
        )
    if rows["target_unknown"]:
        words = [f"{word} ({count:,})" for word, count in report["target"]["left_out"].items()]
        blank = rows["target_unknown"] - sum(report["target"]["left_out"].values())
        words += [f"blank ({blank:,})"] if blank else []
        lines.append(
            f"left out: {rows['target_unknown']:,} rows whose target says neither:"
            f" {', '.join(words)}"
        )
    if rows["time_unknown"]:
        lines.append(f"left out: {rows['time_unknown']:,} rows whose time is not known")
    if rows["repeated"]:
        lines.append(f"{rows['repeated']:,} rows repeat another")
    copies = rows["copies"]
    if copies["groups"]:
        share = (copies["equal"] + copies["near"]) / rows["used"]
        lines.append(
            f"{share:.1%} of the rows are copies beyond chance: {copies['equal']:,} equal another,"
            f" {copies['near']:,} nearly do, in {copies['groups']:,} groups; each is in one fold"
        )
    lines += [
        f"warning: {column['column']} may be meant as {column['doubtful'].replace('|', ' ')}, which"
        f" reads all of it otherwise: --read '{column['column']}={column['kind']}:FORM' decides"
        for column in report["columns"]
        if column["doubtful"]
    ]
    lines += _unread(report["read_as_missing"])
    if not report["reproducible"]:
        tried = report["tried"]
        lines.append(
            f"{_BY_THE_CLOCK}; tried: {tried['capacities']} capacities of the booster; fitted: "
            + ", ".join(tried["learners"])
        )
    return lines


def predicted_lines(
    rows: int, target: str, unread: Mapping[str, int], *, out_of_time: bool
) -> list[str]:
    """Return how many rows were scored, and what of them could not be read."""
    judged = (
        "the model was judged by what came later, out of time"
        if out_of_time
        else "the model was judged by folds of one table, which is not out of time"
    )
    return [f"{rows:,} rows scored for {target}; {judged}", *_unread(unread)]


def _unread(counts: Mapping[str, int]) -> list[str]:
    return [
        f"warning: {count:,} values of {column} do not fit what training found there: missing,"
        " or a word like any rare one"
        for column, count in sorted(counts.items())
    ]


def _figure(interval: Mapping[str, float | None]) -> str:
    value, lower, upper = (
        "undefined" if interval[end] is None else f"{interval[end]:.4f}"
        for end in ("value", "lower", "upper")
    )
    return f"{value} [{lower}, {upper}]"
