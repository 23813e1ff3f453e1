"""One subscriber's night on a terminal: chances, reasons and rules, and what was decided."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pandas as pd

from churn.causes import CAUSES, HeadName
from churn.causes import HEADS as ALL_HEADS
from churn.evaluation.gates import HEADS
from churn.language import COLON, Text
from churn.learning.wording import priced
from churn.report.effects import ASSUMED, source_of
from churn.report.prices import limit_words
from churn.report.words import worded, words_of
from churn.targeting import NOT_SELECTED, Action, TargetingSettings
from churn.targeting.answers import ANSWERS
from churn.targeting.effects import Effect

NO_DECISION = Text("decision: none was made that night", "决策：当晚未作决策")
CONTROL = Text("decision: selected and left alone, as control arm", "决策：入选对照组，不联系")


def not_scored(night: str, why: Text | None) -> Text:
    """Say that a subscriber was not scored, so on no list, and why; None where nobody can tell."""
    text = Text(f"{night}: not scored, so on no list", f"{night}：未评分，故不在名单")
    return text if why is None else text + COLON + why


def scored(night: str, row: pd.Series) -> Iterator[Text]:
    """Tell the heads' chances, reasons and rules from a row of the night's scores."""
    yield Text(f"night {night}", f"夜次 {night}")
    for cause in _told(row):
        yield from _head(row, cause)


def _head(row: pd.Series, cause: HeadName) -> Iterator[Text]:
    """Tell a head's chance, reasons and rule; they were stored in the language of the night."""
    name = HEADS[cause]
    if pd.isna(row[f"p_{cause}"]):
        yield Text(f"{name.en}: the head is off", f"{name.zh}：模型未启用")
        return
    chance, tree = f"{row[f'p_{cause}']:.2%}", f"{row[f'tree_p_{cause}']:.2%}"
    yield Text(f"{name.en}: {chance} (tree {tree})", f"{name.zh}：{chance}（决策树 {tree}）")
    for text in row.filter(regex=rf"^reason_\d+_{cause}$"):
        if text:
            yield Text(f"  reason  {text}", f"  原因  {text}")
    if row.get(f"remainder_{cause}"):
        rest = f"{row[f'remainder_{cause}']:+.2f}"
        yield Text(f"  beyond the reasons  {rest} log-odds", f"  原因之外  {rest}（对数几率）")
    rule = row[f"rule_text_{cause}"]
    yield Text(f"  rule    {rule}", f"  规则  {rule}")


def _told(row: Mapping[str, Any] | pd.Series) -> list[HeadName]:
    """Return the heads that a night's scores tell of."""
    return [head for head in ALL_HEADS if head in CAUSES or f"p_{head}" in row]


def reasons_then(night: str, then: pd.Series, now: pd.Series) -> tuple[Text, list[Text]]:
    """Tell the reasons of an earlier night beside those of this one, head by head.

    Reasons are compared as they were worded, figures left out: a bill that grew is the same reason.
    """
    lines = []
    for cause in _told(then):
        before, after = _reasons(then, cause), _reasons(now, cause)
        name = HEADS[cause]
        fresh = [text for key, text in after.items() if key not in before]
        gone = [text for key, text in before.items() if key not in after]
        same = [text for key, text in after.items() if key in before]
        for label, texts in (
            (Text("new", "新增"), fresh),
            (Text("no longer", "不再"), gone),
            (Text("still", "仍然"), same),
        ):
            lines += [Text("  ", "  ") + name + Text(", ", "，") + label + f"  {t}" for t in texts]
    heading = Text(f"reasons against those of {night}", f"与 {night} 相比的原因")
    return heading, lines or [Text("  none either night", "  两晚均无")]


def _reasons(row: pd.Series, cause: HeadName) -> dict[str, str]:
    """Return a head's reasons as they were worded, by their words without figures."""
    texts = [text for text in row.filter(regex=rf"^reason_\d+_{cause}$") if isinstance(text, str)]
    return {re.sub(r"[\d.,%−-]+", "", text).strip(): text for text in texts if text}


def on_record(facts: Mapping[str, Any]) -> Iterator[Text]:
    """Tell what the tables hold that calls for attention; nothing where nothing does.

    Parameters
    ----------
    facts
        Days by name: ``contract_ends_on, asked_on, applied_on``; and of a key account
        ``key_account`` (its classes), ``visited_on, visit_due_on``. Null or absent: none.
    """
    words = {
        "contract_ends_on": Text("commitment ends", "合约到期"),
        "asked_on": Text("asked about porting out", "查询携号转出"),
        "applied_on": Text("applied to port out", "申请携号转出"),
        "visited_on": Text("last visit", "上次走访"),
        "visit_due_on": Text("next visit due", "下次走访"),
    }
    for name, label in words.items():
        if facts.get(name) is not None:
            yield Text("  ", "  ") + label + f"  {facts[name]}"
        elif name == "visited_on" and facts.get("key_account"):
            yield Text("  last visit  none on record", "  上次走访  无记录")


