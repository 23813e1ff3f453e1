"""Ready-made views of the runs: the comparisons that analysts make, one link each.

MLflow keeps a shared view as a tag of the experiment, with the state of its page as JSON.
"""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import Any

from churn.causes import CAUSES, HEADS, RISKS

SHARED = "mlflow.sharedViewState."
_LEARNER_BARS = (
    "average_precision",
    "roc_auc",
    "lift_10",
    "observed_expected",
    "recall_at_list",
    "profit_of_list",
)
_LEARNER_LINES = (
    "curve/gain",
    "curve/lift",
    "curve/precision_by_recall",
    "reliability/gap",
    "reliability/observed",
    "reliability/promised",
)
_TRAINING_FIGURES = ("average_precision", "base_rate", "roc_auc", "lift_10", "observed_expected")
_LEARNER_FIGURES = (
    *("average_precision", "average_precision_lower", "average_precision_upper"),
    *("base_rate", "roc_auc", "lift_10", "observed_expected", "minus_booster"),
)
_TRAINING_BARS = tuple(f"{head}/{name}" for name in _TRAINING_FIGURES for head in CAUSES)
_NIGHT_LINES = (
    *(
        f"{head}/{name}"
        for name in ("observed_expected", "average_precision", "chances_alone", "promised")
        for head in CAUSES
    ),
    *("alarms", "inputs_drifted", "model_age"),
)
_TRAINING_TAGS = tuple(f"{name}_{head}" for name in ("gate", "champion") for head in CAUSES)
_LINE = MappingProxyType(
    {
        "yAxisKey": "metric",
        "yAxisExpressions": [],
        "xAxisKey": "step",
        "xAxisScaleType": "linear",
        "selectedXAxisMetricKey": "",
        "scaleType": "linear",
        "lineSmoothness": 0,
        "displayPoints": False,
        "ignoreOutliers": False,
        "useGlobalXaxisKey": False,
        "useGlobalLineSmoothing": False,
        "range": {},
    }
)
RUNS = 10
"""Runs that a chart shows: four learners of two months and two to spare."""


def view_tags() -> dict[str, str]:
    """Return the views as tags of the experiment."""
    columns = _columns(_LEARNER_FIGURES, ("learner", "as_of", "champion", "gate"))
    views: dict[str, Any] = {
        head: _view(f"tags.head = '{head}'", columns, _LEARNER_BARS, _LEARNER_LINES)
        for head in HEADS
    }
    columns = _columns(_TRAINING_BARS, (*_TRAINING_TAGS, "as_of", "out_of_time"))
    views["trainings"] = _view("tags.kind = 'training'", columns, _TRAINING_BARS, ())
    views["nights"] = _view("tags.kind = 'nights'", _columns(_NIGHT_LINES, ()), (), _NIGHT_LINES)
    return {f"{SHARED}{name}": json.dumps(view, sort_keys=True) for name, view in views.items()}


def address(experiment: str, view: str, mode: str = "CHART") -> str:
    """Return where a view opens, from the server's root.

    Parameters
    ----------
    mode
        CHART or TABLE.
    """
    return (
        f"#/experiments/{experiment}/runs?viewStateShareKey={view}&compareRunsMode={mode}"
        "&workflowType=machine_learning"
    )


def about(experiment: str) -> str:
    """Return the experiment's description, with a link to each view."""
    heads = "\n".join(
        f"- {risk.text.en.capitalize()}, learners month by month: {_links(experiment, cause)}"
        for cause, risk in RISKS.items()
    )
    return f"""One run per training; below it one per head and learner, and one per capacity that \
was tried for the booster (`tags.kind = 'trial'`).

{heads}
- Whole trainings, month by month: {_links(experiment, "trainings")}
- What was watched, night by night (one run): {_links(experiment, "nights")}

`x_lower` and `x_upper` are the ends of the 95 % interval of `x`; average precision reads beside \
`base_rate`. Curves run over whole percents: `gain` and `lift` by share contacted, \
`precision_by_recall` by share of churners reached; `reliability` over groups, calmest first, its \
`gap` being observed minus promised. \
Test figures are of the models before they were fitted again on all mature months; rules, \
importance and the registered model are of those after."""


def _links(experiment: str, view: str) -> str:
    chart, rows = address(experiment, view), address(experiment, view, "TABLE")
    return f"[charts]({chart}) · [table]({rows})"


def _columns(metrics: tuple[str, ...], tags: tuple[str, ...]) -> list[str]:
    return [*(f"metrics.`{name}`" for name in metrics), *(f"tags.`{name}`" for name in tags)]


def _view(
    wanted: str, columns: list[str], bars: tuple[str, ...], lines: tuple[str, ...]
) -> dict[str, Any]:
    sections = [_section("figures", "Figures")]
    charts = [_chart("BAR", name, "figures") for name in bars]
    if lines:
        sections.append(_section("curves", "Curves"))
        charts += [
            _chart("LINE", name, "curves", selectedMetricKeys=[name], **_LINE) for name in lines
        ]
    return {
        "searchFilter": wanted,
        "orderByKey": "tags.`as_of`",
        "orderByAsc": False,
        "startTime": "ALL",
        "lifecycleFilter": "Active",
        "datasetsFilter": [],
        "modelVersionFilter": "All Runs",
        "selectedColumns": columns,
        "compareRunCharts": charts,
        "compareRunSections": sections,
        "isAccordionReordered": True,
        "runsExpanded": {},
    }


def _section(key: str, name: str) -> dict[str, Any]:
    return {
        "uuid": key,
        "name": name,
        "display": True,
        "isReordered": True,
        "columns": 3,
        "cardHeight": 320,
    }


def _chart(kind: str, metric: str, section: str, **more: object) -> dict[str, Any]:
    return {
        "uuid": f"{kind.lower()} {metric}",
        "type": kind,
        "isGenerated": False,
        "metricSectionId": section,
        "deleted": False,
        "metricKey": metric,
        "runsCountToCompare": RUNS,
        **more,
    }
