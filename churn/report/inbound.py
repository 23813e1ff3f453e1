"""``inbound.csv``: what to do when a customer calls or comes in, for everyone who was scored.

One action or none, what to say, what not to offer; nothing of chances, values or arms. A share of
those who would be offered something is drawn as a control of its own, by the customer and the
campaign, and is served as asked like everybody without an action.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import pandas as pd

from churn.language import Language, Text
from churn.report.flat import csv_bytes, harmless
from churn.targeting import TargetingSettings, TargetList
from churn.targeting.actions import Action
from churn.targeting.control import in_control

HEADER = ("subscriber_id", "campaign_id", "action", "script", "avoid", "valid_until")
CHANNELS = ("call", "app", "sms")
_OFFERED = ("beyond_limits", "other_line", "not_profitable")
_SERVE = Text("Serve what is asked.", "按客户诉求办理。")
_NOTHING = Text("No retention offer.", "不得提供挽留优惠。")


def inbound(
    done: TargetList,
    own_ids: Mapping[str, str],
    settings: TargetingSettings,
    night: date,
    language: Language,
) -> tuple[bytes, dict[str, int]]:
    """Return the file, and how many of it have an action, are its control, or are served as asked.

    Who calls costs no contact: an action pays that earns more than the least without its contact's
    cost. Whoever is to be left alone, whom no action is sure enough to help, who opted out or has
    applied to port out is offered nothing.

    Parameters
    ----------
    own_ids
        The operator's own id of every scored subscriber's hash.
    """
    campaign = f"inbound-{done.campaign_id}"
    actions = {a.name: a for a in settings.actions if a.channel in CHANNELS}
    listed = done.frame[["subscriber_id", "action"]].assign(pays=True)
    left = done.left_out[done.left_out["reason"].isin(_OFFERED)]
    costs = {name: action.contact_cost for name, action in actions.items()}
    cost = left["action"].map(costs).astype("float64")
    left = left.assign(pays=left["expected_profit"] + cost > settings.least_profit)
    offers = pd.concat([listed, left[["subscriber_id", "action", "pays"]]])
    offers = offers[offers["pays"] & offers["action"].isin(actions)]
    arms = in_control(offers["subscriber_id"], campaign, settings.control_share)
    chosen = dict(zip(offers.loc[~arms, "subscriber_id"], offers.loc[~arms, "action"], strict=True))
    last = (night + timedelta(days=settings.handover.valid_days)).isoformat()
    tails = {
        name: _tail(campaign, action, language, last)
        for name, action in (*actions.items(), ("", None))
    }
    parts = (done.frame, done.controls, done.left_out)
    everyone = sorted(
        (each for part in parts for each in part["subscriber_id"]), key=own_ids.__getitem__
    )
    rows = ((harmless(own_ids[each]), *tails[chosen.get(each, "")]) for each in everyone)
    content = csv_bytes(HEADER, rows, settings.handover.encoding)
    counts = {
        "rows": len(everyone),
        "with_action": len(chosen),
        "control": int(arms.sum()),
        "served_as_asked": len(everyone) - len(offers),
    }
    return content, counts


def _tail(campaign: str, action: Action | None, language: Language, last: str) -> tuple[str, ...]:
    """Return what the file says of everyone with an action, or with none, beside who it is."""
    script = _SERVE if action is None else action.script or action.label
    avoid = _NOTHING if action is None or action.avoid is None else action.avoid
    cells = (campaign, action.name if action else "", script.of(language), avoid.of(language))
    return (*map(harmless, cells), last)
