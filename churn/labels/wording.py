"""The sentences in which an outcome is explained, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from churn.causes import CAUSES, RISKS
from churn.language import Text
from churn.states import STATES

ENDINGS: Mapping[str, Text] = MappingProxyType(
    {
        **{cause: RISKS[cause].word for cause in CAUSES},
        "administrative": Text("administrative", "行政"),
    }
)

VERDICTS: Mapping[str, Text] = MappingProxyType(
    {
        "cured": Text(
            "cured within the grace of {allowance} days, passed over",
            "在{allowance}天宽限期内恢复，不计",
        ),
        "won_back": Text(
            "undone within {allowance} days, so it never left; passed over",
            "在{allowance}天内撤销，视为从未离网，不计",
        ),
        "administrative": Text("an administrative end, no churn", "行政性终止，不算流失"),
        "gone": Text("left before the outcome window opened", "在结果窗口开始前离网"),
        "re_entered": Text(
            "its holder began anew under another number, no churn", "机主已换号重入网，不算流失"
        ),
        **{cause: RISKS[cause].text for cause in CAUSES},
    }
)

SENTENCES: Mapping[str, Text] = MappingProxyType(
    {
        "snapshot": Text(
            "Snapshot {snapshot}; churn counts from {opens} to {closes}; "
            "final once observed through {mature_on}; observed through {observed}.",
            "观察日{snapshot}；{opens}至{closes}期间的流失计入；"
            "数据覆盖至{mature_on}后定论；现已覆盖至{observed}。",
        ),
        "definition": Text("Churn is here: {text}.", "此处流失定义：{text}。"),
        "no_state": Text(
            "No service state of this subscriber is on record.", "该用户没有任何服务状态记录。"
        ),
        "history": Text("Service states:", "服务状态："),
        "span": Text(
            "  from {start} to {last}: {state}{cause}",
            "  {start}至{last}：{state}{cause}",
        ),
        "last_span": Text("  since {start}: {state}{cause}", "  {start}起至今：{state}{cause}"),
        "cause": Text(" ({cause})", "（{cause}）"),
        "cause_assumed": Text(
            "; no removal on record, taken as passive", "；无拆机记录，按被动处理"
        ),
        "not_yet": Text(
            "At the snapshot the subscriber was not yet in service "
            "(first state on record {first}).",
            "观察日该用户尚未入网（首个状态记录始于{first}）。",
        ),
        "in_population": Text(
            "At the snapshot the subscriber was in the population.", "观察日该用户在目标人群内。"
        ),
        "left_out": Text(
            "At the snapshot the subscriber was not in the population: {reason}.",
            "观察日该用户不在目标人群内：{reason}。",
        ),
        "no_departure": Text(
            "It was not out of service between the snapshot and the end of the outcome window.",
            "自观察日至结果窗口结束，服务从未中断。",
        ),
        "no_departure_yet": Text(
            "As far as has been observed it was not out of service from the snapshot on.",
            "就目前已观测的数据，自观察日起服务从未中断。",
        ),
        "departure": Text(
            "Out of service on {left} ({where}): {state}; {back}: {verdict}.",
            "{left}中断服务（{where}）：{state}；{back}：{verdict}。",
        ),
        "before": Text("before the snapshot", "观察日之前"),
        "lead": Text("before the outcome window", "结果窗口之前"),
        "window": Text("in the outcome window", "结果窗口内"),
        "back": Text("back on {back}, after {days} days", "{back}恢复，历时{days}天"),
        "back_anew": Text(
            "in service again on {back}, after {days} days, past the lock: another holder's",
            "{back}重新启用，历时{days}天，已过锁定期，属新用户",
        ),
        "not_back": Text("not back as far as is known", "至今未恢复"),
        "not_final": Text(
            "The outcome is not final: observed through {observed}, needed {mature_on}.",
            "结果尚未定论：数据覆盖至{observed}，需至{mature_on}。",
        ),
        "outcome": Text("Outcome: {outcome}{by}.", "结果：{outcome}{by}。"),
        "by": Text(", by what happened on {event}", "，依据{event}的事件"),
        "vanished": Text(
            "Its row is gone from the latest delivery of subscribers although no event ended "
            "its service; the outcome follows the events.",
            "最新用户资料中已无此用户，但没有终止服务的事件；结果以事件为准。",
        ),
    }
)

FACTS: Mapping[str, Text] = MappingProxyType(
    {
        "last_used": Text(
            "Last used before its arrears began: {day}.", "欠费开始前最后一次使用：{day}。"
        ),
        "arrears_began": Text("Its arrears began on {day}.", "欠费始于{day}。"),
        "silent_days": Text(
            "Before them it was silent for {number} days in service; days on hold, blocked or "
            "suspended are no silence.",
            "此前在网未使用{number}天；停机保号、单停、停机期间不计为沉默。",
        ),
        "last_use_on_record": Text(
            "Last use or recharge on record: {day}.", "记录中最后一次使用或充值：{day}。"
        ),
        "silent_since": Text(
            "Neither used nor recharged from {day} on.", "自{day}起无使用、无充值。"
        ),
        "silent_enough": Text(
            "The {number}th day in service without was {day}; days on hold, blocked or suspended "
            "do not count.",
            "在网无使用满{number}天的日期为{day}；停机保号、单停、停机期间不计。",
        ),
        "contract_end_known": Text(
            "The contract ended or ends on {day}, as the snapshot knew it.",
            "观察日所知的合同到期日：{day}。",
        ),
        "contract_renewed": Text(
            "A later delivery shows it renewed until {day}.", "后续资料显示已续约至{day}。"
        ),
        "lines_held": Text(
            "Lines of the customer in service at the snapshot: {number}.",
            "观察日该客户在网线路数：{number}。",
        ),
        "line_active": Text("One was lost on {day}, by active churn.", "其中一条于{day}主动流失。"),
        "line_passive": Text(
            "One was lost on {day}, by passive churn.", "其中一条于{day}被动流失。"
        ),
        "line_gone": Text(
            "One was lost on {day}, before the outcome window opened.",
            "其中一条于{day}流失，在结果窗口开始之前。",
        ),
        "began_anew": Text(
            "By {number} contact persons in common, the line begun on {day} is its holder's next "
            "one.",
            "根据{number}个共同联系人判断，{day}开通的线路为该机主的新号码。",
        ),
        "lines_aside": Text(
            "Lines that ended for administrative reasons and do not count: {number}.",
            "因行政原因终止、不计入的线路数：{number}。",
        ),
    }
)
"""What definitions tell beyond service states, by the name of the fact."""

_READ_AS_STATES: Mapping[str, Text] = MappingProxyType(
    {
        "silent": Text(
            "neither used nor recharged for so long that it counts as churn",
            "连续无使用、无充值，按流失处理",
        )
    }
)


def state_text(state: str) -> Text:
    """Return the words for a service state, or for what a definition reads as one."""
    return _READ_AS_STATES[state] if state in _READ_AS_STATES else STATES[state].text
