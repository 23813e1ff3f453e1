"""What a snapshot's rows hold: fold, outcome, weight, and features as known then."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

import pyarrow as pa
import pytest

from churn.engines import Engine
from churn.errors import LeakError
from churn.labels import LabelSettings
from churn.panel import (
    FOLDS,
    META,
    PanelManifest,
    PanelSettings,
    Walk,
    left_out,
    manifest,
    population,
    walk,
)
from churn.panel.calendar import Calendar, Dropped, index_of
from churn.panel.manifest import churners, tally
from churn.panel.rows import kept, panel_rows, thinned_out
from churn.states import StateSettings
from churn.tables import TABLES, Tables
from churn.windows import TimeSettings, add_months

SNAPSHOT = date(2025, 3, 10)
NOW = date(2025, 7, 1)
TIME, STATES = TimeSettings(), StateSettings()
CALENDAR = Calendar(NOW, (SNAPSHOT,), ())
WALK = Walk.by_customer([SNAPSHOT])
PART = "test"


def lines(rows_as_tables: Any, ends: dict[str, tuple[str, str] | None], **more: Any) -> Tables:
    """Write lines in service since 2020, each with its end as (day, code)."""
    events = [
        {"subscriber_id": line, "effective_at": "2020-01-01", "status": "在用"} for line in ends
    ]
    events += [
        {"subscriber_id": line, "effective_at": end[0], "status": end[1]}
        for line, end in ends.items()
        if end
    ]
    books = [
        {"subscriber_id": line, "customer_id": f"c{line}", "activated_on": "2020-01-01"}
        for line in ends
    ]
    tables: Tables = rows_as_tables({"subscribers": books, "status_events": events, **more})
    return tables


def rows_of(
    engine: Engine, tables: Tables, snapshot: date = SNAPSHOT, keep: float = 1.0
) -> dict[str, dict[str, Any]]:
    """Compute a snapshot's rows by subscriber."""
    table = panel_rows(
        tables.known_at(snapshot),
        tables.known_at(NOW),
        keep=keep,
        settings=PanelSettings(),
        time=TIME,
        states=STATES,
    )
    return {row["subscriber_id"]: row for row in engine.to_arrow(table).to_pylist()}


def contact(line: str, day: str, arm: str, campaign: str = "k", **more: Any) -> dict[str, Any]:
    """Write one campaign contact."""
    return {
        "subscriber_id": line,
        "contacted_on": day,
        "campaign_id": campaign,
        "arm": arm,
        **more,
    }


def test_the_eligible_meet_their_outcomes_and_features(engine: Engine, rows_as_tables: Any) -> None:
    """One row for each subscriber at risk; what is known later tells the outcome only."""
    tables = lines(
        rows_as_tables,
        {
            "active": ("2025-04-01", "携号转出"),
            "passive": ("2025-04-02", "双停"),
            "early": ("2025-03-12", "退网停机"),
            "moved": ("2025-04-03", "过户"),
            "stays": None,
            "left before": ("2025-02-01", "退网停机"),
        },
    )
    found = rows_of(engine, tables)
    assert {line: row["outcome"] for line, row in found.items()} == {
        "active": "active",
        "passive": "passive",
        "early": "gone",
        "moved": "administrative",
        "stays": "none",
    }
    row = found["active"]
    assert list(row)[: len(META)] == list(META)
    assert (row["snapshot"], row["weight"]) == (SNAPSHOT, 1.0)
    assert (row["customer_id"], row["state"]) == ("cactive", "in_service")


def test_campaign_arms_weigh_the_rows(engine: Engine, rows_as_tables: Any) -> None:
    """Treated 0, control one over the share, others 1; an assumed share is marked."""
    contacts = [
        contact("a", "2025-03-20", "treated", control_share="0.2"),
        contact("b", "2025-03-20", "control", control_share="0.2"),
        contact("c", "2025-03-20", "control", "few"),
        contact("a", "2025-05-20", "treated", "few"),
    ]
    found = rows_of(
        engine, lines(rows_as_tables, dict.fromkeys("abcd"), campaign_contacts=contacts)
    )
    assert {line: row["weight"] for line, row in found.items()} == {"a": 0, "b": 5, "c": 2, "d": 1}
    assert [line for line, row in found.items() if row["share_observed"]] == ["c"]


