"""The decision tree to read: every question indented below the answer that leads to it."""

from __future__ import annotations

from dataclasses import dataclass

from churn.language import Language, Text
from churn.learning import Bundle, Cause
from churn.learning.rules import ALWAYS, branch_texts
from churn.learning.tree import LEAF
from churn.report.page.charts import bar
from churn.report.page.markup import Markup, element
from churn.report.page.numbers import percent

_SHARE = Text("of subscribers", "的用户")
_RATE = Text("leave", "流失")
_RULE = Text("Rule", "规则")


@dataclass(frozen=True)
class Branch:
    """A node of the tree with the condition that leads to it; ``rule`` is 0 where it asks on."""

    condition: str
    share: float
    churn_rate: float
    rule: int = 0
    branches: tuple[Branch, ...] = ()

    @property
    def highest(self) -> float:
        """The highest churn rate of any rule below."""
        return max([self.churn_rate, *(branch.highest for branch in self.branches)])


def read_tree(bundle: Bundle, cause: Cause, language: Language) -> Branch:
    """Return a head's tree in words, the riskier answer to every question first."""
    head = bundle.heads[cause]
    tree, figures = head.tree, {one.rule: one for one in head.rules}

    def read(node: int, condition: str) -> Branch:
        if tree.feature[node] == LEAF:
            found = figures[int(tree.rule[node])]
            return Branch(condition, found.share, found.churn_rate, found.rule)
        words = branch_texts(tree, node, language, bundle.encoder, bundle.specs)
        below = [
            read(int(child), said)
            for child, said in zip((tree.left[node], tree.right[node]), words, strict=True)
        ]
        share = sum(branch.share for branch in below)
        churned = sum(branch.share * branch.churn_rate for branch in below)
        riskier_first = tuple(sorted(below, key=lambda branch: -branch.churn_rate))
        rate = churned / share if share > 0 else 0.0
        return Branch(condition, share, rate, branches=riskier_first)

    return read(0, ALWAYS.of(language))


def picture_of(root: Branch, language: Language) -> Markup:
    """Return the tree as nested lists; bars compare churn rates, a tick marks the average."""
    return element("ul", _drawn(root, root, language), class_="tree")


def _drawn(branch: Branch, root: Branch, language: Language) -> Markup:
    high = root.highest or 1.0
    risky = branch.churn_rate > root.churn_rate
    rule = Text(f"{_RULE.en} {branch.rule}", f"{_RULE.zh} {branch.rule}").of(language)
    rate, share = percent(branch.churn_rate), percent(branch.share)
    told = Text(
        f"{rate} {_RATE.en} · {share} {_SHARE.en}", f"{_RATE.zh} {rate} · 占 {share} {_SHARE.zh}"
    ).of(language)
    node = element(
        "div",
        element(
            "span",
            element("b", rule, class_="rule") if branch.rule else None,
            branch.condition,
            class_="condition",
        ),
        bar(
            branch.churn_rate / high,
            tick=root.churn_rate / high,
            tone="risky" if risky else "calm",
        ),
        element("span", told, class_="told"),
        class_="leaf" if branch.rule else "node",
    )
    below = [_drawn(one, root, language) for one in branch.branches]
    return element("li", node, element("ul", below) if below else None)
