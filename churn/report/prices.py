"""What the limits of a night cost, in words: what one more unit of each would earn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from churn.language import COLON, Text
from churn.learning.wording import currency_word, priced
from churn.report.words import worded, words_of
from churn.targeting import TargetingSettings

SHOWN = 12  # prices told one by one
_NAMES: Mapping[str, Text] = {
    "budget": Text("tonight's budget", "当晚预算"),
    "contacts": Text("contacts a night", "每晚联系数"),
    "channel": Text("channel capacity", "渠道产能"),
}


def limit_words(name: str, cell: str, settings: TargetingSettings) -> Text:
    """Return what a limit is called, and of which cell."""
    told = _NAMES.get(name, Text(name, name))
    if not cell:
        return told
    return told + COLON + worded(cell, "", words_of(settings.actions))


def price_lines(prices: Sequence[Mapping[str, Any]], settings: TargetingSettings) -> list[Text]:
    """Say what one more unit of each limit would earn tonight, dearest first.

    Parameters
    ----------
    prices
        Of a list's totals, see :func:`churn.targeting.left_out.price_list`.
    """
    currency = currency_word(settings.value.currency)
    lines = []
    for row in prices[:SHOWN]:
        amount = priced(f"{abs(row['price']):,.2f}", settings.value.currency)
        unit = Text(f"one more {currency.en}", f"每多 1 {currency.zh}")
        if not row["money"]:
            unit = Text("one more contact", "每多 1 次联系")
        if row["price"] < 0:
            words = Text(
                f": the last contact that it asks for ({row['at_least']:,.0f} at least) costs "
                f"{amount.en}",
                f"：至少 {row['at_least']:,.0f} 次，其中最后一次的代价为 {amount.zh}",
            )
        else:
            words = (
                Text(": ", "：") + unit + Text(f" would earn {amount.en}", f" 可增收 {amount.zh}")
            ) + _in_use(row)
        lines.append(limit_words(row["limit"], row["cell"], settings) + words)
    if len(prices) > SHOWN:
        rest = len(prices) - SHOWN
        lines.append(
            Text(f"and {rest:,} more limits, each worth less", f"另有 {rest:,} 项限制，影响较小")
        )
    return lines


def _in_use(row: Mapping[str, Any]) -> Text:
    if row["at_most"] is None:
        return Text("", "")
    used, most = f"{row['used']:,.0f}", f"{row['at_most']:,.0f}"
    return Text(f" ({used} of {most} used)", f"（已用 {used}/{most}）")
