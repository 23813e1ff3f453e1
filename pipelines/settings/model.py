"""The settings file as a whole: one section per package."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from churn.audit import AuditSettings
from churn.early_warnings import EarlyWarningSettings
from churn.engines import EngineSettings
from churn.evaluation import EvaluationSettings
from churn.features import FeatureSettings
from churn.frozen import Frozen
from churn.indicators import IndicatorSettings
from churn.ingest import IngestSettings
from churn.key_accounts import KeyAccountSettings
from churn.labels import LabelSettings
from churn.language import Language
from churn.learning import LearningSettings
from churn.learning.settings import LearnerName
from churn.loyalty import LoyaltySettings
from churn.monitoring import MonitoringSettings
from churn.panel import PanelSettings
from churn.service import ServiceSettings
from churn.states import StateSettings
from churn.targeting import TargetingSettings
from churn.tracking import TrackingSettings
from churn.windows import TimeSettings


class BacktestSettings(Frozen):
    """Which nights a backtest replays, and what it trains for them."""

    nights: int = Field(12, ge=1, description="nights replayed, a month apart, the latest known")
    every: int = Field(1, ge=1, description="train on every so many nights; 1: on each")
    learners: tuple[LearnerName, ...] | None = Field(
        None,
        description="learners fitted in the replay; those of `learning` if not set. Leaving out "
        "network and combination saves most of the time",
    )
    unweighted: bool = Field(
        default=True,
        description="where campaigns ran, also train a copy with all weights 1, to show what "
        "weighting changes",
    )
    groups: int = Field(10, ge=2, le=50, description="groups of risk in that comparison")


class RetentionSettings(Frozen):
    """What ``churn workspace`` removes, and what it leaves; days count back from the latest night.

    Tables, the map of identifiers and who was selected are kept as long as the workspace is: labels
    and effects rest on them.
    """

    stages: int | None = Field(
        400,
        ge=1,
        description="days for which what stages made of a night is kept; what a night that is "
        "still watched, or the model in place, needs stays. Not set: for ever",
    )
    quarantine: int | None = Field(
        400, ge=1, description="days for which raw records set aside are kept. Not set: for ever"
    )
    exports: int | None = Field(
        None, ge=1, description="days for which lists handed over are kept. Not set: for ever"
    )
    backtests: int | None = Field(
        None, ge=1, description="days for which backtests are kept. Not set: for ever"
    )
    law_keeps: tuple[Literal["exports", "handed_over"], ...] = Field(
        (),
        description="kinds that law obliges to keep: an erased person stays in them, and the "
        "erasure says so",
    )


class HookSettings(Frozen):
    """What a night calls once its files are handed over; it never changes or stops a night."""

    command: tuple[str, ...] = Field(
        min_length=1,
        description="program and words, started without a shell in this file's folder; the "
        "manifest's path is added as last word and as CHURN_MANIFEST",
    )
    timeout: int = Field(
        600, ge=1, description="seconds after which the command, and all it started, is ended"
    )


class Settings(Frozen):
    """A deployment. Sections are owned by the packages that use them."""

    version: Literal[1] = Field(description="version of this file's layout")
    workspace: Path = Field(description="folder for everything the product makes")
    language: Language = Field("en", description="language of lists and reports")
    max_age: int = Field(
        45,
        ge=0,
        description="days that subscribers, status events and the delivered history tables "
        "(panel.history_tables) may be older than a night, or than a snapshot that trains for it",
    )
    engine: EngineSettings = EngineSettings()
    ingest: IngestSettings
    time: TimeSettings = TimeSettings()
    states: StateSettings = StateSettings()
    labels: LabelSettings = LabelSettings()
    panel: PanelSettings = PanelSettings()
    features: FeatureSettings = FeatureSettings()
    audit: AuditSettings = AuditSettings()
    learning: LearningSettings = LearningSettings()
    evaluation: EvaluationSettings = EvaluationSettings()
    targeting: TargetingSettings = TargetingSettings()
    key_accounts: KeyAccountSettings = KeyAccountSettings()
    service: ServiceSettings = ServiceSettings()
    loyalty: LoyaltySettings = LoyaltySettings()
    indicators: IndicatorSettings = IndicatorSettings()
    early_warnings: EarlyWarningSettings = EarlyWarningSettings()
    backtest: BacktestSettings = BacktestSettings()
    monitoring: MonitoringSettings = MonitoringSettings()
    retention: RetentionSettings = RetentionSettings()
    tracking: TrackingSettings = TrackingSettings()
    hook: HookSettings | None = Field(
        None, description="called at the end of `churn nightly`; not set: nothing is"
    )

    @model_validator(mode="after")
    def _re_entry_on_a_basis(self) -> Self:
        if self.labels.re_entry and self.features.traffic_basis is None:
            raise ValueError(
                "labels.re_entry recognises subscribers by whom they call: name the legal basis "
                "under features.traffic_basis, or switch it off"
            )
        return self
