"""What every reader of a night must be told, beside its figures."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from churn.audit import Audit
from churn.causes import NOT_DELIVERED, HeadName
from churn.evaluation.gates import HEADS
from churn.language import COLON, Language, Text
from churn.learning import Bundle
from churn.learning.heads import HeadReport
from churn.panel import NOT_OUT_OF_TIME
from churn.tables import TABLES

NO_LIST = Text("No target list tonight.", "今晚没有目标名单。")
OLDER = Text(
    "The model in place was trained on earlier feature definitions: no newer one passed.",
    "当前模型基于较早的特征定义训练：新模型未通过上线门槛。",
)
LATER = Text(
    "The model in place was trained as of a later day ({trained}) than this night: it may know "
    "what the night could not, so how well this list fits what came is no measure of it.",
    "当前模型训练截至较晚的日期（{trained}），可能包含当晚未知的信息，名单的准确程度不能用于评价模型。",
)
_NO_AUDIT = Text(
    "The model in place was trained before there was a leak audit.",
    "当前模型训练时尚无泄漏审计。",
)


def availability_note(tables: Collection[str]) -> Text | None:
    """Return what a reader must know where it was assumed when data had been available."""
    if not tables:
        return None
    named = [name for name in TABLES if name in tables]
    return Text(
        f"Availability assumed, not recorded, for: {', '.join(named)}.",
        f"以下数据的可用时间为假定，并无记录：{'、'.join(named)}。",
    )


def learned_from_assumed(bundle: Bundle) -> set[str]:
    """Return the tables of which the training assumed when their history had been available."""
    return set(filter(None, bundle.meta.get("availability_assumed", "").split(",")))


def split_note(bundle: Bundle) -> Text:
    """Return what a reader must know of a bundle that was not judged wholly out of time."""
    return NOT_OUT_OF_TIME[bundle.meta.get("split", "customer")]


def audit_notes(audit: Audit | None, newer: Audit | None, language: Language) -> list[str]:
    """Say what the audit passed over, and whether it stopped a newer model.

    Parameters
    ----------
    audit
        That of the model in place; None where there was none yet.
    newer
        That of the night's training, if there was one.
    """
    if audit is None:
        return [_NO_AUDIT.of(language)]
    notes = [line.strip() for line in audit.lines(language)] if audit.accepted else []
    if newer is not None and newer.open:
        findings = ", ".join(f"{finding.code} {finding.subject}" for finding in newer.open)
        stopped = Text(
            f"The leak audit stopped a newer model; the one in place goes on. Open: {findings}.",
            f"泄漏审计拦下了较新的模型，沿用当前模型。未决：{findings}。",
        )
        notes.append(stopped.of(language))
    return notes


def later_note(bundle: Bundle, night: date) -> Text | None:
    """Say where a past night is scored by a model that it could not have had."""
    trained = bundle.meta.get("as_of", "")
    if trained <= night.isoformat():
        return None
    return Text(LATER.en.format(trained=trained), LATER.zh.format(trained=trained))


def reading_notes(
    assumed: Collection[str],
    language: Language,
    *,
    bundle: Bundle | None = None,
    night: date | None = None,
    audited: Sequence[str] = (),
    older: bool = False,
) -> tuple[str, ...]:
    """Put together what every reader of a night must be told.

    Parameters
    ----------
    assumed
        Tables of which it is assumed when their data had been available.
    night
        The night that the bundle scored.
    audited
        See :func:`audit_notes`.
    older
        Whether the model in place was trained on earlier feature definitions.
    """
    availability = availability_note(assumed)
    notes = [availability.of(language)] if availability else []
    notes += audited
    if older:
        notes.append(OLDER.of(language))
    later = later_note(bundle, night) if bundle and night else None
    notes += [later.of(language)] if later else []
    if bundle is not None and not bundle.out_of_time:
        notes.append(split_note(bundle).of(language))
    return tuple(notes)


def gate_lines(reports: Mapping[HeadName, HeadReport], language: Language) -> list[str]:
    """Return one sentence per head on what its model can do, then the figures behind them."""
    plain, details = [], []
    for cause, report in reports.items():
        head = HEADS[cause] + COLON
        if report.off is not None:
            plain.append(head + report.off)
        elif report.verdict is not None:
            plain.append(report.verdict.wording)
            details += [head + detail for detail in report.verdict.details]
    absent = {head: why for head, why in NOT_DELIVERED.items() if head not in reports}
    plain += [HEADS[head] + COLON + why for head, why in absent.items()]
    return [line.of(language) for line in plain] + [f"    {line.of(language)}" for line in details]


def why_missing(not_delivered: Collection[str]) -> list[Text]:
    """Say why an indicator has no figure: its table was not delivered, or does not cover its days.

    Parameters
    ----------
    not_delivered
        Tables that indicators need.
    """
    covered = Text(
        "Downgrades are told of months, or days so far, that plan changes cover to the end, from "
        "the month of the first change on record.",
        "降档自首笔套餐变更所在月起列示，且数据须覆盖至期末。",
    )
    labels = [TABLES[name].label for name in not_delivered]
    return [
        *([] if "plan_changes" in not_delivered else [covered]),
        *(
            Text(f"Not delivered, so not told: {label.en}.", f"未交付，故不列：{label.zh}。")
            for label in labels
        ),
    ]