def contact(row: pd.Series, actions: Iterable[Action]) -> Text:
    """Tell a contact from its row of the night's list."""
    words = words_of(actions)
    action, channel = (worded(str(row[name]), name, words) for name in ("action", "channel"))
    profit = f"{row['expected_profit']:.2f}"
    return Text(
        f"decision: {action.en} by {channel.en}, rank {row['rank']}, expected profit {profit}",
        f"决策：{action.zh}（{channel.zh}），名次 {row['rank']}，预期收益 {profit}",
    )


def arithmetic(
    row: Mapping[str, Any], settings: TargetingSettings, effects: Iterable[Effect]
) -> Iterator[Text]:
    """Tell what a contact's expected profit is made of, with the numbers it was reckoned with.

    Parameters
    ----------
    row
        Its row of the night's list.
    effects
        Those that the list reckoned with; of an action without one the settings' holds.
    """
    action = next((a for a in settings.actions if a.name == row["action"]), None)
    if action is None:  # the catalogue has changed since
        return
    effect = next((one for one in effects if one.action == action.name), None)
    gamma = action.effect if effect is None else effect.used
    source = ASSUMED if effect is None else source_of(effect)
    offer, take, cost = action.offer_cost, action.take_rate, action.contact_cost
    chances = [float(row[f"p_{cause}"]) for cause in CAUSES if not pd.isna(row[f"p_{cause}"])]
    chance = sum(chances) if action.answers == "any" else float(row[f"p_{action.answers}"])
    value = float(row["value_if_saved"])
    worth = priced(f"{value:,.2f}", settings.value.currency)
    if effect is not None and effect.personal is not None and effect.personal.used:
        # its own effect, which what was known of it that night decided
        earned = float(row["expected_profit"]) + (1 - chance) * take * offer + cost
        gamma = earned / (chance * (value - offer))
        source = Text("measured, by subscriber", "实测，按用户区分")
    yield Text(
        f"  value if saved  {worth.en}; effect of the action  {gamma:.0%}, {source.en}",
        f"  挽留价值  {worth.zh}；措施效果  {gamma:.0%}，{source.zh}",
    )
    terms = (
        f"{chance:.4f} × {gamma:.3f} × ({value:,.2f} − {offer:,.2f}) − {1 - chance:.4f} × "
        f"{take:.2f} × {offer:,.2f} − {cost:,.2f} = {float(row['expected_profit']):,.2f}"
    )
    yield Text(f"  expected profit  {terms}", f"  预期收益  {terms}")


def history(nights: Iterable[Mapping[str, Any]]) -> Iterator[Text]:
    """Tell the chances and decisions of earlier nights, the latest first.

    Parameters
    ----------
    nights
        ``night``, ``p_active, p_passive`` (null: head off) and ``decision`` (worded) of each.
    """
    for place, row in enumerate(nights):
        if not place:
            yield Text("earlier nights", "此前各晚")
        chances = [
            HEADS[cause] + Text(f" {row[f'p_{cause}']:.2%}", f" {row[f'p_{cause}']:.2%}")
            for cause in _told(row)
            if not pd.isna(row[f"p_{cause}"])
        ]
        told = Text(f"  {row['night']}  ", f"  {row['night']}  ")
        for each in chances:
            told += each + Text("  ", "  ")
        yield told + row["decision"]


def contacts(rows: Iterable[Mapping[str, Any]], actions: Iterable[Action]) -> Iterator[Text]:
    """Tell who handed the subscriber over when, for what, and what came back.

    Parameters
    ----------
    rows
        ``night, arm, action, channel, answer`` (null: none yet), the latest first.
    """
    words = words_of(actions)
    for place, row in enumerate(rows):
        if not place:
            yield Text("handed over", "历次派单")
        told = Text(f"  {row['night']}  ", f"  {row['night']}  ")
        if row["arm"] == "control":
            yield told + Text("left alone, as control arm", "对照组，不联系")
            continue
        action, channel = (worded(str(row[name]), name, words) for name in ("action", "channel"))
        answer = row["answer"]
        back = ANSWERS[answer].text if answer in ANSWERS else Text("no answer yet", "尚无结果")
        yield told + action + Text(", ", "，") + channel + Text(": ", "：") + back


def left_out(row: Mapping[str, Any], settings: TargetingSettings) -> Text:
    """Tell why a subscriber is not selected: the limit, rule or arithmetic, and the profit forgone.

    Parameters
    ----------
    row
        Its row of :func:`churn.targeting.left_out.left_out`.
    """
    why = NOT_SELECTED[row["reason"]]
    told = Text("decision: not selected: ", "决策：未入选：") + why
    if row["limit"]:
        told += Text(" (", "（") + limit_words(row["limit"], row["cell"], settings)
        told += Text(")", "）")
    if not row["action"]:
        return told
    action = worded(row["action"], "action", words_of(settings.actions))
    profit = row["expected_profit"]
    forgone = profit > settings.least_profit and row["reason"] != "not_profitable"
    amount = priced(f"{profit:,.2f}", settings.value.currency)
    words = (
        Text(f"; forgone: {amount.en} by ", f"；放弃收益 {amount.zh}，措施：")
        if forgone
        else Text(f"; expected: {amount.en} by ", f"；预期收益 {amount.zh}，措施：")
    )
    return told + words + action
