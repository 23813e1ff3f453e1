"""The engines there are: the one place where a new one is listed."""

from __future__ import annotations

# The class by its module, which is imported only if the settings ask for it.
ENGINES = {
    "duckdb": "churn.engines.duckdb:DuckDBEngine",
}
