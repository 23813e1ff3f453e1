"""Who the subscriber is: product, contract, and what else its holder has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ibis import _

from churn.features.arithmetic import days_until, flag
from churn.features.family import ID, Family
from churn.features.feature import NONE, Feature
from churn.language import Text

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from churn.features.family import View

FIXED_LINE_PRODUCTS = ("fixed", "broadband", "leased")


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
        Feature("product", "class", "not delivered", "product", "产品"),
        Feature("customer_type", "class", "not delivered", "customer type", "客户类型"),
        Feature("plan", "class", "not delivered", "tariff", "套餐"),
        Feature("region", "class", "not delivered", "region", "区域"),
        Feature("bundle", "class", "no bundle", "bundle", "融合套餐"),
        Feature("tenure_days", "days", "never activated", "time in service", "在网时长"),
        Feature(
            "contract_days_left",
            "days",
            "no commitment",
            "time to the end of the contract",
            "合约剩余天数",
        ),
        Feature(
            "key_account_classes",
            "count",
            NONE,
            "key-account classes the customer is in",
            "大客户类别数",
        ),
        Feature(
            "customer_lines", "count", "not on the books", "lines of the customer", "名下号码数"
        ),
        Feature(
            "has_fixed_line",
            "flag",
            "not on the books",
            "customer also has a fixed line or broadband",
            "名下有固话或宽带",
        ),
    ),
)
