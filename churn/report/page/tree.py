"""The decision tree to read: every question indented below the answer that leads to it."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan, nan

from churn.causes import CAUSES, HeadName
from churn.language import LANGUAGES, Text
from churn.learning import Bundle
from churn.learning.rules import ALWAYS, branch_texts
from churn.learning.tree import LEAF
from churn.report.page.charts import bar
from churn.report.page.markup import Element, element
from churn.report.page.numbers import percent

_LEAVE, _MOVE = Text("leave", "流失"), Text("move to a cheaper plan", "降档")


@dataclass(frozen=True)
class Branch:
    """A node of the tree with the condition that leads to it; ``rule`` is 0 where it asks on.

    ``between`` are the ends of a rule's rate at 95 %.
    """

    condition: Text
    share: float
    churn_rate: float
    rule: int = 0
    between: tuple[float, float] = (nan, nan)
    branches: tuple[Branch, ...] = ()

    @property
    def highest(self) -> float:
        """The highest churn rate of any rule below."""
        return max([self.churn_rate, *(branch.highest for branch in self.branches)])


def read_tree(bundle: Bundle, cause: HeadName) -> Branch:
    """Return a head's tree in words, the riskier answer to every question first."""
    head = bundle.heads[cause]
    tree, figures = head.tree, {rule.rule: rule for rule in head.rules}

    def read(node: int, condition: Text) -> Branch:
        if tree.feature[node] == LEAF:
            leaf = figures[int(tree.rule[node])]
            ends = (leaf.lower, leaf.upper)
            return Branch(condition, leaf.share, leaf.churn_rate, leaf.rule, ends)
        answers = zip(
            *(branch_texts(tree, node, name, bundle.encoder, bundle.specs) for name in LANGUAGES),
            strict=True,
        )
        children = (int(tree.left[node]), int(tree.right[node]))
        below = [
            read(child, Text(*answer)) for child, answer in zip(children, answers, strict=True)
        ]
        share = sum(branch.share for branch in below)
        churned = sum(branch.share * branch.churn_rate for branch in below)
        riskier_first = tuple(sorted(below, key=lambda branch: -branch.churn_rate))
        rate = churned / share if share > 0 else 0.0
        return Branch(condition, share, rate, branches=riskier_first)

    return read(0, ALWAYS)


def tree_picture(bundle: Bundle, cause: HeadName) -> Element:
    """Return the tree as nested lists; bars compare churn rates, a tick marks the average."""
    root = read_tree(bundle, cause)
    return element("ul", _drawn(root, root, _LEAVE if cause in CAUSES else _MOVE), class_="tree")


def _drawn(branch: Branch, root: Branch, met: Text) -> Element:
    high = root.highest or 1.0
    tone = "risky" if branch.churn_rate > root.churn_rate else "calm"
    rate, share = percent(branch.churn_rate), percent(branch.share)
    if not isnan(branch.between[0]):
        rate += " [" + " – ".join(percent(end) for end in branch.between) + "]"
    figures = Text(
        f"{rate} {met.en} · {share} of subscribers", f"{met.zh} {rate} · 占 {share} 的用户"
    )
    rule = Text("Rule", "规则") + f" {branch.rule}"
    node = element(
        "div",
        element(
            "span",
            element("b", rule, class_="rule") if branch.rule else None,
            branch.condition,
            class_="condition",
        ),
        bar(branch.churn_rate / high, tick=root.churn_rate / high, tone=tone),
        element("span", figures, class_="told"),
        class_="leaf" if branch.rule else "node",
    )
    below = [_drawn(child, root, met) for child in branch.branches]
    return element("li", node, element("ul", below) if below else None)
