"""The composition root: settings, workspace, engine and tables of one run, built once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from datetime import date, datetime
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pydantic import BaseModel

import churn
from churn import features, panel
from churn.engines import Engine, connect
from churn.errors import ExtractError, SettingsError
from churn.features import Family
from churn.ingest import deliveries, kept
from churn.ingest.fit import FitFinding, fit
from churn.ingest.matching import Match, matches
from churn.ingest.registry import Registry
from churn.language import Text
from churn.states import DEPARTED
from churn.store import Workspace
from churn.store.hashing import fingerprint, sources_fingerprint
from churn.store.ledger import Ledger
from churn.store.lock import exclusive
from churn.store.stages import Stages
from churn.tables import TABLES, Delivery, Tables
from pipelines import arms
from pipelines.console import Console
from pipelines.daily_sums import SumsKept
from pipelines.defects import as_user_error
from pipelines.settings import Settings, load_settings

REQUIRED = tuple(name for name, table in TABLES.items() if table.required)
# Their versions decide bytes as the code does.
LIBRARIES = (
    "catboost",
    "duckdb",
    "ibis-framework",
    "imbalanced-learn",
    "lightgbm",
    "numpy",
    "pandas",
    "pyarrow",
    "scikit-learn",
    "xlsxwriter",
)

ENGINES = ("engine", "ingest_engine")


def settings_file(given: Path | None) -> Path:
    """Return the settings file: the one given, else ``CHURN_SETTINGS``, else ``churn.yaml``."""
    return given or Path(os.environ.get("CHURN_SETTINGS") or "churn.yaml")


class Run:
    """Everything a recipe needs, built from one settings file.

    Parameters
    ----------
    settings
        The whole deployment.
    base
        The settings file's folder; relative paths in the settings start there.
    command
        The command for the ledger.
    reads
        Whether another run may work in the workspace meanwhile, and mend it.
    """

    def __init__(
        self,
        settings: Settings,
        base: Path,
        *,
        command: str = "api",
        console: Console | None = None,
        reads: bool = False,
    ) -> None:
        self.settings = settings
        self.base = base
        self.console = console or Console()
        self.workspace = Workspace(base / settings.workspace)
        self.ledger = Ledger(self.workspace.ledger, command)
        self._matches: dict[str, tuple[Match, ...]] = {}
        self._fit: dict[str, tuple[FitFinding, ...]] = {}
        self._reads = reads
        self._opened = ExitStack()
        self._tables: Tables | None = None
        self._delivered: list[Delivery] = []

    @cached_property
    def engine(self) -> Engine:
        """The engine, opened when first asked for."""
        return connect(self.settings.engine, spill=self._spill)

    @cached_property
    def ingest_engine(self) -> Engine:
        """The engine that reads extracts: embedded in this process, wherever the other runs."""
        own = self.settings.engine.of_this_machine
        if own == self.settings.engine:
            return self.engine
        return connect(own, spill=self._spill)

    @cached_property
    def _spill(self) -> Path:
        """Where engines spill: a reader's own folder, since who holds the lock mends its own."""
        if not self._reads:
            return self.workspace.spill
        return self._opened.enter_context(self.workspace.reader())

    @cached_property
    def code_version(self) -> str:
        """One hash over the library, the recipes and what they compute with."""
        sources = sources_fingerprint(Path(churn.__file__).parent, Path(__file__).parent)
        return fingerprint([sources, {name: version(name) for name in LIBRARIES}])

    @cached_property
    def ingest_version(self) -> str:
        """One hash over what reads and stores extracts: other changes do not ingest anew."""
        library = Path(churn.__file__).parent
        return sources_fingerprint(*(library / name for name in ("ingest", "tables", "engines")))

    @cached_property
    def mapping_version(self) -> str:
        """One hash over how extracts fill tables, not over which files they are.

        A model learned what features meant under one mapping.
        """
        ingest = self.settings.ingest
        places = {"files", "name"}
        tables = {
            name: [source.model_dump(mode="json", exclude=places) for source in table.sources]
            for name, table in ingest.tables.items()
        }
        read = [
            {name: each.model_dump(mode="json", exclude=places) for name, each in some.items()}
            for some in (ingest.views, ingest.queries)
        ]
        return fingerprint([tables, *read])

    @cached_property
    def families(self) -> tuple[Family, ...]:
        """The feature families: shipped ones, own ones, and extra columns, as settings have it."""
        taken = {*panel.META, *panel.AUDIT, panel.DOWNGRADED}
        families = features.families(self.settings.features, self._own_sources, taken)
        attributes = self.settings.ingest.attributes
        if not attributes:
            return families
        for each in (features.FAMILIES, families):
            taken |= {feature.name for family in each for feature in family.features}
        return (*families, features.attributes_family(attributes, taken))

    @cached_property
    def _own_sources(self) -> dict[str, str]:
        """The text of every own family's file."""
        texts = {}
        for declared in self.settings.features.own:
            try:
                texts[declared.name] = (self.base / declared.file).read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                raise SettingsError(
                    f"own features {declared.name}: their file cannot be read"
                    f" ({type(error).__name__})",
                    where=f"features.own, {declared.file.name}",
                    do="name a file in UTF-8, relative to the settings file",
                ) from error
        return texts

    @cached_property
    def feature_version(self) -> str:
        """One hash over the feature definitions: a model fits no others."""
        sources = sources_fingerprint(Path(churn.__file__).parent / "features")
        attributes = [asdict(attribute) for attribute in self.settings.ingest.attributes]
        chosen = self.settings.features.version(self._own_sources)
        return fingerprint([sources, attributes, chosen])

    @cached_property
    def stages(self) -> Stages:
        """The runner of stages."""
        return Stages(self.workspace.stages, self.ledger, self.code_version, self.console.stage)

    @cached_property
    def sums_kept(self) -> SumsKept:
        """The sums by subscriber and day that are kept of deliveries."""
        library = Path(churn.__file__).parent
        sources = sources_fingerprint(*(library / n for n in ("tables", "features", "engines")))
        return SumsKept(self.workspace, sources[:8], self.settings.features.daily_sums_from)

    @property
    def tables(self) -> Tables:
        """The canonical tables as ingested so far, and what was handed over as contacts."""
        delivered = self.sums_kept.beside(deliveries(self.workspace))
        delivered = [*delivered, *arms.own_deliveries(self.workspace, delivered)]
        if self._tables is None or delivered != self._delivered:
            # As long as nothing new is there they stay, with what was built of them.
            self._tables = Tables(self.engine, delivered, self.settings.states.initial_state)
            self._delivered = delivered
        return self._tables

    def known_hash(self, night: date) -> str:
        """Return one hash over the deliveries of which the night may know anything.

        What was delivered later changes nothing that the night decides. What had been handed over
        before counts as delivered.
        """
        delivered = [entry.content() for entry in Registry(self.workspace).known_by(night)]
        own = arms.own_hash(self.workspace, night)
        return fingerprint([delivered, own] if own else delivered)

    def matches(self, night: date) -> tuple[Match, ...]:
        """Count, of each table the night knew, the rows of somebody on the books."""
        known = self.known_hash(night)
        if known not in self._matches:
            entries = Registry(self.workspace).known_by(night)
            found = self._kept(
                "matches",
                known,
                lambda: list(
                    map(asdict, matches(entries, self.workspace.root, self.ingest_engine))
                ),
            )
            self._matches[known] = tuple(Match(**each) for each in found)
        return self._matches[known]

    def fit(self, night: date) -> tuple[FitFinding, ...]:
        """Hold the deliveries that the night knew to each other."""
        known = self.known_hash(night)
        if known not in self._fit:
            states, settings = self.settings.states, self.settings.ingest.fit
            departed = sorted(c for c, state in states.codes.items() if state in DEPARTED)
            begun = states.initial_state is not None
            entries = Registry(self.workspace).known_by(night)
            found = self._kept(
                "fit",
                fingerprint([known, settings.model_dump(mode="json"), departed, begun]),
                lambda: [
                    asdict(finding)
                    for finding in fit(
                        entries, self.workspace, self.ingest_engine, settings, departed, begun=begun
                    )
                ],
            )
            self._fit[known] = tuple(
                FitFinding(**{**each, "text": Text(**each["text"])}) for each in found
            )
        return self._fit[known]

    def _kept(
        self, name: str, of: str, find: Callable[[], list[dict[str, Any]]]
    ) -> list[dict[str, Any]]:
        """Return what was found of the latest deliveries; found anew where it is not kept.

        Every row of every table is looked at: once for all commands of a night.
        """
        path, version = kept.place(self.workspace, name), fingerprint([of, self.ingest_version])
        content = kept.read(path, version)
        if content is None:
            content = {"version": version, "found": find()}
            kept.keep(path, content)
        found: list[dict[str, Any]] = content["found"]
        return found

    @cached_property
    def settings_fingerprint(self) -> str:
        """One hash over the settings, without places and without the key of the identifiers.

        Whether trainings are tracked, or what is called afterwards, changes nothing that is handed
        over.

        It is handed over, and a short key could be found by trying.
        """
        content = self.settings.model_dump(mode="json", exclude={"workspace", "tracking", "hook"})
        for name in ("folder", "id_key", "databases"):
            content["ingest"].pop(name, None)
        return fingerprint(content)

    @cached_property
    def today(self) -> date:
        """The day on this machine's calendar: that on which databases are asked."""
        return datetime.now().astimezone().date()

    def night(self, as_of: date | None) -> date:
        """Return the night to work for: the one given, else the latest that deliveries cover."""
        return as_of or self.tables.latest_night(REQUIRED)

    def used(self, *sections: BaseModel) -> list[dict[str, Any]]:
        """Return settings sections as a fingerprint sees them."""
        return [section.model_dump(mode="json") for section in sections]

    def close(self) -> None:
        """Close the engines that were opened."""
        opened = {id(engine): engine for name, engine in vars(self).items() if name in ENGINES}
        for engine in opened.values():
            engine.close()
        self._opened.close()


