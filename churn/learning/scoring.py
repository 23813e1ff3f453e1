"""A night's scores, reasons and rules of any number of rows at once: batches in, batches out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import pandas as pd
import pyarrow as pa

from churn.language import Language
from churn.learning.bundle import Bundle
from churn.learning.rules import with_chance

ID = "subscriber_id"
REASONS = ("reason_1", "reason_2", "reason_3")
_OF_A_HEAD = {
    "raw": pa.float64(),
    "remainder": pa.float64(),
    "tree_p": pa.float64(),
    "rule": pa.int64(),
    "tree_disagrees": pa.bool_(),
}


class BatchScorer:
    """Scores batches of features with a bundle and says why, knowing of no other batch.

    It pickles as the bundle's files, so that it travels to where the rows are; there they are read
    once in each process, however many parts of a table it is called for. A row's scores and words
    do not depend on the rows beside it.

    Parameters
    ----------
    files
        The bundle as :meth:`churn.learning.Bundle.to_files` gives it.
    language
        That of reasons and rules.
    currency
        That of amounts in reasons; empty where nobody has said.
    """

    def __init__(self, files: Mapping[str, bytes], language: Language, currency: str = "") -> None:
        self._files = tuple(sorted(files.items()))
        self._language = language
        self._currency = currency

    @property
    def schema(self) -> pa.Schema:
        """The columns of a batch: ``subscriber_id``, :meth:`Bundle.score`'s, then the words.

        Words of every head that is on: ``rule_text_<cause>``, ``reason_1_<cause>`` …
        """
        bundle = _read(self._files)
        columns = {ID: pa.string(), **{f"p_{cause}": pa.float64() for cause in bundle.told}}
        for cause in bundle.told:
            columns |= {f"{name}_{cause}": kind for name, kind in _OF_A_HEAD.items()}
        columns["tree_disagrees"] = pa.bool_()
        for cause in bundle.on:
            columns |= {f"{name}_{cause}": pa.string() for name in ("rule_text", *REASONS)}
        return pa.schema(columns)

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Score a batch that has ``subscriber_id`` and the features the bundle needs."""
        schema = self.schema
        if not batch.num_rows:
            return pa.RecordBatch.from_pylist([], schema=schema)
        rows = batch.to_pandas(split_blocks=True)
        scores = self._scored(rows)
        scores.insert(0, ID, rows[ID])
        table = pa.Table.from_pandas(scores, preserve_index=False).select(schema.names)
        return table.cast(schema).combine_chunks().to_batches()[0]

    def _scored(self, rows: pd.DataFrame) -> pd.DataFrame:
        bundle, language = _read(self._files), self._language
        scores = bundle.score(rows)
        words: dict[str, pd.Series] = {}
        for cause in bundle.on:
            rules = scores[f"rule_{cause}"]
            chances = scores.groupby(rules)[f"tree_p_{cause}"].first()  # one per leaf
            texts = {
                int(rule): with_chance(
                    bundle.rule_text(cause, int(rule), language, of_somebody=True),
                    chance,
                    language,
                )
                for rule, chance in chances.items()
            }
            words[f"rule_text_{cause}"] = rules.map(texts)
            reasons = bundle.reason_columns(
                rows, cause, language, len(REASONS), currency=self._currency
            )
            words |= {f"{name}_{cause}": reasons[name] for name in reasons}
        return scores.assign(**words)


@lru_cache(maxsize=2)
def _read(files: tuple[tuple[str, bytes], ...]) -> Bundle:
    return Bundle.from_files(dict(files))
