"""What was knowable about a subscriber on the day, one family per file."""

from __future__ import annotations

from churn.features.attributes import family as attributes_family
from churn.features.dictionary import describe
from churn.features.family import Family, View
from churn.features.feature import NONE, Feature
from churn.features.settings import FeatureSettings
from churn.features.table import FAMILIES, build, delivered, families, specs
