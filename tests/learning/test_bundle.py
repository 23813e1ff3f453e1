"""The bundle scores, explains itself, reloads bit for bit and refuses what was tampered with."""

import json
import math
import pickle
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from churn.causes import RISKS, Risk
from churn.errors import ModelError, VersionError
from churn.language import Text
from churn.learning.bundle import Bundle
from churn.learning.heads import RuleFigures, combine
from churn.learning.manifest import canonical_json, sealed, sha256


@pytest.fixture(scope="module")
def files(bundle):
    """Return the bundle's files."""
    return bundle.to_files()


def test_the_files_are_plain(files):
    """JSON and model text, each head in its folder."""
    assert list(files) == [
        "active/boosting.txt",
        "active/network.npz",
        "active/tree.json",
        "bundle.json",
        "manifest.json",
        "passive/boosting.txt",
        "passive/network.npz",
        "passive/tree.json",
    ]
    assert files["active/boosting.txt"].startswith(b"tree\n")
    assert json.loads(files["bundle.json"])["meta"] == {"as_of": "2024-09-01", "split": "time"}


def test_a_reloaded_bundle_is_the_same_to_the_bit(bundle, files, tonight):
    """Same files, same fingerprint, same scores, same reasons."""
    again = Bundle.from_files(files)
    assert again.to_files() == files
    assert again.fingerprint == bundle.fingerprint == sha256(files["manifest.json"])
    pd.testing.assert_frame_equal(again.score(tonight), bundle.score(tonight), check_exact=True)
    assert again.reasons(tonight[:20], "active") == bundle.reasons(tonight[:20], "active")
    assert again.reports == bundle.reports


IN_ANOTHER_PROCESS = """
import sys
from pathlib import Path
import pandas as pd
from churn.learning import Bundle
folder = Path(sys.argv[1])
files = {
    path.relative_to(folder / "bundle").as_posix(): path.read_bytes()
    for path in (folder / "bundle").rglob("*") if path.is_file()
}
rows = pd.read_parquet(folder / "rows.parquet")
bundle = Bundle.from_files(files)
bundle.score(rows).to_parquet(folder / "scores.parquet")
pd.DataFrame(bundle.contributions(rows, "active")).to_parquet(folder / "contributions.parquet")
"""


def test_a_fresh_process_scores_the_same_bits(bundle, files, tonight, tmp_path):
    """Nothing of the training process is needed: the files alone give the same scores."""
    for name, content in files.items():
        path = tmp_path / "bundle" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    tonight.to_parquet(tmp_path / "rows.parquet")
    subprocess.run([sys.executable, "-c", IN_ANOTHER_PROCESS, str(tmp_path)], check=True)
    there = pd.read_parquet(tmp_path / "scores.parquet")
    pd.testing.assert_frame_equal(there, bundle.score(tonight), check_exact=True)
    contributions = pd.read_parquet(tmp_path / "contributions.parquet").to_numpy()
    np.testing.assert_array_equal(contributions, bundle.contributions(tonight, "active"))


def test_scores_are_laid_out_on_the_frames_index(bundle, tonight):
    """One row per row, chances that never sum to more than 1."""
    scores = bundle.score(tonight)
    assert scores.index.equals(tonight.index)
    assert list(scores.columns) == [
        "p_active", "p_passive",
        "raw_active", "remainder_active", "tree_p_active", "rule_active",
        "tree_disagrees_active",
        "raw_passive", "remainder_passive", "tree_p_passive", "rule_passive",
        "tree_disagrees_passive",
        "tree_disagrees",
    ]  # fmt: skip
    assert (scores["p_active"] + scores["p_passive"]).max() <= 1
    assert (
        scores["tree_disagrees"]
        == scores["tree_disagrees_active"] | scores["tree_disagrees_passive"]
    ).all()


def test_scoring_a_part_gives_the_part_of_the_scores(bundle, tonight):
    """A row's score depends on the row alone, so batches may be of any size."""
    whole = bundle.score(tonight)
    parts = pd.concat([bundle.score(tonight[:100]), bundle.score(tonight[100:])])
    pd.testing.assert_frame_equal(parts, whole, check_exact=True)
    assert len(bundle.score(tonight[:0])) == 0


