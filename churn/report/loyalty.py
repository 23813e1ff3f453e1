"""``loyalty.xlsx`` and ``loyalty.csv``: cards, points, what the next card takes, rewards."""

from __future__ import annotations

from churn.language import Text
from churn.loyalty import CARDS, STANDINGS
from churn.report.book import ListSheet, SummarySheet, write_book
from churn.report.columns import ListColumn
from churn.report.flat import to_csv
from churn.report.parts import HandOut, Loyalty
from churn.report.summary import TO_KNOW, Section, definitions, sentences
from churn.report.words import CODES, words_of

_MOST = 5_000
"""Households near the next card that the workbook names; loyalty.csv holds all."""
_CUSTOMER = ListColumn(
    "customer_id", "text", Text("Customer", "客户号"), Text("the household", "家庭客户")
)
_CARD = ListColumn(
    "card", "code", Text("Card", "会员卡"), Text("by its points", "按积分评定"), widest=16
)
_POINTS = ListColumn(
    "points", "count", Text("Points", "积分"), Text("of all four measures", "四项合计")
)
CARD_LIST = (
    _CUSTOMER,
    _CARD,
    _POINTS,
    *(
        ListColumn(f"points_{name}", "count", label, meaning)
        for name, label, meaning in (
            ("tenure", Text("For years", "在网年限分"), Text("years in service", "在网年限")),
            ("spend", Text("For spend", "消费分"), Text("last twelve months", "近十二个月消费")),
            ("lines", Text("For lines", "线数分"), Text("lines in service", "在网线数")),
            ("mobile", Text("For mobile", "移动加分"), Text("mobile product", "有移动业务")),
        )
    ),
    ListColumn(
        "next_card", "code", Text("Next card", "下一级卡"), Text("none above gold", "金卡之上无"),
        widest=16,
    ),
    ListColumn(
        "points_missing",
        "count",
        Text("Points missing", "差积分"),
        Text("to the next card", "距下一级卡"),
    ),
    ListColumn(
        "tenure_point_on",
        "date",
        Text("Years: next point on", "年限下一分日期"),
        Text("the day on which years bring one more point", "年限再得一分的日期"),
    ),
    ListColumn(
        "spend_to_point",
        "money",
        Text("Spend: to the next point", "消费距下一分"),
        Text("more in twelve months", "十二个月内还需消费"),
    ),
    ListColumn(
        "lines_to_point",
        "count",
        Text("Lines: to the next point", "线数距下一分"),
        Text("more lines", "还需线数"),
    ),
    ListColumn(
        "mobile_would_add",
        "count",
        Text("Mobile would add", "开通移动可加分"),
        Text("points; 0: has it", "积分；0：已有"),
    ),
)  # fmt: skip
REWARDS = (
    ListColumn(
        "anniversary_on",
        "date",
        Text("Anniversary", "入网周年日"),
        Text("of its oldest line, this month", "最早线路，本月"),
    ),
    _CUSTOMER,
    _CARD,
    _POINTS,
    ListColumn("years", "count", Text("Years", "年数"), Text("in service", "在网")),
    ListColumn(
        "standing",
        "code",
        Text("Reward", "回馈"),
        Text("given once this month, or why not", "本月给予一次，或不给的原因"),
        widest=34,
    ),
    ListColumn("reward", "text", Text("What", "内容"), Text("by card", "按卡级"), widest=30),
    ListColumn("cost", "money", Text("Cost", "成本"), Text("of one", "单份")),
)
_STANDINGS = {
    "rewarded": Text("to be given", "给予"),
    # Controls and who rests are not told apart: a file that named them would end the comparison.
    "control": Text("leave alone for now", "暂不给予"),
    "leave_alone": Text("leave alone for now", "暂不给予"),
    "beyond_budget": Text("the month's budget is used up", "本月预算已用完"),
    "applied_to_port": Text(
        "has applied to port out: contacted by nobody", "已申请携号转出，不得联系"
    ),
    "opted_out": Text("refused every channel", "已拒绝全部渠道"),
    "in_arrears": Text("owes something overdue", "有逾期欠费"),
}
_EXAMPLE = Text(
    "Cards, points and rewards are the shipped example, not this operator's: set targeting.tiers "
    "and loyalty, then loyalty.example to false.",
    "会员卡、积分与回馈为随附示例，并非本企业规则：请设置 targeting.tiers 与 loyalty，"
    "并将 loyalty.example 设为 false。",
)


