"""The tree's rules as sentences in both languages and as SQL.

A rule is one leaf's path with its conditions merged per feature: what was asked twice is said
once. Sentences leave out missing values where training never saw one, and call them what the
feature declares them to mean; SQL always decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from churn.language import Language, Text
from churn.learning.encoding import Encoder, Source
from churn.learning.tree import LEAF, Tree
from churn.learning.wording import NO, OTHER, UNKNOWN, YES, FeatureSpec, number

AND = Text(" and ", "，且")
ALWAYS = Text("everyone", "全部用户")


@dataclass
class Range:
    """What a path leaves of one column: ``low < value <= high``, or missing."""

    low: float = -np.inf
    high: float = np.inf
    missing: bool = True

    def holds(self, value: float) -> bool:
        """Tell whether the value is left."""
        return self.low < value <= self.high


@dataclass
class Condition:
    """What a path leaves of one feature: a range for each of its columns, by position."""

    source: Source
    ranges: dict[int, Range] = field(default_factory=dict)


def conditions(tree: Tree, rule: int, encoder: Encoder) -> tuple[Condition, ...]:
    """Return the merged conditions of a rule, in the order in which its path asks them."""
    places = _places(encoder)
    merged: dict[str, Condition] = {}
    for node, left in _path(tree, rule):
        source, place = places[int(tree.feature[node])]
        condition = merged.setdefault(source.name, Condition(source))
        here = condition.ranges.setdefault(place, Range())
        if left:
            here.high = min(here.high, float(tree.threshold[node]))
        else:
            here.low = max(here.low, float(tree.threshold[node]))
        here.missing &= bool(tree.missing_left[node]) == left
    return tuple(merged.values())


def _places(encoder: Encoder) -> list[tuple[Source, int]]:
    """Return the feature of each column, and the column's position among those of the feature."""
    return [(source, at) for source in encoder.sources for at in range(len(source.columns))]


def _path(tree: Tree, rule: int) -> list[tuple[int, bool]]:
    """Return the inner nodes above a rule's leaf and whether the path turns left there."""
    parents = {}
    for node in np.flatnonzero(tree.feature != LEAF).tolist():
        parents[int(tree.left[node])] = (node, True)
        parents[int(tree.right[node])] = (node, False)
    at = int(np.flatnonzero(tree.rule == rule)[0])
    path = []
    while at in parents:
        path.append(parents[at])
        at = parents[at][0]
    return path[::-1]


def rule_text(
    tree: Tree,
    rule: int,
    language: Language,
    encoder: Encoder,
    specs: Mapping[str, FeatureSpec],
    *,
    of_somebody: bool = False,
) -> str:
    """Return one rule as a sentence, e.g. ``tenure ≤ 400 days and open complaints > 1``.

    Where it stands beside a name (``of_somebody``) it leaves out what other people did.
    """
    parts = [
        _sentence(condition, specs[condition.source.name], language)
        for condition in conditions(tree, rule, encoder)
        if not (of_somebody and specs[condition.source.name].of_others)
    ]
    return AND.of(language).join(part for part in parts if part) or ALWAYS.of(language)


def with_chance(rule: str, chance: float, language: Language) -> str:
    """Return a rule's sentence with the tree's chance for those who fall under it.

    Examples
    --------
    >>> with_chance("tenure ≤ 400 days", 0.008, "en")
    'tenure ≤ 400 days → 0.80 %'
    """
    return f"{rule} → {chance * 100:.2f}" + Text(" %", "%").of(language)


def branch_texts(
    tree: Tree, node: int, language: Language, encoder: Encoder, specs: Mapping[str, FeatureSpec]
) -> tuple[str, str]:
    """Return what an inner node asks, as the conditions of its left and its right branch."""
    source, place = _places(encoder)[int(tree.feature[node])]
    threshold, missing_left = float(tree.threshold[node]), bool(tree.missing_left[node])
    left, right = (
        _sentence(Condition(source, {place: here}), specs[source.name], language)
        for here in (
            Range(high=threshold, missing=missing_left),
            Range(low=threshold, missing=not missing_left),
        )
    )
    return left, right