def test_who_is_no_longer_on_record_is_counted_and_left_out(
    engine: Engine, rows_as_tables: Any
) -> None:
    """Events that a later whole delivery has purged are no evidence of having stayed."""
    event = {"effective_at": "2020-01-01", "status": "在用"}
    both = [{"subscriber_id": line, **event} for line in ("kept", "purged")]
    deliveries = [("2025-03-01", "2025-03-01", both), ("2025-06-01", "2025-06-01", both[:1])]
    tables = lines(
        rows_as_tables,
        dict.fromkeys(["kept", "purged"]),
        status_events=[
            {"delivered_on": on, "covers_until": until, "rows": rows, "mode": "full"}
            for on, until, rows in deliveries
        ],
    )
    found = rows_of(engine, tables)
    told = {line: (row["outcome"], row["vanished"]) for line, row in found.items()}
    assert told == {"kept": ("none", False), "purged": ("off_record", False)}
    test = manifest_of(engine, tables).snapshots[0].parts[PART]
    assert (test.outcomes, test.weight) == ({"none": 1, "off_record": 1}, 1)


def test_labels_that_are_not_final_are_refused(rows_as_tables: Any) -> None:
    """An immature snapshot is never filled with negatives."""
    events = [{"subscriber_id": "s", "effective_at": "2020-01-01", "status": "在用"}]
    tables = rows_as_tables({"status_events": events}, covers_until="2025-05-23")
    then, now = tables.known_at(SNAPSHOT), tables.known_at(NOW)
    with pytest.raises(LeakError, match="are not final before 2025-05-24"):
        panel_rows(then, now, settings=PanelSettings(), time=TIME, states=STATES)


def test_a_fold_keeps_a_customer_whole(engine: Engine, rows_as_tables: Any) -> None:
    """Folds are of about one size, the same at every snapshot, and equal to plain Python's."""
    tables = lines(rows_as_tables, {f"s{number}": None for number in range(600)})
    first = rows_of(engine, tables)
    later = rows_of(engine, tables, SNAPSHOT + timedelta(28))
    folds = {line: row["fold"] for line, row in first.items()}
    assert folds == {line: row["fold"] for line, row in later.items()}
    for line, row in first.items():
        digest = hashlib.md5(f"fold:{row['customer_id']}".encode(), usedforsecurity=False)
        assert folds[line] == int(digest.hexdigest()[:8], 16) * FOLDS // 2**32
    for fold in range(FOLDS):
        assert list(folds.values()).count(fold) / 600 == pytest.approx(1 / FOLDS, abs=0.06)


def in_reference_draw(line: str, index: int, share: float) -> bool:
    """Tell whether a row is kept, written down once more in plain Python."""
    digest = hashlib.md5(f"keep:{index}:{line}".encode(), usedforsecurity=False).hexdigest()
    return int(digest[:8], 16) < int(share * 2**32)


def test_the_sampling_draw_is_the_reference_draw(engine: Engine) -> None:
    """md5 of index and subscriber, on every engine: equal to plain Python and to golden values."""
    lines = [*(f"s{number}" for number in range(300)), "", "用户甲", "a:1"]
    table = engine.from_arrow(pa.table({"subscriber_id": lines}))
    for index, share in ((0, 0.25), (4, 0.25), (4, 0.9), (40, 0.001), (4, 1.0)):
        marked = table.mutate(kept=kept(table.subscriber_id, index, share))
        found = {row["subscriber_id"]: row["kept"] for row in engine.to_arrow(marked).to_pylist()}
        assert found == {line: in_reference_draw(line, index, share) for line in lines}
    # md5 of "keep:4:s7" begins with e6c158c4, of "keep:5:s7" with 1d7ff822.
    for index, share in ((4, 0xE6C158C4), (5, 0x1D7FF822)):
        for above, is_kept in ((0, False), (1, True)):
            marked = table.mutate(kept=kept(table.subscriber_id, index, (share + above) / 2**32))
            found = engine.to_arrow(marked.filter(marked.subscriber_id == "s7"))["kept"]
            assert found.to_pylist() == [is_kept]


