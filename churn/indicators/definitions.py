"""Each indicator: what is counted over what, in the words of the field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from churn.causes import CAUSES, Cause
from churn.language import Text

Kind = Literal["count", "share", "money", "net", "times", "change"]
DIMENSIONS = ("region", "account_manager", "tier", "product")


@dataclass(frozen=True)
class Indicator:
    """One indicator.

    Parameters
    ----------
    kind
        ``count`` and ``money`` (currency a month) are sums, ``share`` is one over another, ``net``
        a share less the controls' share, with an interval, ``times`` how large a share is against
        that of everybody, ``change`` (currency a month) a mean less the controls', with an
        interval.
    of
        The measures summed; ``amount:`` before one takes its money, or what it weighs.
    over
        Of a share, the measures it is over.
    besides
        Of ``times``, what everybody else adds to both.
    people
        Whether it may be told of people, that is by account manager.
    enough
        Measures of which there must be ``indicators.least`` together for it to be told.
    """

    kind: Kind
    label: Text
    definition: Text
    of: tuple[str, ...]
    over: tuple[str, ...] = ()
    besides: tuple[str, ...] = ()
    people: bool = True
    enough: tuple[str, ...] = ()

    @property
    def is_share(self) -> bool:
        """Whether its figure is a share; else a count, money, or how many times."""
        return self.kind in {"share", "net"}

    @property
    def measures(self) -> tuple[str, ...]:
        """The measures it is told from."""
        every = (*self.of, *self.over, *self.besides, *self.enough)
        return tuple(name.removeprefix("amount:") for name in every)


_BASE = ("lines",)


def _coverage(label: Text, definition: Text, *causes: Cause) -> Indicator:
    """Return the leavers that lists had drawn over all, of some causes."""
    drawn = tuple(f"drawn_{cause}" for cause in causes)
    every = (*drawn, *(f"unlisted_{cause}" for cause in causes))
    return Indicator("share", label, definition, drawn, every, enough=every)


_LISTED, _UNLISTED = (
    tuple(f"{kind}_{cause}" for cause in CAUSES) for kind in ("listed", "unlisted")
)
INDICATORS: Mapping[str, Indicator] = {
    "lines": Indicator(
        "count",
        Text("lines", "在网用户数"),
        Text("in service or suspended on the first day", "首日在网或停机的用户"),
        _BASE,
    ),
    "churn_rate": Indicator(
        "share",
        Text("churn rate", "离网率"),
        Text(
            "final departures over lines; back within win-back taken out",
            "最终离网数/首日用户数；挽回期内返网者除外",
        ),
        ("left_active", "left_passive"),
        _BASE,
    ),
    "churn_rate_active": Indicator(
        "share",
        Text("churn rate, active", "主动离网率"),
        Text("left or ported out", "退网、携出等"),
        ("left_active",),
        _BASE,
    ),
    "churn_rate_passive": Indicator(
        "share",
        Text("churn rate, passive", "被动离网率"),
        Text("removed, for arrears or an ended contract", "欠费或到期拆机"),
        ("left_passive",),
        _BASE,
    ),
    "churned": Indicator(
        "count",
        Text("lines lost", "离网用户数"),
        Text("final departures of the month", "当月最终离网"),
        ("left_active", "left_passive"),
    ),
    "revenue_lost": Indicator(
        "money",
        Text("revenue lost", "流失收入损失"),
        Text(
            "mean of the last full bills of those lines, a month",
            "离网用户离网前完整账单均值（月）",
        ),
        ("amount:left_active", "amount:left_passive"),
    ),
    "revenue_lost_active": Indicator(
        "money",
        Text("revenue lost, active", "流失收入（主动）"),
        Text("of active departures", "主动离网部分"),
        ("amount:left_active",),
    ),
    "revenue_lost_passive": Indicator(
        "money",
        Text("revenue lost, passive", "流失收入（被动）"),
        Text("of passive departures", "被动离网部分"),
        ("amount:left_passive",),
    ),
    "port_queries": Indicator(
        "count",
        Text("asked about porting", "携转查询客户数"),
        Text("distinct subscribers", "去重用户数"),
        ("port_queries",),
    ),
    "downgrades": Indicator(
        "count",
        Text("downgrades", "降档客户数"),
        Text(
            "distinct subscribers in service who moved to a lower fee; saves on offer apart",
            "在网期间转入更低月费套餐的去重用户数；挽留赠送除外",
        ),
        ("downgrades",),
    ),
    "downgrade_loss": Indicator(
        "money",
        Text("fee lost by downgrades", "降档损失"),
        Text(
            "what those moves took off the monthly fee; moves back up are not set against it",
            "上述变更减少的月费合计；之后升档不冲减",
        ),
        ("amount:downgrades",),
    ),
    "silent": Indicator(
        "count",
        Text("silent", "沉默客户数"),
        Text(
            "in service the whole month and used before, without any use in it",
            "整月在网且曾有使用，当月无使用",
        ),
        ("silent",),
    ),
    "expiring": Indicator(
        "count",
        Text("commitments ended", "合约到期客户数"),
        Text("that end in the month", "当月到期"),
        ("ended",),
    ),
    "renewal_rate": Indicator(
        "share",
        Text("renewed", "合约续约率"),
        Text(
            "a later end known from 90 days before to 30 after, over ended; so far",
            "到期前90天至后30天内续约/到期数（截至当晚）",
        ),
        ("renewed",),
        ("ended",),
    ),
    "warned": Indicator(
        "count",
        Text("warned", "离网预警客户数"),
        Text(
            "distinct subscribers drawn for a list of the month, contacted or left alone",
            "当月被名单选中的去重用户数，含对照组",
        ),
        ("warned",),
    ),
    "hit_rate": Indicator(
        "share",
        Text("hit rate", "命中率"),
        Text(
            "left within the window, over drawn: of those left alone, each standing for its share "
            "of the selected",
            "结果窗口内离网/选中数；仅按对照组计，并按其抽取比例加权",
        ),
        ("amount:control_left",),
        ("amount:control",),
        enough=("control",),
    ),
    "lift": Indicator(
        "times",
        Text("lift", "提升度"),
        Text(
            "hit rate over the same share of all lines; of those not drawn lately it counts from "
            "the month's first day",
            "命中率/全体用户同期离网比例；近期未被选中者自当月首日起计",
        ),
        ("amount:control_left",),
        ("amount:control",),
        ("others_left", "others"),
        enough=("control",),
    ),
    "coverage": _coverage(
        Text("coverage", "覆盖率"),
        Text(
            "leavers of the month whom a list had drawn in the days of lead and window before, "
            "contacted or left alone, over all; whom a contact kept is not among them",
            "当月离网用户中此前（提前期与窗口期内）已被选中者的比例，含对照组；因联系而留下者不在其中",
        ),
        *CAUSES,
    ),
    "coverage_active": _coverage(
        Text("coverage, active", "覆盖率（主动）"),
        Text("of active departures", "主动离网部分"),
        "active",
    ),
    "coverage_passive": _coverage(
        Text("coverage, passive", "覆盖率（被动）"),
        Text("of passive departures", "被动离网部分"),
        "passive",
    ),
    "coverage_untreated": Indicator(
        "share",
        Text("coverage, untreated", "覆盖率（未干预）"),
        Text(
            "the same as if nobody had been contacted: those left alone, weighed, stand for the "
            "contacted",
            "假设无人被联系时的同一比例：以对照组加权代表被联系者",
        ),
        tuple(f"amount:{name}" for name in _LISTED),
        tuple(f"amount:{name}" for name in (*_LISTED, *_UNLISTED)),
        enough=_LISTED,
    ),
    "assigned": Indicator(
        "count",
        Text("assigned", "派单客户数"),
        Text(
            "contacts drawn against a control arm, whose outcome is known", "有对照且结果已知的派单"
        ),
        ("treated",),
    ),
    "reached": Indicator(
        "share",
        Text("reached", "触达率"),
        Text("answered otherwise than not reached, over assigned", "有有效结果/派单数"),
        ("reached",),
        ("treated",),
    ),
    "answered": Indicator(
        "share",
        Text("answered", "接通率"),
        Text(
            "calls with an answer other than not reached, over calls with any answer on record; "
            "attempts of one contact count once; so far",
            "有应答/已有结果的外呼数；同一联系多次拨打计一次（截至当晚）",
        ),
        ("answered",),
        ("dialled",),
        people=False,
    ),
    "kept_gross": Indicator(
        "share",
        Text("kept, gross", "维系成功率（毛）"),
        Text("still in service at the window's end, over assigned", "窗口末仍在网/派单数"),
        ("treated_stayed",),
        ("treated",),
        people=False,
    ),
    "controls_stayed": Indicator(
        "share",
        Text("controls stayed", "对照组留存率"),
        Text("the same of those left alone", "对照组仍在网比例"),
        ("control_stayed",),
        ("control",),
        people=False,
    ),
    "kept_net": Indicator(
        "net",
        Text("kept, net", "维系成功率（净）"),
        Text("gross less the controls', with a 95 % interval", "毛率减对照组，附95%区间"),
        ("treated_stayed", "control_stayed"),
        ("treated", "control"),
    ),
    "bill_after": Indicator(
        "change",
        Text("bill after being kept", "挽回后ARPU变化"),
        Text(
            "of who stayed, mean bill of the three months after the contact's less that of the "
            "three before, less the same of the controls; with a 95 % interval",
            "仍在网者联系次月起三个月账单均值减前三个月均值，再减对照组同口径变化，附95%区间",
        ),
        ("treated_bill", "control_bill"),
        ("treated_bill_squared", "control_bill_squared"),
        people=False,
    ),
}
"""Every indicator by its code, in the order in which they are told."""
