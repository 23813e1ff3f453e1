"""Families of the operator's own: a Python function or an SQL query, named in the settings.

They see what every family sees, the tables as known at the snapshot, and are held to the same
declarations, engines and tests for leaks.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NoReturn

import ibis.expr.types as ir
import sqlglot
from sqlglot import exp

from churn.errors import ChurnError, SettingsError
from churn.features.family import ID, Family, View
from churn.features.feature import NONE, Feature
from churn.features.settings import OwnFamily
from churn.language import Text

DIALECT = "duckdb"
_CLOCKS = (exp.CurrentDate, exp.CurrentTime, exp.CurrentTimestamp, exp.Rand, exp.Uuid)
_CALLED = {"now", "get_current_timestamp", "transaction_timestamp", "setseed"}


def family(declared: OwnFamily, source: str, taken: Collection[str]) -> Family:
    """Return a family that the settings declare.

    Where it gives several rows of a subscriber, the highest value of each feature counts.

    Parameters
    ----------
    source
        The text of its file.
    taken
        Names that a feature cannot have, because other columns of the panel have them.

    Raises
    ------
    SettingsError
        If the file holds no such function or query, or a name is taken.
    """
    names = [feature.name for feature in declared.features]
    double = sorted({name for name in names if name in taken or names.count(name) > 1})
    if double:
        _refuse(declared, f"there is a column called {double[0]} already", "give it another name")
    make = _python if declared.file.suffix == ".py" else _sql
    build = make(declared, source)

    def checked(view: View) -> ir.Table:
        """One row per subscriber that the file tells anything of."""
        try:
            rows = build(view)
            told = set(rows.columns)
        except ChurnError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever the operator's own code raises
            _refuse(declared, f"it ended with {type(error).__name__}", "mend it")
        missing = sorted({ID, *names} - told)
        if missing:
            _refuse(declared, f"its rows have no column {missing[0]}", "give what is declared")
        return rows.group_by(ID).aggregate(**{name: rows[name].max() for name in names})

    return Family(
        name=declared.name,
        text=Text(declared.en, declared.zh),
        needs=declared.needs,
        build=checked,
        features=tuple(
            Feature(f.name, f.unit, f.null_means or NONE, f.en, f.zh, topic=f.topic)
            for f in declared.features
        ),
    )


def _python(declared: OwnFamily, source: str) -> Callable[[View], ir.Table]:
    namespace: dict[str, object] = {"__name__": f"own_features_{declared.name}"}
    try:
        exec(compile(source, str(declared.file), "exec"), namespace)  # noqa: S102 - the operator's own
    except Exception as error:  # noqa: BLE001 - whatever the operator's own code raises
        line = f", line {error.lineno}" if isinstance(error, SyntaxError) else ""
        _refuse(declared, f"the file does not run ({type(error).__name__}{line})", "mend it")
    build = namespace.get("build")
    if not callable(build):
        _refuse(declared, "the file has no function build(view)", "write one")
    return build


def _sql(declared: OwnFamily, source: str) -> Callable[[View], ir.Table]:
    try:
        query = sqlglot.parse_one(source, dialect=DIALECT)
    except sqlglot.ParseError as error:
        at = error.errors[0] if error.errors else {}
        _refuse(declared, f"the query cannot be read (line {at.get('line', '?')})", "mend it")
    if not isinstance(query, exp.Query):
        _refuse(declared, "the file holds no SELECT", "write one")
    own = {part.alias for part in query.find_all(exp.CTE)}
    tables = {table.name for table in query.find_all(exp.Table)}
    foreign = sorted(tables - own - {*declared.needs})
    if foreign:
        _refuse(declared, f"it reads {foreign[0] or 'a function'}", "list the table in `needs`")
    called = {call.name.lower() for call in query.find_all(exp.Anonymous)}
    if query.find(*_CLOCKS) is not None or called & _CALLED:
        _refuse(declared, "it asks for the clock or for luck", "write :snapshot for the day")

    def build(view: View) -> ir.Table:
        """Ask the tables as the snapshot knew them, which the query's days end with."""
        days = {"snapshot": view.day} | {
            f"{n}_until": view.window(n, 0).end for n in declared.needs
        }
        unknown = sorted({p.name for p in query.find_all(exp.Placeholder)} - {*days})
        if unknown:
            _refuse(declared, f"there is no :{unknown[0]}", f"one of: {', '.join(days)}")
        dated = query.transform(
            lambda node: (
                exp.cast(exp.Literal.string(days[node.name].isoformat()), "date")
                if isinstance(node, exp.Placeholder)
                else node
            )
        )
        known = {name: view.known.table(name) for name in declared.needs}
        return view.known.query(dated.sql(dialect=DIALECT), known)

    return build


def _refuse(declared: OwnFamily, what: str, do: str) -> NoReturn:
    raise SettingsError(
        f"own features {declared.name}: {what}",
        where=f"features.own, {declared.file.name}",
        do=do,
    )
