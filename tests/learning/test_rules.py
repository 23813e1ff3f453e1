"""Rules as sentences and as SQL say what the arrays do."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from churn.language import Text
from churn.learning.encoding import Encoder
from churn.learning.rules import AND, branch_texts, rule_text, rules_sql, with_chance
from churn.learning.settings import TreeSettings
from churn.learning.tree import LEAF, Tree, grow
from churn.learning.wording import specs_by_name

SPECS = specs_by_name(
    [
        {"name": "share", "family": "calls", "unit": "share",
         "en": "competitor share", "zh": "竞争占比"},
        {"name": "tenure", "family": "contract", "unit": "days", "en": "tenure", "zh": "在网时长"},
        {"name": "plan", "family": "contract", "en": "plan", "zh": "套餐"},
        {"name": "roaming", "family": "calls", "en": "roams", "zh": "漫游"},
    ]
)  # fmt: skip


def _frame(seed=0, n=4000):
    generator = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "share": generator.random(n).astype(np.float32),
            "tenure": generator.integers(1, 900, n).astype(np.float64),
            "plan": generator.choice(
                ["gold", "it's", "basic", "rare"], n, p=[0.3, 0.2, 0.49, 0.01]
            ),
            "roaming": pd.array(generator.random(n) < 0.4, dtype="boolean"),
        }
    )
    frame.loc[generator.random(n) < 0.1, "tenure"] = None
    frame.loc[generator.random(n) < 0.1, "plan"] = None
    frame.loc[generator.random(n) < 0.1, "roaming"] = pd.NA
    return frame


def _grown(seed=0):
    frame = _frame(seed)
    encoder = Encoder.fit(frame, list(frame.columns), 0.05)
    matrix = encoder.transform(frame)
    known = np.nan_to_num(matrix, nan=0.5)
    score = 3 * known[:, 0] + (known[:, 1] < 300) * known[:, 0] * 3 + 2 * matrix[:, 2]
    score += known[:, -1] * matrix[:, 4] + np.isnan(matrix[:, 1])
    outcome = np.random.default_rng(seed + 9).random(len(frame)) < 1 / (1 + np.exp(4 - score))
    settings = TreeSettings(max_leaves=24, min_leaf_share=0.005)
    return grow(matrix, outcome, np.ones(len(frame)), settings, seed), encoder


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_sql_gives_the_rule_of_the_arrays(seed, engine, tmp_path):
    """On unseen rows with missing values and unseen levels, the CASE equals the tree."""
    tree, encoder = _grown(seed)
    tonight = _frame(seed + 50)
    tonight.loc[:20, "plan"] = "never seen"
    tonight.to_parquet(tmp_path / "tonight.parquet")
    query = f"SELECT {rules_sql(tree, encoder)} AS rule FROM tonight"
    batches = engine.sql(query, {"tonight": tmp_path / "tonight.parquet"})
    rules = pa.Table.from_batches(batches)["rule"].to_numpy()
    np.testing.assert_array_equal(rules, tree.rule_of(encoder.transform(tonight)))


def test_sql_reads_numbers_as_the_matrix_does(engine, tmp_path):
    """Not a number is missing, and a double on the threshold is what single precision makes it."""
    encoder = Encoder.fit(pd.DataFrame({"share": [0.1, 0.9, None]}), ["share"], 0.1)
    values = [0.3, 0.7, float("nan"), None, 0.2999999999999999, 16777217.0]
    table = pa.table({"share": pa.array(values, pa.float64())})
    pq.write_table(table, tmp_path / "tonight.parquet")
    for missing_left in (True, False):
        inner = _tree((0, 0.3, 1, 2, missing_left), 1, (0, 16777216.0, 3, 4, False), 2, 3)
        for tree in (
            inner,
            _tree((0, np.inf, 1, 2, False), 1, 2),
            _tree((0, 0.3, 1, 2, True), 1, 2),
        ):
            query = f"SELECT {rules_sql(tree, encoder)} AS rule FROM tonight"
            batches = engine.sql(query, {"tonight": tmp_path / "tonight.parquet"})
            found = pa.Table.from_batches(batches)["rule"].to_pylist()
            frame = pd.DataFrame({"share": pd.array(values, dtype="float64")})
            assert found == tree.rule_of(encoder.transform(frame)).tolist()


def _tree(*nodes):
    """Build a tree from (column, threshold, left, right, missing left) and leaf rule numbers."""
    inner = [node if isinstance(node, tuple) else (LEAF, 0.0, LEAF, LEAF, False) for node in nodes]
    feature, threshold, left, right, missing = zip(*inner, strict=True)
    return Tree(
        np.array(feature),
        np.array(threshold, dtype=float),
        np.array(left),
        np.array(right),
        np.array(missing),
        np.zeros(len(nodes)),
        np.array([0 if isinstance(node, tuple) else node for node in nodes]),
    )


def _columns():
    """Return share, tenure (missing at times), plan basic/gold/other/missing, roams."""
    encoder = Encoder.fit(_frame(), list(SPECS), 0.05)
    assert [column.kind for column in encoder.columns[2:]] == [
        "level", "level", "level", "other", "missing", "flag",
    ]  # fmt: skip
    return encoder


def _said(tree, rule=1, specs=SPECS):
    encoder = _columns()
    return tuple(rule_text(tree, rule, language, encoder, specs) for language in ("en", "zh"))


def test_conditions_on_one_feature_are_merged():
    """Asked three times, said once."""
    tree = _tree(
        (0, 0.31, 4, 1, False), (1, 400.0, 2, 4, False), (0, 0.405, 3, 4, False), 1, 2,
    )  # fmt: skip
    assert _said(tree) == (
        "competitor share > 31 % and ≤ 40.5 % and tenure ≤ 400 days",
        "竞争占比 > 31% 且 ≤ 40.5%，且在网时长 ≤ 400天",
    )


def test_missing_values_are_named_where_training_saw_some():
    """Tenure was missing at times, the share never."""
    both = _tree((0, 0.31, 1, 3, True), (1, 400.0, 3, 2, True), 2, 1)
    assert _said(both, 2)[0] == "competitor share ≤ 31 % and tenure > 400 days"
    tree = _tree((1, 400.0, 1, 2, True), 1, 2)
    assert _said(tree) == ("tenure ≤ 400 days (or unknown)", "在网时长 ≤ 400天（或未知）")
    only = _tree((1, np.inf, 1, 2, False), 2, 1)
    assert _said(only) == ("tenure unknown", "在网时长未知")
    assert _said(only, 2) == ("tenure known", "在网时长已知")


def test_missing_values_are_called_what_they_mean():
    """Where a feature declares what null means, no rule says unknown."""
    specs = SPECS | {
        name: SPECS[name].model_copy(update={"null_means": means})
        for name, means in (
            ("tenure", Text("never activated", "从未激活")),
            ("plan", Text("no plan", "无套餐")),
        )
    }
    some = _tree((1, 400.0, 1, 2, True), 1, 2)
    assert _said(some, specs=specs) == (
        "tenure ≤ 400 days (or never activated)", "在网时长 ≤ 400天（或从未激活）",
    )  # fmt: skip
    only = _tree((1, np.inf, 1, 2, False), 2, 1)
    assert _said(only, specs=specs) == ("never activated", "从未激活")
    assert _said(only, 2, specs) == ("not “never activated”", "非“从未激活”")
    level = _tree((6, 0.0, 1, 2, False), 2, 1)
    assert _said(level, specs=specs) == ("no plan", "无套餐")
    both = _tree((2, 0.0, 1, 3, False), (6, 0.0, 2, 3, False), 1, 2)
    assert _said(both, specs=specs) == (
        "plan is not basic and not “no plan”", "套餐不是basic，且非“无套餐”",
    )  # fmt: skip


def test_levels_are_called_by_their_words():
    """Codes of a class read in rules as they do in reasons."""
    words = {"gold": Text("gold card", "金卡"), "basic": Text("basic", "普通卡")}
    specs = SPECS | {"plan": SPECS["plan"].model_copy(update={"words": words})}
    assert _said(_tree((3, 0.0, 1, 2, False), 2, 1), specs=specs) == (
        "plan is gold card",
        "套餐为金卡",
    )
    twice = _tree((2, 0.0, 1, 3, False), (3, 0.0, 2, 3, False), 1, 2)
    assert _said(twice, specs=specs)[1] == "套餐不是普通卡、金卡"


def test_a_rule_ends_with_its_figure():
    """The tree's chance for whoever falls under it."""
    assert with_chance("roams: yes", 0.00798, "en") == "roams: yes → 0.80 %"
    assert with_chance("漫游：是", 0.1234, "zh") == "漫游：是 → 12.34%"


