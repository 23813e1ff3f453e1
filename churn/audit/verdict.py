"""The audit as a whole: which findings are open, which were accepted and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from churn.audit.finding import PAGE, Finding
from churn.audit.settings import Acceptance, AuditSettings
from churn.errors import LeakError
from churn.frozen import Frozen
from churn.language import Language, Text

IN_SETTINGS = "under `audit: {accept: …}`"


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
        Acceptances that no finding answers to.
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
        marked = [
            *((Text("  open: ", "  未决: "), finding) for finding in self.open),
            *((Text("  warning: ", "  警告: "), finding) for finding in self.warnings),
        ]
        lines = [self.headline]
        for mark, finding in marked:
            lines += [mark + finding.sentence, Text("    do: ", "    处理: ") + finding.remedy]
        for accepted in self.accepted:
            lines.append(Text("  accepted: ", "  已接受: ") + accepted.finding.sentence)
            lines.append(Text("    reason: ", "    理由: ") + accepted.reason)
        nothing = Text(
            "  accepted, but nothing answers to it: ",
            "  已接受，但无对应发现: ",
        )
        lines += [nothing + f"{named.code} {named.column}" for named in self.unmatched]
        lines += [Text("  not checked: ", "  未检查: ") + unseen for unseen in self.not_checked]
        return [line.of(language) for line in lines]

    def require_none_open(self, where: str, *, accepting: str = IN_SETTINGS) -> None:
        """Refuse to go on with open findings.

        Parameters
        ----------
        accepting
            How whoever answers for a finding says so.

        Raises
        ------
        LeakError
            Naming codes and columns.
        """
        if not self.open:
            return
        named = ", ".join(f"{finding.code} {finding.subject}" for finding in self.open)
        raise LeakError(
            f"the leak audit has {len(self.open):,} open findings: {named}",
            where=where,
            do=f"mend each as {PAGE} says, or accept it by name with a reason {accepting}",
        )


def judged(
    findings: Iterable[Finding],
    settings: AuditSettings | None = None,
    *,
    not_checked: Sequence[Text] = (),
) -> Audit:
    """Tell open findings from accepted ones; each is listed once, by code and subject."""
    accept = settings.accept if settings else ()
    reasons = {(named.code, named.column): named.reason for named in accept}
    every = {(finding.code, finding.subject): finding for finding in findings}
    rest = [every[name] for name in sorted(every.keys() - reasons.keys())]
    return Audit(
        open=tuple(finding for finding in rest if finding.severity == "blocks"),
        warnings=tuple(finding for finding in rest if finding.severity == "warns"),
        accepted=tuple(
            Accepted(finding=every[name], reason=reasons[name])
            for name in sorted(every.keys() & reasons.keys())
        ),
        unmatched=tuple(named for named in accept if (named.code, named.column) not in every),
        not_checked=tuple(not_checked),
    )
