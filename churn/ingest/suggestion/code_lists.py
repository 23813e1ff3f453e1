"""Code lists: files that came along and say what the codes in the others are called."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from churn.ingest.suggestion.likeness import words_of
from churn.ingest.suggestion.looks import Look
from churn.ingest.suggestion.profiles import Profile
from churn.ingest.suggestion.readings import ALL, LEVELS
from churn.language import Text

LISTED = 500  # codes that a list has at most
LONG = 12  # signs that a code has at most
MOST = 0.6  # share of a column's rows from which a list that is called as it is names its codes
TELLING = 3  # codes from which a list fits a column by its codes alone
DESCRIBING = frozenset({"name", "description", "meaning", "text", "label", "title"})
NAMING = ("名称", "说明", "含义", "描述", "中文名")
CODED = frozenset({"code", "type", "reason", "status", "state", "category", "kind"})
CODING = ("编码", "代码", "类型", "原因", "状态", "码")
_SIGN = re.compile(r"[^\W\d_]")


@dataclass(frozen=True)
class CodeList:
    """What codes are called.

    Attributes
    ----------
    labels
        What the list is called, small: pieces of its file's name, its header, or the field that
        a list of many fields names.
    names
        Code: its name.
    """

    look: Look
    labels: frozenset[str]
    names: Mapping[str, str]

    def fits(self, profile: Profile, least: float = ALL) -> bool:
        """Tell whether a column's values are these codes, and at least so many rows hold them."""
        if not 0 < len(profile.distinct) <= LEVELS or profile.present < 2 * len(profile.distinct):
            return False
        listed = sum(rows for code, rows in profile.counted().items() if code in self.names)
        return listed >= least * profile.present

    def is_of(self, header: str) -> bool:
        """Tell whether the list is called as a header is."""
        words = {*words_of(header)}
        return header.strip().lower() in self.labels or any(
            len(label) > 1 and {*label} <= words for label in map(words_of, self.labels)
        )


def with_names(looks: Sequence[Look]) -> tuple[list[Look], list[tuple[Look, Text]]]:
    """Give columns of codes the names that code lists have for them.

    Returns
    -------
    tuple
        The looks, without those of code lists; and the lists with the headers that they name.
    """
    lists = [each for look in looks for each in lists_in(look)]
    candidates = {id(each.look) for each in lists}
    named: dict[int, list[str]] = {}
    result = []
    for look in looks:
        if id(look) in candidates:
            continue
        profiles = list(look.profiles)
        for at, profile in enumerate(profiles):
            best = _list_of(profile, lists)
            if best is not None:
                profiles[at] = replace(profile, names=best.names)
                named.setdefault(id(best.look), []).append(profile.header)
        result.append(replace(look, profiles=tuple(profiles)))
    found = {id(each.look): each.look for each in lists}
    used = [(look, _says(named[key])) for key, look in found.items() if key in named]
    return [*result, *(look for key, look in found.items() if key not in named)], used


def _says(headers: Sequence[str]) -> Text:
    names = dict.fromkeys(headers)
    return Text.by(
        lambda language: (
            f"a code list: it names the codes of {', '.join(names)}"
            if language == "en"
            else f"码表：说明{'、'.join(names)}各代码的含义"
        )
    )


def _list_of(profile: Profile, lists: Sequence[CodeList]) -> CodeList | None:
    """Return the list of a column: called as it is, else the only one of telling codes."""
    called = [each for each in lists if each.is_of(profile.header) and each.fits(profile, MOST)]
    if called:
        return called[0]
    fitting = [each for each in lists if each.fits(profile)]
    telling = [each for each in fitting if min(map(len, each.names)) > 1]
    alone = len(telling) == 1 and len(profile.distinct) >= TELLING
    return telling[0] if alone else None


def lists_in(look: Look) -> Iterator[CodeList]:
    """Return the code lists that a file may hold: code and name, or field, code and name."""
    held = [profile for profile in look.profiles if len(profile.distinct)]
    rows = look.rows.num_rows
    if not 1 < rows <= LISTED * len(held) or any(p.present < rows for p in held):
        return
    pieces = re.split(r"[/_\-\s.…]+", look.batch.label.lower())
    labels = frozenset({*pieces, "_".join(pieces)} - {""})
    if len(held) == 2 and held[0].unique and _are_codes(held[0]) and _are_words(held[1]):  # noqa: PLR2004 - code and name
        names = dict(zip(*(look.texts(p).to_pylist() for p in held), strict=True))
        yield CodeList(look, labels | {held[0].header.strip().lower()}, names)
    described = [p for p in held[1:] if _describes(p.header) and _are_words(p)]
    if len(held) > 2 and described and held[0].unique and _are_codes(held[0]) and _is_code(held[0]):  # noqa: PLR2004 - code, name and more
        names = dict(
            zip(*(look.texts(p).to_pylist() for p in (held[0], described[0])), strict=True)
        )
        yield CodeList(look, frozenset({held[0].header.strip().lower()}), names)
        return
    if len(held) == 3 and not held[0].unique and _are_codes(held[1]) and _are_words(held[2]):  # noqa: PLR2004 - field, code and name
        parts: dict[str, dict[str, str]] = {}
        for of, code, name in zip(*(look.texts(p).to_pylist() for p in held), strict=True):
            parts.setdefault(of, {})[code] = name
        for of, names in parts.items():
            yield CodeList(look, frozenset({of.strip().lower()}), names)
        if held[1].unique and _describes(held[2].header):
            names = {code: name for names in parts.values() for code, name in names.items()}
            yield CodeList(look, frozenset({held[1].header.strip().lower()}), names)


def _describes(header: str) -> bool:
    """Tell a header of names or descriptions."""
    return bool({*words_of(header)} & DESCRIBING) or header.endswith(NAMING)


def _is_code(profile: Profile) -> bool:
    """Tell a column of codes from one of numbers that people have, by its header or its letters."""
    coded = bool({*words_of(profile.header)} & CODED) or profile.header.endswith(CODING)
    return coded or not any(value.isdecimal() for value in profile.values)


def _are_codes(profile: Profile) -> bool:
    return len(profile.distinct) <= LISTED and all(len(value) <= LONG for value in profile.values)


def _are_words(profile: Profile) -> bool:
    return all(_SIGN.search(value) for value in profile.values)