def test_levels_and_flags_are_words():
    """No zeros and ones in a sentence."""
    assert _said(_tree((3, 0.0, 1, 2, False), 2, 1)) == ("plan is gold", "套餐为gold")
    assert _said(_tree((3, 0.0, 1, 2, False), 1, 2))[0] == "plan is not gold"
    assert _said(_tree((5, 0.0, 1, 2, False), 2, 1)) == ("plan is other", "套餐为其他")
    assert _said(_tree((6, 0.0, 1, 2, False), 2, 1))[0] == "plan is unknown"
    twice = _tree((2, 0.0, 1, 3, False), (3, 0.0, 2, 3, False), 1, 2)
    assert _said(twice) == ("plan is not basic or gold", "套餐不是basic、gold")
    assert _said(_tree((7, 0.0, 1, 2, True), 2, 1)) == ("roams: yes", "漫游：是")
    assert _said(_tree((7, 0.0, 1, 2, True), 1, 2))[0] == "roams: no (or unknown)"


def test_a_tree_without_splits_is_everyone():
    """One leaf has no condition."""
    assert _said(_tree(1)) == ("everyone", "全部用户")


def test_a_flag_stored_as_a_number_is_still_yes_or_no():
    """The unit decides, not the storage: engines deliver every number as float32."""
    encoder = Encoder.fit(pd.DataFrame({"hold": [0.0, 1.0, None]}), ["hold"], 0.1)
    specs = specs_by_name(
        [{"name": "hold", "family": "status", "unit": "flag", "en": "on hold", "zh": "停机保号"}]
    )
    tree = _tree((0, 0.0, 1, 2, True), 2, 1)
    assert rule_text(tree, 1, "zh", encoder, specs) == "停机保号：是"
    assert rule_text(tree, 2, "en", encoder, specs) == "on hold: no (or unknown)"


