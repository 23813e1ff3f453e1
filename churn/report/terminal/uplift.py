"""What contacts changed, on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import isnan

from churn.evaluation.intervals import Interval
from churn.language import COLON, LANGUAGES, Text, Words
from churn.learning.wording import currency_word
from churn.report.effects import EFFECT_COLUMNS, NOTHING, proof_line
from churn.report.terminal.grid import grid
from churn.report.words import worded, words_of
from churn.targeting import TargetingSettings
from churn.targeting.effects import HORIZONS, Effect, Instead, Later, Part
from churn.targeting.holdout import Programme


def uplift_lines(
    effects: Sequence[Effect], settings: TargetingSettings, *, waiting: int, not_meant: int = 0
) -> Iterator[Text]:
    """Tell each action's effect with its interval, what of it is used, and what would prove it."""
    names: Mapping[str, Text] = words_of(settings.actions)["action"]
    header: list[Words] = [Text("action", "措施"), *(column.title for column in EFFECT_COLUMNS)]
    rows: list[list[Words]] = [
        header,
        *(
            [names[effect.action], *(column.cell(effect) for column in EFFECT_COLUMNS)]
            for effect in effects
        ),
    ]
    yield from _tables(rows)
    for effect in effects:
        line = proof_line(effect, names[effect.action])
        if line is not None:
            yield line
    for effect in effects:
        yield from policy_lines(effect, names[effect.action], settings)
    if waiting:
        yield Text(
            f"{waiting:,} contacts are too recent: their outcomes are not final.",
            f"{waiting:,} 次接触的结果尚未确定，暂不计入。",
        )
    if not_meant:
        yield Text(
            f"{not_meant:,} draws were of subscribers whom the action is not meant for (no "
            "arrears, recent fault or key account where it needs one) and are not counted.",
            f"{not_meant:,} 次抽签的用户不符合该措施的前提（无欠费、近期故障或大客户身份），"
            "不予计入。",
        )
    yield VERDICTS_NOTE


def policy_lines(effect: Effect, name: Text, settings: TargetingSettings) -> Iterator[Text]:
    """Tell what ways to choose would have earned, how well the order finds it, and the A/A test."""
    own, currency = effect.personal, currency_word(settings.value.currency)
    if own is not None and own.policies is not None:
        found = own.policies
        ways = (
            (Text("everyone", "全部联系"), found.everyone),
            (Text("by one effect", "按统一效果"), found.alike),
            (Text("by own effects", "按个体效果"), found.own),
            (Text("AUUC", "AUUC"), found.auuc),
            (Text("Qini", "Qini"), found.qini),
        )
        words = Text(
            f"earned more than contacting nobody, {currency.en} per selected: ",
            f"较不联系多赚（{currency.zh}/户）：",
        )
        for place, (way, value) in enumerate(ways):
            words += (Text("; ", "；") if place else Text("", "")) + way
            words += " " + _money(value)
        yield name + COLON + words
    if not isnan(effect.placebo.lower):
        told = _interval_of_shares(effect.placebo)
        yield (
            name
            + COLON
            + Text(
                f"A/A test, two halves of the controls differ by {told}.",
                f"A/A 检验：对照组两半之差 {told}。",
            )
        )


def later_lines(found: Sequence[Later], settings: TargetingSettings) -> Iterator[Text]:
    """Tell what each action had changed some months on, in shares and in money."""
    if not found:
        yield Text(
            f"No draw has been followed for {HORIZONS[0]} days yet: whether churn was avoided or "
            "put off cannot be told.",
            f"尚无随访满 {HORIZONS[0]} 天的接触：无法判断流失是避免还是推迟。",
        )
        return
    names: Mapping[str, Text] = words_of(settings.actions)["action"]
    currency = currency_word(settings.value.currency)
    rows: list[list[Words]] = [
        [
            Text("later", "后续"),
            Text("days", "天数"),
            Text("treated / control", "接触组/对照组"),
            Text("difference", "差值"),
            Text("γ measured", "实测 γ"),
            Text(f"margin, {currency.en} per assigned", f"毛利（{currency.zh}/户）"),
        ]
    ]
    rows += [
        [
            names[each.action],
            str(each.days),
            f"{each.treated:,} / {each.control:,}",
            _interval_of_shares(each.difference),
            _interval_of_shares(each.gamma),
            NOTHING if isnan(each.margin.lower) else _money(each.margin),
        ]
        for each in found
    ]
    yield from _tables(rows)
    yield LATER_NOTE


