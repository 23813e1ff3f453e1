"""``churn plan``: what a night's list would be with other budgets, capacities or effects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from churn.errors import ExtractError, SettingsError, UsageError
from churn.language import Text, Words
from churn.report.plans import Planned, plan_lines, write_plans
from churn.store.atomic import write_bytes
from churn.targeting import TargetingSettings
from pipelines import target
from pipelines.run import Run
from pipelines.score import Scores
from pipelines.settings.mistakes import mistakes

AS_SET = Text("tonight", "当晚")
NAMED = "actions"
"""The section whose entries are told by their names."""


@dataclass(frozen=True)
class Plans:
    """Scenarios of one night, the night's own first."""

    night: date
    plans: tuple[Planned, ...]
    run: Run

    def summary(self) -> str:
        """Return the scenarios side by side, as lines."""
        return "\n".join(plan_lines(self.plans, self.night, self.run.settings.language))

    def write(self, out: Path) -> None:
        """Write the scenarios as a page."""
        write_bytes(out, write_plans(self.plans, self.night, self.run.settings.language))


def plan(
    run: Run,
    as_of: date | None = None,
    *,
    budgets: Sequence[float] = (),
    changes: Sequence[str] = (),
    scenarios: Path | None = None,
) -> Plans:
    """Plan a night's list under scenarios beside its own; nothing stored is touched.

    Parameters
    ----------
    budgets
        Money for the month, a scenario each.
    changes
        ``key=value`` below ``targeting``, several parted by ``;``: a scenario each.
    scenarios
        A YAML file with sections of ``targeting`` to change, by the scenario's name. Without any
        scenario half and double the month's money are compared.

    Raises
    ------
    ExtractError
        If the night was not scored.
    UsageError, SettingsError
        If a change is no setting, or not a sound one.
    """
    night = run.night(as_of)
    own = target.settings_of(run, night)
    stage = run.stages.stored("score", night.isoformat())
    if stage is None:
        raise ExtractError(
            f"the night of {night} was not scored",
            where=f"stages/score/{night}",
            do=f"run `churn score --as-of {night}`",
        )
    asked = {f"month {budget:,.0f}": {"budget": {"month": budget}} for budget in budgets}
    asked |= {change: _changed(change) for change in changes}
    asked |= _read(scenarios) if scenarios is not None else {}
    if not asked:
        halves = {factor: own.budget.month * factor for factor in (0.5, 2)}
        asked = {f"month × {by:g}": {"budget": {"month": sum_}} for by, sum_ in halves.items()}
    settings = {name: _with(own, change, name) for name, change in asked.items()}
    scores = Scores(stage, night)
    lists = [target.plan(run, scores, each) for each in (own, *settings.values())]
    names: tuple[Words, ...] = (AS_SET, *settings)
    contacts = [set(decided.frame["subscriber_id"]) for decided in lists]
    return Plans(
        night,
        tuple(
            Planned(name, each, decided.totals, len(who & contacts[0]))
            for name, each, decided, who in zip(
                names, (own, *settings.values()), lists, contacts, strict=True
            )
        ),
        run,
    )


def _changed(change: str) -> dict[str, Any]:
    """Read ``budget.month=500; actions.offer.effect=0.2``."""
    changed: dict[str, Any] = {}
    for part in change.split(";"):
        key, equals, value = part.partition("=")
        path = [name.strip() for name in key.split(".")]
        if not equals or not all(path):
            raise UsageError(
                f"{part.strip()!r} sets nothing",
                where="--set",
                do="write it as key=value, the key as below `targeting`: budget.month=500",
            )
        at = changed
        for name in path[:-1]:
            at = at.setdefault(name, {})
        at[path[-1]] = yaml.safe_load(value)
    return changed


def _read(path: Path) -> dict[str, dict[str, Any]]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        what = f"the scenarios cannot be read: {type(error).__name__}"
        raise UsageError(what, where=str(path), do="name a YAML file in UTF-8") from error
    if not isinstance(content, dict) or not all(isinstance(one, dict) for one in content.values()):
        raise UsageError(
            "the file holds no scenarios",
            where=str(path),
            do="write each as a name with the sections of `targeting` that it changes below it",
        )
    return {str(name): change for name, change in content.items()}


def _with(own: TargetingSettings, change: Mapping[str, Any], name: str) -> TargetingSettings:
    """Return the night's settings with some changed; actions are named to be changed."""
    content = _merged(own.model_dump(mode="json"), change)
    try:
        return TargetingSettings.model_validate(content)
    except ValidationError as error:
        raise SettingsError(
            "\n".join(mistakes(error.errors(), TargetingSettings)),
            where=f"scenario {name}",
            do="docs/settings.md lists every key below `targeting`",
        ) from error


def _merged(content: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(content)
    for key, value in change.items():
        before = merged.get(key)
        if isinstance(before, Mapping) and isinstance(value, Mapping):
            merged[key] = _merged(before, value)
        elif key == NAMED and isinstance(before, list) and isinstance(value, Mapping):
            unknown = set(value) - {action["name"] for action in before}
            merged[key] = [
                *(_merged(action, value.get(action["name"], {})) for action in before),
                *({"name": name, **value[name]} for name in sorted(unknown)),
            ]
        else:
            merged[key] = value
    return merged