def _sentence(condition: Condition, spec: FeatureSpec, language: Language) -> str:
    if condition.source.kind == "text":
        return _text_sentence(condition, spec, language)
    name = spec.text.of(language)
    here = condition.ranges[0]
    if here.low == np.inf:
        return spec.missing.of(language)
    missing = ""
    if here.missing and condition.source.missing:
        means = spec.null_means or UNKNOWN
        missing = Text(f" (or {means.en})", f"（或{means.zh}）").of(language)
    known = "" if here.missing else spec.known.of(language)
    if condition.source.kind == "flag" or spec.unit == "flag":
        answers = [word for word, value in ((NO, 0.0), (YES, 1.0)) if here.holds(value)]
        if len(answers) == 1:
            answer = answers[0].of(language)
            return Text(f"{name}: {answer}", f"{name}：{answer}").of(language) + missing
        return known if answers else spec.missing.of(language)
    bounds = []
    if np.isfinite(here.low):
        bounds.append(f"> {number(here.low, spec.unit, language, exact=True)}")
    if np.isfinite(here.high):
        bounds.append(f"≤ {number(here.high, spec.unit, language, exact=True)}")
    if not bounds:
        return known
    return f"{name} {Text(' and ', ' 且 ').of(language).join(bounds)}{missing}"


def _text_sentence(condition: Condition, spec: FeatureSpec, language: Language) -> str:
    name = spec.text.of(language)
    columns = condition.source.columns
    is_: list[str] = []
    not_: list[str] = []
    known = ""
    for at, here in condition.ranges.items():
        column = columns[at]
        if here.holds(1.0) and here.holds(0.0):
            continue
        if column.kind == "missing" and spec.null_means is not None:
            if here.holds(1.0):
                return spec.missing.of(language)
            known = spec.known.of(language)
            continue
        words = {"other": OTHER, "missing": UNKNOWN}
        word = (words.get(column.kind) or spec.word(column.level)).of(language)
        (is_ if here.holds(1.0) else not_).append(word)
    if is_:
        return Text(f"{name} is {is_[0]}", f"{name}为{is_[0]}").of(language)
    parts = [known] if known else []
    if not_:
        wording = Text(f"{name} is not {' or '.join(not_)}", f"{name}不是{'、'.join(not_)}")
        parts.insert(0, wording.of(language))
    return AND.of(language).join(parts)


def rules_sql(tree: Tree, encoder: Encoder) -> str:
    """Return the tree as one SQL CASE that gives the rule number of a row of features.

    Plain SQL that DuckDB and Spark read alike. Numbers are rounded to single precision, as the
    matrix has them, and compared as doubles; NaN counts as missing, as null does.
    """
    lines = ["CASE"]
    for rule in range(1, tree.rules + 1):
        parts = [_sql(condition) for condition in conditions(tree, rule, encoder)]
        lines.append(f"  WHEN {' AND '.join(part for part in parts if part) or 'TRUE'} THEN {rule}")
    return "\n".join([*lines, "END"])


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(level: str) -> str:
    return "'" + level.replace("'", "''") + "'"


def _double(value: float) -> str:
    """Write a literal that engines read as a double; without exponent it would be a decimal."""
    written = repr(value)
    return written if "e" in written else f"{written}e0"


def _sql(condition: Condition) -> str:
    name = _name(condition.source.name)
    if condition.source.kind == "text":
        return " AND ".join(
            _sql_level(condition.source, at, here) for at, here in condition.ranges.items()
        )
    here = condition.ranges[0]
    value = f"CAST({name} AS INTEGER)" if condition.source.kind == "flag" else _number(name)
    if here.low == np.inf:
        return f"{value} IS NULL"
    bounds = []
    if np.isfinite(here.low):
        bounds.append(f"{value} > {_double(here.low)}")
    if np.isfinite(here.high):
        bounds.append(f"{value} <= {_double(here.high)}")
    if not bounds:
        return "" if here.missing else f"{value} IS NOT NULL"
    joined = " AND ".join(bounds)
    return f"({joined} OR {value} IS NULL)" if here.missing else f"({joined})"


def _number(name: str) -> str:
    """Write a number as the matrix has it, null where it is missing.

    NaN is asked for by name: engines hold it greater than everything, and DuckDB 1.5 takes
    comparisons for settled by a file's least and greatest values, which leave it out.
    """
    single = f"CAST({name} AS FLOAT)"
    return f"CASE WHEN ISNAN({single}) THEN NULL ELSE CAST({single} AS DOUBLE) END"


def _sql_level(source: Source, at: int, here: Range) -> str:
    """Write one level column, 1 where the level applies and 0 elsewhere, null included."""
    name, column = _name(source.name), source.columns[at]
    if here.holds(0.0) and here.holds(1.0):
        return "TRUE"
    wanted = here.holds(1.0)
    if column.kind == "missing":
        return f"{name} IS {'' if wanted else 'NOT '}NULL"
    if column.kind == "level":
        test = f"{name} = {_literal(column.level)}"
    else:
        known = ", ".join(_literal(level) for level in source.levels)
        test = f"{name} NOT IN ({known})" if known else f"{name} IS NOT NULL"
    return test if wanted else f"({name} IS NULL OR NOT ({test}))"
