"""Fixtures that every test folder shares.

An engine, little tables written as deliveries, a small operator, and a finished night on it.
"""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import settings

from churn.engines import ENGINES, EXTRAS, Engine, EngineSettings, connect
from churn.sample import generate
from churn.tables import TABLES, Delivery, Tables
from tests.deployments import Deployment, deployment, few_tables
from tests.once import Once

if TYPE_CHECKING:
    from churn.tracking.store import Store

# Expressions are many small objects that live on: going through them so often took a quarter of
# the time.
gc.set_threshold(50_000, 20, 100)
# Threads that wait for each other spin, and take the processor from the worker beside them.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
# No test asserts a time: a busy machine must not turn an example into a failure.
settings.register_profile("churn", deadline=None)
settings.load_profile("churn")

Row = Mapping[str, Any]
LONG_AGO = date(1900, 1, 1)
FOR_EVER = date(2199, 12, 31)


class RowsAsTables(Protocol):
    """What the fixture of the same name offers."""

    def __call__(
        self,
        tables: Mapping[str, Sequence[Any]],
        *,
        delivered_on: date | str = LONG_AGO,
        covers_until: date | str = FOR_EVER,
        mode: str | None = None,
    ) -> Tables:
        """Write the rows as Parquet deliveries and return the tables that read them."""
        ...


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a test that was skipped where everything has to run."""
    report = yield
    return _nothing_skipped(report)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Fail a file that was skipped as a whole where everything has to run."""
    report = yield
    return _nothing_skipped(report)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest, after whatever order was drawn.

    A worker takes whole files: one of these coming last would leave the others idle. Nor shall two
    wait for the same night to be done: one file that looks at it comes first, the others that do
    after those that have something else to do.
    """
    seconds: dict[Path, int] = {}
    for item in items:
        if mark := item.get_closest_marker("slow"):
            seconds[item.path] = max(seconds.get(item.path, 0), *mark.args, 1)
    looking = [item.path for item in items if item.path in seconds and _looks_at_a_night(item)]
    first, others = looking[:1], set(looking)

    def place(item: pytest.Item) -> tuple[bool, bool, bool, int]:
        path = item.path
        return path not in seconds, path not in first, path in others, -seconds.get(path, 0)

    items.sort(key=place)


def _looks_at_a_night(item: pytest.Item) -> bool:
    names = getattr(item, "fixturenames", ())
    return not {"finished", "few_finished", "copied", "executed"}.isdisjoint(names)


Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)


def _nothing_skipped(report: Report) -> Report:
    """Turn a skip, or a failure that was expected, into a failure if CHURN_REQUIRE_ALL is set."""
    if report.skipped and os.environ.get("CHURN_REQUIRE_ALL") == "1":
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else "failed as expected"
        report.outcome = "failed"
        vars(report).pop("wasxfail", None)
        report.longrepr = f"nothing may be skipped here (CHURN_REQUIRE_ALL=1): {reason}"
    return report


SMALL = {"memory": "1GB", "threads": 1, "spill": "1GB"}
SMALL_ENGINES = {
    "duckdb": EngineSettings(**SMALL),
    "spark": EngineSettings(
        name="spark",
        shuffle_partitions=1,
        # Of rows so few, one task each, and no code is worth compiling; its workers import the
        # tests' own functions.
        conf={
            "spark.default.parallelism": "1",
            "spark.sql.adaptive.enabled": "false",
            "spark.sql.codegen.wholeStage": "false",
            "spark.sql.codegen.factoryMode": "NO_CODEGEN",
            "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
            "spark.executorEnv.PYTHONPATH": str(Path(__file__).parents[1]),
        },
        **SMALL,
    ),
}


@pytest.fixture(scope="session")
def engine_settings(request: pytest.FixtureRequest) -> EngineSettings:
    """Return the settings of a small engine, one after the other of those there are."""
    return _installed(request.param)


@pytest.fixture(scope="session")
def spark() -> EngineSettings:
    """Return the settings of a small Spark, for a command in a process of its own."""
    return _installed("spark")


def _installed(name: str) -> EngineSettings:
    """Return a small engine's settings; skip where it cannot run."""
    if name in EXTRAS:
        pytest.importorskip(EXTRAS[name])
        if not shutil.which("java") and "JAVA_HOME" not in os.environ:
            pytest.skip(f"engine {name} needs Java")
    return SMALL_ENGINES[name]


@pytest.fixture(scope="session")
def engines() -> Iterator[dict[str, Engine]]:
    """Hold the small engines that were opened, one of each for the whole run."""
    with ExitStack() as stack:
        yield _Opened(stack)


class _Opened(dict[str, Engine]):
    """Engines by name, opened when first asked for."""

    def __init__(self, stack: ExitStack) -> None:
        super().__init__()
        self._stack = stack

    def __missing__(self, name: str) -> Engine:
        self[name] = self._stack.enter_context(connect(SMALL_ENGINES[name]))
        return self[name]


