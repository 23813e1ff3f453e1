"""Who the subscriber is: product, contract, and what else its holder has."""

from __future__ import annotations

import ibis.expr.types as ir
from ibis import _

from churn.features.arithmetic import days_until, flag
from churn.features.family import ID, Family, View
from churn.features.feature import Feature, counted
from churn.language import Text

FIXED_LINE_PRODUCTS = ("fixed", "broadband", "leased")
PRODUCTS = {
    "mobile": Text("mobile", "移动"),
    "fixed": Text("fixed line", "固话"),
    "broadband": Text("broadband", "宽带"),
    "leased": Text("leased line", "专线"),
    "other": Text("other", "其他"),
}
CUSTOMER_TYPES = {
    "residential": Text("residential", "公众客户"),
    "business": Text("business", "政企客户"),
}
PAYMENTS = {"prepaid": Text("prepaid", "预付费"), "postpaid": Text("postpaid", "后付费")}
NO_BOOKS = Text("not on the books", "不在用户资料中")


def build(view: View) -> ir.Table:
    """One row per line on the books."""
    books = view.known.subscribers
    holder = view.lines.group_by(_.customer_id).aggregate(
        customer_lines=_.count(),
        has_fixed_line=flag(_.product.isin(FIXED_LINE_PRODUCTS)).max(),
    )
    of_holder = view.lines.inner_join(holder, "customer_id").select(
        ID, "customer_lines", "has_fixed_line"
    )
    classes = books.key_account_classes.nullif("")
    own = books.select(
        ID,
        product=_.product,
        customer_type=_.customer_type,
        plan=_.plan,
        region=_.region,
        bundle=_.bundle,
        payment=_.payment,
        plan_fee=_.plan_fee,
        service_level=_.service_level,
        acquired_through=_.acquired_through,
        tenure_days=days_until(view.day, _.activated_on),
        contract_days_left=-days_until(view.day, _.contract_ends_on),
        key_account_classes=classes.length() - classes.replace(";", "").length() + 1,
    )
    return own.inner_join(of_holder, ID)


FAMILY = Family(
    name="profile",
    text=Text("profile", "基本资料"),
    needs=("subscribers",),
    build=build,
    features=(
        Feature(
            "product",
            "class",
            Text("product not on record", "无产品记录"),
            "product",
            "产品",
            words=PRODUCTS,
        ),
        Feature(
            "customer_type",
            "class",
            Text("customer type not on record", "无客户类型记录"),
            "customer type",
            "客户类型",
            words=CUSTOMER_TYPES,
        ),
        Feature(
            "plan",
            "class",
            Text("tariff not on record", "无套餐记录"),
            "tariff",
            "套餐",
            topic="tariff",
        ),
        Feature("region", "class", Text("region not on record", "无区域记录"), "region", "区域"),
        Feature(
            "payment",
            "class",
            Text("kind of payment not on record", "无付费方式记录"),
            "payment",
            "付费方式",
            words=PAYMENTS,
        ),
        Feature(
            "plan_fee",
            "currency",
            Text("plan's fee not on record", "无套餐月费记录"),
            "monthly fee of the plan",
            "套餐月费",
            topic="tariff",
        ),
        Feature(
            "service_level",
            "class",
            Text("service level not on record", "无服务等级记录"),
            "service level",
            "服务等级",
        ),
        Feature(
            "acquired_through",
            "class",
            Text("sales channel not on record", "无入网渠道记录"),
            "sold through",
            "入网渠道",
        ),
        Feature(
            "bundle",
            "class",
            Text("no bundle", "未办融合套餐"),
            "bundle",
            "融合套餐",
            topic="tariff",
        ),
        Feature(
            "tenure_days",
            "days",
            Text("never activated", "从未激活"),
            "time in service",
            "在网时长",
        ),
        Feature(
            "contract_days_left",
            "days",
            Text("no commitment", "无合约"),
            "contract time left",
            "合约剩余",
            below_zero=Text("contract ended {value} ago", "合约已到期{value}"),
            topic="contract",
        ),
        counted(
            "key_account_classes", "key-account classes the customer is in", "客户所属大客户类别数"
        ),
        Feature("customer_lines", "count", NO_BOOKS, "lines of the customer", "客户名下用户数"),
        Feature(
            "has_fixed_line",
            "flag",
            NO_BOOKS,
            "customer also has a fixed line or broadband",
            "客户名下另有固话或宽带",
        ),
    ),
)
