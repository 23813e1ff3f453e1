"""A new table is held to the sizes of training's numbers: another unit is refused."""

from __future__ import annotations

import pyarrow as pa
import pytest

from churn.errors import ExtractError
from churn.ingest.spelling import plain
from churn.ready_made.recipe import TableRecipe
from churn.ready_made.recognition import Reading, recognise

BILLS = [str(20 + i % 80) for i in range(400)]


def _recipe(values):
    reading = recognise("bill", plain(pa.chunked_array([pa.array(values)])), "bill")
    assert isinstance(reading, Reading)
    return TableRecipe(
        target="churn",
        positive=("yes",),
        id=None,
        group=None,
        base_rate=None,
        sampled_rate=0.5,
        seed=0,
        columns=(reading,),
        set_aside=(),
    )


def _predict(recipe, values):
    return recipe.features(pa.table({"bill": pa.array(values)}))[0]["bill"].tolist()


@pytest.mark.parametrize("factor", [100, 1000, 0.01, -60])
def test_another_unit_is_refused(factor):
    """Cents for yuan, and back: nearly all values lie where training had none."""
    recipe = _recipe(BILLS)
    with pytest.raises(ExtractError, match="another unit") as caught:
        _predict(recipe, [str(int(text) * factor) for text in BILLS])
    assert "column bill is about" in caught.value.what
    assert "was about 59" in caught.value.what


@pytest.mark.parametrize(
    "values",
    [
        [str(90 + i % 10) for i in range(50)],  # the dearest tariffs alone
        ["0"] * 50,
        ["5900"] * 19,  # too few to tell
        [*BILLS, "1000000"],
    ],
)
def test_a_choice_of_customers_is_scored(values):
    """Who is asked about may differ from who taught."""
    assert len(_predict(_recipe(BILLS), values)) == len(values)


def test_a_model_of_before_knows_no_sizes():
    """A recipe kept without them reads what it read."""
    recipe = _recipe(BILLS)
    (reading,) = recipe.columns
    older = recipe.model_copy(update={"columns": (reading.model_copy(update={"usual": None}),)})
    assert _predict(older, ["590000"] * 50) == [590000.0] * 50