@pytest.fixture(scope="session")
def engine(engine_settings: EngineSettings, engines: dict[str, Engine]) -> Engine:
    """Return one small engine, one after the other of those there are."""
    return engines[engine_settings.name]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what asks for an engine on the first, and on each of them if marked ``every_engine``.

    With ``long=True`` on those that are slow to start in `make acceptance` only; with
    ``against_first=True``, as it is the first that others are held against, on the others only.
    """
    if "engine_settings" not in metafunc.fixturenames:
        return
    mark = metafunc.definition.get_closest_marker("every_engine")
    first, *others = ENGINES
    params = [pytest.param(first)]
    if mark is not None:
        if mark.kwargs.get("against_first"):
            params.clear()
        slow = [pytest.mark.acceptance] if mark.kwargs.get("long") else []
        params += [pytest.param(name, marks=slow if name in EXTRAS else []) for name in others]
    metafunc.parametrize("engine_settings", params, indirect=True, scope="session")


@pytest.fixture(scope="session")
def once(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Once:
    """Make a costly folder once for the whole run, whichever worker asks first."""
    base = tmp_path_factory.getbasetemp()
    # Each worker's temporary folder lies in that of the run.
    return Once(base.parent if hasattr(request.config, "workerinput") else base)


@pytest.fixture(scope="session")
def small_world(once: Once) -> Path:
    """Return a generated operator, big enough for both heads to be judged."""

    def make(folder: Path) -> None:
        generate(folder, customers=3000, months=15, seed=7, calls_per_month=2)

    return once("small_world", make)


@pytest.fixture(scope="session")
def empty_store(once: Once) -> Store:
    """Return MLflow's store as it was made, nothing in it: setting one up takes seconds."""
    from churn.tracking.store import Store  # noqa: PLC0415 - MLflow takes seconds to import

    def make(folder: Path) -> None:
        Store(folder / "mlflow").open_to_write()

    return Store(once("empty_store", make) / "mlflow")


@pytest.fixture(scope="session")
def finished(small_world: Path, once: Once) -> Deployment:
    """Return a deployment whose night is done, of all tables, for tests that only look at it."""
    return _done(once, "finished", small_world)


@pytest.fixture(scope="session")
def few_finished(small_world: Path, once: Once) -> Deployment:
    """Return the same of few tables, for tests of what becomes of a night, not what it reads."""
    return _done(once, "few_finished", small_world, few_tables)


def _done(
    once: Once, name: str, world: Path, change: Callable[[dict[str, Any]], None] | None = None
) -> Deployment:
    def make(folder: Path) -> None:
        done = deployment(folder / "deployment", world, change).run("nightly")
        assert done.returncode == 0, done.stderr

    folder = once(name, make) / "deployment"
    return Deployment(folder / "churn.yaml", folder / "workspace")


@pytest.fixture(scope="session")
def rows_as_tables(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> RowsAsTables:
    """Turn ``{table: rows}`` into ``Tables``.

    - Rows are dicts; columns left out are null; dates, times and amounts may be given as text.
    - Unless told otherwise all rows are known as soon as they have happened: delivered long ago,
      covering everything.
    - Several deliveries of one table: a list of ``(delivered_on, covers_until, rows)`` or of dicts
      with ``rows`` and any of ``delivered_on covers_until partition mode assumed_lag
      current_state constant``.
    """

    def build(
        tables: Mapping[str, Sequence[Any]],
        *,
        delivered_on: date | str = LONG_AGO,
        covers_until: date | str = FOR_EVER,
        mode: str | None = None,
    ) -> Tables:
        folder = tmp_path_factory.mktemp("tables")
        deliveries = []
        for name, value in tables.items():
            for number, given in enumerate(_deliveries(value)):
                told = {
                    "partition": "",
                    "delivered_on": delivered_on,
                    "covers_until": covers_until,
                    "mode": mode or TABLES[name].mode,
                    **given,
                }
                rows = told.pop("rows")
                told["delivered_on"] = _day(told["delivered_on"])
                told["covers_until"] = _day(told["covers_until"])
                path = folder / f"{name}-{number}.parquet"
                _write(name, rows, told["delivered_on"], path)
                deliveries.append(Delivery(table=name, paths=(path,), **told))
        return Tables(engine, deliveries)

    return build


def _deliveries(value: Sequence[Any]) -> list[dict[str, Any]]:
    """Tell rows of one delivery from a list of deliveries."""
    given = [
        dict(zip(("delivered_on", "covers_until", "rows"), item, strict=True))
        if isinstance(item, tuple)
        else dict(item)
        for item in value
    ]
    if given and all("rows" in item for item in given):
        return given
    return [{"rows": value}]


def _write(name: str, rows: Sequence[Row], delivered_on: date, path: Path) -> None:
    schema = TABLES[name].arrow_schema
    strange = {key for row in rows for key in row} - set(schema.names)
    if strange:
        msg = f"{name} has no column {sorted(strange)}"
        raise ValueError(msg)
    filled = [{"delivered_on": delivered_on, **row} for row in rows]
    columns = [
        pa.array([_value(row.get(field.name), field.type) for row in filled], field.type)
        for field in schema
    ]
    pq.write_table(pa.Table.from_arrays(columns, schema=schema), path)


def _value(value: Any, kind: pa.DataType) -> Any:
    """Turn the text a test may write into what the column holds."""
    if value is None:
        return None
    if pa.types.is_date(kind):
        return _day(value)
    if pa.types.is_timestamp(kind):
        if isinstance(value, str):
            return datetime.fromisoformat(value)
        return value if isinstance(value, datetime) else datetime.combine(value, time())
    if pa.types.is_decimal(kind):
        return Decimal(str(value)).quantize(Decimal(1).scaleb(-kind.scale))
    return value


def _day(value: date | str) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value
