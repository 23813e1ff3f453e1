"""Call detail records of a month, drawn in blocks of lines so that memory stays bounded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from churn.sample import vocabulary as words
from churn.sample.clock import Month
from churn.sample.lines import LEFT, NEVER, SUSPENDED, Lines
from churn.sample.writing import choice, times

Records = dict[str, np.ndarray]

BLOCK = 250_000  # records drawn at a time
PER_LINE = np.array([1.25, 0.7, 0.3, 0.5])  # against the average, by product
LEVEL = 1.27  # makes up for those who use less than at first
LATE_SHARE = 0.003
COURTED_SHARE = 0.6  # of calls that go to the competitor's people while courted
VOICE, SMS, DATA = range(3)
KINDS = ("voice", "sms", "data")
DIRECTIONS = ("out", "in")
_SLOTS = np.repeat(np.arange(10), [52, 40, 32, 27, 23, 20, 18, 16, 15, 13])  # 256 in all
_HOURS = np.repeat(
    np.arange(24),
    [4, 2, 1, 1, 1, 3, 6, 10, 14, 15, 15, 15, 14, 12, 12, 13, 13, 14, 17, 20, 20, 17, 11, 6],
)  # 256 in all


def draw(lines: Lines, month: Month, use: np.ndarray, per_month: float) -> Iterator[Records]:
    """Yield the month's records, sorted by line and time, block by block."""
    rng = month.stream(9)
    rate = LEVEL * per_month * PER_LINE[lines.product] * np.exp(0.35 * lines.level + 1.3 * use)
    here = (lines.activated < month.end) & (lines.hold == 0) & lines.on_books(month.end)
    left_now = (lines.out_from >= month.start) & (lines.out_from < month.end)
    left_now |= (lines.earlier_from >= month.start) & (lines.earlier_from < month.end)
    number = rng.poisson(np.where(here | (left_now & (lines.hold == 0)), rate, 0.0))
    ends = np.cumsum(number)
    total = int(ends[-1])
    cuts = np.searchsorted(ends, np.arange(BLOCK, total + BLOCK, BLOCK))
    start = 0
    for cut in np.minimum(cuts + 1, len(lines)):
        rows = np.repeat(np.arange(start, cut), number[start:cut])
        start = int(cut)
        if len(rows):
            yield _records(lines, month, rng, rows, use)


def _records(
    lines: Lines, month: Month, rng: np.random.Generator, rows: np.ndarray, use: np.ndarray
) -> Records:
    count = len(rows)
    day = rng.integers(month.start, month.end, count)
    hour = _HOURS[rng.integers(0, 256, count)]
    started = day * 86_400 + hour * 3_600 + rng.integers(0, 3_600, count)
    keep = lines.serving(rows, day)
    order = np.argsort((rows.astype(np.int64) << 36) + started)
    order = order[keep[order]]
    rows, started = rows[order], started[order]
    kind = _kinds(lines, rng, rows)
    incoming = (rng.random(len(rows)) < 0.45) | lines.soft[rows]
    incoming &= kind != DATA
    peer, network = _peers(lines, rng, rows)
    talk = np.ceil(np.exp(4.3 + 0.5 * use[rows] + 0.7 * rng.standard_normal(len(rows))))
    seconds = np.select([kind == VOICE, kind == SMS], [talk, 0.0], np.ceil(talk * 4))
    volume = 2.7 + 0.4 * lines.level[rows] + 0.7 * use[rows]
    volume = np.exp(volume + 0.5 * rng.standard_normal(len(rows)))
    minutes = np.where(kind == VOICE, np.ceil(talk / 60), 1.0)
    charged = (kind != DATA) & ~incoming
    return {
        "line": rows,
        "peer": np.where(kind == DATA, 0, peer),
        "started": started,
        "seconds": seconds.astype(np.int64),
        "megabytes": np.where(kind == DATA, np.round(volume, 0), np.nan),
        "direction": incoming.astype(np.int64),
        "kind": kind,
        "network": np.where(kind == DATA, -1, network),
        "charge": np.where(charged, np.round(0.1 * minutes, 1), 0.0),
    }


def _kinds(lines: Lines, rng: np.random.Generator, rows: np.ndarray) -> np.ndarray:
    data_king = np.isin(lines.plan[rows], (words.DATA_KING, words.CAMPUS))
    voice = np.where(data_king, 0.35, 0.60)
    draw = rng.random(len(rows))
    mobile = np.where(draw < voice, VOICE, np.where(draw < voice + 0.12, SMS, DATA))
    product = lines.product[rows]
    return np.where(product == words.MOBILE, mobile, np.where(product == words.FIXED, VOICE, DATA))


def _peers(
    lines: Lines, rng: np.random.Generator, rows: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the number and the network of the other side."""
    slot = _SLOTS[rng.integers(0, 256, len(rows))]
    contact = lines.contacts[rows, slot].astype(np.int64)
    own = contact >= 0
    at = np.maximum(contact, 0)
    ported = own & (lines.out_kind[at] == LEFT)
    silent = own & ((lines.out_kind[at] == SUSPENDED) | (lines.activated[at] >= NEVER))
    courting = (lines.courted[rows] > 0) & (rng.random(len(rows)) < COURTED_SHARE)
    network = np.where(own, words.OWN, -contact)
    network = np.where(ported | silent | courting, words.COMPETITOR, network)
    asks = 12 + rng.integers(0, 3, len(rows))
    source = np.where(courting, rows * 16 + asks, lines.circle[rows] * 16 + slot)
    outside = words.outside_numbers(source, network)
    numbers = words.subscriber_numbers(at, lines.product[at])
    return np.where(own & ~silent & ~courting, numbers, outside), network


def columns(records: Records, numbers: np.ndarray) -> dict[str, pa.Array]:
    """Return the columns as delivered."""
    data = records["kind"] == DATA
    volume = records["megabytes"]
    return {
        "subscriber_id": pa.array(numbers[records["line"]]),
        "peer_id": pa.array(records["peer"], mask=data),
        "started_at": times(records["started"]),
        "seconds": pa.array(records["seconds"]),
        "megabytes": pa.array(volume, mask=np.isnan(volume)),
        "direction": choice(DIRECTIONS, records["direction"]),
        "kind": choice(KINDS, records["kind"]),
        "network": choice(words.NETWORKS, records["network"]),
        "charge": pa.array(records["charge"]),
    }


def deliver(
    lines: Lines, month: Month, blocks: Iterator[Records], late: list[Records]
) -> Iterator[dict[str, pa.Array]]:
    """Yield the month's file block by block: last month's late rows, then all but this one's.

    ``late`` holds the rows kept back and is replaced in place.
    """
    rng = month.stream(10)
    numbers = lines.numbers
    due: list[Records] = [defaultdict(lambda: np.zeros(0, dtype=np.int64)), *late]
    late.clear()
    for records in due:  # the first is empty: a month without calls has a header, too
        yield columns(records, numbers)
    for records in blocks:
        kept_back = rng.random(len(records["line"])) < LATE_SHARE
        late.append({name: values[kept_back] for name, values in records.items()})
        yield columns({name: values[~kept_back] for name, values in records.items()}, numbers)
