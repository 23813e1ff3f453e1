"""The page of a watch: estimated, half-matured and final performance on one time line."""

from __future__ import annotations

from collections.abc import Sequence

from churn.language import COLON, Language, Text, Words
from churn.monitoring.promotion import Decision
from churn.monitoring.record import Head, NightOfHead, Record
from churn.report.decisions import decision_words, head_words
from churn.report.page.charts import Dots, axis_of, dot_figure, spaced
from churn.report.page.drift import drift_of
from churn.report.page.frame import whole
from churn.report.page.heads import CAUSE_WORDS, of_cause
from churn.report.page.list_profit import LISTS, lists_of
from churn.report.page.markup import Content, Element, element
from churn.report.page.numbers import bounds, count, figure, percent, tick, tick_percent
from churn.report.page.tables import (
    TableColumn,
    columns,
    folded_table,
    lines,
    measured,
    more,
    numbers,
    table,
    tiles,
    warning,
)
from churn.report.watch import (
    ABOUT,
    MAPPING_CHANGED,
    PASSED_OVER,
    alarm_line,
    ratio_of,
    segment_name,
)
from churn.report.words import NOTHING

_FEW = 4
"""Nights whose dates have room beside each other on an axis."""
NIGHT = Text("night", "夜晚")
DRIFT = Text("Drift: inputs, base rates, age of data", "漂移：输入、基准流失率与数据时效")


def write_watch(record: Record, language: Language) -> bytes:
    """Return the page of a watch; the same record gives the same bytes on any day."""
    title = Text(f"Watch, night of {record.as_of}", f"监测（{record.as_of}）")
    footer = Text(
        "churn · Everything here comes from monitor.json beside this page.",
        "churn · 本页内容来自同目录的 monitor.json。",
    )
    sections = (
        ("short", Text("In short", "概要"), _short(record)),
        ("heads", Text("Promised and observed", "预测与实际"), _heads(record)),
        ("lists", LISTS, lists_of(record.lists)),
        ("inputs", DRIFT, drift_of(record)),
        ("decisions", Text("Who scores, and why", "谁在评分及原因"), _decisions(record)),
        ("basis", Text("What this rests on", "监测依据"), _basis(record)),
    )
    return whole(title, sections, footer, language)


def watch_section(record: Record) -> Content:
    """Return the watch as a section of the night's page: what is to be known first."""
    inputs = more(DRIFT, drift_of(record))
    decisions = more(Text("Who scores, and why", "谁在评分及原因"), _decisions(record))
    basis = more(Text("What this rests on", "监测依据"), _basis(record))
    return (_short(record), _heads(record), inputs, decisions, basis)


def _decisions(record: Record) -> Element:
    """Tell what was decided about challengers, the latest first."""
    if not record.decisions:
        return element("p", Text("Nothing was decided yet.", "尚无决定。"))
    return element("div", [_decision(each) for each in record.decisions])


def _decision(decision: Decision) -> Element:
    """Tell what was decided and why; the figures of each head open on demand."""
    words = Text(str(decision.as_of), str(decision.as_of)) + COLON + decision_words(decision)
    figures = [head_words(cause, head) for cause, head in decision.heads.items()]
    return more(words, lines(figures)) if figures else element("p", words)


def _latest(head: Head) -> NightOfHead | None:
    """Return the latest night of which anything is told."""
    told = [each for each in head.nights if ratio_of(each) is not None]
    return told[-1] if told else None


