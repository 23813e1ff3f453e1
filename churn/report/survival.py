"""How long subscribers stay, in words: from history with its check, or why not."""

from __future__ import annotations

from collections.abc import Iterator

from churn.evaluation.intervals import Interval
from churn.language import Text
from churn.report.words import PRODUCTS
from churn.targeting.survival import FEWEST, MonthsToCome


def survival_lines(lives: MonthsToCome | None) -> Iterator[Text]:
    """Tell months to come with their interval, how they were checked, and what no history shows.

    Nothing where the settings say how long subscribers stay.
    """
    if lives is None:
        return
    model, check = lives.model, lives.check
    if model is None or check is None or model.departures < FEWEST:
        yield Text(
            "How long subscribers stay cannot be told from history yet: it is too short, or too "
            "few have left; the settings' survival stands.",
            "历史过短或离网过少，尚无法估计在网月数，沿用设置的留存率。",
        )
        return
    horizon, shown = f"{model.horizon}", f"{min(model.observed, model.horizon)}"
    if lives.used:
        products = "; ".join(_told(name, each, "en") for name, each in model.by_product.items())
        named = "；".join(_told(name, each, "zh") for name, each in model.by_product.items())
        yield Text(
            f"Of the next {horizon} months subscribers are expected to stay "
            f"{_months(model.mean)}; {products}.",
            f"未来{horizon}个月平均在网{_months(model.mean)}个月；{named}。",
        )
        if model.observed < model.horizon:
            yield Text(
                f"History shows {shown} months; beyond them their last hazards go on.",
                f"历史仅覆盖{shown}个月，其后沿用末期离网率。",
            )
    else:
        yield Text(
            "How long subscribers stay is not taken from history: its first half did not foretell "
            "its second; the settings' survival stands.",
            "历史前半段未能预测后半段，在网月数沿用设置的留存率。",
        )
    ratio, months = f"{check.ratio.value:.2f}", f"{check.months}"
    around = f"[{check.ratio.lower:.2f}, {check.ratio.upper:.2f}]"
    yield Text(
        f"Checked out of time over {months} months: {check.departures:,} left, {ratio} {around} "
        f"times as many as foretold; {check.within} of {len(check.deciles)} tenths by risk came "
        "as foretold.",
        f"跨期检验{months}个月：离网{check.departures:,}户，为预测的{ratio}倍{around}；"
        f"按风险十分位，{len(check.deciles)}档中{check.within}档与预测相符。",
    )


def _told(product: str, months: Interval, language: str) -> str:
    name = PRODUCTS.get(product) or Text(product, product)
    return f"{name.en} {_months(months)}" if language == "en" else f"{name.zh}{_months(months)}"


def _months(months: Interval) -> str:
    return f"{months.value:.1f} [{months.lower:.1f}, {months.upper:.1f}]"
