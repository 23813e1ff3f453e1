"""Which snapshots taught the models, calibrated and tested them; which were left out, and why."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from churn.language import Text
from churn.learning import Bundle
from churn.panel import FOLDS, WHYS, Serving

SERVING = "serving"
"""Where a bundle's facts about its training keep it."""


def serving_of(bundle: Bundle) -> Serving | None:
    """Return what the snapshots of a bundle's training served for; None where nobody kept it."""
    content = bundle.meta.get(SERVING)
    return None if content is None else Serving.model_validate_json(content)


def serving_lines(bundle: Bundle) -> list[Text]:
    """Say what taught, calibrated, tested and was left out; nothing where nobody kept it."""
    serving = serving_of(bundle)
    if serving is None:
        return []
    first, last = serving.teach[0], serving.teach[-1]
    lines = [
        Text(
            f"The models learned from {len(serving.teach)} snapshots, {first} … {last}.",
            f"模型学习了 {len(serving.teach)} 个快照（{first} 至 {last}）。",
        )
    ]
    if serving.folded:
        folded = _days(serving.folded)
        lines.append(
            Text(
                f"{FOLDS} folds of customers calibrated"
                + ("" if serving.test else " and tested")
                + f" on {folded}, each asked of models of the others.",
                f"按客户分 {FOLDS} 折，在 {folded} 上校准{'' if serving.test else '并检验'}，"
                "每折由其他折的模型评分。",
            )
        )
    closed = Text("by models of what was closed by then", "由当时结果已知的快照训练的模型评分")
    for days, verb in (
        (serving.calibration, Text("Calibrated and chosen on", "校准与选择：")),
        (serving.test, Text("Tested on", "检验：")),
    ):
        if days:
            told = _days(days)
            lines.append(Text(f"{verb.en} {told}, {closed.en}.", f"{verb.zh}{told}，{closed.zh}。"))
    if serving.re_entered is not None:
        lines.append(_re_entries(*serving.re_entered))
    reasons: dict[str, list[date]] = {}
    for day, why in sorted(serving.left_out.items()):
        reasons.setdefault(why, []).append(day)
    if reasons:
        words = {why: WHYS.get(why, Text(why, why)) for why in reasons}
        left = {why: _days(days) for why, days in reasons.items()}
        lines.append(
            Text(
                "Left out: " + "; ".join(f"{left[why]} ({words[why].en})" for why in reasons) + ".",
                "未使用：" + "；".join(f"{left[why]}（{words[why].zh}）" for why in reasons) + "。",
            )
        )
    return lines


def _re_entries(found: int, departures: int) -> Text:
    return Text(
        f"Of {departures:,} departures in these snapshots {found:,} were re-entries, recognised "
        "under another number by whom both are in touch with: no churn, left out.",
        f"各快照共 {departures:,} 次离网，其中 {found:,} 次为重入网（按共同联系人识别为换号），"
        "不算流失，不参与训练。",
    )


def _days(days: Collection[date]) -> str:
    """Name days: all of a few, the ends of many."""
    named = [day.isoformat() for day in sorted(days)]
    return ", ".join(named) if len(named) <= _FEW else f"{named[0]} … {named[-1]} ({len(named)})"


_FEW = 6
