"""``inbound.csv``: what to do when a customer calls or comes in, for everyone who was scored.

One action or none, what to say, what not to offer; nothing of chances, values or arms. A share of
those who would be offered something is drawn as a control of its own, by the customer and the
campaign, and is served as asked like everybody without an action.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import date, timedelta

import pandas as pd

from churn.language import Language, Text
from churn.report.flat import harmless
from churn.targeting import TargetingSettings, TargetList
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
    cost. Whoever is to be left alone, opted out or has applied to port out is offered nothing.

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
    everyone = [*done.frame["subscriber_id"], *done.controls["subscriber_id"]]
    everyone += [*done.left_out["subscriber_id"]]
    rows = []
    for hashed in sorted(everyone, key=lambda name: own_ids[name]):
        action = actions.get(chosen.get(hashed, ""))
        script = _SERVE if action is None else action.script or action.label
        avoid = _NOTHING if action is None or action.avoid is None else action.avoid
        cells = (own_ids[hashed], campaign, action.name if action else "")
        rows.append((*map(harmless, (*cells, script.of(language), avoid.of(language))), last))
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(HEADER)
    writer.writerows(rows)
    counts = {
        "rows": len(rows),
        "with_action": len(chosen),
        "control": int(arms.sum()),
        "served_as_asked": len(rows) - len(offers),
    }
    return out.getvalue().encode(settings.handover.encoding), counts
