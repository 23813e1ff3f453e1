"""What the engine meets on disk and in settings is told with its remedy."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from churn.engines import Engine, EngineSettings, connect
from churn.errors import ChurnError, SettingsError, StorageError, VersionError
from churn.tables import TABLES

pytestmark = pytest.mark.every_engine(long=True)


def test_a_damaged_file_is_the_storages(engine: Engine, tmp_path: Path) -> None:
    """A cut-off Parquet file is no defect of ours: it can be made again."""
    cut = tmp_path / "cut.parquet"
    cut.write_bytes(b"PAR1" + b"\0" * 100)
    with pytest.raises(StorageError, match="damaged") as caught:
        engine.to_arrow(engine.read_parquet([cut], TABLES["surveys"].schema))
    assert "churn ingest" in caught.value.do


def test_a_column_that_only_some_files_have_is_absent(engine: Engine, tmp_path: Path) -> None:
    """It is not read as null from the others, whichever file comes first."""
    schema = TABLES["surveys"].schema
    rows = engine.from_arrow(schema.to_pyarrow().empty_table())
    paths = [tmp_path / "older.parquet", tmp_path / "newer.parquet"]
    engine.to_parquet(rows.drop("score"), paths[0], order_by=[])
    engine.to_parquet(rows, paths[1], order_by=[])
    for order in (paths, paths[::-1]):
        with pytest.raises(ChurnError):
            engine.to_arrow(engine.read_parquet(order, schema))


def test_rows_of_another_version_are_named_as_such(engine: Engine, tmp_path: Path) -> None:
    """A column that came with an update is absent from older tables: ingest writes them anew."""
    schema = TABLES["surveys"].schema
    older = tmp_path / "older.parquet"
    rows = engine.from_arrow(schema.to_pyarrow().empty_table())
    engine.to_parquet(rows.drop("score"), older, order_by=[])
    with pytest.raises(VersionError, match="lack score") as caught:
        engine.read_parquet([older], schema)
    assert "churn ingest" in caught.value.do


def test_an_unreadable_file_is_the_storages(engine: Engine, tmp_path: Path) -> None:
    """A stored file that has gone is told as such, whatever the engine's library calls it."""
    schema = TABLES["surveys"].schema
    gone = tmp_path / "gone.parquet"
    engine.to_parquet(engine.from_arrow(schema.to_pyarrow().empty_table()), gone, order_by=[])
    rows = engine.read_parquet([gone], schema)
    gone.unlink()
    with pytest.raises(StorageError, match="could not read or write"):
        engine.to_arrow(rows)


def test_what_is_spilled_lies_where_it_is_told_and_goes(
    engine_settings: EngineSettings, tmp_path: Path
) -> None:
    """Rows that do not fit may be personal: only this user reads them, and not for long."""
    spill = tmp_path / "spill"
    with connect(engine_settings, spill=spill):
        assert spill.stat().st_mode & 0o077 == 0
        assert len(list(spill.iterdir())) == 1
    assert list(spill.iterdir()) == []


@pytest.mark.parametrize("size", ["much", "4", "0GB", "-1GB", "4GBB"])
def test_a_size_is_a_number_and_a_unit(size: str) -> None:
    """The engine would refuse it later, without naming the setting."""
    with pytest.raises(ValidationError, match="is a size like 4GB"):
        EngineSettings(memory=size)
    assert EngineSettings(memory="4GB", spill="500 MiB").memory == "4GB"


def test_an_engine_is_one_of_those_listed() -> None:
    """A name that is not there is refused with those that are."""
    with pytest.raises(ValidationError, match="is one of: duckdb"):
        EngineSettings(name="abacus")


def test_an_engine_that_is_not_installed_names_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings ask for what the optional extra brings."""
    monkeypatch.delitem(sys.modules, "churn.engines.spark", raising=False)
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(SettingsError, match="not installed") as caught:
        connect(EngineSettings(name="spark"))
    assert "churn[spark]" in caught.value.do


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"master": "spark://host:7077"}, "master: only engine spark knows it"),
        ({"shuffle_partitions": 8}, "shuffle_partitions: only engine spark"),
        ({"name": "spark", "conf": {"executor.cores": "4"}}, "begin with spark."),
        ({"name": "spark", "conf": {"spark.sql.ansi.enabled": "false"}}, "decides values"),
    ],
)
def test_settings_of_a_cluster_fit_the_engine(settings: dict[str, Any], message: str) -> None:
    """What an engine does not know is refused, and what decides values is not to be changed."""
    with pytest.raises(ValidationError, match=message):
        EngineSettings(**settings)


def test_extracts_are_read_on_this_machine() -> None:
    """Whatever the engine is, within the same memory, threads and spill."""
    own = EngineSettings(memory="1GB", threads=3, spill="2GB")
    assert own.of_this_machine is own
    spark = EngineSettings(
        name="spark", master="spark://host:7077", **own.model_dump(exclude={"name"})
    )
    assert spark.of_this_machine == own


def test_settings_that_nobody_gave_leave_no_trace() -> None:
    """What is handed over carries a hash of the settings: those of DuckDB are as they were."""
    assert set(EngineSettings().model_dump()) == {"name", "memory", "threads", "spill"}
