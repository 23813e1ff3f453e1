"""A night's watch on a terminal: alarms first, then each head's nights, then segments."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from churn.causes import RISKS
from churn.language import COLON, LANGUAGES, Text, Words
from churn.monitoring.record import Head, NightOfHead, Record
from churn.report.terminal.grid import grid
from churn.report.watch import (
    ABOUT,
    AGES_AS_LEARNED,
    LAST_YEAR,
    MAPPING_CHANGED,
    PASSED_OVER,
    alarm_line,
    level_verdict,
    segment_name,
    with_interval,
)
from churn.report.words import NOTHING
from churn.tables import TABLES


def monitor_lines(record: Record) -> Iterator[Text]:
    """Tell what happened against what had been promised."""
    yield Text(
        f"Night {record.as_of}: outcomes are known through {record.observed_through}.",
        f"{record.as_of}夜：结果已知至{record.observed_through}。",
    )
    yield from (alarm_line(alarm) for alarm in record.alarms)
    if record.mapping_changed:
        yield MAPPING_CHANGED
    if not any(head.nights for head in record.heads.values()):
        yield Text(
            "No scored night is watched yet: its outcome window has not opened.",
            "尚无可监测的评分夜：其结果窗口尚未开始。",
        )
    elif not record.references:
        yield Text(
            "No past snapshot is final yet that would tell how late outcomes become known: nights "
            "are told once they are final.",
            "尚无已成熟的历史快照可说明结果的滞后情况：各夜成熟后方可评估。",
        )
    elif not record.alarms:
        yield Text(
            "No alarm: nothing differs from what was promised by more than chance.",
            "无警报：与预测的差异均在随机范围内。",
        )
    for code, head in record.heads.items():
        if head.nights:
            yield RISKS[code].text + COLON
            yield from _grid(_nights(head.nights))
            yield from _segments(head)
    yield from _checked(record)
    yield from _drift(record)
    yield from _base_rates(record)
    yield from _data_ages(record)
    for why, count in record.passed_over.items():
        yield Text(f"{count:,} nights passed over: ", f"未监测{count:,}夜：") + PASSED_OVER[why]
    if any(head.nights for head in record.heads.values()):
        yield ABOUT


def _nights(nights: Sequence[NightOfHead]) -> list[list[Words]]:
    rows: list[list[Words]] = [
        [
            Text("night", "夜"),
            Text("model of", "模型训练于"),
            Text("promised", "预测数"),
            Text("seen", "已见"),
            Text("known", "已知比例"),
            Text("observed/expected", "实际/预测"),
            Text("state", "状态"),
            Text("AP by chances alone", "AP（仅凭概率）"),
            Text("AP measured", "AP（实测）"),
        ]
    ]
    return rows + [_row(each) for each in nights]


def _row(each: NightOfHead) -> list[Words]:
    start: list[Words] = [str(each.night), each.trained_as_of, f"{each.promised:,.1f}"]
    alone = f"{each.chances_alone:.2%}" if math.isfinite(each.chances_alone) else NOTHING
    if each.final is not None:
        ratio = each.metrics.get("observed_expected")
        precision = each.metrics.get("average_precision")
        return [
            *start,
            f"{each.final:,.1f}",
            "100 %",
            with_interval(ratio) if ratio else NOTHING,
            Text("final", "已成熟"),
            alone,
            f"{precision.value:.2%}" if precision else NOTHING,
        ]
    if each.nowcast is None:
        waiting = Text("not yet told", "尚不可评估")
        return [*start, NOTHING, NOTHING, NOTHING, waiting, alone, NOTHING]
    return [
        *start,
        f"{each.nowcast.seen:,.1f}",
        f"{each.nowcast.known:.0%}",
        with_interval(each.nowcast.ratio),
        Text("half-matured", "半成熟"),
        alone,
        NOTHING,
    ]


def _segments(head: Head) -> Iterator[Text]:
    """Tell the segments, those furthest from what was promised first."""
    if not head.segments:
        return
    rows: list[list[Words]] = [
        [
            Text("segment", "分群"),
            Text("seen", "已见"),
            Text("expected by now", "截至目前应见"),
            Text("observed/expected", "实际/预测"),
        ]
    ]
    ordered = sorted(head.segments, key=lambda item: (item[1].chance, item[0]))
    rows += [
        [
            segment_name(name),
            f"{each.seen:,.1f}",
            f"{each.expected:,.1f}",
            with_interval(each.ratio),
        ]
        for name, each in ordered
    ]
    yield from _grid(rows)


def _drift(record: Record) -> Iterator[Text]:
    """Tell which inputs are others than those learned from, those that move most first."""
    if record.drift is None:
        return
    if not record.drift:
        yield Text(
            "Inputs: none is distributed otherwise than what the model learned from.",
            "输入：与模型训练所用数据相比，分布均无显著变化。",
        )
        return
    yield Text(
        "Inputs distributed otherwise than what the model learned from, by what they move; "
        "chances and reasons otherwise than on the first night that it scored:",
        "与模型训练所用数据相比分布有变的输入（按对评分的影响排序），以及与其首个评分夜相比"
        "有变的概率与原因：",
    )
    heads = [head for head in RISKS if any(head in each.moves for each in record.drift)]
    rows: list[list[Words]] = [
        [
            Text("input", "输入"),
            *(
                Text(f"logit, {RISKS[head].word.en}", f"对数几率（{RISKS[head].word.zh}）")
                for head in heads
            ),
            Text("stability index", "稳定性指数"),
            Text("last year", "去年同期"),
        ]
    ]
    rows += [
        [
            Text(*record.words.get(each.feature, (each.feature, each.feature))),
            *(f"{each.moves[head]:+.3f}" if head in each.moves else NOTHING for head in heads),
            f"{each.index:.2f}",
            NOTHING if each.as_last_year is None else LAST_YEAR[each.as_last_year],
        ]
        for each in record.drift[:SHOWN]
    ]
    yield from _grid(rows)
    if len(record.drift) > SHOWN:
        more = len(record.drift) - SHOWN
        yield Text(f"and {more} more.", f"另有{more}项。")


SHOWN = 15


def _base_rates(record: Record) -> Iterator[Text]:
    """Tell what share leaves by now, beside what was learned from and last year's."""
    if not record.base_rates:
        return
    yield Text(
        "Base rates, beside those learned from and those of the same weeks of last year:",
        "基准流失率（与训练期及去年同期相比）：",
    )
    rows: list[list[Words]] = [
        [
            Text("cause", "流失类型"),
            Text("night", "夜"),
            Text("base rate", "基准流失率"),
            Text("learned from", "训练期"),
            Text("last year", "去年同期"),
            Text("verdict", "结论"),
        ]
    ]
    rows += [
        [
            RISKS[each.head].text,
            str(each.night),
            f"{each.now.value:.2%} [{each.now.lower:.2%}, {each.now.upper:.2%}]",
            f"{each.learned:.2%}",
            NOTHING if each.last_year is None else f"{each.last_year:.2%}",
            level_verdict(told=each.told, as_last_year=each.as_last_year),
        ]
        for each in record.base_rates
    ]
    yield from _grid(rows)


