"""Effects in words: measured, assumed or not measurable, never mixed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isnan
from typing import Any

from churn.language import COLON, Text, Words
from churn.learning.wording import MINUS, priced
from churn.targeting import TargetingSettings
from churn.targeting.effects import Effect
from churn.targeting.effects.measuring import Verdict

VERDICTS: Mapping[Verdict, Text] = {
    "helps": Text("proven: fewer leave", "已证实：降低流失"),
    "harms": Text("proven: more leave", "已证实：增加流失"),
    "not_proven": Text("not proven", "未证实"),
    "not_random": Text("not believed: arms not drawn by lot", "不采信：分组非随机"),
    "not_measurable": Text("not measurable: nobody is spared", "无法测量：无对照"),
    "no_contacts": Text("not measured: too few contacts", "未测量：接触过少"),
}
NOTHING = "–"
FORESEEABLE = 730
"""Nights, or days, within which a proof is worth waiting for: two years."""
_FAR = -10.0
ASSUMED = Text("assumed", "假设")


def source_of(effect: Effect) -> Text:
    """Say whether the effect that is used is measured, assumed, or cannot be measured."""
    if not effect.measured:
        return ASSUMED + COLON + VERDICTS[effect.verdict]
    low, high = map(_end, (effect.gamma.lower, effect.gamma.upper))
    interval = Text(f" ({low} to {high}; ", f"（{low} 至 {high}；") + VERDICTS[effect.verdict]
    return Text("measured", "实测") + interval + Text(")", "）")


def _end(share: float) -> str:
    """Write an end of an interval; beyond tenfold it tells no more than that."""
    bound = f"{_FAR:+.0%}" if share < _FAR else f"{share:+.0%}"
    return f"{'< ' if share < _FAR else ''}{bound}".replace("-", MINUS)


def short_source_of(effect: Effect) -> Text:
    """Say the same in a few words, beside each contact."""
    own = effect.personal is not None and effect.personal.used
    if effect.measured and not own and effect.verdict == "not_proven":
        return Text("measured, not proven", "实测，未证实")
    return Text("measured", "实测") if effect.measured else ASSUMED


@dataclass(frozen=True)
class EffectColumn:
    """One column of a table of effects."""

    title: Text
    cell: Callable[[Effect], Words]


def _share(value: float) -> str:
    return NOTHING if isnan(value) else f"{value:+.1%}"


def _rates(effect: Effect) -> str:
    if not effect.measured:
        return NOTHING
    return f"{effect.treated_rate:.2%} / {effect.control_rate:.2%}"


def _with_interval(value: float, lower: float, upper: float) -> str:
    return NOTHING if isnan(lower) else f"{_share(value)} [{_share(lower)}, {_share(upper)}]"


def _by_subscriber(effect: Effect) -> Words:
    """Tell what effects by subscriber earn more than one for all, and whether they are used."""
    own = effect.personal
    if own is None:
        return NOTHING
    gain = f"{own.gain.value:+.2f} [{own.gain.lower:+.2f}, {own.gain.upper:+.2f}]: "
    return Text(gain, gain) + (Text("used", "采用") if own.used else Text("not proven", "未证实"))


EFFECT_COLUMNS: tuple[EffectColumn, ...] = (
    EffectColumn(Text("verdict", "结论"), lambda effect: VERDICTS[effect.verdict]),
    EffectColumn(
        Text("treated / control", "接触组/对照组"),
        lambda effect: f"{effect.treated:,} / {effect.control:,}",
    ),
    EffectColumn(Text("left", "流失率"), _rates),
    EffectColumn(
        Text("difference", "差值"),
        lambda effect: _with_interval(
            effect.difference.value, effect.difference.lower, effect.difference.upper
        ),
    ),
    EffectColumn(
        Text("γ measured", "实测 γ"),
        lambda effect: _with_interval(effect.gamma.value, effect.gamma.lower, effect.gamma.upper),
    ),
    EffectColumn(Text("γ assumed", "假设 γ"), lambda effect: _share(effect.assumed)),
    EffectColumn(Text("γ used", "采用 γ"), lambda effect: _share(effect.used)),
    EffectColumn(Text("by subscriber, earns more", "按用户区分的增收"), _by_subscriber),
)


def learning_lines(totals: Mapping[str, Any], settings: TargetingSettings) -> list[Text]:
    """Say what learning took tonight, what it costs, and what would settle the other actions."""
    learning, code = totals["learning"], settings.value.currency
    lines = []
    if learning["other_action"]:
        number, forgone = (
            f"{learning['other_action']:,}",
            priced(f"{learning['forgone']:,.2f}", code),
        )
        lines.append(
            Text(
                f"{number} of the selected are given another action by lot, to learn which is "
                f"better; expected profit forgone {forgone.en}.",
                f"{number} 户按抽签改用其他措施，以比较优劣；放弃的预期收益 {forgone.zh}。",
            )
        )
    if learning["bought"]:
        number, earned = (
            f"{learning['bought']:,}",
            priced(f"{learning['bought_profit']:,.2f}", code),
        )
        lines.append(
            Text(
                f"{number} of the selected are not expected to pay and buy learning; their "
                f"expected profit is {earned.en}.",
                f"{number} 户预期不盈利，仅为积累经验而入选，预期收益 {earned.zh}。",
            )
        )
    names = {action.name: action.label for action in settings.actions}
    for row in learning["power"]:
        if not row["more_selected"] or not row["nights"]:
            continue
        more, nights, selected = (
            f"{row[name]:,}" for name in ("more_selected", "nights", "selected")
        )
        share = f"{row['control_share']:.0%}"
        words = Text(
            f"not settled; {selected} selected tonight, {share} of such left alone; ",
            f"效果未定，当晚入选 {selected} 户，对照比例 {share}；",
        )
        if row["nights"] > FORESEEABLE:
            words += _out_of_reach(more)
        else:
            words += Text(
                f"about {more} more, {nights} nights like this one, would prove the effect "
                "assumed.",
                f"再选约 {more} 户（如当晚规模约 {nights} 夜）即可证实所假设的效果。",
            )
        lines.append(names[row["action"]] + COLON + words)
    return lines


def _out_of_reach(more: str) -> Text:
    """Say that nobody can wait for a proof, and what is left to do."""
    return Text(
        f"not provable at this pace: it would take about {more} more. Select more, leave a larger "
        "share alone, or take the effect for an assumption that stays one.",
        f"按此进度无法证实：尚需再选约 {more} 户。可扩大入选规模、提高对照比例，"
        "否则该效果只能继续作为假设。",
    )


def proof_line(effect: Effect, name: Text) -> Text | None:
    """Say what would prove an effect, or why it cannot be believed; nothing where it is proven."""
    refused, more = f"{effect.campaigns_refused:,}", f"{effect.more_selected or 0:,}"
    if effect.campaigns_refused:
        words = Text(
            f"{refused} campaigns were not drawn by lot and are not believed: what was known "
            "before tells their arms apart.",
            f"{refused} 个活动的分组并非随机（事前特征可区分两组），不予采信。",
        )
        return name + COLON + words
    if effect.verdict == "not_proven" and effect.more_selected:
        if (effect.more_days or 0) > FORESEEABLE:
            return name + COLON + _out_of_reach(more)
        days = f"{effect.more_days or 0:,}"
        words = Text(
            f"about {more} more selected, at the share of controls so far, would prove the "
            f"effect assumed; at the pace so far that takes {days} days.",
            f"按目前对照比例，再选约 {more} 户即可证实所假设的效果；按目前进度约需 {days} 天。",
        )
        return name + COLON + words
    return None