def test_a_snapshots_index_counts_the_months_to_its_panels_end() -> None:
    """Not its date: the same history 28 years later has the same indices."""
    as_of = date(2025, 5, 31)
    days = [add_months(as_of, -months) for months in range(30)]
    assert [index_of(day, as_of) for day in days] == list(range(30))
    later = as_of.replace(year=2053)
    assert [index_of(add_months(later, -months), later) for months in range(30)] == list(range(30))


def test_thinned_negatives_keep_the_base_rate(engine: Engine, rows_as_tables: Any) -> None:
    """A kept share of plain rows weighs for all; churners are whole."""
    ends: dict[str, Any] = {f"s{number}": None for number in range(500)}
    ends |= {f"churner{number}": ("2025-04-01", "携号转出") for number in range(20)}
    tables = lines(rows_as_tables, ends)
    train = rows_of(engine, tables, keep=0.25)
    plain = {line for line, row in train.items() if row["outcome"] == "none"}
    assert plain == {line for line in ends if line[0] == "s" and in_reference_draw(line, 4, 0.25)}
    assert {train[line]["weight"] for line in plain} == {4.0}
    assert len(plain) == pytest.approx(125, abs=35)
    assert len(train) - len(plain) == 20
    assert len(rows_of(engine, tables)) == 520
    told = manifest_of(engine, tables, keep=0.25)
    part = told.snapshots[0].parts[PART]
    assert part.rows + part.thinned == told.snapshots[0].eligible == 520
    assert part.observed_rates == {"active": 20 / 520, "passive": 0}
    assert part.base_rates["active"] == pytest.approx(20 / 520, abs=0.01)


def test_a_subscriber_stands_in_every_snapshot_in_which_it_is_at_risk(
    engine: Engine, rows_as_tables: Any
) -> None:
    """Several rows per subscriber, each drawn anew: thinning does not keep the same few always."""
    tables = lines(
        rows_as_tables,
        {**{f"s{number}": None for number in range(60)}, "leaver": ("2025-03-20", "携号转出")},
    )
    days = [date(2025, month, 10) for month in (2, 3, 4)]
    whole = [set(rows_of(engine, tables, day)) for day in days]
    assert whole[0] == whole[1] == {*whole[2], "leaver"}
    thinned = [set(rows_of(engine, tables, day, keep=0.5)) for day in days]
    assert len({frozenset(rows) for rows in thinned}) == 3


def test_the_manifest_reconciles(engine: Engine, rows_as_tables: Any) -> None:
    """Known = eligible + left out; eligible = the sum of the outcomes; rates with and without."""
    tables = lines(
        rows_as_tables,
        {
            "a": ("2025-04-01", "携号转出"),
            "b": ("2025-04-03", "过户"),
            "c": None,
            "d": None,
            "e": ("2025-02-01", "退网停机"),
        },
        campaign_contacts=[contact("c", "2025-03-20", "control", control_share="0.5")],
    )
    told = manifest_of(engine, tables)
    assert told.repairs == {"same_day": 2}
    (snapshot,) = told.snapshots
    assert (snapshot.eligible, snapshot.left_out) == (4, {"gone": 1})
    test = snapshot.parts[PART]
    assert test.outcomes == {"active": 1, "administrative": 1, "none": 2}
    assert (test.rows, test.thinned) == (snapshot.eligible, 0)
    assert test.weight == 4
    assert test.base_rates == snapshot.base_rates == {"active": 0.25, "passive": 0.0}
    assert test.observed_rates == snapshot.observed_rates == {"active": 1 / 3, "passive": 0.0}
    assert snapshot.ages == {"subscribers": 0, "status_events": 0, "campaign_contacts": 0}
    assert told.model_validate_json(told.model_dump_json()) == told


def test_a_manifest_that_does_not_add_up_is_refused() -> None:
    """Somebody eligible of whom nothing is known is a defect, not a rounding."""
    with pytest.raises(ValueError, match="5 are eligible, 0 are in the panel"):
        manifest(CALENDAR, WALK, {SNAPSHOT: {"eligible": 5}}, [])


