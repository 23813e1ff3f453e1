"""What the bills of six months say: how much, of what, how it changed, and when it was paid."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
from ibis import _

from churn.features.arithmetic import (
    above_mean,
    against_mean,
    below_mean,
    days_until,
    last_months,
    ratio,
    ratio_of_means,
)
from churn.features.family import ID, Family, View
from churn.features.feature import Feature
from churn.language import Text
from churn.windows import Window, add_months

NO_BILLS = Text("no bill in six months", "近6个月无账单")
MONTHS = 12
PAYING = 20  # one paid bill in so many shows that payments of a month were delivered
NO_PAYMENT = Text(
    "no bill whose payment is on record fell due in six months", "近6个月无可知缴费情况的到期账单"
)


def build(view: View) -> ir.Table:
    """One row per subscriber billed in the last six months.

    A bill counts as paid late if it was paid after its due date, or was unpaid when the due date
    had passed before the end of what the deliveries show. Of a month of which hardly a payment is
    on record, payments were not delivered: nothing is said of them.
    """
    seen_until = view.window("bills", 0).end
    months = last_months(view.window("bills", 180), 6)
    last = add_months(months.end, -1)
    recent = Window(add_months(months.end, -3), months.end)
    earlier = Window(months.start, recent.start)
    quarter = Window(add_months(last, -3), last)
    number = _.bill_month.year() * MONTHS + _.bill_month.month()

    bills = view.known.bills.filter(months.contains(_.bill_month))
    payments = bills.group_by("bill_month").aggregate(known=_.paid_on.count() * PAYING >= _.count())
    bills = bills.left_join(payments, "bill_month", rname="{name}_of_payments")
    is_due = (_.due_on < seen_until) & _.known
    unpaid = is_due & _.paid_on.isnull()
    late = is_due & (_.paid_on.isnull() | (_.paid_on > _.due_on))
    days_late = ibis.greatest(
        days_until(seen_until, bills.due_on) - days_until(seen_until, bills.paid_on).fill_null(0), 0
    )
    per_line = (
        bills.mutate(
            days_late=days_late,
            discount_share=ratio(_.discount.abs(), _.amount_due + _.discount.abs()),
        )
        # Where a line's bills lie together, an engine holds so many sums once for each line; else
        # for each bill, until it has found them.
        .order_by(ID)
        .group_by(ID)
        .aggregate(
            bills=_.count(),
            amount=_.amount_due.sum(),
            last=_.amount_due.sum(where=_.bill_month == last),
            before=_.amount_due.sum(where=_.bill_month < last),
            months_before=_.count(where=_.bill_month < last),
            quarter=_.amount_due.sum(where=quarter.contains(_.bill_month)),
            months_quarter=_.count(where=quarter.contains(_.bill_month)),
            recent=_.amount_due.sum(where=recent.contains(_.bill_month)),
            months_recent=_.count(where=recent.contains(_.bill_month)),
            earlier=_.amount_due.sum(where=earlier.contains(_.bill_month)),
            months_earlier=_.count(where=earlier.contains(_.bill_month)),
            data=_.data.sum(),
            value_added=_.value_added.sum(),
            value_added_last=_.value_added.sum(where=_.bill_month == last),
            value_added_before=_.value_added.sum(where=_.bill_month < last),
            discount=_.discount.abs().sum(),
            discount_most=_.discount_share.max(),
            discount_last=_.discount.abs().sum(where=_.bill_month == last),
            discount_before=_.discount.abs().sum(where=_.bill_month < last),
            fees_last=_.recurring.sum(where=_.bill_month == last),
            fees_before=_.recurring.sum(where=_.bill_month < last),
            due=_.count(where=is_due),
            late=_.count(where=late),
            days_late=_.days_late.sum(where=is_due),
            days_late_last=_.days_late.argmax(_.bill_month, where=is_due),
            unpaid=_.count(where=unpaid),
            late_recent=_.count(where=late & recent.contains(_.bill_month)),
            last_late=number.max(where=late),
            last_due=number.max(where=is_due),
            part_paid=_.count(where=_.known & (_.amount_paid < _.amount_due)),
            highest=_.amount_due.max(),
            lowest=_.amount_due.min(),
            nothing=_.count(where=_.amount_due == 0),
            usage=_.usage.sum(),
            fees=_.recurring.sum(),
            data_last=_.data.sum(where=_.bill_month == last),
            data_before=_.data.sum(where=_.bill_month < last),
        )
    )
    return per_line.select(
        ID,
        bill_mean_6m=ratio(_.amount, _.bills),
        bill_last=_["last"],
        bill_shock_6m=against_mean(_["last"], _.before, _.months_before),
        bill_shock_3m=against_mean(_["last"], _.quarter, _.months_quarter),
        bill_trend_6m=ratio_of_means(_.recent, _.months_recent, _.earlier, _.months_earlier),
        discount_share_6m=ratio(_.discount, _.amount + _.discount),
        discount_share_max_6m=_.discount_most,
        discount_loss_6m=below_mean(
            _.discount_last.fill_null(0), _.discount_before, _.months_before
        ),
        fee_shock_6m=against_mean(_.fees_last, _.fees_before, _.months_before),
        data_share_6m=ratio(_.data, _.amount),
        value_added_share_6m=ratio(_.value_added, _.amount),
        value_added_shock_6m=ibis.coalesce(
            above_mean(_.value_added_last, _.value_added_before, _.months_before),
            _.value_added_last.cast("float64"),
        ),
        bill_late_share_6m=ratio(_.late, _.due),
        bill_days_late_mean_6m=ratio(_.days_late, _.due),
        bill_days_late_last=_.days_late_last,
        bills_unpaid_6m=ibis.cases((_.due > 0, _.unpaid)),
        bills_late_3m=ibis.cases((_.due > 0, _.late_recent)),
        bills_since_late_6m=_.last_due - _.last_late,
        bills_part_paid_6m=ibis.cases((_.due > 0, _.part_paid)),
        bill_spread_6m=against_mean(_.highest - _.lowest, _.amount, _.bills),
        bill_max_6m=_.highest,
        bills_nothing_6m=_.nothing,
        usage_share_6m=ratio(_.usage, _.amount),
        beyond_fees_share_6m=ratio(_.amount - _.fees, _.amount),
        beyond_fees_last=_["last"] - _.fees_last,
        data_shock_6m=against_mean(_.data_last.fill_null(0), _.data_before, _.months_before),
    )


FAMILY = Family(
    name="bills",
    text=Text("bills and payment", "账单与缴费"),
    needs=("bills",),
    build=build,
    features=(
        Feature(
            "bill_max_6m", "currency", NO_BILLS, "highest bill of six months", "近6个月最高账单"
        ),
        Feature(
            "bill_spread_6m",
            "share",
            NO_BILLS,
            "highest bill minus lowest, as share of the mean",
            "最高与最低账单之差占平均账单比例",
            topic="price",
        ),
        Feature(
            "bills_nothing_6m",
            "count",
            NO_BILLS,
            "bills of nothing in six months",
            "近6个月零账单数",
        ),
        Feature(
            "usage_share_6m",
            "share",
            Text("no usage-charge figures in six months", "近6个月无语音短信费数据"),
            "share of voice and message charges in the bill",
            "语音短信费占账单比例",
        ),
        Feature(
            "beyond_fees_share_6m",
            "share",
            Text("no fixed-fee figures in six months", "近6个月无固定费用数据"),
            "share of the bill beyond fixed fees",
            "固定费用外支出占账单比例",
            below_zero=Text(
                "bills below the fixed fees by {value} of themselves", "账单低于固定费用{value}"
            ),
            topic="tariff",
        ),
        Feature(
            "beyond_fees_last",
            "currency",
            Text("no fixed fees on the last bill", "最近一期账单无固定费用数据"),
            "last bill beyond its fixed fees",
            "最近一期账单超出固定费用",
            below_zero=Text(
                "last bill below its fixed fees by {value}", "最近一期账单低于固定费用{value}"
            ),
            topic="tariff",
        ),
        Feature(
            "data_shock_6m",
            "ratio",
            Text("no data charges to compare", "无可比流量费"),
            "data charges of the last bill against the mean before",
            "最近一期流量费较此前均值",
            topic="price",
        ),
        Feature(
            "bills_late_3m",
            "count",
            NO_PAYMENT,
            "bills of three months paid late",
            "近3个月逾期缴费账单数",
            topic="payment",
        ),
        Feature(
            "bills_since_late_6m",
            "count",
            Text("no bill paid late in six months", "近6个月无逾期缴费"),
            "bills since the last one paid late",
            "最近一次逾期缴费后的账单数",
        ),
        Feature(
            "bills_part_paid_6m",
            "count",
            NO_PAYMENT,
            "bills paid in part in six months",
            "近6个月部分缴费账单数",
            topic="payment",
        ),
        Feature("bill_mean_6m", "currency", NO_BILLS, "mean bill of six months", "近6个月平均账单"),
        Feature(
            "bill_last",
            "currency",
            Text("no bill last month", "上月无账单"),
            "last bill",
            "最近一期账单",
        ),
        Feature(
            "bill_shock_6m",
            "ratio",
            Text("no bills to compare", "无可比账单"),
            "last bill against the mean of those before",
            "最近一期账单较此前均值",
            topic="price",
        ),
        Feature(
            "bill_shock_3m",
            "ratio",
            Text("no bills to compare", "无可比账单"),
            "last bill against the mean of the three before",
            "最近一期账单较前3期均值",
            topic="price",
        ),
        Feature(
            "bill_trend_6m",
            "ratio",
            Text("no quarters to compare", "无可比季度账单"),
            "bills of three months against the three before",
            "近3个月账单较前3个月",
            topic="price",
        ),
        Feature(
            "discount_share_6m",
            "share",
            Text("no discount figures in six months", "近6个月无优惠数据"),
            "discount as share of the full price",
            "优惠占原价比例",
        ),
        Feature(
            "discount_share_max_6m",
            "share",
            Text("no discount figures in six months", "近6个月无优惠数据"),
            "largest discount on a bill as share of the full price",
            "近6个月单期最大优惠占原价比例",
        ),
        Feature(
            "discount_loss_6m",
            "currency",
            Text("no earlier discount figures", "此前无优惠数据"),
            "discount lost against the mean before",
            "优惠较此前均值减少",
            below_zero=Text(
                "discount above the mean before by {value}", "优惠较此前均值增加{value}"
            ),
            topic="price",
        ),
        Feature(
            "fee_shock_6m",
            "ratio",
            Text("no fixed fees to compare", "无可比固定费用"),
            "fixed fees of the last bill against the mean before",
            "最近一期固定费用较此前均值",
            topic="price",
        ),
        Feature(
            "data_share_6m",
            "share",
            Text("no data-charge figures in six months", "近6个月无流量费数据"),
            "share of data charges in the bill",
            "流量费占账单比例",
        ),
        Feature(
            "value_added_share_6m",
            "share",
            Text("no value-added figures in six months", "近6个月无增值业务费数据"),
            "share of value-added services in the bill",
            "增值业务费占账单比例",
            topic="price",
        ),
        Feature(
            "value_added_shock_6m",
            "currency",
            Text("no value-added figures last month", "上月无增值业务费数据"),
            "value-added charges above the mean before",
            "增值业务费较此前均值增加",
            below_zero=Text(
                "value-added charges below the mean before by {value}",
                "增值业务费较此前均值减少{value}",
            ),
            topic="price",
        ),
        Feature(
            "bill_late_share_6m",
            "share",
            NO_PAYMENT,
            "share of bills paid late or not at all",
            "逾期缴费或未缴账单占比",
            topic="payment",
        ),
        Feature(
            "bill_days_late_mean_6m",
            "days",
            NO_PAYMENT,
            "mean delay of payment",
            "平均缴费延迟",
            topic="payment",
        ),
        Feature(
            "bill_days_late_last",
            "days",
            NO_PAYMENT,
            "delay of the last payment that fell due",
            "最近一期到期账单缴费延迟",
            topic="payment",
        ),
        Feature(
            "bills_unpaid_6m",
            "count",
            NO_PAYMENT,
            "bills due and unpaid",
            "到期未缴账单数",
            topic="payment",
        ),
    ),
)
