"""``service.xlsx``: complaints, orders, faults, satisfaction; and ``callbacks.csv``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from churn.language import Text
from churn.report.book import ListSheet, SummarySheet, write_book
from churn.report.columns import ACCOUNT_MANAGER, REGION, SUBSCRIBER, ListColumn
from churn.report.flat import to_csv
from churn.report.parts import HandOut, Service
from churn.report.summary import TO_KNOW, definitions, sentences
from churn.report.words import CODES, TOPICS
from churn.service import BY, Quality

_WORDS: Mapping[str, Mapping[str, Text]] = {"": CODES, "topic": TOPICS, "kind": TOPICS}
_TOPIC = ListColumn("topic", "code", Text("About", "事项"), Text("category", "类别"))
_KIND = ListColumn(
    "kind", "code", Text("Job", "工单类型"), Text("kind of job", "投诉、工单、故障、联系")
)
_JOB = ListColumn(
    "job_id", "text", Text("Job id", "编号"), Text("the operator's own", "运营商自有编号")
)


def _count(name: str, en: str, zh: str, meaning: str, meaning_zh: str) -> ListColumn:
    return ListColumn(name, "count", Text(en, zh), Text(meaning, meaning_zh))


_OPEN = _count("open", "Open", "未完成", "not finished yet", "尚未完成")
_OPENED = _count("opened", "Opened", "新增", "lately", "近期新增")
COMPLAINTS = (
    REGION,
    _TOPIC,
    _OPENED,
    _count("closed", "Closed", "办结", "lately", "近期办结"),
    _OPEN,
    _count("overdue", "Overdue", "超期", "open too long", "未办结且超期"),
    _count("escalated", "Escalated", "升级", "to a higher level", "升级投诉"),
    ListColumn(
        "days_to_close",
        "mean",
        Text("Days to close", "办结天数"),
        Text("mean of the closed", "办结均值"),
    ),
)
ORDERS = (
    REGION,
    _TOPIC,
    _count("due", "Due", "应完成", "promised for these days", "承诺在此期间完成"),
    _count("on_time", "On time", "按时", "done by the promised day", "承诺日前完成"),
    _count("late", "Late", "超期", "done later, or not yet", "超期完成或未完成"),
    _OPEN,
    ListColumn(
        "on_time_share", "share", Text("On time", "及时率"), Text("over due", "按时/应完成")
    ),
)
FAULTS = (
    REGION,
    _TOPIC,
    _OPENED,
    _OPEN,
    _count("repeats", "Repeats", "重复", "another of the line shortly before", "同一线路短期重复"),
    ListColumn(
        "hours_to_repair",
        "mean",
        Text("Hours to repair", "修复小时"),
        Text("mean of those restored", "修复均值"),
    ),
    ListColumn(
        "right_first_time",
        "share",
        Text("Right first time", "一次修复率"),
        Text("opened that were no repeats", "非重复/新增"),
    ),
)
OVERDUE = (
    _KIND,
    _JOB,
    SUBSCRIBER,
    _TOPIC,
    ListColumn("opened_on", "date", Text("Opened", "受理日"), Text("when it was made", "受理日期")),
    ListColumn(
        "due_on", "date", Text("Due", "应完成日"), Text("promised, or allowed", "承诺或时限")
    ),
    _count("days", "Days late", "超期天数", "past its time", "超过时限"),
    ListColumn("flag", "flag", Text("Escalated", "已升级"), Text("of complaints", "投诉是否升级")),
    REGION,
    ACCOUNT_MANAGER,
)
TOPICS_OF_THE_WEEK = (
    _KIND,
    _TOPIC,
    _count("week", "This week", "本周", "opened in seven days", "近7天新增"),
    ListColumn(
        "usual", "mean", Text("A usual week", "平常周"), Text("of the four before", "前四周均值")
    ),
    _count("lines", "Lines", "涉及用户", "distinct, this week", "本周去重"),
    ListColumn(
        "revenue_at_risk",
        "money",
        Text("At risk a month", "风险月收入"),
        Text("of those lines, by tonight's chances", "上述用户按今晚概率"),
    ),
)
SATISFACTION = (
    ListColumn("by", "code", Text("By", "维度"), Text("region or manager", "区域或客户经理")),
    ListColumn("value", "text", Text("Of", "取值"), Text("which", "具体名称")),
    _count("surveys", "Surveys", "份数", "answered lately", "近期有效"),
    ListColumn("score", "mean", Text("Score", "得分"), Text("mean, of 100", "均值，满分100")),
    ListColumn("before", "mean", Text("Before", "此前"), Text("the days before", "此前同样天数")),
)
LOOP = (
    ListColumn(
        "by",
        "code",
        Text("By", "维度"),
        Text(
            "who handled it, the level it reached, the level promised", "处理单位、层级、服务等级"
        ),
    ),
    ListColumn("value", "code", Text("Of", "取值"), Text("which", "具体名称")),
    _KIND,
    _OPENED,
    _count("finished", "Finished", "办结", "closed, done, restored lately", "近期办结、竣工、恢复"),
    _OPEN,
    _count("overdue", "Overdue", "超期", "open past its time", "未完成且超期"),
    ListColumn(
        "hours_to_answer",
        "mean",
        Text("Hours to answer", "首次答复小时"),
        Text("of complaints, mean of those answered lately", "近期首次答复投诉的均值"),
    ),
    ListColumn(
        "days_to_finish",
        "mean",
        Text("Days to finish", "办结天数"),
        Text("mean of the finished", "办结均值"),
    ),
    ListColumn(
        "on_time_share",
        "share",
        Text("On time", "及时率"),
        Text("of orders due", "工单：按时/应完成"),
    ),
    ListColumn(
        "right_first_time",
        "share",
        Text("Right first time", "一次修复率"),
        Text("of faults opened, no repeats", "故障：非重复/新增"),
    ),
    _count("asked", "Asked", "已询问", "whether content with it", "询问是否满意"),
    ListColumn(
        "satisfied_share",
        "share",
        Text("Satisfied", "满意率"),
        Text("content with it, over asked", "满意/已询问"),
    ),
)
CALLBACKS = (
    ListColumn(
        "callback_id", "text", Text("Call-back", "回访编号"), Text("of the job", "工单回访编号")
    ),
    _KIND,
    _JOB,
    SUBSCRIBER,
    ListColumn("finished_at", "date", Text("Finished", "完成日"), Text("the job", "工单完成日期")),
    _TOPIC,
    ListColumn("worker", "text", Text("By", "经办人"), Text("who did it", "经办人员")),
    REGION,
    ListColumn("check", "text", Text("What to check", "核实内容"), Text("to ask", "询问要点")),
)
_CHECKS = {
    "contact": Text(
        "Was the customer reached, was the offer told as published, is the answer as recorded?",
        "是否联系到客户，优惠是否按公示告知，结果是否与记录一致？",
    ),
    "order": Text(
        "Was it done on the promised day, and right the first time?",
        "是否在承诺日完成，是否一次做好？",
    ),
    "fault": Text(
        "Does the service work, did it fail again, how long did it take?",
        "业务是否恢复，是否再次故障，修复用时多久？",
    ),
}
_WORDS_BY = {
    "region": REGION.label,
    "account_manager": ACCOUNT_MANAGER.label,
    "unit": Text("unit", "处理单位"),
    "level": Text("level reached", "投诉层级"),
    "service_level": Text("service level", "服务等级"),
}
_LEVELS = {
    "unit": Text("unit", "处理单位"),
    "supervisor": Text("supervisor", "上级"),
    "regulator": Text("regulator", "监管部门"),
}


def write_service(night: HandOut, service: Service) -> bytes:
    """Return ``service.xlsx``."""
    told = service.quality
    words = {**_WORDS, "by": _WORDS_BY, "value": _LEVELS}
    sheets: list[tuple[Text, pd.DataFrame, Sequence[ListColumn]]] = [
        (Text("Overdue", "超期清单"), told.overdue, OVERDUE),
        (Text("Complaints", "投诉"), told.complaints, COMPLAINTS),
        (Text("Orders", "工单"), told.orders, ORDERS),
        (Text("Faults", "故障"), told.faults, FAULTS),
        *([(Text("By unit and level", "按单位和层级"), told.loop, LOOP)] if len(told.loop) else []),
        (Text("Topics of the week", "本周热点"), told.topics, TOPICS_OF_THE_WEEK),
        (Text("Satisfaction", "满意度"), told.satisfaction, SATISFACTION),
    ]
    return write_book(
        night.as_of,
        night.language,
        Text(f"Service, night of {night.as_of}", f"服务质量（{night.as_of}）"),
        [ListSheet(name, rows, of, words) for name, rows, of in sheets],
        SummarySheet(
            Text("About", "说明"),
            message(service),
            [
                sentences(TO_KNOW, [*_rules(told), *night.why, *night.notes]),
                definitions(column for _, _, of in sheets for column in of),
            ],
        ),
        currency=night.currency,
    )


def write_callbacks(night: HandOut, service: Service) -> bytes:
    """Return ``callbacks.csv``: no names, no phones; the job tells whom it was for."""
    rows = service.callbacks
    checks = [_CHECKS[kind].of(night.language) for kind in rows["kind"]]
    days = pd.to_datetime(rows["finished_at"]).dt.strftime("%Y-%m-%d")
    return to_csv(rows.assign(check=checks, finished_at=days), CALLBACKS)


def message(service: Service) -> Text:
    """Say in one sentence what is late and whom to call back."""
    counts = service.counts()
    return Text(
        f"{counts['overdue']:,} complaints and orders are past their time; "
        f"{counts['complaints_open']:,} complaints are open; {counts['callbacks']:,} of "
        f"{counts['jobs_finished']:,} jobs finished lately are to be called back.",
        f"超期投诉和工单{counts['overdue']:,}件；未办结投诉{counts['complaints_open']:,}件；"
        f"近期完成工单{counts['jobs_finished']:,}件，抽取回访{counts['callbacks']:,}件。",
    )


def _rules(told: Quality) -> list[Text]:
    settings = told.settings
    unknown = [_WORDS_BY[by] for by in BY if not (told.loop["by"] == by).any()]
    names = Text(", ".join(by.en for by in unknown), "、".join(by.zh for by in unknown))
    return [
        Text(
            f"Lately: {settings.days} days; an open complaint is overdue after "
            f"{settings.complaint_days}, an order after its promised day; a fault within "
            f"{settings.repeat_days} days of another of its line is a repeat; surveys are averaged "
            f"over {settings.survey_days} days, a manager's from {settings.least_surveys} on.",
            f"近期指{settings.days}天；投诉{settings.complaint_days}天未办结为超期，工单以承诺日为准；"
            f"同一线路{settings.repeat_days}天内再次故障为重复；满意度取{settings.survey_days}天均值，"
            f"客户经理须满{settings.least_surveys}份。",
        ),
        Text(
            f"Called back: {settings.callback_share:.0%} of each kind, region and topic of jobs "
            f"finished in {settings.callback_days} days, one per subscriber; nobody who refuses "
            "calls or has applied to port out.",
            f"回访：近{settings.callback_days}天完成的工单按类型、区域、事项抽取"
            f"{settings.callback_share:.0%}，每户一件；拒绝电话或已申请携出者除外。",
        ),
        Text(
            "Levels are those of complaints, service levels those of the line; how often a case "
            "was opened anew, and when it was assigned, is not on record.",
            "层级仅指投诉，服务等级取自用户资料；重新受理次数及派单时间无记录。",
        ),
        *(
            [
                Text(
                    f"Not on record of these days, so not told: {names.en}.",
                    f"此期间无记录，故不列：{names.zh}。",
                )
            ]
            if unknown
            else []
        ),
    ]
