"""From a block of lines to fields, with every line accounted for.

Clean lines go through Arrow's reader in one piece. Only lines that need care (quotes, NULs, stray
carriage returns, bytes that do not decode, blanks) are looked at one by one, so one bad line costs
one line, not its block.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from churn.ingest import rules
from churn.ingest.readers.encodings import UTF_8, decodes
from churn.ingest.readers.lines import Lines
from churn.ingest.readers.reader import Records, Rejects
from churn.ingest.readers.text import TextFormat
from churn.ingest.rules import Rule

CARRIAGE_RETURN = 13
NO_VALUE = r"\N"  # as Hive, MySQL and PostgreSQL write it
#: Characters that may stand in for a delimiter of several, where the text does not hold them.
STAND_INS = tuple(chr(code) for code in (31, 30, 29, 28, *range(1, 9), *range(14, 27)))


def read_header(block: Lines, text: TextFormat) -> tuple[str, ...] | None:
    """Return the trimmed fields of a header line; None where it cannot be decoded or split."""
    try:
        line = block.data.decode(text.encoding).lstrip("\ufeff").strip("\r\n")
    except UnicodeDecodeError:
        return None
    fields = _split_line(line, text)
    if fields is None:
        return None
    return tuple(re.sub(r"\s*[\r\n]+\s*", " ", field.strip()) for field in fields)


def split(
    block: Lines,
    text: TextFormat,
    header: Sequence[str],
    columns: Sequence[int],
    *,
    over_lines: bool = False,
) -> Records:
    """Split a block's lines into the fields at these positions of the header.

    ``over_lines``: a field in quotes may run over lines; the record has the number of its first.
    """
    undecodable = undecodable_lines(block, text.encoding)
    special = _special(block, text, undecodable)
    slow, inside = _read_one_by_one(
        block, text, special, undecodable, len(header), columns, over_lines=over_lines
    )
    special = np.union1d(special, inside)
    if len(special) == 0:
        data = block.data
    else:
        keep = np.ones(len(block.ends), dtype=bool)
        keep[special] = False
        octets = np.frombuffer(block.data, dtype=np.uint8)
        data = octets[np.repeat(keep, block.ends - block.starts + 1)].tobytes()
    fast = _read_at_once(block, data, special, text, len(header), columns)
    fields = {
        i: pc.utf8_trim_whitespace(pa.concat_arrays([fast.fields[i], slow.fields[i]]))
        for i in dict.fromkeys(columns)
    }
    if NO_VALUE.encode() in block.data:
        fields = {
            i: pc.if_else(pc.equal(field, NO_VALUE), pa.scalar(None, pa.string()), field)
            for i, field in fields.items()
        }
    lines = np.concatenate([fast.numbers, slow.numbers])
    records = Records(fields, lines, Rejects.joined([fast.rejects, slow.rejects]))
    return _without_headers(records, header)


def undecodable_lines(block: Lines, encoding: str) -> npt.NDArray[np.int64]:
    """Find the lines that do not decode; a line feed is part of no longer character."""
    if block.data.isascii() or decodes(block.data, encoding):
        return np.empty(0, np.int64)
    lines = block.data.split(b"\n")[:-1]
    return np.array([i for i, line in enumerate(lines) if not decodes(line, encoding)], np.int64)


def _special(
    block: Lines, text: TextFormat, undecodable: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Find the lines that Arrow's reader would misread."""
    data = block.data
    octets = np.frombuffer(data, dtype=np.uint8)
    lines = [undecodable]
    if _stand_in(data, text.delimiter) is None:
        return np.arange(len(block.ends))
    telling = [b"\0", text.quote.encode()] if text.quote else [b"\0"]
    lines += [
        np.searchsorted(block.ends, np.flatnonzero(octets == byte[0]))
        for byte in telling
        if byte in data
    ]
    if data.count(b"\r") != data.count(b"\r\n"):
        returns = np.flatnonzero(octets[:-1] == CARRIAGE_RETURN)
        stray = returns[octets[returns + 1] != octets[-1]]
        lines.append(np.searchsorted(block.ends, stray))
    if b"\n\n" in data or b"\n\r\n" in data or data.startswith((b"\n", b"\r\n")):
        lengths = block.ends - block.starts
        returned = octets[block.starts] == CARRIAGE_RETURN
        lines.append(np.flatnonzero((lengths == 0) | ((lengths == 1) & returned)))
    return np.unique(np.concatenate(lines)).astype(np.int64)


def _read_one_by_one(
    block: Lines,
    text: TextFormat,
    special: npt.NDArray[np.int64],
    undecodable: npt.NDArray[np.int64],
    width: int,
    columns: Sequence[int],
    *,
    over_lines: bool,
) -> tuple[Records, npt.NDArray[np.int64]]:
    """Return the records of these lines, and the lines inside of records that run over several."""
    hopeless = set(undecodable.tolist())
    rows: list[tuple[str, ...]] = []
    good: list[int] = []
    bad: list[int] = []
    codes: list[str] = []
    inside: list[int] = []
    for index in special.tolist():
        if inside and index <= inside[-1]:
            continue
        outcome = rules.DECODES if index in hopeless else _judge(block.line(index), text, width)
        if outcome is rules.QUOTED and over_lines:
            outcome, last = _judge_over_lines(block, index, text, width)
            inside += range(index + 1, last + 1)
        if isinstance(outcome, rules.Rule):
            bad.append(index)
            codes.append(outcome.code)
        else:
            good.append(index)
            rows.append(tuple(outcome[i] for i in columns))
    values = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    fields = {i: pa.array(column, pa.string()) for i, column in zip(columns, values, strict=True)}
    rejects = Rejects(np.array(bad, np.int64) + block.first, np.array(codes, dtype=object))
    records = Records(fields, np.array(good, np.int64) + block.first, rejects)
    return records, np.array(inside, np.int64)


