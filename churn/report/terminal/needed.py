"""What it would take for a subscriber that was left out to be chosen."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from churn.language import Text
from churn.learning.wording import priced
from churn.report.prices import limit_words
from churn.report.words import worded, words_of
from churn.targeting import Action, TargetingSettings

_GIVES: Mapping[str, Text] = {
    "applied_to_port": Text(
        "  nothing: whoever has applied to port out is contacted by nobody",
        "  无法入选：已申请携号转出者任何人不得联系",
    ),
    "harmed": Text(
        "  nothing, as long as randomised arms show that contacts make it leave",
        "  无法入选：随机对照显示联系会促其离网",
    ),
    "unsure": Text(
        "  that more randomised contacts show that the action helps "
        "(targeting.learning buys them), or a lower targeting.effects.certainty",
        "  需更多随机对照证明措施有效（可用targeting.learning积累），"
        "或调低targeting.effects.certainty",
    ),
    "held_out": Text(
        "  nothing until the half year ends: it is held out of the programme to measure it",
        "  半年度结束前无法入选：属整体对照，用于衡量方案效果",
    ),
    "opted_out": Text(
        "  its consent to a channel of an action that answers its risk",
        "  客户同意接受相应措施的联系渠道",
    ),
    "other_line": Text(
        "  that its contact earned more than the one of the customer's other line",
        "  其预期收益高于同一客户的其他号码",
    ),
    "rule": Text(
        "  that the rules on earlier contacts, or the offers a year, allow it again",
        "  历史接触规则或年度优惠次数再次允许",
    ),
    "no_action": Text(
        "  an action in the catalogue whose conditions it meets",
        "  措施目录中有其符合条件的措施",
    ),
}
"""What would have to give, by the reason for being left out, where that needs no figures."""
_CERTAIN = 1.0


def needed(
    row: Mapping[str, Any],
    chances: Mapping[str, float],
    settings: TargetingSettings,
    prices: Sequence[Mapping[str, Any]] = (),
    rests_until: date | None = None,
) -> Iterator[Text]:
    """Tell it from what the night stored: the rule, limit or arithmetic that would have to give.

    Parameters
    ----------
    row
        Its row of :func:`churn.targeting.left_out.left_out`.
    chances
        ``p_active, p_passive`` of the night; NaN where a head is off.
    prices
        The night's, see :func:`churn.targeting.left_out.price_list`.
    rests_until
        First day on which it may be contacted again; None: not on record here.
    """
    reason = row["reason"]
    action = next((each for each in settings.actions if each.name == row["action"]), None)
    if reason in _GIVES:
        yield _GIVES[reason]
    elif reason == "cool_down":
        yield _rested(settings.cool_down_days, rests_until)
    elif reason == "beyond_limits":
        yield _beyond(row, settings, prices)
    if action is not None and reason in {"not_profitable", "beyond_limits"}:
        yield from _arithmetic(row, chances, action, settings)


def _rested(days: int, until: date | None) -> Text:
    if until is not None:
        return Text(f"  from {until} on it may be again", f"  {until} 起可再次入选")
    return Text(
        f"  {days:,} days after its last contact or draw it may be again",
        f"  距上次联系或抽取满 {days:,} 天后可再次入选",
    )


def _beyond(
    row: Mapping[str, Any], settings: TargetingSettings, prices: Sequence[Mapping[str, Any]]
) -> Text:
    price = next(
        (each for each in prices if (each["limit"], each["cell"]) == (row["limit"], row["cell"])),
        None,
    )
    limit = limit_words(row["limit"], row["cell"], settings)
    told = Text("  more room in ", "  放宽限制：") + limit
    if price is not None:
        amount = priced(f"{abs(price['price']):,.2f}", settings.value.currency)
        told += Text(
            f", of which one more unit would have earned {amount.en}",
            f"（每多一单位可增收 {amount.zh}）",
        )
    return told


def _arithmetic(
    row: Mapping[str, Any],
    chances: Mapping[str, float],
    action: Action,
    settings: TargetingSettings,
) -> Iterator[Text]:
    """Solve p g (V - d) - (1 - p) psi d - f > least for p, and for what it must earn more.

    What was earned tells g (V - d), so that nothing is reckoned anew that the night had measured.
    """
    told = (chances.get(f"p_{head}", math.nan) for head in action.heads)
    p = math.fsum(chance for chance in told if not math.isnan(chance))
    profit, least = float(row["expected_profit"]), settings.least_profit
    taken, cost = action.take_rate * action.offer_cost, action.contact_cost
    words = worded(action.name, "action", words_of(settings.actions))
    if profit > least:
        return
    short = priced(f"{least - profit:,.2f}", settings.value.currency)
    yield Text(
        f"  by {words.en}: it is {short.en} short of what a contact must earn",
        f"  采用{words.zh}：距最低收益要求差 {short.zh}",
    )
    if p <= 0:
        return
    gained = (profit + (1 - p) * taken + cost) / p  # g (V - d)
    wanted = (least + cost + taken) / (gained + taken) if gained + taken > 0 else math.inf
    if wanted < _CERTAIN:
        yield Text(
            f"  or a chance to leave above {wanted:.2%} (now {p:.2%}), all else as it is",
            f"  或在其他条件不变时流失概率高于 {wanted:.2%}（目前 {p:.2%}）",
        )
        worth = (least + cost + (1 - p) * taken) / (p * gained) if gained > 0 else math.inf
        if math.isfinite(worth):
            yield Text(
                f"  or {worth:,.1f} times what it would save now (value, or effect of the action)",
                f"  或挽留所得（价值或措施效果）为目前的 {worth:,.1f} 倍",
            )
    else:
        yield Text(
            "  no chance to leave would make it pay: what it saves is less than what it costs",
            "  无论流失概率多高均不划算：所得低于成本",
        )