def programme_lines(found: Sequence[Programme], settings: TargetingSettings) -> Iterator[Text]:
    """Tell what the programme was worth by each half year's holdout."""
    currency = currency_word(settings.value.currency)
    for each in found:
        sizes = (f"{each.contacted:,}", f"{each.held_out:,}", f"{each.months}")
        margin = NOTHING if isnan(each.margin.lower) else _money(each.margin)
        yield Text(
            f"The programme in {each.period}: {sizes[0]} households with it, {sizes[1]} held out; "
            f"over {sizes[2]} months it brought {margin} {currency.en} per household.",
            f"{each.period} 整体效果：参与 {sizes[0]} 户，整体对照 {sizes[1]} 户；{sizes[2]} 个月内"
            f"每户多带来 {margin} {currency.zh}。",
        )


def instead_lines(found: Sequence[Instead], settings: TargetingSettings) -> Iterator[Text]:
    """Tell what giving another action by lot changed."""
    names: Mapping[str, Text] = words_of(settings.actions)["action"]
    for each in found:
        planned, given = names[each.planned], names[each.given]
        kept, changed, told = f"{each.kept:,}", f"{each.changed:,}", each.difference
        yield Text(
            f"By lot {given.en} instead of {planned.en} ({changed} against {kept}): "
            f"{_interval_of_shares(told)} more left.",
            f"按抽签以{given.zh}代替{planned.zh}（{changed} 户对 {kept} 户）：流失率相差"
            f"{_interval_of_shares(told)}。",
        )


def part_lines(found: Sequence[Part], settings: TargetingSettings) -> Iterator[Text]:
    """Tell what actions changed part by part."""
    words = words_of(settings.actions)
    rows: list[list[Words]] = [
        [
            Text("part", "分组"),
            Text("action", "措施"),
            Text("treated / control", "接触组/对照组"),
            Text("difference", "差值"),
            Text("γ measured", "实测 γ"),
        ]
    ]
    rows += [
        [
            KINDS[each.column] + " " + (FLAGS.get(each.value) or worded(each.value, "", words)),
            EVERY if each.action is None else words["action"][each.action],
            f"{each.treated:,} / {each.control:,}",
            _interval_of_shares(each.difference),
            _interval_of_shares(each.gamma),
        ]
        for each in found
    ]
    if found:
        yield from _tables(rows)
    else:
        yield Text("No part has enough in either arm.", "各分组两臂样本均不足。")


def _tables(rows: list[list[Words]]) -> Iterator[Text]:
    tables = {language: grid(rows, language) for language in LANGUAGES}
    for lines in zip(*tables.values(), strict=True):
        yield Text(**dict(zip(LANGUAGES, lines, strict=True)))


def _interval_of_shares(found: Interval) -> str:
    if isnan(found.lower):
        return NOTHING
    return f"{found.value:+.1%} [{found.lower:+.1%}, {found.upper:+.1%}]"


def _money(found: Interval) -> str:
    return f"{found.value:+,.2f} [{found.lower:+,.2f}, {found.upper:+,.2f}]"


KINDS: Mapping[str, Text] = {
    "cause": Text("churn", "流失"),
    "channel": Text("channel", "渠道"),
    "quarter": Text("quarter", "季度"),
    "customer_type": Text("customer type", "客户类型"),
    "key_account": Text("key account", "大客户"),
    "has_mobile": Text("has mobile", "有移动业务"),
}
"""What makes a part."""
FLAGS: Mapping[str, Text] = {"0.0": Text("no", "否"), "1.0": Text("yes", "是")}
EVERY = Text("all", "全部")
LATER_NOTE = Text(
    "Later figures are by assignment, so many days after each draw; margin of the bills of the "
    "full months after it, less what contacts and offers cost, what was billed before taken into "
    "account. Intervals 95 %, of a single look: they decide nothing.",
    "后续结果按分组计算，自抽取之日起计；毛利取其后完整月份账单，扣除接触与优惠成本，并以此前账单"
    "校正。区间为 95%（单次查看），不作为判定依据。",
)
PARTS_NOTE = Text(
    "Parts are for understanding and decide nothing: of twenty intervals one misses by luck alone.",
    "分组结果仅供理解，不作为判定依据：二十个区间中平均有一个纯属偶然。",
)
VERDICTS_NOTE = Text(
    "Effects are by assignment, over lead and outcome window; intervals 95 %. Proven: at level "
    "5 %, however often one looks, corrected for the number of actions (Holm).",
    "效果按分组（而非是否接通）计算，覆盖提前期与结果窗口，区间为 95%。“已证实”指在 5% 水平下、"
    "可随时查看，且已按措施数校正（Holm）。",
)
