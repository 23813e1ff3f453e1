"""One world of a middling size for all tests of the synthetic operator."""

from __future__ import annotations

import gzip
import io
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest

from churn.sample import SampleReport, generate

GB18030 = ("status_events", "complaints", "arrears")


class World(NamedTuple):
    """A folder that was generated, and what the generator said about it."""

    folder: Path
    report: SampleReport

    def files(self, table: str) -> list[Path]:
        """Return the files of a table, oldest period first."""
        return sorted((self.folder / "extracts" / table).iterdir())

    def lines(self, path: Path) -> list[str]:
        """Return the lines of a file, header first."""
        encoding = "gb18030" if path.parent.name in GB18030 else "utf-8"
        return gzip.decompress(path.read_bytes()).decode(encoding).splitlines()

    def read(self, path: Path) -> pa.Table:
        """Return a file of a table without dirt; every column as text."""
        text = "\n".join(self.lines(path)) + "\n"
        names = text.split("\n", 1)[0].split(",")
        options = pacsv.ConvertOptions(
            column_types=dict.fromkeys(names, "string"), strings_can_be_null=True
        )
        return pacsv.read_csv(io.BytesIO(text.encode()), convert_options=options)

    def truth(self) -> dict[str, np.ndarray]:
        """Return the chances and outcomes, administrative ends excluded."""
        table = pq.read_table(self.folder / "truth" / "outcomes.parquet")
        columns = {
            name: np.asarray(table[name].to_pylist() if name == "outcome" else table[name])
            for name in table.column_names
        }
        keep = columns["outcome"] != "administrative"
        return {name: values[keep] for name, values in columns.items()}


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Return 8,000 lines over 10 months, clean."""
    folder = tmp_path_factory.mktemp("world")
    report = generate(folder, customers=8_000, months=10, seed=5, calls_per_month=1, dirty=False)
    return World(folder, report)


@pytest.fixture(scope="session")
def dirty_world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Return a small world with broken lines."""
    folder = tmp_path_factory.mktemp("dirty")
    return World(folder, generate(folder, customers=3_000, months=3, seed=6, calls_per_month=4))
