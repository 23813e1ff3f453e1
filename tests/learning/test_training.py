"""Training end to end: who trains, who only counts, what is reported, who is refused."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from churn.causes import NO_CHURN_NO_STAY
from churn.errors import LeakError, ModelError
from churn.learning.heads import rule_figures
from churn.learning.origins import planned
from churn.learning.parts import checked
from churn.learning.scorers import Rows
from churn.learning.settings import LearningSettings, RebalancingSettings, TreeSettings
from churn.learning.training import fit
from churn.learning.tree import grow
from churn.panel import PanelSettings, Walk, walk
from churn.windows import TimeSettings
from tests.learners import QUICK


def _fit(world, panel, through=None, **settings):
    changed = world.settings.model_copy(update=settings)
    return fit(panel, world.features, changed, world.evaluation, walk=through or world.walk)


def _quick(world, panel, through=None, **settings):
    """Fit without searching and without comparing: for what is no matter of what was chosen."""
    plain = RebalancingSettings(methods=("none",))
    given = world.settings
    boosting = given.boosting.model_copy(
        update={
            "rebalancing": plain,
            "search": given.boosting.search.model_copy(update={"trials": 0}),
        }
    )
    tree = given.tree.model_copy(update={"rebalancing": plain})
    return _fit(world, panel, through, **{"boosting": boosting, "tree": tree, **settings})


def test_both_heads_learn_their_own_cause(trained):
    """Each champion has skill and passes; the audit was not run."""
    for cause in ("active", "passive"):
        report = trained.reports[cause]
        assert report.on
        assert report.passed
        assert "audit was not run" in report.verdict.rules[-1].wording.en
        found = report.metrics[report.champion]
        assert found["roc_auc"].value > 0.7
        assert found["average_precision"].lower > report.base_rate["test"]
        assert found["observed_expected"].meets(0.8, 1.25)
    assert trained.passed
    assert {"mpc", "empc"} <= set(trained.reports["active"].metrics["tree"])
    assert "empc" not in trained.reports["passive"].metrics["tree"]


def test_every_candidate_is_on_record_and_one_is_chosen(trained):
    """Per learner one method is; another than none only where its log loss is less."""
    candidates = trained.reports["active"].candidates
    every = ["none", "weights", "undersampling"]
    methods = {"tree": every, "boosting": every, "network": ["undersampling"]}
    for learner, compared in methods.items():
        tried = [one for one in candidates if one.learner == learner]
        assert [one.method for one in tried] == compared
        (chosen,) = [one for one in tried if one.chosen]
        assert chosen.log_loss <= tried[0].log_loss


def test_the_laboratory_compares_every_rebalancing_with_none(world, panel):
    """All there are per learner, each with paired intervals; what is chosen is calibrated."""
    settings = {name: getattr(LearningSettings.model_validate(QUICK), name) for name in QUICK}
    found = _fit(world, panel, laboratory=True, **settings).reports["active"]
    of = {
        learner: {one.method: one for one in found.candidates if one.learner == learner}
        for learner in ("tree", "boosting", "network")
    }
    single = {"none", "weights", "undersampling", "smote"}
    assert set(of["tree"]) == set(of["network"]) == single
    assert set(of["boosting"]) == single | {"balanced_bagging", "easy_ensemble"}
    for methods in of.values():
        assert methods["none"].minus_plain == {}
        for name, one in methods.items():
            if name == "none":
                continue
            assert set(one.minus_plain) == {"log_loss", "average_precision", "mpc"}
            more = one.minus_plain["log_loss"]
            assert more.lower <= more.value <= more.upper
            assert more.value == pytest.approx(one.log_loss - methods["none"].log_loss)
            assert one.chosen <= (more.upper < 0)
            # calibrated in folds of customers, whatever the learner saw
            assert one.log_loss < 1.3 * methods["none"].log_loss


def test_the_comparison_is_paired_and_the_list_is_pooled(trained):
    """Each learner minus the booster is the difference of their figures; two nights of 30."""
    report = trained.reports["active"]
    figure = {name: found["average_precision"].value for name, found in report.metrics.items()}
    assert list(figure) == ["tree", "boosting", "network", "combination"]
    assert set(report.minus_booster) == {"tree", "network", "combination"}
    for name, difference in report.minus_booster.items():
        assert difference.value == pytest.approx(figure[name] - figure["boosting"])
        assert difference.lower < difference.value < difference.upper
    assert report.list_size == 60
    assert report.list_calibrated is None  # fewer than 400 events


def test_test_scores_reproduce_the_reported_figures(trained, panel):
    """What was measured can be measured again, against anything else on the same rows."""
    from sklearn.metrics import average_precision_score  # noqa: PLC0415 - one test's own judge

    scores = trained.test_scores
    kept = (panel["part"] == "test") & (panel["outcome"] != "administrative")
    assert len(scores) == kept.sum()
    for learner in ("tree", "boosting", "network", "combination"):
        assert average_precision_score(
            scores["outcome"] == "active", scores[f"p_active_{learner}"]
        ) == pytest.approx(trained.reports["active"].metrics[learner]["average_precision"].value)


def test_network_and_combination_have_skill_and_are_calibrated(trained):
    """Both are measured like any learner, on both heads."""
    for report in trained.reports.values():
        for learner in ("network", "combination"):
            found = report.metrics[learner]
            assert found["roc_auc"].lower > 0.6
            assert found["observed_expected"].meets(0.8, 1.25)
        assert set(report.combination.weights) == {"boosting", "network"}
        assert report.combination_gain.lower < report.combination_gain.upper


def test_the_champion_is_chosen_without_the_test_part(world, trained, panel):
    """Other outcomes in the test part change figures and the last calibration, not the choice."""
    drawn = panel["outcome"].sample(frac=1, random_state=1, ignore_index=True)
    shuffled = panel.assign(
        outcome=np.where(panel["part"] == "test", drawn.to_numpy(), panel["outcome"])
    )
    other = _fit(world, shuffled).reports["active"]
    report = trained.reports["active"]
    assert other.candidates == report.candidates
    assert other.losses == report.losses
    assert other.combination_gain == report.combination_gain
    assert other.champion == report.champion
    assert other.metrics != report.metrics


def test_a_learner_that_is_left_out_is_nowhere(world, panel, tonight):
    """Tree and booster alone: no network fitted, no combination, the booster scores."""
    trained = _fit(world, panel, learners=("tree", "boosting"), heads=("active",))
    report = trained.reports["active"]
    assert set(report.metrics) == {"tree", "boosting"}
    assert report.combination is report.combination_gain is None
    assert report.champion in {"tree", "boosting"}
    assert "active/network.npz" not in trained.bundle.to_files()
    told = (trained.bundle.score(tonight)["remainder_active"] == 0).all()
    assert told == (report.champion == "boosting")
    again = type(trained.bundle).from_files(trained.bundle.to_files())
    pd.testing.assert_frame_equal(
        again.score(tonight), trained.bundle.score(tonight), check_exact=True
    )


def test_neither_row_order_nor_administrative_rows_matter(world, trained, panel):
    """A shuffled panel without the latter gives the same bytes."""
    kept = panel[panel["outcome"] != "administrative"]
    again = fit(
        kept.sample(frac=1, random_state=4),
        world.features,
        world.settings,
        world.evaluation,
        walk=world.walk,
        meta={"as_of": "2024-09-01"},
    )
    assert again.bundle.to_files() == trained.bundle.to_files()


@pytest.mark.parametrize("outcome", ["won_back", "off_record"])
def test_what_is_neither_churn_nor_a_stay_is_left_out(world, outcome):
    """By whatever name, such a row neither trains nor measures."""
    panel = world.make_panel(seed=3)
    renamed = panel.assign(outcome=panel["outcome"].replace("administrative", outcome))
    assert (renamed["outcome"] == outcome).any()
    assert {"administrative", outcome} <= set(NO_CHURN_NO_STAY)
    one, other = checked(panel), checked(renamed)
    assert other.frame.equals(one.frame)


def test_gone_rows_do_not_train_but_count_as_zero(world):
    """Absurd features of gone train rows move no model; gone test rows stay in the figures."""
    panel = world.make_panel(seed=2)
    gone = panel["outcome"] == "gone"
    train = panel["part"] == "train"
    data = checked(panel)
    assert not (data.outcome[data.trainable] == "gone").any()
    counted = data.counted("active", planned(world.walk, data.frame))
    kept = panel["outcome"] != "administrative"
    assert counted["rows"]["train"] == kept.sum()
    absurd = panel.assign(
        competitor_share_90d=np.where(gone & train, 50.0, panel["competitor_share_90d"])
    )
    one, two = (_quick(world, each, heads=("active",)) for each in (panel, absurd))
    pd.testing.assert_frame_equal(one.test_scores, two.test_scores)
    assert (one.test_scores["outcome"] == "gone").any()


def test_rows_of_weight_zero_teach_nothing(world):
    """Treated rows weigh 0: flipping their outcomes changes no score."""
    panel = world.make_panel(seed=3)
    panel["weight"] = np.where(np.arange(len(panel)) % 5 == 0, 0.0, 1.0)
    flipped = panel.assign(
        outcome=np.where((panel["weight"] == 0) & (panel["part"] != "test"), "active",
                         panel["outcome"])
    )  # fmt: skip
    one, two = (_fit(world, each, heads=("active",)) for each in (panel, flipped))
    scores = [each.test_scores.filter(like="p_active") for each in (one, two)]
    pd.testing.assert_frame_equal(*scores)


def test_a_head_with_few_events_is_off_and_says_so(world, tonight):
    """The other head goes on; its chance stays what it was."""
    panel = world.make_panel(seed=1)
    panel.loc[panel["outcome"] == "passive", "outcome"] = "none"
    trained = _quick(world, panel)
    report = trained.reports["passive"]
    assert not report.on
    assert not report.passed
    assert report.off.en == "0 churners over all mature snapshots, fewer than the 40 needed"
    scores = trained.bundle.score(tonight)
    assert scores["p_passive"].isna().all()
    assert scores["rule_passive"].isna().all()
    assert scores["p_active"].between(0, 1).all()
    assert not scores["tree_disagrees_passive"].any()
    with pytest.raises(ModelError, match="passive head is off: 0 churners over all"):
        trained.bundle.reasons(tonight, "passive")
    again = type(trained.bundle).from_files(trained.bundle.to_files())
    assert again.reports["passive"] == report


def test_a_model_without_skill_is_reported_as_such(world):
    """Pure noise fails the gate on skill, and training goes through."""
    trained = _quick(world, world.make_panel(seed=6, skill=0.0, subscribers=1500))
    for report in trained.reports.values():
        assert not report.passed
        assert "skill" in [rule.code for rule in report.verdict.failed]
    assert not trained.passed


def test_the_winner_is_refitted_and_keeps_its_calibrator(trained, panel):
    """The bundle's models saw all mature rows; the rule's shares count them."""
    scores = trained.bundle.score(panel[panel["part"] == "test"])
    champion = trained.reports["active"].champion
    assert (
        abs(scores["p_active"].mean() - trained.test_scores[f"p_active_{champion}"].mean()) < 0.02
    )
    assert not np.array_equal(
        np.sort(scores["tree_p_active"]), np.sort(trained.test_scores["p_active_tree"])
    )
    rules = trained.bundle.heads["active"].rules
    assert sum(rule.share for rule in rules) == pytest.approx(1)
    assert [rule.rule for rule in rules] == list(range(1, len(rules) + 1))
    assert rules[0].churn_rate > rules[-1].churn_rate
    assert all(rule.lower < rule.churn_rate < rule.upper for rule in rules if rule.churn_rate > 0)


def test_a_rules_rate_has_jeffreys_interval():
    """Four of fifty rows left: between 2.8 and 17.9 %, however the weights are scaled."""
    matrix = np.zeros((50, 1), dtype=np.float32)
    churned = np.arange(50) < 4
    tree = grow(matrix, churned, np.ones(50), TreeSettings(), seed=0)
    for scale in (1.0, 7.5):
        (rule,) = rule_figures(tree, Rows(matrix, churned, np.full(50, scale)))
        assert (rule.share, rule.churn_rate) == (1, pytest.approx(0.08))
        assert (rule.lower, rule.upper) == pytest.approx((0.02761, 0.17907), abs=1e-5)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"outcome": "left"}, ModelError, "rows have an unknown outcome"),
        ({"weight": -1.0}, ModelError, "weights are negative"),
        ({"snapshot": pd.Timestamp("2024-01-01")}, ModelError, "the calibration part has no rows"),
        ({"snapshot": pd.Timestamp("2023-01-01")}, ModelError, "snapshots that have no part"),
    ],
)
def test_a_malformed_panel_is_refused(world, panel, change, error, message):
    """Counts and words, no customer."""
    with pytest.raises(error, match=message):
        _fit(world, panel.assign(**change))


def test_an_absent_column_is_refused(world, panel):
    """Meta columns are named."""
    with pytest.raises(ModelError, match="columns customer_id, weight are absent"):
        _fit(world, panel.drop(columns=["weight", "customer_id"]))


def test_a_split_that_is_not_out_of_time_is_kept_on_record(world, panel):
    """One outcome period only: split by customer, said in the bundle."""
    one_night = panel.assign(snapshot=pd.Timestamp("2024-01-01"))
    one_night["subscriber_id"] = [f"s{number}" for number in range(len(one_night))]
    trained = _quick(world, one_night, Walk.by_customer([date(2024, 1, 1)]))
    assert not trained.bundle.out_of_time
    assert trained.bundle.meta["split"] == "customer"
    assert len(trained.test_scores) == (one_night["outcome"] != "administrative").sum()
    for report in trained.reports.values():
        assert [one.serves for one in report.origins] == [("calibration", "test")] * 5
        assert report.passed


def test_a_resampled_panel_is_fitted_as_it_is_and_shifted_back_exactly(panel):
    """Weights of 0.2 and 1.1 by outcome are worth log(0.2 / 1.1) in the logit."""
    churned = (panel["outcome"] == "active").to_numpy()
    weighed = panel.assign(weight=np.where(churned, 0.2, 1.1), training_weight=1.0)
    data = checked(weighed)
    rows = data.fitting_rows(np.zeros((len(data.weight), 0), np.float32), data.trainable, "active")
    assert set(rows.weight) == {1.0}
    assert rows.shift == pytest.approx(np.log(0.2 / 1.1))
    counted = data.rows(rows.matrix, data.trainable, "active")
    assert set(counted.weight) == {0.2, 1.1}
    plain = checked(panel)
    assert plain.fitting_rows(rows.matrix, plain.trainable, "active").shift == 0


def test_customers_kept_out_of_every_fit_are_told_apart(world, panel):
    """Their rows fit nothing, test figures on them stand beside, and no customer is on two sides.

    Turning around what became of them in the months that only teach changes no chance.
    """
    kept_out = panel["customer_id"].isin([f"c{number:04d}" for number in range(0, 350, 3)])
    few = {"learners": ("tree", "boosting")}
    first = panel.assign(training_weight=panel["weight"].where(~kept_out, 0.0))
    turned = first["outcome"].replace({"none": "active", "active": "none"})
    second = first.assign(
        outcome=first["outcome"].where(~(kept_out & (first["part"] == "train")), turned)
    )
    one, other = (_quick(world, rows, **few) for rows in (first, second))
    pd.testing.assert_frame_equal(one.test_scores, other.test_scores)
    report = one.reports["active"]
    tested = first[kept_out & (first["part"] == "test") & (first["outcome"] != "administrative")]
    assert report.unseen_rows == len(tested)
    assert report.unseen_events == (tested["outcome"] == "active").sum()
    assert set(report.unseen) == {"average_precision", "roc_auc", "lift_10", "observed_expected"}
    assert report.unseen["roc_auc"].value > 0.6


def test_without_unseen_customers_there_is_no_such_view(trained):
    """Everyone in the test months was there to learn from."""
    assert trained.reports["active"].unseen == {}
    assert trained.reports["active"].unseen_rows == 0


def _campaign(panel, seed=5):
    """Contact the four in five of those who call competitors; half of their churners stay.

    Returns the panel as it is delivered, with arms weighted and what rows would weigh otherwise.
    """
    generator = np.random.default_rng(seed)
    selected = (panel["competitor_share_90d"] > 0.2).to_numpy()
    treated = selected & (generator.random(len(panel)) < 0.8)
    saved = treated & (panel["outcome"] == "active") & (generator.random(len(panel)) < 0.5)
    weight = np.select([treated, selected], [0.0, 5.0], 1.0)
    return panel.assign(
        outcome=panel["outcome"].where(~saved, "none"), weight=weight, plain_weight=1.0
    )


def test_saved_customers_do_not_teach_that_they_were_safe(world):
    """Learning from all and correcting on the untouched gives the risk without contact.

    Set beside what would have happened without the campaign. A copy that takes the rows as they are
    promises too little: about four in ten of the selected churners were saved.
    """
    panel = world.make_panel(seed=1, subscribers=3000)
    few = {"learners": ("tree", "boosting")}
    delivered = _campaign(panel)
    ours = _quick(world, delivered, **few).bundle
    copy = _quick(world, delivered.drop(columns="plain_weight").assign(weight=1.0), **few).bundle
    tested = panel[(panel["part"] == "test") & (panel["outcome"] != "administrative")]
    left = (tested["outcome"] == "active").sum()
    ratios = [left / one.score(tested)["p_active"].sum() for one in (ours, copy)]
    assert abs(ratios[0] - 1) < 0.15
    assert ratios[1] > 1.25


def test_the_tree_sees_untouched_rows_only(world, panel):
    """What became of the treated changes no rule of a learner that is not corrected."""
    few = {"learners": ("tree", "boosting", "network")}
    delivered = _campaign(panel)
    touched = (delivered["weight"] == 0) & (delivered["part"] == "train")
    other = delivered.assign(outcome=delivered["outcome"].where(~touched, "active"))
    one, two = (_quick(world, rows, **few).test_scores for rows in (delivered, other))
    pd.testing.assert_series_equal(one["p_active_tree"], two["p_active_tree"])
    for corrected in ("boosting", "network"):
        assert (one[f"p_active_{corrected}"] != two[f"p_active_{corrected}"]).any()


def test_what_past_nights_could_not_know_moves_none_of_their_figures(world, trained, panel):
    """The month between calibration and test teaches who scores, and no night before it."""
    drawn = panel["outcome"].sample(frac=1, random_state=1, ignore_index=True)
    between = (panel["snapshot"] == pd.Timestamp("2024-05-01")).to_numpy()
    other = _fit(world, panel.assign(outcome=np.where(between, drawn, panel["outcome"])))
    for cause, report in other.reports.items():
        same = trained.reports[cause]
        assert report.candidates == same.candidates
        assert [one.origin for one in report.origins] == ["2024-04-01", "2024-06-01", "2024-07-01"]
        for one, before in zip(report.origins[:2], same.origins, strict=False):
            assert one == before
        first = [
            rows.loc[rows["snapshot"] == pd.Timestamp("2024-06-01"), f"p_{cause}_tree"]
            for rows in (trained.test_scores, other.test_scores)
        ]
        pd.testing.assert_series_equal(*first)
    assert (
        other.bundle.to_files()["active/tree.json"]
        != (trained.bundle.to_files()["active/tree.json"])
    )


def test_the_latest_months_teach_too(world, trained, panel):
    """Other outcomes in the last test month change the models that score, and no choice."""
    last = (panel["snapshot"] == panel["snapshot"].max()).to_numpy()
    turned = panel["outcome"].replace({"active": "none", "none": "active"})
    other = _fit(world, panel.assign(outcome=panel["outcome"].where(~last, turned)))
    assert other.reports["active"].champion == trained.reports["active"].champion
    assert (
        other.bundle.to_files()["active/tree.json"]
        != (trained.bundle.to_files()["active/tree.json"])
    )
    same = [
        rows.loc[rows["snapshot"] == pd.Timestamp("2024-06-01"), "p_active_tree"]
        for rows in (trained.test_scores, other.test_scores)
    ]
    pd.testing.assert_series_equal(*same)


def test_all_the_history_counts_for_a_head(world, panel):
    """As many churners as are needed, most of them in the latest months: the head is on."""
    churned = (panel["outcome"] == "active").to_numpy()
    early = churned & (panel["snapshot"] < pd.Timestamp("2024-05-01")).to_numpy()
    rare = early & (np.cumsum(early) % 8 > 0)
    few = panel.assign(outcome=panel["outcome"].where(~rare, "none"))
    events = int((few["outcome"] == "active").sum())
    only = {"learners": ("tree", "boosting"), "heads": ("active",)}
    assert _quick(world, few, min_events=events, **only).reports["active"].on
    off = _quick(world, few, min_events=events + 1, **only).reports["active"].off
    assert off.en.startswith(f"{events} churners over all mature snapshots")


def test_where_time_is_short_folds_calibrate_and_a_later_night_tests(world, panel):
    """Four months: the last is asked about by what was known of the first two."""
    short = panel[panel["snapshot"] < pd.Timestamp("2024-05-01")]
    days = sorted({day.date() for day in short["snapshot"]})
    trained = _quick(world, short, walk(days, {}, PanelSettings(), TimeSettings()))
    assert not trained.bundle.out_of_time
    assert set(trained.test_scores["snapshot"]) == {pd.Timestamp("2024-04-01")}
    report = trained.reports["active"]
    assert [one.serves for one in report.origins] == [("calibration",)] * 5 + [("test",)]
    assert report.metrics["boosting"]["roc_auc"].value > 0.6
    rows = short[short["outcome"] != "administrative"]
    two = (rows["snapshot"] < pd.Timestamp("2024-03-01")).sum()
    assert report.rows == {
        "train": len(rows),
        "calibration": two,
        "test": len(trained.test_scores),
    }


def test_a_fold_is_ranked_by_what_others_taught(world, panel):
    """One outcome period: other outcomes in one fold leave its ranking as it was.

    Its chances move with the calibration on the other folds, whose models had seen this one.
    """
    one_night = panel[panel["outcome"] != "administrative"].assign(
        snapshot=pd.Timestamp("2024-01-01")
    )
    one_night["subscriber_id"] = [f"s{number:05}" for number in range(len(one_night))]
    drawn = one_night["outcome"].sample(frac=1, random_state=1).to_numpy()
    fold = (one_night["fold"] == 2).to_numpy()
    some = fold & (np.arange(len(fold)) % 20 == 0)  # too few to change who scores
    other = one_night.assign(outcome=np.where(some, drawn, one_night["outcome"]))
    scores = [
        _quick(
            world,
            rows.assign(outcome=rows["outcome"].where(rows["outcome"] != "gone", "none")),
            Walk.by_customer([date(2024, 1, 1)]),
            learners=("tree", "boosting"),
        )
        for rows in (one_night, other)
    ]
    chosen = {told.reports["active"].champion for told in scores}
    for name in {"tree", "boosting"} - chosen:
        ranks = [
            told.test_scores.loc[fold, f"p_active_{name}"].rank(method="dense") for told in scores
        ]
        pd.testing.assert_series_equal(*ranks)
    assert len(chosen) == 1


def test_a_night_never_learns_from_itself(world, panel):
    """A walk that says so is refused by name."""
    wrong = world.walk.model_copy(
        update={
            "test": tuple(
                one.model_copy(update={"fitted": (*one.fitted, one.snapshot)})
                for one in world.walk.test
            )
        }
    )
    with pytest.raises(LeakError, match="the night of 2024-06-01 learns from 2024-06-01"):
        _fit(world, panel, wrong)
