"""A night's watch as metrics of the tracker."""

from __future__ import annotations

from churn.monitoring.record import Head, Record
from churn.report.watch import ratio_of


def night_metrics(record: Record) -> dict[str, float]:
    """Return a watch's figures by name; those of a head under its name, bounds beside them."""
    metrics = {
        "alarms": float(len(record.alarms)),
        "inputs_drifted": float(len(record.drift or ())),
    }
    if record.model_age is not None:
        metrics["model_age"] = float(record.model_age)
    for cause, head in record.heads.items():
        metrics |= {f"{cause}/{name}": value for name, value in _head(head).items()}
    return metrics


def _head(head: Head) -> dict[str, float]:
    told = [each for each in head.nights if ratio_of(each) is not None]
    metrics: dict[str, float] = {}
    ratio = ratio_of(told[-1]) if told else None
    if ratio is not None:
        metrics |= {
            "observed_expected": ratio.value,
            "observed_expected_lower": ratio.lower,
            "observed_expected_upper": ratio.upper,
            "promised": told[-1].promised,
        }
    final = [each for each in head.nights if "average_precision" in each.metrics]
    if final:
        metrics["average_precision"] = final[-1].metrics["average_precision"].value
        metrics["chances_alone"] = final[-1].chances_alone
    return metrics
