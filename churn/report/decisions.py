"""What is told of a decision about a challenger: one line that holds every figure it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from churn.causes import RISKS, HeadName
from churn.language import COLON, SEPARATOR, Text
from churn.monitoring.promotion import Decision, HeadDuel, Rule, Verdict

VERDICTS: Mapping[Verdict, Text] = MappingProxyType(
    {
        "promoted": Text("put in place", "已启用"),
        "held": Text("held back", "未启用"),
        "shadowed": Text("scores beside the champion", "并行评分"),
    }
)
RULES: Mapping[Rule, Text] = MappingProxyType(
    {
        "first": Text("no model was in place", "此前没有在用模型"),
        "gate": Text(
            "it does not pass the gate on every head that the champion has",
            "未能在在用模型的每个模型头上通过准入",
        ),
        "worse": Text("it is shown to be worse", "已证实更差"),
        "definitions": Text(
            "the champion reads features that are defined otherwise by now, and the challenger is "
            "not shown to be worse",
            "在用模型所用特征的定义已变，且新模型未被证实更差",
        ),
        "reasons": Text(
            "it is shown to be better, but too few on the list would keep their first reason",
            "已证实更好，但名单中首要原因保持不变者过少",
        ),
        "better": Text("it is shown to be better", "已证实更好"),
        "head": Text(
            "it has a head that the champion lacks, and is not shown to be worse",
            "新增了在用模型没有的模型头，且未被证实更差",
        ),
        "asked": Text(
            "the training was asked for, and it is not shown to be worse",
            "由人工发起训练，且未被证实更差",
        ),
        "old": Text(
            "the champion is old, and it is shown to be no worse",
            "在用模型已旧，且新模型已证实不差",
        ),
        "unproven": Text("it is not shown yet to be better or worse", "尚不能证实更好或更差"),
    }
)


def decision_line(decision: Decision) -> Text:
    """Tell what was decided, by which rule, on which nights, with every head's figures."""
    line = decision_words(decision)
    for cause, head in decision.heads.items():
        line += SEPARATOR + head_words(cause, head)
    return line


def decision_words(decision: Decision) -> Text:
    """Tell what was decided, by which rule and on which nights."""
    of = Text(f"challenger of {decision.challenger_of}", f"{decision.challenger_of}训练的新模型")
    beside = Text("", "")
    if decision.champion_of is not None:
        beside = Text(
            f" (champion of {decision.champion_of}, {decision.age} days old)",
            f"（在用模型训练于{decision.champion_of}，距今{decision.age}天）",
        )
    line = of + beside + COLON + VERDICTS[decision.verdict] + SEPARATOR
    line += RULES[decision.rule]
    if decision.lacking:
        names = [RISKS[cause].word for cause in decision.lacking]
        en, zh = ", ".join(name.en for name in names), "、".join(name.zh for name in names)
        line += Text(f" (without {en})", f"（缺少{zh}）")
    if decision.champion is None:
        return line
    if not decision.nights:
        return line + Text(
            "; no night has matured that neither had learned", "；尚无两者均未学习过的成熟夜"
        )
    first, last = decision.nights[0], decision.nights[-1]
    return line + Text(
        f"; nights both were held against: {len(decision.nights)}, {first} … {last}",
        f"；对比夜数{len(decision.nights)}（{first} … {last}）",
    )


def decision_tags(decision: Decision) -> dict[str, str]:
    """Return a decision as tags of a registered version."""
    nights = [night.isoformat() for night in decision.nights]
    return {
        "decided": f"{decision.as_of} {decision.rule} {decision.champion or 'none'}",
        "decision": decision.verdict,
        "decision_rule": decision.rule,
        "decision_reason": RULES[decision.rule].en,
        "decision_night": decision.as_of.isoformat(),
        "decision_nights": ",".join(nights) or "none",
        "against": decision.champion_of or "none",
    }


def decision_metrics(decision: Decision) -> dict[str, float]:
    """Return a decision's figures by name: ``decision_<figure>_<cause>``, bounds beside them."""
    metrics: dict[str, float] = {"decision_nights": float(len(decision.nights))}
    for cause, head in decision.heads.items():
        for figure in ("log_loss", "profit", "auc", "champion_ratio", "challenger_ratio"):
            interval = getattr(head, figure)
            name = f"decision_{figure}_{cause}"
            metrics |= {
                name: interval.value,
                f"{name}_lower": interval.lower,
                f"{name}_upper": interval.upper,
            }
        metrics[f"decision_churners_{cause}"] = float(head.churners)
        if head.same_reasons is not None:
            metrics[f"decision_same_reasons_{cause}"] = head.same_reasons
    return metrics


def head_words(cause: HeadName, head: HeadDuel) -> Text:
    """Tell one head's figures: differences are the challenger's minus the champion's."""
    word = RISKS[cause].word
    figures = Text(
        f"{head.churners:,} churners in {head.rows:,} rows; challenger minus champion: log loss "
        f"{head.log_loss}, profit {head.profit}, area under ROC {head.auc}; observed/expected "
        f"{head.challenger_ratio}, the champion's {head.champion_ratio}",
        f"{head.rows:,}行中流失{head.churners:,}户；新模型减在用模型：对数损失{head.log_loss}，"
        f"利润{head.profit}，ROC曲线下面积{head.auc}；实际/预期{head.challenger_ratio}，"
        f"在用模型{head.champion_ratio}",
    )
    same = Text("", "")
    if head.same_reasons is not None:
        same = Text(
            f"; same first reason for {head.same_reasons:.0%} of the list",
            f"；名单中首要原因相同者占{head.same_reasons:.0%}",
        )
    return word + COLON + figures + same