@contextmanager
def open_run(
    settings: Path | None = None, *, command: str = "api", console: Console | None = None
) -> Iterator[Run]:
    """Open a run on a settings file, holding the workspace's lock until the end of the block.

    What a killed run left half-done is mended first.
    """
    path = settings_file(settings)
    run = Run(load_settings(path), path.parent, command=command, console=console)
    with _errors(run):
        run.workspace.check_version()
        with exclusive(run.workspace.root):
            run.workspace.open().mend()
            run.ledger.close_stopped()
            yield run


@contextmanager
def open_reader(settings: Path | None = None) -> Iterator[Run]:
    """Open a run that only reads what was stored; it takes no lock and nothing waits for it.

    Raises
    ------
    ExtractError
        If no run has worked in the workspace yet.
    """
    path = settings_file(settings)
    run = Run(load_settings(path), path.parent, reads=True)
    with _errors(run):
        run.workspace.check_version()
        if not run.workspace.made:
            raise ExtractError(
                "nothing has been ingested yet",
                where="the workspace",
                do="run `churn ingest` or `churn nightly`",
            )
        yield run


@contextmanager
def _errors(run: Run) -> Iterator[None]:
    """Give any error its exit code, and the engine's memory and disk back."""
    try:
        yield
    except Exception as error:  # told with its exit code, a defect of ours too
        raise as_user_error(error, run.workspace) from error
    finally:
        run.close()
