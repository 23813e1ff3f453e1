"""Which rows of a ready-made table stay together: those of one name, and copies of each other."""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from churn.ingest.spelling import as_text, plain
from churn.ready_made.copies import Copies, joined, linked

SEPARATOR = "\x1f"


def content_of(rows: pa.Table) -> npt.NDArray[np.object_]:
    """Return each row's values as one text."""
    texts: npt.NDArray[np.object_] = np.full(rows.num_rows, "", dtype=object)
    for column in rows.columns:
        values = plain(column)
        if values is not None:
            words = as_text(values).fill_null("").to_numpy(zero_copy_only=False)
            texts = texts + SEPARATOR + words
    return texts


def groups_of(
    rows: pa.Table, named: str | None, content: npt.NDArray[np.object_], copied: Copies
) -> npt.NDArray[np.object_]:
    """Name what stays together: rows of one name, and copies, and whatever these join.

    A row without a name is called by its content and by how many like it there were before, so that
    names do not depend on the order of rows.
    """
    values = plain(rows[named]) if named else None
    names = [None] * rows.num_rows if values is None else as_text(values).to_pylist()
    digests = [hashlib.md5(text.encode(), usedforsecurity=False).hexdigest() for text in content]
    before = pd.Series(digests).groupby(digests).cumcount()
    own = [
        f"row {digest} {number}" if name is None else f"name {name}"
        for name, digest, number in zip(names, digests, before, strict=True)
    ]
    sorted_names, name_of = np.unique(np.array(own, dtype=object), return_inverse=True)
    together = joined(rows.num_rows, [*linked(name_of), *linked(copied.group)])
    first = np.full(rows.num_rows, len(sorted_names))
    np.minimum.at(first, together, name_of)
    return np.asarray(sorted_names[first[together]], dtype=object)
