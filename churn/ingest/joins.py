"""A joined file, held in memory by its key; each of its lines is accounted for as well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from churn.ingest import rules
from churn.ingest.headers import Resolved
from churn.ingest.readers import Reader, Rejects
from churn.ingest.sources import JoinMapping, SourceMapping


@dataclass(frozen=True)
class Side:
    """The rows of a joined file.

    Parameters
    ----------
    position
        Where the key stands in the first file's header.
    fields
        Position in the joined file's header: text, shape (rows,).
    keys
        The key of each row, unique.
    delivered
        Records of the file.
    """

    position: int
    keys: pa.Array
    fields: Mapping[int, pa.Array]
    rejects: Rejects
    delivered: int

    def lookup(self, keys: pa.Array) -> dict[int, pa.Array]:
        """Return the fields of the row with each key, null where there is none."""
        at = pc.index_in(keys, value_set=self.keys)
        return {i: values.take(at) for i, values in self.fields.items()}


def read_sides(
    readers: Sequence[Reader], source: SourceMapping, resolved: Resolved
) -> dict[int, Side]:
    """Read the joined files whole, by their number: the partner of a first row may stand last."""
    return {
        i: _read_side(reader, join, resolved.wanted_of(i), resolved.positions[join.key])
        for i, (join, reader) in enumerate(zip(source.join, readers, strict=True))
    }


def _read_side(reader: Reader, join: JoinMapping, wanted: Sequence[int], position: int) -> Side:
    """Read a joined file. Rows without a key, or with one met before, are set aside.

    Of several rows with one key the first by content is kept, so the order of lines never matters.
    """
    key = reader.header().index(join.key)
    read = tuple(dict.fromkeys([key, *wanted]))
    tables: list[pa.Table] = []
    rejects: list[Rejects] = []
    delivered = 0
    for records in reader.records(read):
        delivered += records.delivered
        rejects.append(records.rejects)
        columns = {str(i): values for i, values in records.fields.items()}
        tables.append(pa.table({**columns, "line": pa.array(records.numbers)}))
    schema = pa.schema({**{str(i): pa.string() for i in read}, "line": pa.int64()})
    rows = pa.concat_tables([*tables, schema.empty_table()]).combine_chunks()
    order = [str(key), *(str(i) for i in read if i != key), "line"]
    rows = rows.sort_by([(name, "ascending") for name in order])
    keys = rows[str(key)].combine_chunks()
    text = np.asarray(keys.to_numpy(zero_copy_only=False), dtype=object)
    again = np.concatenate([np.zeros(min(1, len(text)), dtype=bool), text[1:] == text[:-1]])
    bad = again | (text == "")
    keep = pa.array(~bad)
    rejects.append(Rejects.of(rows["line"].to_numpy()[bad], rules.JOINED_KEY))
    kept = rows.filter(keep)
    fields = {i: kept[str(i)].combine_chunks() for i in wanted}
    return Side(
        position, kept[str(key)].combine_chunks(), fields, Rejects.joined(rejects), delivered
    )