def test_chances_that_exceed_one_are_divided_by_their_sum():
    """0.9 and 0.6 become 0.6 and 0.4; a head that is off leaves the other alone."""
    chances = combine(
        {"active": np.array([0.9, 0.2, 0.7]), "passive": np.array([0.6, 0.3, np.nan])}
    )
    np.testing.assert_allclose(chances["active"], [0.6, 0.2, 0.7])
    np.testing.assert_allclose(chances["passive"], [0.4, 0.3, np.nan])


def test_a_risk_that_competes_with_none_keeps_its_chance(monkeypatch):
    """Whatever else is foretold beside churn enters no sum."""
    alone = Risk(Text("downgrade", "降档"), Text("downgrade", "降档"), competes=False)
    monkeypatch.setattr("churn.learning.heads.RISKS", {**RISKS, "downgrade": alone})
    chances = combine(
        {name: np.array([0.9]) for name in ("active", "passive", "downgrade")},
    )
    assert [chance[0] for chance in chances.values()] == pytest.approx([0.5, 0.5, 0.9])


def test_contributions_sum_to_the_raw_logit(bundle, tonight):
    """The booster's columns and its base add up to what was scored."""
    for cause in ("active", "passive"):
        np.testing.assert_allclose(
            bundle.contributions(tonight, cause).sum(axis=1),
            bundle.score(tonight)[f"raw_{cause}"],
            atol=1e-9,
        )


def test_tree_and_champion_disagree_by_the_stated_rule(bundle):
    """One at twice the average or more, the other below the average."""
    head = bundle.heads["active"]
    rate = head.base_rate
    champion = np.array([2.0, 2.0, 1.9, 0.9, 0.9, 3.0]) * rate
    tree = np.array([0.9, 1.0, 0.9, 2.0, 1.9, 3.0]) * rate
    assert head.disagrees(champion, tree, 2).tolist() == [True, False, False, True, False, False]


def test_the_riskiest_rule_reads_like_its_cause(bundle):
    """The planted cause stands in the first rule, in both languages."""
    assert "calls to competitors' numbers > " in bundle.rule_text("active", 1, "en")
    assert "拨打竞争对手号码占比 > " in bundle.rule_text("active", 1, "zh")
    assert "days overdue > " in bundle.rule_text("passive", 1, "en")
    assert bundle.rules_sql("passive").startswith("CASE\n  WHEN ")


@pytest.mark.parametrize(
    "name",
    [
        "active/boosting.txt",
        "active/network.npz",
        "passive/tree.json",
        "bundle.json",
        "manifest.json",
    ],
)
@pytest.mark.parametrize("how", ["flipped", "cut", "emptied", "missing"])
def test_a_damaged_file_is_refused_by_name(files, name, how):
    """One changed character, a cut, an empty or a missing file: the file is named."""
    damaged = dict(files)
    body = files[name]
    middle = next(at for at in range(len(body) // 2, len(body)) if body[at : at + 1] != b"2")
    damaged[name] = {
        "flipped": body[:middle] + b"2" + body[middle + 1 :],
        "cut": body[: len(body) // 2],
        "emptied": b"",
        "missing": b"",
    }[how]
    if how == "missing":
        del damaged[name]
    with pytest.raises(ModelError, match=name):
        Bundle.from_files(damaged)


def test_a_foreign_file_is_refused_by_name(files):
    """Nothing lies beside what the manifest names."""
    with pytest.raises(ModelError, match=r"active/model\.pkl does not belong"):
        Bundle.from_files({**files, "active/model.pkl": b"\x80"})


def test_another_kind_of_manifest_is_refused(files):
    """A manifest of something else is no bundle."""
    with pytest.raises(ModelError, match="belongs to something else"):
        Bundle.from_files({**files, "manifest.json": b'{"format": "exports"}'})


def test_another_version_is_told_apart_from_damage(files):
    """An older or newer bundle has its own error and exit code."""
    manifest = json.loads(files["manifest.json"])
    manifest["version"] = 0
    with pytest.raises(VersionError, match="version 0, this is version 2") as caught:
        Bundle.from_files({**files, "manifest.json": canonical_json(manifest)})
    assert caught.value.exit_code == 17


def _resealed(files, name, body):
    """Replace a file as somebody would who knows the format."""
    return sealed({**{key: files[key] for key in files if key != "manifest.json"}, name: body})


def test_a_resealed_edit_with_wrong_fields_is_refused(files):
    """Even with matching hashes, content that does not fit is named, not half-read."""
    edited = canonical_json({**json.loads(files["bundle.json"]), "surplus": 1})
    with pytest.raises(ModelError, match=r"bundle\.json does not fit: 1 fields"):
        Bundle.from_files(_resealed(files, "bundle.json", edited))


@pytest.mark.parametrize("name", ["active/boosting.txt", "active/network.npz", "active/tree.json"])
def test_a_resealed_foreign_model_is_refused_by_name(files, name):
    """A pickle under a model's name is not read, whatever its hash says."""
    with pytest.raises(ModelError, match=f"{name} does not fit"):
        Bundle.from_files(_resealed(files, name, pickle.dumps({"weight_0": 1})))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda head: head["scorers"].pop("network"), "learners of the active head are absent"),
        (lambda head: head["combination"]["weights"].pop("boosting"), "learners of the active"),
        (lambda head: head.update(champion="oracle"), "no such champion"),
        (lambda head: head.update(champion="combination", combination=None), "no such champion"),
        (lambda head: head["scorers"].update(oracle=head["scorers"]["tree"]), "names a learner"),
    ],
)
def test_a_head_without_what_it_needs_is_refused(files, change, message):
    """Parts of the combination and the champion must be there."""
    content = json.loads(files["bundle.json"])
    change(content["heads"]["active"])
    resealed = _resealed(files, "bundle.json", canonical_json(content))
    with pytest.raises(ModelError, match=message):
        Bundle.from_files(resealed)