def _judge(raw: bytes, text: TextFormat, width: int) -> list[str] | Rule:
    line = raw.removesuffix(b"\r").decode(text.encoding)
    if not line:
        return rules.BLANK
    if "\0" in line or "\r" in line:
        return rules.CLEAN
    fields = _split_line(line, text)
    if fields is None:
        return rules.QUOTED
    return fields if len(fields) == width else rules.WIDTH


def _judge_over_lines(
    block: Lines, index: int, text: TextFormat, width: int
) -> tuple[list[str] | Rule, int]:
    """Read a record of which a quoted field runs over lines; return it and its last line.

    Where one of the lines could be a record of its own, the quote is a stray one: lines between two
    such quotes would vanish.
    """
    lines: list[str] = []
    quotes = 0
    for last in range(index, len(block.ends)):
        line = block.line(last).removesuffix(b"\r").decode(text.encoding)
        lines.append(line)
        quotes += line.count(text.quote or "")
        if quotes % 2 == 0:
            break
        if last > index and line.count(text.delimiter) + 1 == width:
            return rules.QUOTED, index
    fields = _split_line("\n".join(lines), text)
    ends = (lines[0], lines[-1])
    if fields is None or all(_fields_apart(line, text) == width for line in ends):
        return rules.QUOTED, index
    return (fields if len(fields) == width else rules.WIDTH), last


def _fields_apart(line: str, text: TextFormat) -> int:
    """Count the fields of a line by itself: a whole quoted field as one, a lone quote as a sign."""
    quote = re.escape(text.quote or "")
    return re.sub(f"{quote}[^{quote}]*{quote}", "", line).count(text.delimiter) + 1


def _split_line(line: str, text: TextFormat) -> list[str] | None:
    sign = text.delimiter
    if text.quote is None or text.quote not in line:
        return line.split(sign)
    stand_in = sign if len(sign) == 1 else _stand_in(line.encode(), sign)
    if stand_in is None:
        return None
    try:
        rows = list(
            csv.reader(
                [line.replace(sign, stand_in)],
                delimiter=stand_in,
                quotechar=text.quote,
                strict=True,
            )
        )
    except csv.Error:
        return None
    return [field.replace(stand_in, sign) for field in rows[0]] if len(rows) == 1 else None


def _stand_in(data: bytes, sign: str) -> str | None:
    """Return the one byte that parts fields for Arrow; None where the text holds all there are."""
    if len(sign) == 1 and sign.isascii():
        return sign
    return next((other for other in STAND_INS if other.encode() not in data), None)


def _read_at_once(
    block: Lines,
    data: bytes,
    special: npt.NDArray[np.int64],
    text: TextFormat,
    width: int,
    columns: Sequence[int],
) -> Records:
    indices = np.delete(np.arange(len(block.ends)), special)
    if text.encoding != UTF_8 and not data.isascii():
        data = data.decode(text.encoding).encode()
    delimiter = _stand_in(block.data, text.delimiter) or text.delimiter
    if delimiter != text.delimiter:
        data = data.replace(text.delimiter.encode(), delimiter.encode())
    wrong: list[int] = []

    def set_aside(row: pacsv.InvalidRow) -> str:
        wrong.append(row.number - 1)
        return "skip"

    if not data:
        table = pa.table({str(i): pa.array([], pa.string()) for i in columns})
    else:
        table = pacsv.read_csv(
            pa.BufferReader(data),
            read_options=pacsv.ReadOptions(
                use_threads=False,
                block_size=len(data) + 1,
                column_names=[str(i) for i in range(width)],
            ),
            parse_options=pacsv.ParseOptions(
                delimiter=delimiter,
                quote_char=False,
                double_quote=False,
                escape_char=False,
                newlines_in_values=False,
                ignore_empty_lines=False,
                invalid_row_handler=set_aside,
            ),
            convert_options=pacsv.ConvertOptions(
                column_types={str(i): pa.string() for i in columns},
                include_columns=[str(i) for i in columns],
                strings_can_be_null=False,
                check_utf8=False,
            ),
        )
    fields = {i: table.column(str(i)).combine_chunks() for i in columns}
    lines = np.delete(indices, wrong) + block.first
    bad = Rejects.of(indices[np.array(wrong, np.int64)] + block.first, rules.WIDTH)
    return Records(fields, lines, bad)


def _without_headers(records: Records, header: Sequence[str]) -> Records:
    """Set aside records whose every wanted field repeats its header."""
    repeated: pa.Array | None = None
    for i, values in records.fields.items():
        same = pc.equal(values, header[i])
        repeated = same if repeated is None else pc.and_(repeated, same)
        if not pc.any(repeated).as_py():
            return records
    if repeated is None:
        return records
    mask = np.asarray(repeated.to_numpy(zero_copy_only=False), dtype=bool)
    keep = pa.array(~mask)
    return Records(
        {i: values.filter(keep) for i, values in records.fields.items()},
        records.numbers[~mask],
        Rejects.joined([records.rejects, Rejects.of(records.numbers[mask], rules.HEADER)]),
    )