def _short(record: Record) -> Content:
    facts: list[tuple[Words, Content, Content]] = [
        (
            Text("Outcomes known through", "结果已知至"),
            element("span", str(record.observed_through), class_="whole"),
            "",
        )
    ]
    if record.model_age is not None:
        age = Text(f"{count(record.model_age)} days", f"{count(record.model_age)} 天")
        facts.append((Text("Age of the model in place", "在用模型距训练"), age, ""))
    for cause, head in record.heads.items():
        latest = _latest(head)
        ratio = ratio_of(latest) if latest else None
        if latest and ratio:
            of_night = Text(f"; night {latest.night}", f"；{latest.night} 夜") + _state(latest)
            facts.append(
                (
                    of_cause(cause, Text("observed / expected", "实际 / 预期")),
                    figure(ratio.value),
                    (bounds(ratio, figure), of_night),
                )
            )
    alarms = [alarm_line(alarm) for alarm in record.alarms]
    alarms += [MAPPING_CHANGED] if record.mapping_changed else []
    calm = Text(
        "No alarm: nothing that can be told differs by more than chance.",
        "无警报：可评估的差异均在随机范围内。",
    )
    notice = warning(lines(alarms)) if alarms else element("p", calm)
    return (notice, tiles(facts))


def _state(latest: NightOfHead) -> Text:
    """Say how much of a night is known."""
    if latest.final is not None or latest.nowcast is None:
        return Text(", final", "，已成熟")
    known = percent(latest.nowcast.known)
    return Text(f", half-matured: {known} known", f"，半成熟：已知 {known}")


def _heads(record: Record) -> Content:
    told = [(cause, head) for cause, head in record.heads.items() if head.nights]
    if not told:
        return element(
            "p",
            Text(
                "No scored night is watched yet: its outcome window has not opened.",
                "尚无可监测的评分夜：其结果窗口尚未开始。",
            ),
        )
    return [
        (
            element("h3", CAUSE_WORDS[cause]),
            columns(_ratios(head.nights), _precision(head.nights)),
            _table(head.nights),
            _segments(head),
            _groups(head),
        )
        for cause, head in told
    ]


def _labels(nights: Sequence[NightOfHead]) -> list[str]:
    return spaced([f"{each.night:%y-%m-%d}" for each in nights], _FEW)


def _ratios(nights: Sequence[NightOfHead]) -> Element:
    half = [each.nowcast.ratio if each.nowcast else None for each in nights]
    final = [each.metrics.get("observed_expected") for each in nights]
    series = [
        Dots.whiskered(Text("final", "已成熟"), final),
        Dots.whiskered(Text("half-matured", "半成熟"), half, 1),
    ]
    ratio = Text("observed / expected", "实际 / 预期")
    return dot_figure(
        Text("Do the chances come true?", "概率是否兑现？"),
        Text(
            "At 1 as many left as was promised; whiskers are 95 % intervals.",
            "1 表示实际与预测一致；须线为 95 % 区间。",
        ),
        _labels(nights),
        series,
        NIGHT,
        axis_of(series, ratio, tick),
    )


def _precision(nights: Sequence[NightOfHead]) -> Element:
    final = [each.metrics.get("average_precision") for each in nights]
    series = [
        Dots.whiskered(Text("measured", "实测"), final),
        Dots.bare(
            Text("by chances alone", "仅凭概率"),
            [each.chances_alone for each in nights],
            1,
            hollow=True,
        ),
    ]
    return dot_figure(
        Text("Does the ranking hold?", "排序能力是否稳定？"),
        Text(
            "By chances alone it is what the chances promise of themselves: no measurement.",
            "“仅凭概率”为概率自身所预示的数值，并非测量。",
        ),
        _labels(nights),
        series,
        NIGHT,
        axis_of(series, Text("average precision", "平均精度"), tick_percent),
    )


def _table(nights: Sequence[NightOfHead]) -> Element:
    shown = [
        TableColumn(Text("Night", "夜晚"), (str(each.night) for each in nights)),
        TableColumn(Text("Model of", "模型训练于"), (each.trained_as_of for each in nights)),
        numbers(Text("Promised", "预测数"), (each.promised for each in nights), figure),
        TableColumn(Text("Seen", "已见"), map(_seen, nights), number=True),
        TableColumn(Text("Known", "已知比例"), map(_known, nights), number=True),
        TableColumn(
            Text("Observed / expected", "实际 / 预期"),
            (measured(ratio_of(each), figure) for each in nights),
            number=True,
        ),
    ]
    return folded_table(Text("Night by night", "逐夜结果"), shown)


