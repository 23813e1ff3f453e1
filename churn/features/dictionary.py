"""The feature dictionary as a page: what ``docs/features.md`` holds."""

from __future__ import annotations

from collections.abc import Sequence

from churn.features.family import Family
from churn.features.feature import Feature
from churn.features.table import FAMILIES

HEAD = """\
# Features

One row per subscriber and snapshot. Every number is rounded to float32; a class is text. A ratio
is told to analysts as a change: 0.88 reads “12 % less”. What null means stands in a reason in place
of the value; "none" means that nothing having happened counts as 0, so the feature is never null.
The topic is what a contact made for its sake would be about: features of one topic, of whatever
family, give one reason together; those without merely rank, and are told where no other is. Those
of others say what other people did: they count, but are told of nobody.
Windows end where the deliveries known at the snapshot end, never on or after the snapshot day. A
family whose tables are not delivered is left out. Extra columns of subscribers, which the settings
list, are features too; they are described there.

Written from the declarations in `churn/features/` by `churn.features.describe`; to add a feature
see [add-a-feature.md](add-a-feature.md).
"""


def describe(families: Sequence[Family] = FAMILIES) -> str:
    """Render the dictionary as Markdown."""
    return "\n".join([HEAD, *(_section(family) for family in families)])


def _section(family: Family) -> str:
    lines = [
        f"## {family.name}: {family.text.en} · {family.text.zh}",
        "",
        f"Needs {', '.join(family.needs)}.",
        "",
        "| feature | unit | topic | null means | English | 中文 |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {f.name} | {f.unit} | {_topic(f)} | {_null(f)} | {f.en} | {f.zh} |"
        for f in family.features
    ]
    return "\n".join([*lines, ""])


def _topic(feature: Feature) -> str:
    return ", ".join(filter(None, [feature.topic, "of others" * feature.of_others]))


def _null(feature: Feature) -> str:
    means = feature.null_means
    return means.en if feature.never_null else f"{means.en} · {means.zh}"