def write_loyalty(night: HandOut, loyalty: Loyalty) -> bytes:
    """Return ``loyalty.xlsx``: this month's rewards, who is near the next card, and the rules."""
    words = {**words_of(()), "standing": _STANDINGS}
    labels = {reward.card: reward.label.of(night.language) for reward in loyalty.settings.rewards}
    due = loyalty.rewards.assign(
        reward=loyalty.rewards["card"].map(labels),
        later=loyalty.rewards["standing"] != "rewarded",
    )
    due = due.sort_values(["later", "anniversary_on", "customer_id"], ignore_index=True)
    near = loyalty.cards[loyalty.cards["points_missing"] <= loyalty.settings.near_points]
    near = near.sort_values(
        ["points_missing", "points", "spend_to_point", "customer_id"],
        ascending=[True, False, True, True],
        ignore_index=True,
    ).head(_MOST)
    example = [_EXAMPLE] if loyalty.settings.example else []
    return write_book(
        night.as_of,
        night.language,
        Text(f"Loyalty, night of {night.as_of}", f"会员忠诚度（{night.as_of}）"),
        [
            ListSheet(Text("Rewards of the month", "本月回馈"), due, REWARDS, words),
            ListSheet(Text("Near the next card", "临近升级"), near, CARD_LIST, words),
        ],
        SummarySheet(
            Text("About", "说明"),
            message(loyalty),
            [
                _cards(loyalty),
                _standings(loyalty),
                sentences(TO_KNOW, [*example, *_rules(loyalty), *night.notes]),
                definitions((*REWARDS, *CARD_LIST)),
            ],
        ),
        currency=night.currency,
    )


def write_cards(loyalty: Loyalty) -> bytes:
    """Return ``loyalty.csv``: every household with its card."""
    return to_csv(loyalty.cards, CARD_LIST)


def message(loyalty: Loyalty) -> Text:
    """Say in one sentence how many hold which card, and what the month's rewards cost."""
    counts = loyalty.counts()
    return Text(
        f"{counts['households']:,} households: {counts['gold']:,} gold, {counts['silver']:,} "
        f"silver, {counts['standard']:,} standard; {counts['due']:,} have an anniversary with a "
        f"reward this month, {counts['rewarded']:,} are given it for {counts['cost']:,.2f}.",
        f"家庭客户{counts['households']:,}户：金卡{counts['gold']:,}、银卡{counts['silver']:,}、"
        f"普通卡{counts['standard']:,}；本月周年且有回馈{counts['due']:,}户，"
        f"给予{counts['rewarded']:,}户，成本{counts['cost']:,.2f}。",
    )


def _cards(loyalty: Loyalty) -> Section:
    held = loyalty.cards["card"].value_counts()
    rows = tuple((CODES[card], int(held.get(card, 0))) for card in CARDS)
    return Section(Text("Households by card", "按会员卡分布"), rows, ("text", "count"), chart=True)


def _standings(loyalty: Loyalty) -> Section:
    shown: dict[Text, list[float]] = {}
    for standing in STANDINGS:
        rows = loyalty.rewards[loyalty.rewards["standing"] == standing]
        sums = shown.setdefault(_STANDINGS[standing], [0, 0.0])
        sums[0] += len(rows)
        sums[1] += float(rows["cost"].sum())
    header = (Text("Reward", "回馈"), Text("households", "户数"), Text("cost", "成本"))
    told = tuple((words, int(n), round(cost, 2)) for words, (n, cost) in shown.items() if n)
    title = Text("Rewards of the month", "本月回馈")
    return Section(title, told, ("text", "count", "money"), header=header)


def _rules(loyalty: Loyalty) -> list[Text]:
    tiers, settings = loyalty.tiers, loyalty.settings
    bounds = {
        name: ", ".join(f"{bound:,.10g}" for bound in values)
        for name, values in (
            ("years", tiers.tenure_years),
            ("spend", tiers.yearly_spend),
            ("lines", tiers.lines),
        )
    }
    return [
        Text(
            f"One point for each bound reached: years in service {bounds['years']}; spend of "
            f"twelve months {bounds['spend']}; lines {bounds['lines']}; {tiers.mobile_bonus} more "
            f"for the mobile product. Silver from {tiers.silver} points, gold from {tiers.gold}.",
            f"每达一档得1分：在网年限{bounds['years']}年；十二个月消费{bounds['spend']}；"
            f"线数{bounds['lines']}；有移动业务另加{tiers.mobile_bonus}分。"
            f"{tiers.silver}分起银卡，{tiers.gold}分起金卡。",
        ),
        Text(
            f"Rewards go by card, in the month of the oldest line's anniversary, gold first, then "
            f"by spend, within {settings.budget:,.2f} a month; {settings.control_share:.0%} of "
            "those due are drawn and left alone to compare. Lines in service or suspended count; "
            "key accounts have a service plan instead.",
            f"回馈按卡级、在最早线路入网周年当月给予，金卡优先，其次按消费，月度预算"
            f"{settings.budget:,.2f}；到期客户中抽取{settings.control_share:.0%}留作对照。"
            "按在网及停机线路计；大客户另有服务计划。",
        ),
    ]