def test_re_entries_are_counted_and_left_out_of_the_rates() -> None:
    """In the counts of outcomes and told beside all departures; in no rate and no weight."""
    flags = dict.fromkeys(("cured", "cured_late", "returned_late", "vanished", "share_observed"), 0)
    rows = [
        {"snapshot": SNAPSHOT, "outcome": outcome, "rows": n, "weight": Decimal(n), "treated": 0}
        | flags
        for outcome, n in (("none", 90), ("active", 4), ("re_entered", 3), ("gone", 2))
    ]
    reasons = {SNAPSHOT: {"eligible": 99}}
    plain, told = (manifest(CALENDAR, WALK, reasons, rows, re_entry=on) for on in (False, True))
    (part,) = told.snapshots[0].parts.values()
    assert part.outcomes["re_entered"] == 3
    assert (part.weight, part.observed_rates["active"]) == (96, 4 / 96)
    assert (plain.serving.re_entered, told.serving.re_entered) == (None, (3, 9))
    assert "re_ent" not in plain.serving.model_dump_json()


def test_the_order_of_the_counts_does_not_show_in_the_manifest() -> None:
    """Groups come in any order from an engine; the manifest's bytes are part of what is hashed."""
    flags = dict.fromkeys(("cured", "cured_late", "returned_late", "vanished", "share_observed"), 0)
    rows = [
        {
            "snapshot": SNAPSHOT,
            "outcome": outcome,
            "rows": count,
            "weight": Decimal(count),
            "treated": 0,
            **flags,
        }
        for outcome, count in (("none", 90), ("active", 4), ("passive", 1), ("gone", 2))
    ]
    told = {
        manifest(CALENDAR, WALK, {SNAPSHOT: {"eligible": 97}}, order).model_dump_json()
        for order in permutations(rows)
    }
    assert len(told) == 1


def manifest_of(engine: Engine, tables: Tables, keep: float = 1.0) -> PanelManifest:
    """Count a snapshot as the recipe does."""
    then, now = tables.known_at(SNAPSHOT), tables.known_at(NOW)
    asked: Any = {"keep": keep, "settings": PanelSettings(), "time": TIME, "states": STATES}
    reasons = engine.to_arrow(left_out(population(then, TIME, STATES))).to_pylist()
    ages = {name: then.age(name) for name in TABLES if then.has(name)}
    return manifest(
        CALENDAR,
        WALK,
        {SNAPSHOT: {row["reason"]: row["rows"] for row in reasons}},
        engine.to_arrow(tally(panel_rows(then, now, **asked))).to_pylist(),
        thinned=engine.to_arrow(thinned_out(then, now, **asked)).to_pylist(),
        ages={SNAPSHOT: ages},
        repairs={"same_day": 2},
    )


@pytest.mark.parametrize(("own", "name"), [(False, "administrative"), (True, "won_back")])
def test_a_win_back_is_counted_and_left_out_of_the_rates(
    engine: Engine,
    rows_as_tables: Any,
    own: bool,  # noqa: FBT001 - a case of the test
    name: str,
) -> None:
    """By whichever name: in the counts of outcomes, in no rate and no weight."""
    tables = rows_as_tables(
        {
            "subscribers": [
                {"subscriber_id": line, "activated_on": "2020-01-01"} for line in "abc"
            ],
            "status_events": [
                {"subscriber_id": line, "effective_at": at, "status": code}
                for line, at, code in (
                    *((line, "2020-01-01", "在用") for line in "abc"),
                    ("a", "2025-04-01", "退网停机"),
                    ("a", "2025-04-09", "在用"),
                    ("b", "2025-04-01", "携号转出"),
                )
            ],
        }
    )
    then, now = tables.known_at(SNAPSHOT), tables.known_at(NOW)
    definition = LabelSettings(win_back_outcome=own).chosen
    rows = panel_rows(
        then, now, settings=PanelSettings(), time=TIME, states=STATES, definition=definition
    )
    told = manifest(
        CALENDAR,
        WALK,
        {SNAPSHOT: {"eligible": 3}},
        engine.to_arrow(tally(rows)).to_pylist(),
    )
    test = told.snapshots[0].parts[PART]
    assert test.outcomes == {name: 1, "active": 1, "none": 1}
    assert (test.weight, test.base_rates["active"]) == (2, 0.5)


