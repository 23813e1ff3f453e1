"""What options of ``churn table`` say, as what the recipe takes."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import ValidationError

from churn.audit import Acceptance
from churn.errors import UsageError
from churn.ingest.moments import check_format
from churn.ingest.numerals import NUMBERS
from churn.ingest.recognition import Written
from churn.ready_made import KINDS, Kind, Said


def kinds(pairs: Sequence[str]) -> dict[str, Said]:
    """Take every COL=KIND, or COL=KIND:FORM, apart at its last sign: a header may hold one.

    Raises
    ------
    UsageError
        If one is not written like that.

    Examples
    --------
    >>> kinds(["rate=%=number", "since=date:%m/%d/%Y"])
    {'rate=%': Said(kind='number', form=''), 'since': Said(kind='date', form='%m/%d/%Y')}
    """
    read: dict[str, Said] = {}
    for pair in pairs:
        column, _, words = pair.rpartition("=")
        word, _, form = words.partition(":")
        kind = next((kind for kind in KINDS if kind == word), None)
        if not column or kind is None:
            raise UsageError(
                f"{pair} is no COL=KIND", where="--read", do=f"name a kind: {', '.join(KINDS)}"
            )
        if form:
            _require_form(kind, form)
        read[column] = Said(kind, form)
    return read


def _require_form(kind: Kind, form: str) -> None:
    """Refuse what is no way to write values of a kind."""
    remedies = {
        "number": f"name a spelling: {', '.join(NUMBERS)}",
        "date": "write the format of %Y or %y, %m or %b, and %d; or epoch, epoch_ms, excel",
    }
    if kind == "number" and form in NUMBERS:
        return
    if kind == "date":
        try:
            check_format(form)
        except ValueError:
            pass
        else:
            return
    raise UsageError(
        f"{form} is no way to write a {kind}",
        where="--read",
        do=remedies.get(kind, "name the kind alone"),
    )


def acceptances(findings: Sequence[str], reasons: Sequence[str]) -> tuple[Acceptance, ...]:
    """Pair every CODE:COL with its reason: the one in its place, or the one for all.

    Raises
    ------
    UsageError
        If reasons are too few or too many, or there is no such code.
    """
    if len(reasons) == 1:
        reasons = list(reasons) * max(1, len(findings))
    if len(findings) != len(reasons):
        raise UsageError(
            f"{len(findings):,} findings are accepted, with {len(reasons):,} reasons",
            where="--accept, --because",
            do="give --because once for each --accept, or once for all",
        )
    return tuple(
        _acceptance(finding, reason) for finding, reason in zip(findings, reasons, strict=True)
    )


def _acceptance(finding: str, reason: str) -> Acceptance:
    code, _, column = finding.partition(":")
    try:
        return Acceptance(code=code, column=column, reason=reason)
    except ValidationError as error:
        wrong = error.errors()[0]
        message = str(wrong["msg"]).removeprefix("Value error, ")
        raise UsageError(
            message[:1].lower() + message[1:],
            where="--because" if wrong["loc"] == ("reason",) else f"--accept {finding}",
            do="write --accept CODE:COL --because TEXT, with code and name as the audit tells them",
        ) from None


def written(delimiter: str | None, encoding: str | None) -> Written:
    """Return how a file is written, as far as is said.

    Raises
    ------
    UsageError
        If nothing is parted, or written, like that.
    """
    try:
        return Written(delimiter=delimiter, encoding=encoding)
    except ValidationError as error:
        wrong = error.errors()[0]
        option = wrong["loc"][0]
        raise UsageError(
            str(wrong["msg"]).removeprefix("Value error, "),
            where=f"--{option}",
            do=r"use one or more characters such as ';' or '||', \t for a tab, \001 for Hive's"
            if option == "delimiter"
            else "name the encoding in which the file was written",
        ) from None
