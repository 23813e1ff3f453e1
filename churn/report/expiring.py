"""``expiring.xlsx``: commitments that end, lines gone silent, port-out queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from churn.language import Text
from churn.report.book import ListSheet, SummarySheet, write_book
from churn.report.columns import (
    ACCOUNT_MANAGER,
    AVERAGE_BILL,
    CHANCES,
    CUSTOMER,
    LEFT_ON,
    NAME,
    P_DOWNGRADE,
    PHONE,
    PLAN,
    PRODUCT,
    REGION,
    STATE,
    SUBSCRIBER,
    TONIGHT,
    TONIGHT_ACTION,
    ListColumn,
)
from churn.report.parts import EarlyWarnings, HandOut
from churn.report.summary import TO_KNOW, Section, definitions, sentences
from churn.report.words import CODES, words_of
from churn.targeting import Action

_WHO = (PRODUCT, PLAN, AVERAGE_BILL, *CHANCES, TONIGHT, TONIGHT_ACTION, REGION, ACCOUNT_MANAGER)
EXPIRING = (
    ListColumn(
        "contract_ends_on",
        "date",
        Text("Commitment ends", "合约到期日"),
        Text("last day of the commitment", "合约最后一日"),
    ),
    ListColumn(
        "months_left",
        "count",
        Text("Within months", "剩余月数"),
        Text("1: ends within a month; 0: has ended", "1：一个月内到期；0：已到期"),
    ),
    SUBSCRIBER,
    CUSTOMER,
    ListColumn(
        "commitment",
        "code",
        Text("Renewal", "续约情况"),
        Text("what has become of it so far", "截至当晚的续约情况"),
    ),
    ListColumn(
        "renewed_until",
        "date",
        Text("Renewed until", "续约至"),
        Text("end of the new commitment", "新合约到期日"),
    ),
    LEFT_ON,
    STATE,
    *_WHO,
    NAME,
    PHONE,
)
SILENT = (
    ListColumn(
        "silent_months",
        "count",
        Text("Silent months", "沉默月数"),
        Text("whole months in service without use", "在网而无使用的整月数"),
    ),
    ListColumn(
        "last_used_on",
        "date",
        Text("Last used", "最近使用日"),
        Text("last day of use on record", "记录中最近一次使用的日期"),
    ),
    SUBSCRIBER,
    CUSTOMER,
    *_WHO,
    NAME,
    PHONE,
)
PORT_QUERIES = (
    ListColumn(
        "applied_on",
        "date",
        Text("Applied on", "申请携出日"),
        Text(
            "has applied to port out: contacted by nobody, no offer depends on it",
            "已申请携号转出：任何人不得联系，不得以优惠阻止",
        ),
    ),
    ListColumn(
        "asked_on", "date", Text("Asked on", "查询日"), Text("latest question", "最近一次查询")
    ),
    SUBSCRIBER,
    CUSTOMER,
    ListColumn(
        "times_asked", "count", Text("Times asked", "查询次数"), Text("lately", "近期查询次数")
    ),
    *_WHO,
    NAME,
    PHONE,
)
DOWNGRADES = (
    ListColumn(
        "downgraded_on",
        "date",
        Text("Moved on", "降档日"),
        Text("latest move to a cheaper plan", "最近一次降档日期"),
    ),
    SUBSCRIBER,
    CUSTOMER,
    ListColumn(
        "fee_lost",
        "money",
        Text("Fee lost", "月费损失"),
        Text("a month, ups taken off", "每月，已扣除升档"),
    ),
    ListColumn(
        "from_plan", "text", Text("Plan before", "原套餐"), Text("of that move", "该次变更前的套餐")
    ),
    ListColumn(
        "reason",
        "code",
        Text("Why", "变更原因"),
        Text("as delivered", "按交付数据"),
    ),
    *_WHO,
    NAME,
    PHONE,
)
MOST = 50_000
"""Lines that a sheet names, the first in its order: a workbook takes 5 KB of memory for each."""
FORESEEN = (P_DOWNGRADE, SUBSCRIBER, CUSTOMER, *_WHO, NAME, PHONE)
_ENDS = {0: Text("has ended", "已到期"), 1: Text("within a month", "1个月内")}
_STANDINGS = ("open", "renewed", "lapsed", "gone")


def write_expiring(night: HandOut, warnings: EarlyWarnings, actions: Sequence[Action]) -> bytes:
    """Return ``expiring.xlsx``: what is still open and nearest its end comes first.

    A sheet names ``MOST`` lines, and says so where there are more.
    """
    words = words_of(actions)
    sheets = [
        ListSheet(Text("Commitments", "合约到期"), _open_first(warnings.expiring), EXPIRING, words)
    ]
    if warnings.silent is not None:
        order = ["silent_months", "average_bill", "subscriber_id"]
        rows = warnings.silent.sort_values(order, ascending=[True, False, True])
        sheets.append(ListSheet(Text("Silent", "沉默用户"), rows, SILENT, words))
    if warnings.port_queries is not None:
        order = ["applied_on", "asked_on", "subscriber_id"]
        rows = warnings.port_queries.sort_values(
            order, ascending=[True, False, True], na_position="first"
        )
        sheets.append(ListSheet(Text("Port-out queries", "携转查询"), rows, PORT_QUERIES, words))
    if warnings.downgrades is not None:
        order = ["downgraded_on", "fee_lost", "subscriber_id"]
        rows = warnings.downgrades.sort_values(order, ascending=[False, False, True])
        sheets.append(ListSheet(Text("Downgrades", "降档用户"), rows, DOWNGRADES, words))
    if warnings.foreseen is not None:
        order = ["p_downgrade", "subscriber_id"]
        rows = warnings.foreseen.sort_values(order, ascending=[False, True])
        sheets.append(ListSheet(Text("Downgrades foreseen", "降档预警"), rows, FORESEEN, words))
    cut = [_first_of(sheet) for sheet in sheets if len(sheet.frame) > MOST]
    sheets = [replace(sheet, frame=sheet.frame.head(MOST)) for sheet in sheets]
    return write_book(
        night.as_of,
        night.language,
        Text(f"Early warnings, night of {night.as_of}", f"早期预警（{night.as_of}）"),
        sheets,
        SummarySheet(
            Text("About", "说明"),
            message(warnings),
            [
                _by_month(warnings.expiring, warnings.settings.months_ahead),
                sentences(TO_KNOW, [*cut, *_rules(warnings), *night.why, *night.notes]),
                definitions(column for sheet in sheets for column in sheet.columns),
            ],
        ),
        currency=night.currency,
    )


def message(warnings: EarlyWarnings) -> Text:
    """Say in one sentence what the night warns of beside its list."""
    rows = warnings.expiring
    ahead = rows[rows["months_left"] > 0]
    still = int((ahead["commitment"] == "open").sum())
    text = Text(
        f"{len(ahead):,} commitments end within {warnings.settings.months_ahead} months, "
        f"{still:,} of them not renewed yet",
        f"{warnings.settings.months_ahead}个月内到期合约{len(ahead):,}份，其中{still:,}份尚未续约",
    )
    if warnings.silent is not None:
        quiet = len(warnings.silent)
        text += Text(f"; {quiet:,} lines have gone silent", f"；沉默用户{quiet:,}户")
    if warnings.port_queries is not None:
        asked = int(warnings.port_queries["applied_on"].isna().sum())
        applied = len(warnings.port_queries) - asked
        text += Text(
            f"; {asked:,} asked about porting out, {applied:,} have applied",
            f"；查询携号转出{asked:,}户，已申请{applied:,}户",
        )
    if warnings.downgrades is not None:
        lost = warnings.downgrades["fee_lost"].sum()
        text += Text(
            f"; {len(warnings.downgrades):,} moved to a cheaper plan, {lost:,.2f} a month",
            f"；降档{len(warnings.downgrades):,}户，月费损失{lost:,.2f}",
        )
    if warnings.foreseen is not None:
        may = len(warnings.foreseen)
        text += Text(f"; {may:,} may move to one", f"；可能降档{may:,}户")
    return text + Text(".", "。")


def _open_first(rows: pd.DataFrame) -> pd.DataFrame:
    place = rows["commitment"].map({"open": 0, "lapsed": 1}).fillna(2)
    order = ["place", "contract_ends_on", "average_bill", "subscriber_id"]
    ordered = rows.assign(place=place).sort_values(order, ascending=[True, True, False, True])
    return ordered.drop(columns="place")


def _first_of(sheet: ListSheet) -> Text:
    """Say that a sheet names some of its lines only."""
    return (
        Text("Sheet ", "工作表")
        + sheet.name
        + Text(
            f": the first {MOST:,} of {len(sheet.frame):,} lines, in the order of the sheet; "
            "all are counted.",
            f"：共{len(sheet.frame):,}户，按表内顺序仅列前{MOST:,}户，全部计入统计。",
        )
    )


def _by_month(rows: pd.DataFrame, ahead: int) -> Section:
    """Return how many commitments end when, and what has become of them."""
    header = (Text("Ends", "到期"), *(CODES[name] for name in _STANDINGS), Text("all", "合计"))
    table: list[tuple[object, ...]] = []
    for month in range(ahead + 1):
        those = rows.loc[rows["months_left"] == month, "commitment"]
        label = _ENDS.get(month, Text(f"within {month} months", f"{month}个月内"))
        table.append((label, *(int((those == name).sum()) for name in _STANDINGS), len(those)))
    return Section(
        Text("Commitments by the month they end in", "合约按到期月份"),
        tuple(table),
        ("text", *["count"] * (len(_STANDINGS) + 1)),
        header=header,
    )


def _rules(warnings: EarlyWarnings) -> list[Text]:
    settings = warnings.settings
    rules = [
        Text(
            "Whether anybody is contacted is decided by the night's list alone: who is to be left "
            "alone, opted out or has applied to port out is not called for this sheet.",
            "是否联系客户只由当晚名单决定：暂不联系、已拒绝联系或已申请携出的客户，不得因本表致电。",
        ),
        Text(
            f"Renewed: a later end came in from {settings.renewal_before} days before the end to "
            f"{settings.renewal_after} after; an end moved by fewer than "
            f"{settings.correction_days} days is a correction. Who left earlier was not renewed.",
            f"续约：到期前{settings.renewal_before}天至到期后{settings.renewal_after}天内出现更晚的"
            f"到期日；变动不足{settings.correction_days}天视为更正；提前离网计为未续约。",
        ),
    ]
    if warnings.silent_until is not None:
        rules.append(
            Text(
                "Silent: in service and free to use, used month after month before, and neither "
                f"called, sent nor surfed in whole months up to {warnings.silent_until}; received "
                "calls do not count. Machine and companion lines are left out where the books tell "
                "the role of a line.",
                f"沉默：在网且可正常使用，此前逐月使用，截至{warnings.silent_until}整月"
                "无主叫、短信和流量；被叫不计。资料载明用途时，物联网等机器卡和副卡不计。",
            )
        )
    if warnings.silent is None:
        rules.append(
            Text(
                "No records of use were delivered: nobody can be called silent.",
                "未交付使用记录，无法判断沉默用户。",
            )
        )
    if warnings.downgrades is None:
        rules.append(Text("Plan changes were not delivered.", "未交付套餐变更数据。"))
    else:
        rules.append(
            Text(
                f"Downgrades: changes of the last {warnings.settings.downgrade_days} days summed; "
                "a cheaper plan taken as a save on offer cannot be told apart.",
                f"降档：按近{warnings.settings.downgrade_days}天变更合计；"
                "作为挽留优惠的降档无法区分。",
            )
        )
    if warnings.foreseen is not None:
        lift = f"{warnings.settings.downgrade_lift:g}"
        rules.append(
            Text(
                f"Downgrades foreseen: the chance is {lift} times the mean of all scored or more.",
                f"降档预警：概率达到全部已评分用户均值的{lift}倍及以上。",
            )
        )
    if warnings.port_queries is None:
        rules.append(Text("Port-out queries were not delivered.", "未交付携转查询数据。"))
    return rules