def test_the_manifest_says_what_each_snapshot_serves_for(
    engine: Engine, rows_as_tables: Any
) -> None:
    """Who churned decides which night tests; one that no rolling window reaches is left out."""
    days = [add_months(SNAPSHOT, -months) for months in range(8, -1, -1)]
    walked = walk(days, {}, PanelSettings(train=1, test=1, calibration=1), TIME)
    rows = [
        {
            "snapshot": day,
            "outcome": "active",
            "rows": 10,
            "weight": Decimal(8),
            "treated": 2,
            **dict.fromkeys(("cured", "cured_late", "returned_late", "vanished"), 0),
            "share_observed": 0,
        }
        for day in days
    ]
    assert churners(rows) == {day: {"active": 8} for day in days}
    told = manifest(
        Calendar(NOW, tuple(days), (Dropped(NOW, "labels not final"),)),
        walked,
        {day: {"eligible": 10} for day in days},
        rows,
    )
    held = {one.snapshot: next(iter(one.parts)) for one in told.snapshots}
    assert held == told.parts == walked.parts
    assert [days.index(day) for day, part in held.items() if part != "train"] == [6, 8]
    assert set(told.dropped) == {NOW, *set(days) - set(held)}
    assert set(told.dropped.values()) == {"labels not final", "in no rolling window"}
    assert told.order == "time"


def moved(
    line: str, day: str, change: str | None = "-20", reason: str | None = "asked"
) -> dict[str, Any]:
    """Write one plan change."""
    return {"subscriber_id": line, "changed_on": day, "fee_change": change, "reason": reason}


def test_a_move_to_a_lower_fee_inside_the_window_is_a_downgrade(
    engine: Engine, rows_as_tables: Any
) -> None:
    """Asked for or since an offer ended, in service, in the window; a save on offer is none."""
    inside, opens, closes = "2025-04-01", "2025-03-25", "2025-04-24"  # [t + 15, t + 45)
    ends = dict.fromkeys(
        ["asked", "ended", "unsaid", "first day", "dearer", "fee unknown", "saved", "early", "late"]
    )
    tables = lines(
        rows_as_tables,
        {**ends, "left after": ("2025-04-10", "携号转出"), "left before": (inside, "携号转出")},
        plan_changes=[
            moved("asked", inside),
            moved("ended", inside, reason="offer_ended"),
            moved("unsaid", inside, reason=None),
            moved("first day", opens),
            moved("dearer", inside, "20"),
            moved("fee unknown", inside, None),
            moved("saved", inside, reason="other"),
            moved("early", "2025-03-24"),
            moved("late", closes),
            moved("left after", inside),
            moved("left before", "2025-04-02"),
        ],
    )
    found = rows_of(engine, tables)
    told = {line for line, row in found.items() if row["downgraded"]}
    assert told == {"asked", "ended", "unsaid", "first day", "left after"}
    assert found["left after"]["outcome"] == "active"  # it competes with nothing
    assert {row["downgraded"] for row in found.values()} == {True, False}


@pytest.mark.parametrize(
    ("through", "first"), [("2025-04-22", "2025-01-05"), ("2025-07-01", "2025-04-02")]
)
def test_a_window_that_plan_changes_do_not_cover_tells_nothing(
    engine: Engine, rows_as_tables: Any, through: str, first: str
) -> None:
    """Not observed to its end, or begun before the first month on record: null, never a stay."""
    tables = lines(
        rows_as_tables,
        {"a": None},
        plan_changes=[
            {"delivered_on": "2025-06-01", "covers_until": through, "rows": [moved("a", first)]}
        ],
    )
    assert rows_of(engine, tables)["a"]["downgraded"] is None
    assert "downgraded" not in rows_of(engine, lines(rows_as_tables, {"a": None}))["a"]


def test_sampling_keeps_whoever_moved_down(engine: Engine, rows_as_tables: Any) -> None:
    """Only rows without any outcome are sampled, and those kept weigh for the others."""
    names = [f"s{number}" for number in range(60)]
    changes = [moved(name, "2025-04-01") for name in names[:20]] + [moved("s59", "2025-02-01")]
    tables = lines(rows_as_tables, dict.fromkeys(names), plan_changes=changes)
    found = rows_of(engine, tables, keep=0.5)
    assert {found[name]["weight"] for name in names[:20]} == {1.0}
    rest = [row for name, row in found.items() if name not in names[:20]]
    assert 0 < len(rest) < 40
    assert {row["weight"] for row in rest} == {2.0}
