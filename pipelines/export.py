"""``churn export``: the night's lists, handed over once; what changes later is a revision."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from churn.errors import ChurnError
from churn.ingest.registry import Registry
from churn.report.handout import write_lists
from churn.report.manifest import manifest
from churn.report.notes import NO_LIST, audit_notes, later_note, split_note
from churn.report.page.document import write_page
from churn.report.parts import HandOut
from churn.store import Workspace
from churn.store.atomic import folder, json_bytes
from churn.targeting import TargetList
from pipelines import arms, target
from pipelines.answers import Answers
from pipelines.audit import audit_of, challenger_audit
from pipelines.freshness import require_fresh
from pipelines.handout import data_of, training_behind, with_list, without_list
from pipelines.models.champion import champion
from pipelines.progress import before_hash
from pipelines.run import Run

MANIFEST = "manifest.json"
PAGE = "report.html"
CLOSED = ("handover.csv",)  # whole phone numbers: for nobody but the owner


@dataclass(frozen=True)
class Export:
    """What was handed over."""

    folder: Path
    message: str

    def summary(self) -> str:
        """Return where the lists are, seen from here, and what to know of them."""
        place, here = self.folder.resolve(), Path.cwd()
        shown = place.relative_to(here) if place.is_relative_to(here) else place
        return f"{self.message}\n{shown}"


def export(run: Run, as_of: date | None = None) -> Export:
    """Hand over the night's target list and last notices, deciding first if need be.

    ChurnError if nobody can be scored; the last notices are handed over all the same.
    """
    night = run.night(as_of)
    with notices_at_least(run, night):
        return hand_over(run, night)


@contextmanager
def notices_at_least(
    run: Run, night: date, then: Callable[[Export], object] = lambda _notices: None
) -> Iterator[None]:
    """Hand over the last notices if the block fails, whatever the reason, and then fail.

    Whoever is about to be removed must be told, whether or not anyone can be scored. ``then`` is
    given what was handed over.
    """
    try:
        yield
    except Exception as error:  # whatever it was, they must be told; it is raised again
        try:
            then(export_notices(run, night, error if isinstance(error, ChurnError) else None))
        except Exception as another:  # noqa: BLE001 - the first error is the one to be told
            error.add_note(f"no last notices either: {type(another).__name__}")
        raise


def hand_over(run: Run, night: date, before: Callable[[], object] = lambda: None) -> Export:
    """Hand over the night's target list and last notices together.

    ``before`` is done once the list is decided: what it stores is told on the page. A list that was
    handed over is none the worse for a watch that came later: it makes no revision.
    """
    targets = target.target(run, night)
    before()
    bundle, plan = champion(run.workspace), targets.plan()
    language = run.settings.language
    audited = audit_notes(audit_of(bundle), challenger_audit(run, night), language)
    inputs = {
        "targets": targets.stage.content,
        "bundle": bundle.fingerprint,
        "audit": audited,
        "before": before_hash(run, night),
    }
    message = plan.message.of(language)
    if not bundle.out_of_time:
        message += "\n" + split_note(bundle).of(language)
    later = later_note(bundle, night)
    message += "\n" + later.of(language) if later else ""
    return _revise(
        run,
        night,
        inputs,
        message,
        lambda: with_list(run, night, plan, bundle, audited),
        lambda revision: _keep(run, night, revision, plan),
    )


def _keep(run: Run, night: date, revision: int, plan: TargetList) -> None:
    """Keep who was selected, and the share that is held out of the half year."""
    arms.keep(run.workspace, night, revision, plan.selected)
    arms.keep_holdout(run.workspace, night, run.settings.targeting.holdout_share)


def export_notices(run: Run, night: date, because: ChurnError | None = None) -> Export:
    """Hand over the last notices alone: they are written even when scoring cannot run.

    The notes and the page beside them say why there is no list, as far as ``because`` tells.
    """
    require_fresh(run.tables.known_at(night), ["status_events"], run.settings.max_age)
    reason = training_behind(run, night, because) or (because.what if because else None)
    message = NO_LIST.of(run.settings.language)
    return _revise(
        run, night, {"because": reason}, message, lambda: without_list(run, night, because)
    )


def _revise(
    run: Run,
    night: date,
    inputs: Mapping[str, Any],
    message: str,
    gather: Callable[[], HandOut],
    drawn: Callable[[int], object] = lambda _revision: None,
) -> Export:
    """Write a revision, unless the last one was made of the same.

    ``drawn`` is told the number of the revision that is in place, to keep who was selected.
    """
    root = run.workspace.exports / night.isoformat()
    inputs = {**inputs, "tables": run.known_hash(night), "settings": run.settings_fingerprint}
    with run.stages.noted("export", night.isoformat()) as note:
        made_of = run.stages.fingerprint(inputs, night.isoformat())
        revisions = _revisions(root)
        number = max(revisions, default=0)
        if revisions and _read(revisions[number]).get("made_of") == made_of:
            note.skip()
            drawn(number)  # a run killed right after the list had not written who was selected
            return Export(revisions[number], message)
        number += 1
        handout = gather()
        contents, aside = _files(run, handout)
        listed = manifest(
            night,
            inputs=_inputs(run, night),
            settings_fingerprint=run.settings_fingerprint,
            bundle_hash=inputs.get("bundle"),
            targets=handout.tonight.done.totals if handout.tonight else None,
            last_notices=handout.notices.counts(),
            warnings=None if handout.warnings is None else handout.warnings.counts(),
            accounts=None if handout.accounts is None else handout.accounts.counts(),
            service=None if handout.service is None else handout.service.counts(),
            inbound=handout.inbound,
            loyalty=None if handout.loyalty is None else handout.loyalty.counts(),
            movements=None if handout.movements is None else handout.movements.counts(),
            files=contents,
            notes=[*handout.why, *handout.notes],
            revision=number,
        )
        final = root if number == 1 else root / f"rev{number}"
        with folder(final) as partial:
            for name, content in contents.items():
                (partial / name).write_bytes(content)
                if name in CLOSED:
                    (partial / name).chmod(0o600)
            answers = Answers(run.workspace).fingerprint()
            known = {"answers": answers} if answers else {}
            (partial / MANIFEST).write_bytes(json_bytes({**listed, **known, "made_of": made_of}))
        drawn(number)
        note.text = f"{len(contents) + 1} files, revision {number}{aside}"
        return Export(final, message)


def _files(run: Run, handout: HandOut) -> tuple[dict[str, bytes], str]:
    """Write the files; where there is no list, notices go out, page or no page."""
    contents = write_lists(handout)
    aside = "".join(f", a list missing: {kind}" for kind in handout.missing)
    try:
        contents[PAGE] = write_page(
            handout, data_of(run, handout.as_of, scored=handout.tonight is not None)
        )
    except Exception as error:  # the page must not keep last notices back
        # without a list, last notices go out and say that the page is absent
        if handout.tonight is not None:
            raise
        return contents, f"{aside}, no page: {type(error).__name__}"
    return contents, aside


def latest_revision(workspace: Workspace, night: date) -> tuple[int, Path]:
    """Return number and folder of the latest that was handed over for a night; 0 without any."""
    root = workspace.exports / night.isoformat()
    revisions = _revisions(root)
    number = max(revisions, default=0)
    return number, revisions.get(number, root)


def _revisions(root: Path) -> dict[int, Path]:
    """Return the folders handed over for a night by their number; none is ever written again."""
    revisions = {1: root} if (root / MANIFEST).exists() else {}
    for path in root.glob("rev*"):
        number = path.name.removeprefix("rev")
        if number.isdecimal():
            revisions[int(number)] = path
    return revisions


def _read(revision: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads((revision / MANIFEST).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}  # taken away or damaged since: a new revision says what it said
    return content


def _inputs(run: Run, night: date) -> list[dict[str, Any]]:
    """Return every delivered file that the night knew, with its hash."""
    return [
        {
            "table": entry.table,
            "partition": entry.partition,
            "delivered_on": entry.delivered_on,
            "file": file.name,
            "sha256": file.sha256,
        }
        for entry in Registry(run.workspace).known_by(night)
        for file in entry.files
    ]
