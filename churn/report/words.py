"""What codes are called in the hand-outs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from churn.causes import CAUSES, RISKS
from churn.indicators import INDICATORS
from churn.language import Text
from churn.learning.wording import currency_word
from churn.states import STATES
from churn.targeting import NOT_SELECTED, Action

CODES: Mapping[str, Text] = MappingProxyType(
    {
        **{cause: risk.word for cause, risk in RISKS.items()},
        "any": Text("either", "两者"),
        "call": Text("call", "电话"),
        "sms": Text("text message", "短信"),
        "email": Text("e-mail", "邮件"),
        "visit": Text("visit", "走访"),
        "app": Text("app", "客户端"),
        "letter": Text("letter", "信函"),
        "gold": Text("gold", "金卡"),
        "silver": Text("silver", "银卡"),
        "standard": Text("standard", "普通卡"),
        "key": Text("key account", "大客户"),
        "top_key": Text("top key account", "特级大客户"),
        "alternate": Text("other number on file", "备用电话"),
        "other_line": Text("another line", "客户其他号码"),
        "important": Text("important", "重要"),
        "high_value": Text("high value", "高值"),
        "group": Text("group", "集团"),
        "strategic": Text("strategic", "战略"),
        "potential": Text("potential key account", "潜在大客户"),
        "must": Text("must be visited", "必须走访"),
        "due": Text("visit due", "走访到期"),
        "planned": Text("as planned", "按计划"),
        "lost": Text("lost: no line left", "已流失（无在网线路）"),
        "contact": Text("on tonight's list", "在今晚名单内"),
        "leave_alone": Text("leave alone for now", "暂不联系"),
        "not_scored": Text("not scored", "未评分"),
        "administrative": Text("administrative, no churn", "行政原因，不算流失"),
        "expiring": Text("commitment ends soon", "合约即将到期"),
        "silent": Text("gone silent", "沉默"),
        "port_query": Text("asked about porting out", "查询携号转出"),
        "downgrade": Text("moved to a cheaper plan", "降档"),
        "may_downgrade": Text("may move to a cheaper plan", "可能降档"),
        "asked": Text("asked for", "客户要求"),
        "offer_ended": Text("an offer ended", "优惠到期"),
        **{
            f"risk_{cause}": Text(f"chance of {risk.text.en}", f"{risk.text.zh}概率")
            for cause, risk in RISKS.items()
        },
        "new": Text("newly scored", "新评分"),
        "rose": Text("risk rose", "风险上升"),
        "fell": Text("risk fell", "风险下降"),
        "same": Text("risk as before", "风险持平"),
        **{
            f"left_{cause}": Text(
                f"has left: {RISKS[cause].word.en}", f"已离网（{RISKS[cause].word.zh}）"
            )
            for cause in CAUSES
        },
        "open": Text("not renewed yet", "尚未续约"),
        "renewed": Text("renewed", "已续约"),
        "lapsed": Text("ended, not renewed", "已到期未续"),
        "gone": Text("has left", "已离网"),
        "owes_nothing": Text(
            "owes nothing by the latest balance: check before telling",
            "最近已知无欠费：告知前请核实",
        ),
        **{name: state.text for name, state in STATES.items()},
    }
)
PRODUCTS: Mapping[str, Text] = MappingProxyType(
    {
        "mobile": Text("mobile", "移动"),
        "fixed": Text("fixed line", "固话"),
        "broadband": Text("broadband", "宽带"),
        "leased": Text("leased line", "专线"),
        "other": Text("other", "其他"),
    }
)
TOPICS: Mapping[str, Text] = MappingProxyType(
    {
        "complaint": Text("complaint", "投诉"),
        "order": Text("order", "工单"),
        "fault": Text("fault", "故障"),
        "contact": Text("retention contact", "维系联系"),
        "network": Text("network quality", "网络质量"),
        "charges": Text("disputed charges", "资费争议"),
        "value_added": Text("value-added services", "增值业务"),
        "service": Text("service attitude", "服务态度"),
        "install": Text("installation", "装机"),
        "move": Text("move", "移机"),
        "speed_up": Text("speed-up", "提速"),
        "cut_over": Text("cut-over", "割接"),
        "other": Text("other", "其他"),
    }
)
"""What jobs are about."""
CUSTOMER_TYPES: Mapping[str, Text] = MappingProxyType(
    {
        "residential": Text("residential", "个人或家庭"),
        "business": Text("business", "单位"),
    }
)
"""Kinds of customer, where the operator has no words of its own."""
NOTHING = "–"
"""Stands where there is nothing to say, so that no cell looks forgotten."""


def words_of(actions: Iterable[Action]) -> dict[str, dict[str, Text]]:
    """Return the wording of codes by column; an action may share its name with a channel."""
    return {
        "": dict(CODES),
        "cause": {head: risk.word for head, risk in RISKS.items()},
        "action": {action.name: action.label for action in actions},
        "product": dict(PRODUCTS),
        "tonight": dict(NOT_SELECTED),
    }


def worded(code: str, column: str, words: Mapping[str, Mapping[str, Text]]) -> Text:
    """Return what a code is called, itself where nobody has named it."""
    text = words.get(column, {}).get(code) or words.get("", {}).get(code)
    return text or Text(code, code)


def in_currency(label: Text, currency: str) -> Text:
    """Return what an amount is called, and in which currency it is; no code: the label alone."""
    if not currency:
        return label
    word = currency_word(currency)
    return Text(f"{label.en} ({word.en})", f"{label.zh}（{word.zh}）")


def indicator_label(code: str, currency: str) -> Text:
    """Return what an indicator is called, with the currency where it is money."""
    indicator = INDICATORS[code]
    money = indicator.kind in {"money", "change"}
    return in_currency(indicator.label, currency) if money else indicator.label
