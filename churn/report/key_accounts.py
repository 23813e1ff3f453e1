"""``key_accounts.xlsx``: whom to visit and why, what is at risk, who looks after how much."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

import pandas as pd

from churn.key_accounts import SIGNALS, VISITS, KeyAccounts
from churn.language import SEPARATOR, Language, Text
from churn.learning.wording import number
from churn.report.book import ListSheet, SummarySheet, write_book
from churn.report.columns import (
    ACCOUNT_MANAGER,
    AVERAGE_BILL,
    CHANCES,
    CUSTOMER,
    LEFT_ON,
    PLAN,
    PRODUCT,
    REGION,
    STATE,
    SUBSCRIBER,
    TONIGHT,
    TONIGHT_ACTION,
    ListColumn,
)
from churn.report.parts import HandOut
from churn.report.summary import TO_KNOW, definitions, sentences
from churn.report.words import CODES, CUSTOMER_TYPES, words_of
from churn.targeting import Action

_INDUSTRY = ListColumn(
    "customer_type", "code", Text("Industry", "行业"), Text("kind of customer", "客户类型")
)
_REVENUE = ListColumn(
    "revenue",
    "money",
    Text("Revenue a month", "月收入"),
    Text("monthly bills of its lines in service", "在网号码的月均账单合计"),
)
_AT_RISK = ListColumn(
    "revenue_at_risk",
    "money",
    Text("At risk a month", "风险月收入"),
    Text(
        "what tonight's chances would take of the monthly bills",
        "按今晚流失概率计算的月账单预期损失",
    ),
)
ACCOUNTS = (
    ListColumn(
        "visit",
        "code",
        Text("Visit", "走访"),
        Text(
            "must: something calls for it; due: the time is up; leave alone: applied to port out; "
            "lost: its last line has gone this year, nobody to visit",
            "必须走访：有触发事项；到期：已到走访周期；暂不联系：已申请携号转出；"
            "已流失：今年内最后一条线路已离网，无需走访",
        ),
    ),
    CUSTOMER,
    ListColumn(
        "tier",
        "code",
        Text("Class", "级别"),
        Text("top: two classes or more", "特级：同时属于两类及以上"),
    ),
    ListColumn(
        "classes",
        "codes",
        Text("Classes", "类别"),
        Text("important, high value, group, strategic", "重要、高值、集团、战略"),
    ),
    ListColumn(
        "star",
        "count",
        Text("Star", "星级"),
        Text(
            "1 to 5: by revenue, and one more where something calls for a visit (example bounds)",
            "1至5：按月收入，有走访触发事项再加一级（示例标准）",
        ),
    ),
    _INDUSTRY,
    REGION,
    ACCOUNT_MANAGER,
    ListColumn("lines", "count", Text("Lines", "线路数"), Text("in service", "在网")),
    _REVENUE,
    ListColumn(
        "risk_active",
        "money",
        Text("At risk: active", "主动风险"),
        Text("part of it by active churn", "其中主动流失"),
    ),
    ListColumn(
        "risk_passive",
        "money",
        Text("At risk: passive", "被动风险"),
        Text("part of it by passive churn", "其中被动流失"),
    ),
    _AT_RISK,
    ListColumn(
        "triggers",
        "text",
        Text("Why visit", "走访事由"),
        Text("since the last visit, with dates", "自上次走访以来，附日期"),
        widest=48,
    ),
    ListColumn(
        "changes",
        "text",
        Text("Also changed", "其他变化"),
        Text("what alone calls for no visit", "单独不触发走访的变化"),
        widest=32,
    ),
    ListColumn("last_visit_on", "date", Text("Last visit", "上次走访"), Text("day of it", "日期")),
    ListColumn(
        "last_visit_by", "text", Text("Visited by", "走访人"), Text("of the last", "上次走访人")
    ),
    ListColumn(
        "last_outcome", "text", Text("Outcome", "走访结果"), Text("of the last", "上次走访结果")
    ),
    ListColumn(
        "next_visit_on",
        "date",
        Text("Next visit due", "下次走访"),
        Text("the last and the interval; never visited: tonight", "上次加周期；从未走访为当晚"),
    ),
    ListColumn(
        "subscriber_id",
        "text",
        Text("Main line", "主要号码"),
        Text("the line that brings most", "月账单最高的号码"),
    ),
    ListColumn("group_id", "text", Text("Group", "集团"), Text("parent of firms", "上级集团")),
    ListColumn(
        "name", "text", Text("Name", "姓名"), Text("of the main line, unmasked", "主要号码，未脱敏")
    ),
    ListColumn(
        "phone",
        "text",
        Text("Phone", "电话"),
        Text("of the main line, unmasked", "主要号码，未脱敏"),
    ),
    ListColumn(
        "plan_note",
        "input",
        Text("Service plan", "服务计划"),
        Text("for the manager to fill in", "由客户经理填写"),
        widest=32,
    ),
)
POTENTIAL = (
    ListColumn(
        "missing",
        "money",
        Text("To the bound", "距高值标准"),
        Text("revenue a month missing to high value; 0: to be classed", "月收入差额；0：应予定级"),
    ),
    *(
        column
        for column in ACCOUNTS
        if column.name not in {"tier", "classes", "risk_active", "risk_passive"}
    ),
)
LINES = (
    CUSTOMER,
    SUBSCRIBER,
    PRODUCT,
    PLAN,
    STATE,
    AVERAGE_BILL,
    *CHANCES,
    ListColumn(
        "contract_ends_on",
        "date",
        Text("Commitment ends", "合约到期日"),
        Text("last day of the commitment", "合约最后一日"),
    ),
    LEFT_ON,
    ListColumn("cause", "code", Text("Cause", "流失类型"), Text("of leaving", "离网原因类型")),
    TONIGHT,
    TONIGHT_ACTION,
    REGION,
    ACCOUNT_MANAGER,
)
_SUMS = (
    ListColumn("accounts", "count", Text("Accounts", "客户数"), Text("key accounts", "大客户数")),
    *(ListColumn(name, "count", CODES[name], Text("accounts", "客户数")) for name in VISITS),
    ListColumn(
        "contacts",
        "count",
        CODES["contact"],
        Text("lines of these accounts to be contacted", "其中今晚需联系的用户"),
    ),
    ListColumn(
        "to_do",
        "count",
        Text("To do now", "待办合计"),
        Text(
            "must be visited, visit due, and on tonight's list",
            "必须走访、走访到期与今晚需联系之和",
        ),
        bar=True,
    ),
    ListColumn(
        "load",
        "share",
        Text("Of the average", "相对平均"),
        Text("to do now, over the mean of all in this sheet", "待办合计与本表均值之比"),
    ),
    ListColumn("lines", "count", Text("Lines", "线路数"), Text("in service", "在网")),
    _REVENUE,
    _AT_RISK,
)
_BY = (
    (ACCOUNT_MANAGER, Text("By manager", "按客户经理")),
    (_INDUSTRY, Text("By industry", "按行业")),
    (REGION, Text("By region", "按区域")),
)


def write_key_accounts(night: HandOut, told: KeyAccounts, actions: Sequence[Action]) -> bytes:
    """Return ``key_accounts.xlsx``: who must be visited first, then by revenue at risk.

    Names and phones stand in it unmasked.
    """
    words = {**words_of(actions), "customer_type": CUSTOMER_TYPES}
    rows = _worded(told, night.language)
    key = rows[rows["tier"] != "potential"]
    lines = told.lines.sort_values(["customer_id", "subscriber_id"])
    sheets = [
        ListSheet(Text("Key accounts", "大客户"), key, ACCOUNTS, words),
        ListSheet(
            Text("Potential", "潜在大客户"), rows[rows["tier"] == "potential"], POTENTIAL, words
        ),
        ListSheet(Text("Lines", "线路"), lines, LINES, words),
    ]
    sheets += [
        ListSheet(name, _by(key, lines, column.name), (column, *_SUMS), words)
        for column, name in _BY
        if key[column.name].notna().any()
    ]
    managers = _managers(key, told.settings.most_sheets)
    sheets += [
        ListSheet(manager, key[key["account_manager"] == manager], ACCOUNTS, words)
        for manager in managers
    ]
    return write_book(
        night.as_of,
        night.language,
        Text(f"Key accounts, night of {night.as_of}", f"大客户（{night.as_of}）"),
        sheets,
        SummarySheet(
            Text("About", "说明"),
            message(told),
            [
                sentences(Text("Revenue lost this year", "本年流失收入"), _loss(told)),
                sentences(Text("Faults at several sites", "多点故障"), _sites(told)),
                sentences(TO_KNOW, [*_rules(told, managers, key), *night.why, *night.notes]),
                definitions((*ACCOUNTS, *POTENTIAL, *LINES, *_SUMS)),
            ],
        ),
        currency=night.currency,
    )


def message(told: KeyAccounts) -> Text:
    """Say in one sentence how many key accounts there are and how many must be visited."""
    counts = told.counts()
    key = counts["key"] + counts["top_key"]
    return Text(
        f"{key:,} key accounts, {counts['top_key']:,} of the top class, and "
        f"{counts['potential']:,} potential ones: {counts['must']:,} must be visited, "
        f"{counts['due']:,} are due, {counts['lost']:,} are lost (no line left).",
        f"大客户{key:,}户（特级{counts['top_key']:,}户），潜在大客户{counts['potential']:,}户；"
        f"必须走访{counts['must']:,}户，走访到期{counts['due']:,}户，已流失（无在网线路）{counts['lost']:,}户。",
    )


def signal_words(row: pd.Series[Any]) -> Text:
    """Tell one signal of an account in words, with its date."""
    template = SIGNALS[row["code"]].text
    share = Text("", "")
    if not pd.isna(row["value"]):
        share = Text.by(lambda language: number(float(row["value"]), "share", language))
    value = "" if pd.isna(row["value"]) else f"{row['value']:g}"
    day = pd.Timestamp(row["on"]).date().isoformat()
    return Text.by(
        lambda language: template.of(language).format(
            n=f"{row['n']:,}", on=day, share=share.of(language), value=value
        )
    )


def _worded(told: KeyAccounts, language: Language) -> pd.DataFrame:
    """Give each account what calls for a visit, and what else changed, in words."""
    order = {code: place for place, code in enumerate(SIGNALS)}
    rows = told.signals.assign(place=told.signals["code"].map(order))
    rows = rows.sort_values(["customer_id", "place"])
    calling: dict[str, list[Text]] = {}
    other: dict[str, list[Text]] = {}
    for row in rows.to_dict("records"):
        few = row["code"] == "fault" and row["n"] < told.settings.faults
        of = calling if SIGNALS[row["code"]].calls and not few else other
        of.setdefault(row["customer_id"], []).append(signal_words(pd.Series(row)))
    ids = told.accounts["customer_id"]
    return told.accounts.assign(
        triggers=[_joined(calling.get(name, ()), language) for name in ids],
        changes=[_joined(other.get(name, ()), language) for name in ids],
        plan_note=None,
    )


def _joined(texts: Sequence[Text], language: Language) -> str | None:
    if not texts:
        return None
    return reduce(lambda left, right: left + SEPARATOR + right, texts).of(language)


def _by(key: pd.DataFrame, lines: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return the sums of the accounts by a column, who has the most to do first."""
    money = ["revenue", "revenue_at_risk"]
    listed = lines.loc[lines["tonight"] == "contact", "customer_id"].value_counts()
    contacts = key["customer_id"].map(listed).fillna(0).astype("int64")
    rows = (
        key.assign(contacts=contacts)
        .groupby(column, dropna=False, sort=True)
        .agg(
            accounts=("customer_id", "size"),
            **{name: ("visit", _counting(name)) for name in VISITS},
            contacts=("contacts", "sum"),
            lines=("lines", "sum"),
            revenue=("revenue", "sum"),
            revenue_at_risk=("revenue_at_risk", lambda values: values.sum(min_count=1)),
        )
    )
    rows[money] = rows[money].round(2)
    rows["to_do"] = rows["must"] + rows["due"] + rows["contacts"]
    rows["load"] = rows["to_do"] / (rows["to_do"].mean() or 1)
    order = ["to_do", "revenue_at_risk", "revenue"]
    return rows.reset_index().sort_values(order, ascending=False, kind="stable")


