"""The operator's own indicators: churn, downgrades, silence, renewals, what contacts kept."""

from __future__ import annotations

from churn.indicators.definitions import DIMENSIONS, INDICATORS, Indicator
from churn.indicators.figures import figures, has_figure
from churn.indicators.measures import dimensions_of_lines, measures, observable
from churn.indicators.periods import Period, periods
from churn.indicators.settings import IndicatorSettings
