"""A backtest as text on a terminal: one line per night, then all nights pooled."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from churn.evaluation.backtest import (
    BacktestResult,
    HeadFigures,
    ListFigures,
    NightFigures,
    PooledHead,
)
from churn.evaluation.groups import ENOUGH, Group
from churn.evaluation.intervals import Interval

CHAMPION = "champion"
_ABOUT_GROUPS = (
    "risk without contact by group of chance, boosting; weighted training against a copy with all "
    "weights 1:"
)
_ORDERS = {"time": "", "test": "  calibrated by customer", "customer": "  not out of time"}


def lines(result: BacktestResult) -> list[str]:
    """Return what was found."""
    told = [f"{len(result.nights)} nights replayed, outcomes known as of {result.as_of}"]
    for day, why in sorted(result.not_judged.items()):
        told.append(f"{day} not replayed: {why.en}")
    for cause in result.pooled:
        told += ["", f"{cause} churn", *_nights(result.nights, cause)]
        told += _pooled(cause, result.pooled[cause], result)
    told += ["", "lists", *_lists(result)]
    return told


def _nights(nights: Iterable[NightFigures], cause: str) -> list[str]:
    rows: list[tuple[str, ...]] = [
        ("night", "trained", "scored", "left", "base", "AP", "ROC AUC", "lift 10 %", "O/E")
    ]
    notes = [""]
    for night in nights:
        head = night.heads[cause]
        start = (str(night.night), str(night.learned.as_of), f"{night.eligible:,}")
        notes.append(_ORDERS[night.learned.order])
        if head.off is not None:
            rows.append((*start, "", "", "off", "", "", ""))
            notes[-1] += f"  {head.off.en}"
            continue
        rows.append((*start, *_figures(head)))
        if cause not in night.learned.passed:
            notes[-1] += "  fails the gate"
    return _aligned(rows, notes)


def _figures(head: HeadFigures) -> tuple[str, ...]:
    found = head.metrics.get(CHAMPION, {})
    shown = [
        f"{found[name].value:{form}}" if name in found else "–"
        for name, form in (
            ("average_precision", ".2%"),
            ("roc_auc", ".3f"),
            ("lift_10", ".2f"),
            ("observed_expected", ".2f"),
        )
    ]
    return (f"{head.events:,}", f"{head.base_rate:.2%}", *shown)


def _pooled(cause: str, head: PooledHead, result: BacktestResult) -> list[str]:
    told = []
    on = sum(night.heads[cause].off is None for night in result.nights)
    measured = head.figures.metrics
    for learner in sorted(measured, key=lambda name: (name != CHAMPION, name)):
        found = measured[learner]
        told.append(
            f"{on} of {len(result.nights)} nights, {learner}: average precision "
            f"{_share(found['average_precision'])} at a base rate of "
            f"{head.figures.base_rate:.2%}, ROC AUC {found['roc_auc']}, "
            f"observed/expected {found['observed_expected']}"
        )
    if head.unseen is not None and head.unseen.metrics:
        who = "customers kept out of every training" if result.unseen_share else "newcomers"
        found = head.unseen.metrics[CHAMPION]
        told.append(
            f"never seen in training ({who}; {head.unseen.rows:,} rows, {head.unseen.events:,} "
            f"left): average precision {_share(found['average_precision'])} at a base rate of "
            f"{head.unseen.base_rate:.2%}, ROC AUC {found['roc_auc']}"
        )
    if head.groups:
        told += [
            _ABOUT_GROUPS,
            *_groups(head.groups),
        ]
    elif head.figures.off is None:
        told.append(
            "no campaign touched the training rows: weighting changes nothing"
            if result.copies
            else "no copy with all weights 1 was trained (backtest.unweighted)"
        )
    return told


def _groups(groups: Sequence[Group]) -> list[str]:
    rows: list[tuple[str, ...]] = [
        ("group", "left", "observed", "weighted", "all 1", "nearer", "by (points)")
    ]
    for place, one in enumerate(groups, start=1):
        by = [f"{value * 100:.3f}" for value in (one.closer.value, one.closer.lower,
                                                  one.closer.upper)]  # fmt: skip
        rows.append(
            (
                str(place),
                f"{one.events:,}",
                f"{one.reference:.3%}",
                f"{one.first:.3%}",
                f"{one.second:.3%}",
                "weighted" if one.nearer else "all 1",
                f"{by[0]} [{by[1]}, {by[2]}]",
            )
        )
    return [*_aligned(rows), _nearer(groups)]


def _nearer(groups: Sequence[Group]) -> str:
    judged = [one for one in groups if one.events >= ENOUGH]
    if not judged:
        return f"no group has {ENOUGH} churners: too few to tell which training is nearer"
    nearer = sum(one.nearer for one in judged)
    return (
        f"of the {len(judged)} groups with at least {ENOUGH} churners, weighted training is nearer "
        f"in {nearer}"
    )


def _lists(result: BacktestResult) -> list[str]:
    rows: list[tuple[str, ...]] = [
        ("night", "contacts", "controls", "judged", "left", "gone", "expected", "earned", "O/E")
    ]
    notes = [""]
    for night in result.nights:
        one = night.planned
        rows.append((str(night.night), *_list(one)))
        notes.append(f"  {one.refused.en}" if one.refused else "")
    rows.append(("all", *_list(result.pooled_list)))
    return [*_aligned(rows, [*notes, ""]), *_about_lists()]


def _list(one: ListFigures) -> tuple[str, ...]:
    if one.refused is not None:
        return ("–",) * 8
    counts = (one.listed, one.controls, one.judged, one.churned, one.gone)
    earned = f"{one.realised.value:,.0f} [{one.realised.lower:,.0f}, {one.realised.upper:,.0f}]"
    ratio = one.observed_expected.value
    return (*(f"{n:,}" for n in counts), f"{one.expected:,.0f}", earned, f"{ratio:.2f}")


def _about_lists() -> list[str]:
    return [
        "expected and earned: profit of contacting all selected, controls included; earned is an",
        "expectation given who left, with the gone at full cost and no benefit",
    ]


def _share(figure: Interval) -> str:
    return f"{figure.value:.2%} [{figure.lower:.2%}, {figure.upper:.2%}]"


def _aligned(rows: Sequence[Sequence[str]], notes: Sequence[str] | None = None) -> list[str]:
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return [
        (
            "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) + note
        ).rstrip()
        for row, note in zip(rows, notes or [""] * len(rows), strict=True)
    ]