def _counting(name: str) -> Any:
    return lambda visits: int((visits == name).sum())


def _managers(key: pd.DataFrame, most: int) -> list[str]:
    """Return the managers that get a sheet: those with most revenue."""
    revenue = key.groupby("account_manager", sort=True)["revenue"].sum()
    return [str(name) for name in revenue.sort_values(ascending=False, kind="stable").index[:most]]


def _loss(told: KeyAccounts) -> list[Text]:
    """Tell revenue lost this year against the target, and what tonight's risks would add."""
    lost = told.loss
    if lost.base is None:
        return [
            Text(
                "Bills of the months before this year are not known: the loss has no base.",
                "缺少上年末账单，无法计算流失率。",
            )
        ]
    share = _share(lost.share or 0.0)
    target = _share(told.settings.loss_target)
    lines = [
        Text(
            f"Since {lost.since} the lines that left took {sum(lost.lost.values()):,.2f} a month "
            f"of {lost.base:,.2f} that key accounts brought before: {share.en}; the target is "
            f"under {target.en} a year.",
            f"自{lost.since}起离网线路带走月收入{sum(lost.lost.values()):,.2f}，"
            f"年初大客户月收入{lost.base:,.2f}，占{share.zh}；目标为全年低于{target.zh}。",
        ),
        *(
            Text(
                f"{CODES[cause].en}: {lost.lines[cause]:,} lines, {amount:,.2f} a month",
                f"{CODES[cause].zh}：{lost.lines[cause]:,}条线路，月收入{amount:,.2f}",
            )
            for cause, amount in lost.lost.items()
        ),
    ]
    if lost.share_at_risk is not None:
        more = _share(lost.share_at_risk)
        lines.append(
            Text(
                f"Tonight's risks would take {lost.at_risk:,.2f} a month more: {more.en}.",
                f"今晚的风险还将带走月收入{lost.at_risk:,.2f}，占{more.zh}。",
            )
        )
    return lines