def _data_ages(record: Record) -> Iterator[Text]:
    """Tell which tables are older, or newer, than those learned from."""
    told = [each for each in record.data_ages if each.told]
    if record.data_ages and not told:
        yield AGES_AS_LEARNED
    if not told:
        return
    yield Text(
        "Tables whose data is not as old as when the model learned, in days:",
        "数据时效与训练期不同的数据表（天）：",
    )
    rows: list[list[Words]] = [
        [
            Text("table", "数据表"),
            Text("now", "当前"),
            Text("learned from", "训练期"),
            Text("last year", "去年同期"),
            Text("verdict", "结论"),
        ]
    ]
    rows += [
        [
            TABLES[each.table].label,
            f"{each.now:,}",
            f"{each.usual:,g}",
            NOTHING if each.last_year is None else f"{each.last_year:,}",
            level_verdict(told=each.told, as_last_year=each.as_last_year),
        ]
        for each in told
    ]
    yield from _grid(rows)


def _checked(record: Record) -> Iterator[Text]:
    """Tell how often earlier nowcasts held what became final since."""
    told = [
        forecast
        for head in record.heads.values()
        for night in head.nights
        for forecast in night.forecasts
    ]
    if told:
        held = sum(forecast.held for forecast in told)
        yield Text(
            f"Of {len(told):,} earlier nowcasts, {held:,} held what is final now.",
            f"此前{len(told):,}次半成熟估计中，{held:,}次的区间包含了最终结果。",
        )


def _grid(rows: Sequence[Sequence[Words]]) -> Iterator[Text]:
    tables = {language: grid(rows, language) for language in LANGUAGES}
    for lines in zip(*tables.values(), strict=True):
        yield Text(**dict(zip(LANGUAGES, lines, strict=True)))
