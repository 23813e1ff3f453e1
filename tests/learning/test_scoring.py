"""A night's scores and words by batches: the same whatever a batch holds, and where it is made."""

import pickle

import pandas as pd
import pyarrow as pa
import pytest

from churn.learning.scoring import BatchScorer


@pytest.fixture(scope="module")
def rows(tonight):
    """Return the night's features as an engine gives them."""
    named = tonight.assign(subscriber_id=[f"s{at}" for at in range(len(tonight))])
    return pa.Table.from_pandas(named, preserve_index=False)


@pytest.mark.parametrize("size", [1, 37, 10_000])
def test_batches_of_any_size_give_the_same(bundle, rows, size):
    """Scores, rules and reasons of a row do not depend on the rows beside it, to the bit."""
    some = rows.slice(0, 150)
    scorer = BatchScorer(bundle.to_files(), "zh")
    parts = [scorer(batch) for batch in some.to_batches(max_chunksize=size)]
    made = pa.Table.from_batches(parts)
    whole = pa.Table.from_batches([scorer(rows.combine_chunks().to_batches()[0])]).slice(0, 150)
    assert made.combine_chunks().equals(whole.combine_chunks())
    assert made.schema == scorer.schema


def test_it_says_what_the_bundle_says(bundle, tonight, rows):
    """All that the bundle scores, and the reasons of each head that is on."""
    packed = pickle.dumps(BatchScorer(bundle.to_files(), "en"))
    scorer = pickle.loads(packed)  # noqa: S301 - as a worker gets it
    made = scorer(rows.combine_chunks().to_batches()[0]).to_pandas()
    scores = bundle.score(tonight).reset_index(drop=True)
    words = [name for name in made if name.startswith(("rule_text_", "reason_"))]
    assert set(made) - {*words} == {"subscriber_id", *scores}
    for name in scores:
        wanted = scores[name].to_numpy(made[name].dtype, na_value=float("nan"))
        assert (pd.Series(wanted).equals(made[name])) or (wanted == made[name]).all()
    for cause in bundle.heads:
        told = bundle.reason_columns(tonight, cause, "en").reset_index(drop=True)
        for name in told:
            assert (made[f"{name}_{cause}"].to_numpy() == told[name].to_numpy()).all()
        assert made[f"rule_text_{cause}"].notna().all()


def test_an_empty_batch_gives_an_empty_one(bundle, rows):
    """A part of a cluster's table may hold no row."""
    scorer = BatchScorer(bundle.to_files(), "en")
    (empty,) = rows.slice(0, 0).combine_chunks().to_batches() or [
        pa.RecordBatch.from_pylist([], schema=rows.schema)
    ]
    assert scorer(empty).num_rows == 0
    assert scorer(empty).schema == scorer.schema