def test_reasons_depend_on_the_row_and_the_bundle_alone(bundle, tonight):
    """Whose data did not change is told the same every night, whoever else is scored."""
    for cause in bundle.heads:
        everyone = bundle.reason_columns(tonight, cause, "en")
        some = tonight.iloc[::7]
        pd.testing.assert_frame_equal(
            bundle.reason_columns(some, cause, "en"), everyone.loc[some.index]
        )
        assert (everyone["reason_1"] != "").mean() > 0.2


def test_the_remainder_is_what_the_reasons_do_not_tell(bundle, tonight):
    """Nothing where the booster scores; the champion's log-odds beyond the booster's else."""
    head = bundle.heads["active"]
    boosting, combined = (
        replace(bundle, heads={"active": replace(head, champion=champion)})
        for champion in ("boosting", "combination")
    )
    assert (boosting.score(tonight)["remainder_active"] == 0).all()
    scores, alone = combined.score(tonight), boosting.score(tonight)
    logit = {name: np.log(one["p_active"] / (1 - one["p_active"]))
             for name, one in (("combined", scores), ("alone", alone))}  # fmt: skip
    np.testing.assert_allclose(
        scores["remainder_active"], logit["combined"] - logit["alone"], atol=1e-9
    )
    assert scores["remainder_active"].abs().max() > 0.01
    assert (scores["raw_active"] == alone["raw_active"]).all()
    assert scores["remainder_passive"].isna().all()
    matrix = bundle.encoder.transform(tonight)
    np.testing.assert_allclose(scores["p_active"], head.chance(matrix, "combination"), atol=1e-15)
    again = Bundle.from_files(combined.to_files())
    pd.testing.assert_frame_equal(again.score(tonight), scores, check_exact=True)


def test_rules_of_a_version_without_intervals_are_written_again(bundle):
    """What is put in place of an older training keeps its figures; NaN is no JSON."""
    head = bundle.heads["active"]
    bare = tuple(
        RuleFigures(rule=rule.rule, share=rule.share, churn_rate=rule.churn_rate)
        for rule in head.rules
    )
    older = replace(bundle, heads={**bundle.heads, "active": replace(head, rules=bare)})
    read = Bundle.from_files(older.to_files()).heads["active"].rules
    assert [rule.churn_rate for rule in read] == [rule.churn_rate for rule in head.rules]
    assert all(math.isnan(rule.lower) for rule in read)


def test_a_frame_without_a_feature_is_refused(bundle, tonight):
    """The absent feature is named; the constant one is not asked for."""
    assert "always_one" not in bundle.needed
    with pytest.raises(ModelError, match="1 features are absent: plan"):
        bundle.score(tonight.drop(columns=["plan", "always_one"]))
