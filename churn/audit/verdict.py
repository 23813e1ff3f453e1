"""The audit as a whole: which findings are open, which were accepted and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from churn.audit.finding import PAGE, Finding
from churn.audit.settings import Acceptance, AuditSettings
from churn.errors import LeakError
from churn.frozen import Frozen
from churn.language import Language, Text


class Accepted(Frozen):
    """A finding and why it does not block."""

    finding: Finding
    reason: str


class Audit(Frozen):
    """What the audit found.

    Attributes
    ----------
    open
        Findings that block the gate.
    warnings
        Findings that are told and do not block.
    unmatched
        Acceptances in the settings that no finding answers to.
    not_checked
        What could not be looked at, and why.
    """

    open: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()
    accepted: tuple[Accepted, ...] = ()
    unmatched: tuple[Acceptance, ...] = ()
    not_checked: tuple[Text, ...] = ()

    @property
    def headline(self) -> Text:
        """The result in one sentence."""
        opened, accepted, warned = len(self.open), len(self.accepted), len(self.warnings)
        return Text(
            f"leak audit: {opened:,} open, {accepted:,} accepted, {warned:,} warnings",
            f"泄漏审计：未决{opened:,}项，已接受{accepted:,}项，警告{warned:,}项",
        )

    def lines(self, language: Language = "en") -> list[str]:
        """Return the result, a line or two for each finding."""
        do, why = ("do", "reason") if language == "en" else ("处理", "理由")
        told = [self.headline.of(language)]
        marks = ("open", "warning") if language == "en" else ("未决", "警告")
        for mark, findings in zip(marks, (self.open, self.warnings), strict=True):
            for one in findings:
                told.append(f"  {mark}: {one.sentence(language)}")
                told.append(f"    {do}: {one.remedy.of(language)}")
        accepted = Text("accepted", "已接受").of(language)
        for passed in self.accepted:
            told.append(f"  {accepted}: {passed.finding.sentence(language)}")
            told.append(f"    {why}: {passed.reason}")
        nothing = Text(
            "accepted in the settings, but nothing answers to it", "设置中已接受，但无对应发现"
        ).of(language)
        told += [f"  {nothing}: {one.code} {one.column}" for one in self.unmatched]
        unseen = Text("not checked", "未检查").of(language)
        told += [f"  {unseen}: {one.of(language)}" for one in self.not_checked]
        return told

    def require_none_open(self, where: str) -> None:
        """Refuse to go on with open findings.

        Raises
        ------
        LeakError
            Naming codes and columns.
        """
        if not self.open:
            return
        named = ", ".join(f"{one.code} {one.subject}" for one in self.open)
        raise LeakError(
            f"the leak audit has {len(self.open):,} open findings: {named}",
            where=where,
            do=f"mend each as {PAGE} says, or accept it by name with a reason under"
            " `audit: {accept: …}`",
        )


def judged(
    findings: Iterable[Finding],
    settings: AuditSettings | None = None,
    *,
    not_checked: Sequence[Text] = (),
) -> Audit:
    """Tell open findings from accepted ones; each is listed once, by code and subject."""
    accept = settings.accept if settings else ()
    reasons = {(one.code, one.column): one.reason for one in accept}
    every = {(one.code, one.subject): one for one in findings}
    sorted_findings = [every[name] for name in sorted(every)]
    sorts: dict[str, list[Any]] = {"open": [], "warnings": [], "accepted": []}
    for one in sorted_findings:
        reason = reasons.get((one.code, one.subject))
        if reason is not None:
            sorts["accepted"].append(Accepted(finding=one, reason=reason))
        else:
            sorts["open" if one.severity == "blocks" else "warnings"].append(one)
    unmatched = tuple(one for one in accept if (one.code, one.column) not in every)
    return Audit(
        **{name: tuple(found) for name, found in sorts.items()},
        unmatched=unmatched,
        not_checked=tuple(not_checked),
    )
