"""The rows of a view: its inputs read, its query run, each input record accounted for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from churn.engines import Engine
from churn.errors import ExtractError, SettingsError
from churn.ingest.extracts import Extract
from churn.ingest.mapping import with_nulls
from churn.ingest.planning import Feed
from churn.ingest.queries import LINE, Query
from churn.ingest.readers import Reader, Rejects
from churn.ingest.views import ViewInput, ViewMapping


def inputs_of(feed: Feed, view: ViewMapping) -> dict[str, Extract]:
    """Return each input's file: the first, then the others in the query's order."""
    names = (view.checked.first, *view.others)
    return dict(zip(names, (feed.file, *feed.joined), strict=True))


def view_header(view: ViewMapping, inputs: Mapping[str, Extract]) -> tuple[str, ...]:
    """Return the names of the view's columns, after a look at the inputs' headers.

    Raises
    ------
    ExtractError
        If a column the query names is in no input.
    """
    headers = {name: extract.reader.header() for name, extract in inputs.items()}
    names = {name: extract.reader.name for name, extract in inputs.items()}
    for name, header in headers.items():
        folded = [field.lower() for field in header]
        again = next((field for field in header if folded.count(field.lower()) > 1), None)
        if again is not None:
            raise ExtractError(
                f"two columns are called {again}, which SQL cannot tell apart",
                where=f"{names[name]}, header",
                do="deliver the file with a name for each column",
            )
    missing = view.checked.missing(headers)
    if missing:
        raise ExtractError(
            missing[0],
            where=f"{', '.join(names.values())}, header; ingest.views",
            do="correct the extract, or the query; columns of two inputs need `input.column`",
        )
    return view.checked.outputs


class InputFile(NamedTuple):
    """What became of one file of an input.

    Attributes
    ----------
    before
        Records of the files before it, by which its own are numbered on.
    """

    before: int
    delivered: int
    rejects: Rejects


def read_input(readers: Sequence[Reader], how: ViewInput, to: Path) -> list[InputFile]:
    """Write delivered files as one Parquet file of text columns, with the number of each record.

    Raises
    ------
    ExtractError
        If they are not alike in their headers.
    """
    header = readers[0].header()
    schema = pa.schema([*((name, pa.string()) for name in header), (LINE, pa.int64())])
    files: list[InputFile] = []
    before = 0
    with pq.ParquetWriter(to, schema, compression="lz4") as writer:
        for reader in readers:
            places = _places(reader, header, readers[0], lenient=bool(how.before))
            delivered, last = 0, 0
            rejects: list[Rejects] = []
            there = [place for place in places if place is not None]
            for records in reader.records(there):
                delivered += records.delivered
                rejects.append(records.rejects)
                numbers = [records.numbers, records.rejects.numbers]
                last = max([last, *(int(each.max()) for each in numbers if len(each))])
                none = pa.nulls(len(records.numbers), pa.string())
                fields = [
                    none if i is None else with_nulls(records.fields[i], how.nulls) for i in places
                ]
                columns = [*fields, pa.array(records.numbers + before)]
                writer.write_table(pa.Table.from_arrays(columns, schema=schema))
            files.append(InputFile(before, delivered, Rejects.joined(rejects)))
            before += last
    return files


def write_once(path: Path, once: Sequence[str], engine: Engine) -> None:
    """Leave one row of those of an input that are alike in some columns, whatever their order.

    The last by content: of lines that had a number in turn, the newest mostly has the last id.

    Raises
    ------
    ExtractError
        If a column is not there.
    """
    names = pq.read_schema(path).names
    unknown = [column for column in once if column not in names]
    if unknown:
        raise ExtractError(
            f"there is no column {unknown[0]}",
            where="ingest.views",
            do="correct the extract, or `once:`",
        )
    quoted = {name: '"' + name.replace('"', '""') + '"' for name in names}
    columns = [
        quoted[name] if name in once else f"max({quoted[name]}) AS {quoted[name]}" for name in names
    ]
    alike = ", ".join(quoted[name] for name in once)
    query = f"SELECT {', '.join(columns)} FROM input GROUP BY {alike} ORDER BY {alike}"
    whole = path.rename(path.with_suffix(".whole"))
    with pq.ParquetWriter(path, pq.read_schema(whole), compression="lz4") as writer:
        for batch in engine.sql(query, {"input": whole}):
            writer.write_batch(batch)
    whole.unlink()


def _places(
    reader: Reader, header: Sequence[str], first: Reader, *, lenient: bool
) -> list[int | None]:
    """Return where a file has the columns of the first, whatever their order.

    Of a file delivered before, ``lenient``, some may be missing, and others stand there.
    """
    mine = reader.header()
    if lenient:
        return [mine.index(name) if name in mine else None for name in header]
    if sorted(mine) != sorted(header):
        raise ExtractError(
            f"its columns are not those of {first.name}, with which it is read together",
            where=f"{reader.name}, header",
            do="deliver the files of one period alike, or map them as a source of their own",
        )
    return [mine.index(name) for name in header]


def taken_of(
    query: Query, inputs: Mapping[str, Path], engine: Engine, starts: Sequence[int]
) -> list[int]:
    """Return how many records of each file of the first input a view takes.

    Parameters
    ----------
    starts
        :attr:`InputFile.before` of each.
    """
    batches = [batch.column(0).to_numpy() for batch in engine.sql(query.lines, inputs)]
    lines = np.unique(np.concatenate([np.empty(0, np.int64), *batches]))
    files = np.searchsorted(np.array(starts), lines, side="left") - 1
    counts: list[int] = np.bincount(files, minlength=len(starts)).tolist()
    return counts


def run_view(query: Query, name: str, inputs: Mapping[str, Path], engine: Engine, to: Path) -> int:
    """Write a view's rows as Parquet and return how many records of its first input it took."""
    schema = pa.schema([(column, pa.string()) for column in query.outputs])
    plain = {"compression": "lz4", "use_dictionary": False}  # read once, then gone
    try:
        with pq.ParquetWriter(to, schema, **plain) as writer:
            for batch in engine.sql(query.sql, inputs):
                fields = [_as_fields(column) for column in batch.columns]
                writer.write_table(pa.Table.from_arrays(fields, schema=schema))
        (counted,) = [row for batch in engine.sql(query.taken, inputs) for row in batch.to_pylist()]
    except SettingsError as error:
        raise SettingsError(error.what, where=f"ingest.views.{name}", do=error.do) from error
    (taken,) = counted.values()
    return int(taken)


def _as_fields(column: pa.Array) -> pa.Array:
    """Return a column as the fields of a file would read: on one line, trimmed, empty for null."""
    text = pc.replace_substring_regex(column.cast(pa.string()).fill_null(""), r"[\x1f\r\n]", " ")
    return pc.utf8_trim_whitespace(text)