def test_beside_a_name_a_rule_leaves_out_what_others_did():
    """The tree to read says it of everybody."""
    encoder = Encoder.fit(pd.DataFrame({"gone": [0.0, 1.0, 3.0]}), ["gone"], 0.1)
    specs = specs_by_name(
        [{"name": "gone", "family": "peers", "en": "contacts who left", "zh": "已离网联系人数",
          "of_others": True}]
    )  # fmt: skip
    tree = _tree((0, 0.0, 1, 2, True), 2, 1)
    assert rule_text(tree, 1, "en", encoder, specs) == "contacts who left > 0"
    assert rule_text(tree, 1, "en", encoder, specs, of_somebody=True) == "everyone"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_answers_on_the_way_to_a_leaf_are_its_rule(language):
    """Where a path asks no feature twice; the two answers to a question never read the same."""
    compared = 0

    def walk(tree, encoder, node, said, asked):
        nonlocal compared
        if tree.feature[node] == LEAF:
            if len(set(asked)) == len(asked):
                rule = rule_text(tree, int(tree.rule[node]), language, encoder, SPECS)
                assert rule == AND.of(language).join(said)
                compared += 1
            return
        left, right = branch_texts(tree, node, language, encoder, SPECS)
        assert left != right
        source = encoder.columns[int(tree.feature[node])].source
        for child, answer in ((tree.left[node], left), (tree.right[node], right)):
            walk(tree, encoder, int(child), [*said, answer], [*asked, source])

    for seed in range(8):
        walk(*_grown(seed), 0, [], [])
    assert compared >= 5
