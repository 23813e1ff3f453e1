"""What speaks for reading a column as suggested, and what speaks against it."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from churn.ingest.suggestion.dating import BOOKS
from churn.ingest.suggestion.filling import BY_VALUES, COMPARED, FEN, LARGE, Filled, Pick
from churn.ingest.suggestion.likeness import word_of
from churn.ingest.suggestion.matching import matched
from churn.ingest.suggestion.profiles import Profile
from churn.ingest.suggestion.readings import LEVELS, named_unit, span_of
from churn.language import Text
from churn.tables import Column


def initials_of(filled: Filled, name: str, pick: Pick) -> tuple[Text, ...]:
    """Return of which word a header is taken to be the initials, where it is."""
    word = word_of(pick.profile.header, f"{filled.table.name}.{name}")
    return (Text(f"initials of {word}", f"{word}的拼音首字母"),) if word else ()


def evidence_of(filled: Filled, name: str, pick: Pick, books: Filled | None) -> tuple[Text, ...]:
    """Return what speaks for reading a column of a table from what was picked."""
    column, profile = filled.table[name], pick.profile
    if column.identifier and books is not None:
        known = "customer_id" if name == "customer_id" else "subscriber_id"
        if filled.table.name == BOOKS and name == "subscriber_id":
            return (
                Text(
                    f"each once in a file: {len(profile.distinct):,} ids",
                    f"单个文件内不重复：{len(profile.distinct):,}个编号",
                ),
            )
        there = books.picks.get(known)
        if filled.table.name != BOOKS and there is not None:
            share = matched(profile, there.profile)
            return (
                Text(f"{share:.0%} of the ids are on the books", f"{share:.0%}的编号在用户资料中"),
            )
    if column.type in {"date", "timestamp"}:
        span = span_of(profile, filled.table, column, pick.reading.how)
        if span is not None:
            return (Text.by(lambda _: f"{span[0]} … {span[1]}"), *_share(pick), *pick.evidence)
    distinct = len(profile.distinct)
    return (Text(f"{distinct:,} values", f"{distinct:,}种取值"), *_share(pick), *pick.evidence)


def _share(pick: Pick) -> tuple[Text, ...]:
    filled = pick.profile.present / max(1, pick.profile.rows)
    parts = []
    if filled < 1:
        parts.append(Text(f"{filled:.1%} filled", f"{filled:.1%}有值"))
    if pick.reading.share < 1:
        read = pick.reading.share
        parts.append(Text(f"{read:.2%} of them read", f"其中{read:.2%}可读"))
    return tuple(parts)


def doubts_of(pick: Pick, column: Column) -> tuple[Text, ...]:
    """Return what speaks against it, or has to be asked."""
    doubts = list(pick.doubts)
    if pick.reading.doubtful:
        other = pick.reading.doubtful[0]
        doubts.append(
            Text(
                f"every value can be read as {other} as well: which is it?",
                f"所有取值同样符合{other}：应为哪一种？",
            )
        )
    if (
        not column.allowed
        and pick.likeness < BY_VALUES + 0.1
        and not pick.doubts
        and pick.likeness > 0
    ):
        doubts.append(Text("told by little more than its values", "主要凭取值判断"))
    if "unit" in pick.reading.how and "hh" not in str(pick.reading.how["unit"]):
        unit = pick.reading.how["unit"]
        if named_unit(pick.profile.header) == unit:
            pass  # the header says so
        elif unit == "hundredths" and not pick.evidence:
            doubts.append(
                Text(
                    "all are whole numbers, and large: are they hundredths?",
                    "均为整数且数值较大：单位是分吗？",
                )
            )
        elif unit != "hundredths":
            doubts.append(Text(f"are these {unit}?", f"单位是{unit}吗？"))
    elif column.unit == "currency" and _hundredths(pick.profile):
        doubts.append(
            Text(
                "all are whole numbers, and large: are they hundredths? Then `unit: hundredths`",
                "均为整数且数值较大：单位是分吗？若是，请加 unit: hundredths",
            )
        )
    if pick.reading.unknown:
        rows = sum(pick.reading.unknown.values())
        count = len(pick.reading.unknown)
        doubts.append(
            Text(
                f"{count:,} codes on {rows:,} rows say nothing known: what do they mean?",
                f"{count:,}个代码（{rows:,}行）含义不明：请补充",
            )
        )
    return tuple(doubts)


def _hundredths(profile: Profile) -> bool:
    """Tell amounts without decimals that are a hundred times what is usual."""
    values = profile.distinct[:COMPARED]
    whole = pc.all(pc.match_substring_regex(values, FEN)).as_py()
    if not whole or len(values) <= LEVELS:
        return False
    return bool(pc.quantile(values.cast(pa.int64()), 0.5)[0].as_py() >= LARGE)