def _sites(told: KeyAccounts) -> list[Text]:
    lines = []
    for row in told.sites.to_dict("records"):
        customer = row["customer_id"] if isinstance(row["customer_id"], str) else None
        unit = row["group_id"] if isinstance(row["group_id"], str) else customer
        lines.append(
            Text(
                f"{unit}: faults at {row['n']:,} lines, {row['first_on']} to {row['last_on']}",
                f"{unit}：{row['n']:,}条线路故障（{row['first_on']}至{row['last_on']}）",
            )
        )
    return lines


def _rules(told: KeyAccounts, managers: Sequence[str], key: pd.DataFrame) -> list[Text]:
    settings = told.settings
    lines = [
        Text(
            f"The next visit is due {settings.visit_days} days after the last. A visit is a must "
            "when the account voiced a need, changed or reacted to something since the last one; "
            "whoever has applied to port out is contacted by nobody.",
            f"走访周期为上次走访后{settings.visit_days}天。自上次走访以来客户有需求、有变化或有反应"
            "即必须走访；已申请携号转出者任何人不得联系。",
        ),
        Text(
            f"High value is over {settings.high_value:,.2f} a month; potential are customers "
            f"marked so, or from {_share(settings.potential_share).en} of it without a class.",
            f"高值标准为月收入超过{settings.high_value:,.2f}；潜在大客户指已标注者，"
            f"或达到该标准{_share(settings.potential_share).zh}而未定级者。",
        ),
        Text(
            "Levels (group, province, local) are not delivered and not told.",
            "未交付集团、省、本地三级归属，不作区分。",
        ),
    ]
    alone = int(key["account_manager"].isna().sum())
    if alone:
        lines.append(
            Text(
                f"{alone:,} key accounts have no account manager.",
                f"{alone:,}户大客户没有客户经理。",
            )
        )
    rest = key["account_manager"].nunique() - len(managers)
    if rest:
        lines.append(
            Text(
                f"{rest:,} more managers have no sheet of their own: filter the first.",
                f"另有{rest:,}名客户经理未单列工作表，请在首表筛选。",
            )
        )
    return lines


def _share(value: float) -> Text:
    return Text.by(lambda language: number(value, "share", language))
