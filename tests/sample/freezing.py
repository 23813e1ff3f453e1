"""The hash by which a world is frozen: of what its files say, not of how they are packed."""

from __future__ import annotations

import gzip
import hashlib
import io
from pathlib import Path

import pyarrow.csv as pacsv
import pyarrow.parquet as pq


def content_hash(folder: Path) -> str:
    """Return the SHA-256 over names and unpacked contents of ``extracts/`` and ``truth/``."""
    digest = hashlib.sha256()
    for part in ("extracts", "truth"):
        for path in sorted((folder / part).rglob("*")):
            if path.is_file():
                digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
                digest.update(hashlib.sha256(_content(path)).digest())
    return digest.hexdigest()


def _content(path: Path) -> bytes:
    if path.suffix == ".gz":
        return gzip.decompress(path.read_bytes())
    if path.suffix == ".parquet":
        buffer = io.BytesIO()
        pacsv.write_csv(pq.read_table(path), buffer)
        return buffer.getvalue()
    return path.read_bytes()
