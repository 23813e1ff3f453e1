"""Arrays as ``npz`` without pickling, the same bytes for the same arrays."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

#: The first date a zip file can hold: no clock in the bytes.
FIXED_DATE = (1980, 1, 1, 0, 0, 0)


def to_npz(arrays: Mapping[str, npt.NDArray[Any]]) -> bytes:
    """Write arrays, sorted by name, uncompressed and undated."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(arrays):
            body = io.BytesIO()
            np.lib.format.write_array(body, np.ascontiguousarray(arrays[name]), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", FIXED_DATE), body.getvalue())
    return sink.getvalue()


def from_npz(content: bytes) -> dict[str, npt.NDArray[Any]]:
    """Read what :func:`to_npz` wrote.

    Raises
    ------
    ValueError
        If it is no such archive, or holds anything that would have to be unpickled.
    """
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except (zipfile.BadZipFile, EOFError, AttributeError) as error:
        raise ValueError("no archive of arrays") from error
