"""The columns of the hand-outs: fixed machine names, labels and meanings in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from churn.language import Text

Kind = Literal[
    "text",
    "code",
    "codes",
    "count",
    "chance",
    "money",
    "mean",
    "amount",
    "share",
    "flag",
    "date",
    "input",
]


@dataclass(frozen=True)
class ListColumn:
    """One column of a list.

    Parameters
    ----------
    kind
        How the value is shown: a ``code`` is worded, ``codes`` are several of them joined by ``;``,
        a ``chance`` or a ``share`` is a percentage, a ``mean`` has one decimal, an ``amount`` is
        money or a count, an ``input`` is
        left blank for people to fill in.
    widest
        Most Latin characters the column may take on a sheet; longer text wraps.
    wraps
        Whether it does; where not, what is beyond the column is read in its cell, so that one
        long text does not make every row tall.
    nothing
        What stands where there is no value; a dash by default.
    choices
        Of an ``input``, what people may choose from.
    bar
        Whether a bar in the cell shows how large the value is.
    """

    name: str
    kind: Kind
    label: Text
    meaning: Text
    widest: int = 24
    wraps: bool = True
    nothing: Text | None = None
    choices: tuple[Text, ...] = ()
    bar: bool = False


SUBSCRIBER = ListColumn(
    "subscriber_id",
    "text",
    Text("Subscriber", "用户号"),
    Text("the line or service, in the operator's own id", "号码或业务，运营商自有编号"),
)
REGION = ListColumn("region", "text", Text("Region", "区域"), Text("sales region", "营销区域"))
ACCOUNT_MANAGER = ListColumn(
    "account_manager",
    "text",
    Text("Account manager", "客户经理"),
    Text("named manager, if any", "如有"),
)

CUSTOMER = ListColumn(
    "customer_id", "text", Text("Customer", "客户号"), Text("who holds the line", "持有人")
)
PRODUCT = ListColumn(
    "product", "code", Text("Product", "产品"), Text("kind of service", "业务种类")
)
PLAN = ListColumn("plan", "text", Text("Plan", "套餐"), Text("tariff", "资费套餐"))
STATE = ListColumn("state", "code", Text("State", "状态"), Text("of the service", "服务状态"))
LEFT_ON = ListColumn(
    "left_on", "date", Text("Left on", "离网日"), Text("first day gone", "离网首日")
)
AVERAGE_BILL = ListColumn(
    "average_bill",
    "money",
    Text("Monthly bill", "月均账单"),
    Text("mean of the latest known bills", "最近已知账单的均值"),
)
CHANCES = tuple(
    ListColumn(
        f"p_{cause}",
        "chance",
        Text(f"P {cause}", f"{zh}流失概率"),
        Text(
            f"chance to {ends} in the outcome window if left alone",
            f"若不干预，结果窗口内{zh}流失的概率",
        ),
    )
    for cause, ends, zh in (("active", "leave", "主动"), ("passive", "be removed", "被动"))
)
TONIGHT = ListColumn(
    "tonight",
    "code",
    Text("Tonight", "今晚安排"),
    Text(
        "what the night's list decided: contact nobody for this sheet alone",
        "当晚名单的决定；不得仅凭本表联系客户",
    ),
    widest=30,
)
TONIGHT_ACTION = ListColumn(
    "action",
    "code",
    Text("Action", "措施"),
    Text("on tonight's list: what to do", "今晚名单内：建议采取的措施"),
)
NAME = ListColumn("name", "text", Text("Name", "姓名"), Text("masked", "已脱敏"))
PHONE = ListColumn("phone", "text", Text("Phone", "电话"), Text("masked", "已脱敏"))

TARGETS = (
    ListColumn("rank", "count", Text("Rank", "名次"), Text("1 earns most", "按预期收益从高到低")),
    SUBSCRIBER,
    ListColumn(
        "customer_id",
        "text",
        Text("Customer", "客户号"),
        Text("who holds the line; one contact per customer", "持有人；每客户只联系一次"),
    ),
    ListColumn(
        "cause",
        "code",
        Text("Cause", "流失类型"),
        Text(
            "active: the customer ends it; passive: the operator would, for arrears; downgrade: no "
            "churn, a cheaper plan",
            "主动：客户离网；被动：因欠费被停机销号；降档：不离网，改用更低资费",
        ),
    ),
    ListColumn("action", "code", Text("Action", "措施"), Text("what to do", "建议采取的措施")),
    ListColumn("channel", "code", Text("Channel", "渠道"), Text("how to reach them", "联系方式")),
    *CHANCES,
    ListColumn(
        "value_if_saved",
        "money",
        Text("Value if saved", "挽留价值"),
        Text(
            "margin over the horizon; passive: with arrears recovered; downgrade: the part lost",
            "期内毛利；被动流失含收回欠费；降档为其损失部分",
        ),
    ),
    ListColumn(
        "expected_profit",
        "money",
        Text("Expected profit", "预期收益"),
        Text("of this contact, all its costs taken off", "本次联系的预期净收益（已扣全部成本）"),
        bar=True,
    ),
    *(
        ListColumn(
            f"reason_{place}",
            "text",
            Text(f"Reason {place}", f"原因{place}"),
            Text(
                f"number {place} of what raises the risk most; what lowers it is not listed",
                f"提高流失风险的第{place}大因素（降低风险的因素不列）",
            ),
            widest=38,
        )
        for place in (1, 2, 3)
    ),
    ListColumn(
        "rule",
        "text",
        Text("Rule", "规则"),
        Text(
            "the decision tree's rule the subscriber falls under, and its chance",
            "决策树中该用户所符合的规则及其概率",
        ),
        widest=30,
        wraps=False,
    ),
    ListColumn(
        "tree_disagrees",
        "flag",
        Text("Tree disagrees", "与规则不一致"),
        Text(
            "whether the tree sees the risk otherwise than the model", "决策树与模型判断是否不一致"
        ),
    ),
    ListColumn(
        "tier",
        "code",
        Text("Tier", "等级"),
        Text("loyalty card (example mapping), or key account", "会员等级（示例规则）或大客户"),
    ),
    REGION,
    ACCOUNT_MANAGER,
    NAME,
    PHONE,
)
WARNINGS = ListColumn(
    "warnings",
    "codes",
    Text("Warnings", "预警"),
    Text("early warnings that speak of it besides", "同时存在的早期预警"),
)
P_DOWNGRADE = ListColumn(
    "p_downgrade",
    "chance",
    Text("P downgrade", "降档概率"),
    Text(
        "chance to move to a cheaper plan in the outcome window if left alone",
        "若不干预，结果窗口内降档的概率",
    ),
)
MOVEMENT = ListColumn(
    "movement",
    "code",
    Text("Since the last list", "较上次名单"),
    Text(
        "whether the chance of leaving rose or fell by a tenth of its odds or more since the last "
        "list was made; empty where there was none",
        "自上次名单以来流失几率升降是否达一成；无上次名单则为空",
    ),
)
DECIDED_BY = ListColumn(
    "decided_by",
    "code",
    Text("Decided by", "决定依据"),
    Text(
        "what put it on the list: a warning alone puts nobody there",
        "入选依据；仅有预警不会入选",
    ),
    widest=30,
)
LISTED = (*TARGETS, WARNINGS, MOVEMENT, DECIDED_BY)
"""The columns of a list as csv and parquet: what was promised, then what came later."""


def listed_of(frame: pd.DataFrame) -> tuple[ListColumn, ...]:
    """Return those of a list: with the chance of a downgrade where it is told."""
    return (*LISTED, P_DOWNGRADE) if P_DOWNGRADE.name in frame else LISTED


LABELS = {column.name: column.label for column in TARGETS}

LAST_NOTICES = (
    ListColumn(
        "days_left",
        "count",
        Text("Days left", "剩余天数"),
        Text("until removal; below 0 the day has passed", "距销号天数；负数表示已到期"),
    ),
    ListColumn(
        "removal_on",
        "date",
        Text("Removal on", "预计销号日"),
        Text("the day the rule for the state allows removal", "按状态规则可销号的日期"),
    ),
    SUBSCRIBER,
    ListColumn(
        "name", "text", Text("Name", "姓名"), Text("of the holder, unmasked", "持有人，未脱敏")
    ),
    ListColumn(
        "phone",
        "text",
        Text("Contact phone", "联系电话"),
        Text("never the silent number itself, unmasked", "非停机号码本身，未脱敏"),
    ),
    ListColumn(
        "contact",
        "code",
        Text("Phone is", "电话来源"),
        Text(
            "the other number on file, or another line of the customer", "备用电话或客户的其他号码"
        ),
        widest=30,
        nothing=Text("none on file: letter or visit", "无其他联系方式：寄信或上门"),
    ),
    ListColumn(
        "amount_owed",
        "money",
        Text("Amount owed", "欠费金额"),
        Text("latest balance known", "最近已知欠费"),
    ),
    ListColumn(
        "note",
        "code",
        Text("Note", "备注"),
        Text("what to look at before telling the holder", "告知前需核实的事项"),
    ),
    STATE,
    ListColumn(
        "since", "date", Text("Since", "起始日"), Text("first day of the state", "该状态起始日")
    ),
    ListColumn(
        "notified",
        "flag",
        Text("Notice given", "已告知"),
        Text("whether the removal was announced since the count began", "计时开始后是否已告知销号"),
    ),
    ListColumn(
        "notified_on",
        "date",
        Text("Notice on", "告知日"),
        Text("the latest notice", "最近告知日期"),
    ),
    ListColumn(
        "notice_channel",
        "code",
        Text("Notice by", "告知方式"),
        Text("how the latest was given", "最近一次告知方式"),
    ),
    CUSTOMER,
    REGION,
    ACCOUNT_MANAGER,
)
