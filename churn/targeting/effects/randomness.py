"""Whether arms were drawn by lot: whether what was known before tells them apart.

Within each draw the arms must look alike in everything known before it. The distance between their
means over all columns, in units of what chance would give, is the statistic of Hansen and Bowers,
"Covariate balance in simple, stratified and clustered comparative studies", *Statistical Science*
23 (2008): chi-squared with as many degrees of freedom as there are columns that differ at all.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from churn.late import Late

stats = Late("scipy.stats")

LEVEL = 0.001
"""Chance of calling an honest lot crooked; few, for an arm not believed is lost."""


def arms_alike(treated: npt.ArrayLike, draw: npt.ArrayLike, earlier: pd.DataFrame) -> float:
    """Return the chance of arms at least as different if a lot had drawn them.

    Parameters
    ----------
    treated
        0 or 1, shape (n,).
    draw
        The draw of each row, shape (n,): arms are compared within.
    earlier
        Numbers or words known before the draw, shape (n, columns); missing ones count by being
        missing.

    Returns
    -------
    float
        In [0, 1]; 1 where nothing can tell.
    """
    lots = pd.Series(np.asarray(draw))
    lot = lots.groupby(lots).ngroup().to_numpy()
    columns = _within(_filled(earlier), lot)
    arm = np.asarray(treated, dtype=np.float64)
    share = pd.Series(arm).groupby(lot).transform("mean").to_numpy()
    size = pd.Series(arm).groupby(lot).transform("size").to_numpy()
    telling = (share > 0) & (share < 1)
    if not telling.any():
        return 1.0
    weight = np.where(size > 1, share * (1 - share) * size / np.maximum(size - 1, 1), 0.0)
    moved = columns.T @ (arm - share)
    spread = columns.T @ (columns * weight[:, None])
    values, vectors = np.linalg.eigh(spread)
    real = values > values.max(initial=0.0) * 1e-9
    if not real.any():
        return 1.0
    along = (vectors[:, real].T @ moved) ** 2 / values[real]
    return float(stats.chi2.sf(along.sum(), int(real.sum())))


def _filled(earlier: pd.DataFrame) -> npt.NDArray[np.float64]:
    coded = earlier.apply(lambda column: column if column.dtype.kind in "fiub" else _codes(column))
    values = coded.to_numpy(dtype=np.float64)
    missing = np.isnan(values)
    ranked = pd.DataFrame(values).rank(pct=True).fillna(0.5).to_numpy()  # no outlier decides
    return np.hstack([ranked, missing[:, missing.any(axis=0)].astype(np.float64)])


def _codes(words: pd.Series) -> pd.Series:
    """Return numbers for words, by how common they are; missing ones stay missing."""
    ranks = words.value_counts().sort_index().rank(method="first", ascending=False)
    return words.map(ranks)


def _within(
    columns: npt.NDArray[np.float64], lot: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    frame = pd.DataFrame(columns)
    centred = (frame - frame.groupby(lot).transform("mean")).to_numpy()
    scale = centred.std(axis=0)
    return np.asarray(centred[:, scale > 0] / scale[scale > 0], dtype=np.float64)
