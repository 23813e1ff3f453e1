"""What a list handed over changed, known to a later night that nobody fed anything back."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from churn.report.summary import action_catalogue, effects_of
from churn.targeting import TargetingSettings, plan
from pipelines import arms, ingest, uplift
from pipelines.identities import own_ids
from pipelines.run import open_run
from tests.pipelines.tiny import deliver
from tests.targeting.worlds import people

NIGHT, LATER = date(2025, 3, 10), date(2025, 9, 1)
LINES = 400


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    """Deliver 400 lines with bills; of the first 200 forty leave in time, of the others four."""
    names = [f"s{n:03}" for n in range(LINES)]
    gone = [*names[:40], *names[200:204]]
    months = [f"2025-{month:02}-01" for month in range(2, 9)]
    events = [
        {"subscriber_id": name, "effective_at": "2020-01-01 08:00:00", "status": "在用"}
        for name in names
    ]
    begun = [{"subscriber_id": n, "activated_on": "2020-01-01", "product": "mobile"} for n in names]
    left = [
        {"subscriber_id": name, "effective_at": "2025-03-25 08:00:00", "status": "退网停机"}
        for name in gone
    ]
    bills = [
        {"subscriber_id": name, "bill_month": month, "amount_due": f"{20 + n % 7}.00"}
        for n, name in enumerate(names)
        for month in months
        if name not in gone or month < "2025-04-01"
    ]
    return deliver(
        tmp_path,
        {
            "subscribers": {"2025-01-05": begun, str(LATER): begun},
            "status_events": {"2025-01-05": events, str(LATER): left},
            "bills": {str(LATER): bills},
        },
    )


def test_what_the_first_list_changed_is_on_the_later_nights_page(settings: Path) -> None:
    """Arms kept at the hand-over are measured by assignment, at the window's end and later.

    The list of the later night reckons with it, and page and workbook tell both arms.
    """
    with open_run(settings) as run:
        ingest.take_in(run)
        own = own_ids(run, None)
        record = pd.DataFrame(
            {
                "subscriber_id": list(own),
                "customer_id": list(own),
                "campaign_id": "retention-2025-03",
                "arm": ["control" if own[name] < "s200" else "treated" for name in own],
                "action": "offer",
                "channel": "call",
                "control_share": 0.5,
                "planned_action": "offer",
                "action_share": 1.0,
                "other_actions": "",
                "cost": 9.0,
            }
        )
        arms.keep(run.workspace, NIGHT, 1, record)
        early = uplift.uplift(run, NIGHT + timedelta(days=20))
        assert {effect.verdict for effect in early.effects()} <= {"no_contacts", "not_measurable"}
        assert early.waiting() == LINES
        measured = uplift.uplift(run, LATER)
        offer = next(effect for effect in measured.effects() if effect.action == "offer")
        assert (offer.treated, offer.control) == (200, 200)
        assert (offer.treated_left, offer.control_left) == (4, 40)
        assert offer.verdict == "helps"
        assert offer.used > offer.assumed
        told = uplift.tell(run, LATER, ["time"])
        assert "quarter 2025Q1" in told
        soon = next(each for each in uplift.later(measured) if each.days == 90)
        assert soon.difference.value == pytest.approx(4 / 200 - 40 / 200)
        assert soon.margin.lower < soon.margin.value < soon.margin.upper
        chosen: TargetingSettings = run.settings.targeting
        done = plan(
            *people([{"subscriber_id": "s", "p_active": 0.6, "average_bill": 60.0}]),
            chosen,
            LATER,
            effects=measured.effects(),
        )
    rows = action_catalogue(chosen, effects_of(done)).rows
    row = next(row for row in rows if row[-2] == "200 / 200")
    assert row[-1].en.startswith("measured")
    assert "proven: fewer leave" in row[-1].en