def _seen(each: NightOfHead) -> str:
    if each.final is not None:
        return figure(each.final)
    return figure(each.nowcast.seen) if each.nowcast else NOTHING


def _known(each: NightOfHead) -> str:
    if each.final is not None:
        return percent(1)
    return percent(each.nowcast.known) if each.nowcast else NOTHING


def _segments(head: Head) -> Element | None:
    if not head.segments:
        return None
    ordered = sorted(head.segments, key=lambda item: (item[1].chance, item[0]))
    caption = Text("By segment, the strangest first", "按分群，差异最显著者在前")
    return more(
        caption,
        table(
            caption,
            TableColumn(Text("Segment", "分群"), (segment_name(name) for name, _ in ordered)),
            numbers(Text("Seen", "已见"), (each.seen for _, each in ordered), figure),
            numbers(
                Text("Expected by now", "截至目前应见"),
                (each.expected for _, each in ordered),
                figure,
            ),
            TableColumn(
                Text("Observed / expected", "实际 / 预期"),
                (measured(each.ratio, figure) for _, each in ordered),
                number=True,
            ),
            stacked=True,
        ),
    )


def _groups(head: Head) -> Element | None:
    """Tell whether groups are selected and missed alike; intervals without parity are told."""
    if not head.groups:
        return None
    caption = Text(
        "Groups beside all others, latest final night: who is among the riskiest, whose churners "
        "are, whose chances come true",
        "各群体与其余用户对比（最近一个已成熟的夜晚）：谁进入高风险名单、流失者是否被覆盖、概率是否兑现",
    )
    apart = Text("other than parity", "偏离均等")
    return more(
        caption,
        table(
            caption,
            TableColumn(
                Text("Group", "群体"),
                (segment_name(f"{each.column}={each.value}") for each in head.groups),
            ),
            numbers(Text("Rows", "行数"), (each.rows for each in head.groups), count),
            numbers(Text("Churners", "流失户数"), (each.churners for each in head.groups), count),
            TableColumn(
                Text("Selected, times the others' share", "入选占比（其余用户的倍数）"),
                (measured(each.selected, figure) for each in head.groups),
                number=True,
            ),
            TableColumn(
                Text("Churners caught, minus the others'", "流失覆盖率与其余用户之差"),
                (measured(each.caught, percent) for each in head.groups),
                number=True,
            ),
            TableColumn(
                Text("Observed / expected, times the others'", "实际/预期（其余用户的倍数）"),
                (measured(each.ratio, figure) for each in head.groups),
                number=True,
            ),
            TableColumn(
                Text("Shown", "结论"), (apart if each.shown else NOTHING for each in head.groups)
            ),
            stacked=True,
        ),
    )


def _basis(record: Record) -> Element:
    told = [
        forecast
        for head in record.heads.values()
        for each in head.nights
        for forecast in each.forecasts
    ]
    basis: list[Content] = [ABOUT]
    if record.references:
        first, last = min(record.references), max(record.references)
        basis.append(
            Text(
                f"How late outcomes become known is told by {len(record.references)} past "
                f"snapshots, {first} … {last}.",
                f"结果滞后规律来自 {len(record.references)} 个历史快照（{first} … {last}）。",
            )
        )
    if told:
        held = sum(forecast.held for forecast in told)
        basis.append(
            Text(
                f"Of {count(len(told))} earlier nowcasts, {count(held)} held what is final now.",
                f"此前 {count(len(told))} 次半成熟估计中，{count(held)} 次的区间包含了最终结果。",
            )
        )
    basis += [
        Text(f"{number} nights passed over: ", f"未监测 {number} 夜：") + PASSED_OVER[why]
        for why, number in record.passed_over.items()
    ]
    return lines(basis)
