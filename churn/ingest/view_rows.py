"""The rows of a view: its inputs read, its query run, each input line accounted for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from churn.engines import Engine
from churn.errors import ExtractError, SettingsError
from churn.ingest.blocks import head_and_body
from churn.ingest.headers import header_of
from churn.ingest.mapping import with_nulls
from churn.ingest.queries import LINE, Query
from churn.ingest.records import Rejects, read_records
from churn.ingest.views import ViewInput, ViewMapping

BETWEEN = "\x1f"  # fields of a view's rows: no quotes, so they are read in one piece
RESULT = {"delimiter": BETWEEN, "quote": None}


def view_header(view: ViewMapping, files: Mapping[str, Path]) -> tuple[str, ...]:
    """Return the names of the view's columns, after a look at the inputs' headers.

    Raises
    ------
    ExtractError
        If a column the query names is in no input.
    """
    headers = {name: header_of(path, view.inputs[name]) for name, path in files.items()}
    for name, header in headers.items():
        folded = [field.lower() for field in header]
        again = next((field for field in header if folded.count(field.lower()) > 1), None)
        if again is not None:
            raise ExtractError(
                f"two columns are called {again}, which SQL cannot tell apart",
                where=f"{files[name].name}, header",
                do="deliver the file with a name for each column",
            )
    missing = view.checked.missing(headers)
    if missing:
        raise ExtractError(
            missing[0],
            where=f"{', '.join(path.name for path in files.values())}, header; ingest.views",
            do="correct the extract, or the query; columns of two inputs need `input.column`",
        )
    return view.checked.outputs


def read_input(path: Path, how: ViewInput, to: Path) -> tuple[int, Rejects]:
    """Write a delivered file as Parquet of text columns, with the number of each line.

    Returns
    -------
    tuple
        Lines without the header, and those that cannot be read.
    """
    header = header_of(path, how)
    schema = pa.schema([*((name, pa.string()) for name in header), (LINE, pa.int64())])
    stream = head_and_body(path)
    next(stream)
    delivered = 0
    rejects: list[Rejects] = []
    with pq.ParquetWriter(to, schema, compression="lz4") as writer:
        for block in stream:
            records = read_records(block, how, header, range(len(header)))
            delivered += len(block.ends)
            rejects.append(records.rejects)
            fields = [with_nulls(records.fields[i], how.nulls) for i in range(len(header))]
            columns = [*fields, pa.array(records.lines)]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))
    return delivered, Rejects.joined(rejects)


def run_view(query: Query, name: str, inputs: Mapping[str, Path], engine: Engine, to: Path) -> int:
    """Write a view's rows as a file of text and return how many lines of its first input it took.

    Raises
    ------
    SettingsError
        If the query does not run on these files.
    """
    try:
        with to.open("wb") as file:
            file.write(BETWEEN.join(query.outputs).encode() + b"\n")
            for batch in engine.sql(query.sql, inputs):
                file.writelines(line.encode() + b"\n" for line in _lines(batch))
        (counted,) = [row for batch in engine.sql(query.taken, inputs) for row in batch.to_pylist()]
    except SettingsError as error:
        raise SettingsError(error.what, where=f"ingest.views.{name}", do=error.do) from error
    (taken,) = counted.values()
    return int(taken)


def _lines(rows: pa.RecordBatch) -> list[str]:
    """Write rows as lines; what would end a field or a line becomes a blank."""
    fields = [
        pc.replace_substring_regex(column.cast(pa.string()).fill_null(""), r"[\x1f\r\n]", " ")
        for column in rows.columns
    ]
    lines: list[str] = pc.binary_join_element_wise(*fields, BETWEEN).to_pylist()
    return lines


def inputs_of(view: ViewMapping, first: Path, others: Sequence[Path]) -> dict[str, Path]:
    """Return each input's file: the first, then the others in the query's order."""
    return {view.checked.first: first, **dict(zip(view.others, others, strict=True))}
