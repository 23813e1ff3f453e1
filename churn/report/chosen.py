"""Why a contact is made, and what kept the others out: in words, for workbook and page."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from churn.causes import RISKS
from churn.language import Language, Text
from churn.learning.wording import number, priced
from churn.report.effects import ASSUMED, short_source_of
from churn.report.parts import Tonight
from churn.report.prices import limit_words
from churn.report.summary import effects_of
from churn.targeting import TargetingSettings, TargetList


def why_chosen(tonight: Tonight) -> Iterator[Text]:
    """Say of each contact of a list what happens without it, and what it changes and is worth."""
    actions = {action.name: action for action in tonight.settings.actions}
    effects = {effect.action: effect for effect in effects_of(tonight.done)}
    for row in tonight.frame.to_dict("records"):
        action, effect = actions[row["action"]], effects.get(row["action"])
        source = ASSUMED if effect is None else short_source_of(effect)
        cause = row["cause"]
        yield _why(
            RISKS[cause].text,
            action.label,
            chance=float(row[f"p_{cause}"]),
            gamma=action.effect if effect is None else effect.used,
            source=source,
            value=float(row["value_if_saved"]),
            profit=float(row["expected_profit"]),
            currency=tonight.settings.value.currency,
        )


def _why(
    cause: Text,
    action: Text,
    *,
    chance: float,
    gamma: float,
    source: Text,
    value: float,
    profit: float,
    currency: str,
) -> Text:
    p = Text.by(lambda language: number(chance, "share", language))
    fall = Text.by(lambda language: number(gamma, "share", language))
    worth, earned = priced(f"{value:,.0f}", currency), priced(f"{profit:,.2f}", currency)
    return Text(
        f"Left alone, {p.en} chance of {cause.en}; {action.en} lowers it by {fall.en} "
        f"({source.en}); kept it is worth {worth.en}, so this contact is expected to earn "
        f"{earned.en}.",
        f"若不联系，{cause.zh}概率{p.zh}；{action.zh}预计使其降低{fall.zh}（{source.zh}）；"
        f"挽留价值{worth.zh}，本次联系预期收益{earned.zh}。",
    )


def left_out_counts(
    left: pd.DataFrame, settings: TargetingSettings, language: Language
) -> pd.DataFrame:
    """Count who was left out, by reason and limit; together they are all that was not selected."""
    paying = (left["expected_profit"] > settings.least_profit) & (
        left["reason"] != "not_profitable"
    )
    rows = left.assign(paying=paying, forgone=left["expected_profit"].where(paying, 0.0))
    summed = rows.groupby(["reason", "limit", "cell"], sort=True).agg(
        subscribers=("subscriber_id", "size"), paying=("paying", "sum"), forgone=("forgone", "sum")
    )
    summed = summed.reset_index()
    summed["forgone"] = summed["forgone"].round(2)
    summed = summed.sort_values(["forgone", "subscribers"], ascending=False, kind="stable")
    words = limits_of(summed, settings, language)
    # Of text pandas makes no limit a number that is none, which no page can write.
    return summed.assign(limit=pd.Series(words, summed.index, dtype="object"))


def missed(done: TargetList, least_profit: float, most: int) -> pd.DataFrame:
    """Return those left out whose contact would have paid, the most forgone first."""
    rows = done.left_out
    # who is held out, or whom a contact may as well wake, is nobody's lead
    told = ~rows["reason"].isin(["not_profitable", "held_out", "unsure"])
    rows = rows[(rows["expected_profit"] > least_profit) & told]
    order = ["expected_profit", "subscriber_id"]
    return rows.sort_values(order, ascending=[False, True], ignore_index=True).head(most)


def limits_of(
    rows: pd.DataFrame, settings: TargetingSettings, language: Language
) -> list[str | None]:
    """Return in words the limit that each row lost out to, by its columns ``limit, cell``."""
    pairs = zip(rows["limit"], rows["cell"], strict=True)
    return [
        limit_words(limit, cell, settings).of(language) if limit else None for limit, cell in pairs
    ]
