"""Numbers that some files write with a country's code before them, and the books without it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from churn.ingest.casting import bare
from churn.ingest.suggestion.filling import FEW
from churn.ingest.suggestion.likeness import ALIKE, likeness
from churn.ingest.suggestion.looks import Look
from churn.ingest.suggestion.profiles import Profile
from churn.ingest.suggestion.readings import ALL

SAMPLED = 2_000  # ids whose endings are looked for on the books
LONGEST = 5  # signs of a prefix
ON_THE_BOOKS = 0.6  # share of the ids that are, once the prefix is gone
PEERS = 0.8  # share of the other sides of calls that have it as well


def without_prefixes(looks: Sequence[Look], books: Look, ids: Profile) -> list[Look]:
    """Take from the numbers of files what the books do not write before them.

    Parameters
    ----------
    books
        The subscribers' file, which stays as it is.
    ids
        Its column of ids.
    """
    return [look if look is books else _without(look, ids) for look in looks]


def _without(look: Look, ids: Profile) -> Look:
    known = set(ids.values)
    found = {p.position: prefix for p in look.profiles if (prefix := _prefix(p, ids, known))}
    if not found:
        return look
    ((prefix, _),) = Counter(found.values()).most_common(1)
    lengths = {len(one) for one in known}
    profiles = tuple(
        _bare(profile, prefix)
        if found.get(profile.position) == prefix or _is_peer(profile, prefix, lengths)
        else profile
        for profile in look.profiles
    )
    return replace(look, profiles=profiles)


def _prefix(profile: Profile, ids: Profile, known: set[str]) -> str:
    """Return what stands before nearly all ids that are on the books without it; mostly nothing."""
    if len(profile.distinct) < FEW:
        return ""
    sample = profile.distinct[:SAMPLED].to_pylist()
    if 2 * sum(one in known for one in sample) > len(sample):
        return ""
    lengths = sorted({len(one) for one in known})
    before = Counter(
        one[:-length]
        for one in sample
        for length in lengths
        if 0 < len(one) - length <= LONGEST and one[-length:] in known
    )
    if not before:
        return ""
    ((prefix, _),) = before.most_common(1)
    begun = pc.mean(pc.starts_with(profile.distinct, prefix).cast(pa.float64())).as_py()
    if begun < ALL or not _is_code(prefix):
        return ""
    held = pc.is_in(bare(profile.distinct, prefix), value_set=ids.distinct)
    return prefix if pc.mean(held.cast(pa.float64())).as_py() >= ON_THE_BOOKS else ""


def _is_code(prefix: str) -> bool:
    """Tell the code of a country, or zeros in its place, from part of a longer number's name."""
    return prefix.lstrip("+").isdecimal() or prefix == "+"


def _is_peer(profile: Profile, prefix: str, lengths: set[int]) -> bool:
    """Tell the other sides of calls, few of whom are on the books, but written alike."""
    if likeness(profile.header, "calls.peer_id") < ALIKE or not len(profile.distinct):
        return False
    begun = pc.starts_with(profile.distinct, prefix)
    rest = pc.subtract(pc.utf8_length(profile.distinct), len(prefix))
    alike = pc.and_(begun, pc.is_in(rest, value_set=pa.array(sorted(lengths), rest.type)))
    return bool(pc.mean(alike.cast(pa.float64())).as_py() >= PEERS)


def _bare(profile: Profile, prefix: str) -> Profile:
    return replace(profile, distinct=bare(profile.distinct, prefix), prefix=prefix)
