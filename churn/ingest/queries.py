"""A view's query, checked before use: one flat SELECT that can only depend on its inputs.

What is not on the lists here is refused. So no query reads a file or the network, asks for the
time or a random number, or lets the order of lines decide; and every line of the first input can
be counted as taken or left.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from churn.ingest.columns import nearest

LINE = "__line"  # beside the columns of every input: the number of its line

_CLAUSES: tuple[type[exp.Expression], ...] = (
    exp.Select, exp.From, exp.Join, exp.Where, exp.Group, exp.Table, exp.TableAlias, exp.Alias,
    exp.Column, exp.Identifier, exp.Star, exp.Var,
)  # fmt: skip
_VALUES: tuple[type[exp.Expression], ...] = (
    exp.Literal, exp.Null, exp.Boolean, exp.Paren, exp.Case, exp.If, exp.Cast, exp.TryCast,
    exp.DataType, exp.DataTypeParam, exp.Tuple, exp.Distinct,
)  # fmt: skip
_OPERATORS: tuple[type[exp.Expression], ...] = (
    exp.And, exp.Or, exp.Not, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Is, exp.In,
    exp.Between, exp.Like, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.Neg, exp.DPipe,
)  # fmt: skip
FUNCTIONS: Mapping[str, type[exp.Expression]] = {
    "abs": exp.Abs, "avg": exp.Avg, "ceil": exp.Ceil, "coalesce": exp.Coalesce,
    "concat": exp.Concat, "count": exp.Count, "extract": exp.Extract, "floor": exp.Floor,
    "greatest": exp.Greatest, "last_day": exp.LastDay, "least": exp.Least, "left": exp.Left,
    "length": exp.Length, "lower": exp.Lower, "max": exp.Max, "min": exp.Min,
    "nullif": exp.Nullif, "replace": exp.Replace, "right": exp.Right, "round": exp.Round,
    "sign": exp.Sign, "substring": exp.Substring, "sum": exp.Sum, "trim": exp.Trim,
    "upper": exp.Upper,
}  # fmt: skip
_ALLOWED = (*_CLAUSES, *_VALUES, *_OPERATORS, *FUNCTIONS.values())
_OVER_A_PARTITION = (exp.Count, exp.Max, exp.Min, exp.Sum)
_TYPES = ("BIGINT", "BOOLEAN", "DATE", "DECIMAL", "INT", "TEXT", "TIMESTAMP", "VARCHAR")


@dataclass(frozen=True)
class Query:
    """A checked query: the SELECT as a tree, in which casts that fail give null."""

    tree: exp.Select

    @cached_property
    def tables(self) -> Mapping[str, str]:
        """Alias of each input: its name, in lower case; the first is the one in FROM."""
        return {table.alias_or_name.lower(): table.name.lower() for table in _tables(self.tree)}

    @property
    def first(self) -> str:
        """The input whose lines become the view's rows."""
        return next(iter(self.tables.values()))

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of its columns."""
        return tuple(output.alias_or_name for output in self.tree.expressions)

    @property
    def sql(self) -> str:
        """The query: every column as text, rows in an order of their own."""
        columns = [
            exp.alias_(exp.cast(output.unalias(), "text"), output.alias_or_name, quoted=True)
            for output in self.tree.expressions
        ]
        rows = self.tree.copy()
        rows.set("expressions", columns)
        places = range(1, len(columns) + 1)
        ordered = exp.select("*").from_(rows.subquery("result"))
        return ordered.order_by(*(str(place) for place in places)).sql()

    @property
    def taken(self) -> str:
        """The query that counts the lines of the first input that the view takes."""
        return self._of_lines(lambda line: exp.Count(this=exp.Distinct(expressions=[line])))

    @property
    def lines(self) -> str:
        """The query for these lines themselves, each as often as it is taken."""
        return self._of_lines(lambda line: line)

    def _of_lines(self, told: Callable[[exp.Column], exp.Expression]) -> str:
        line = exp.column(LINE, next(iter(self.tables)), quoted=True)
        rows = self.tree.copy()
        rows.set("group", None)
        rows.set("distinct", None)
        rows.set("expressions", [told(line)])
        return rows.sql()

    def missing(self, headers: Mapping[str, Sequence[str]]) -> list[str]:
        """Say which columns are in the header of no input, or in those of more than one."""
        there = {
            alias: Counter(map(str.lower, headers[name])) for alias, name in self.tables.items()
        }
        problems = []
        for column in self.tree.find_all(exp.Column):
            alias, name = column.table.lower(), column.name.lower()
            places = [alias] if alias else list(there)
            count = sum(there[place][name] for place in places)
            if count == 1:
                continue
            known = [header for place in places for header in headers[self.tables[place]]]
            fault = "no input has" if not count else f"{count} columns are called"
            problems.append(
                f"{fault} {column.name}{nearest(column.name, known) if not count else ''}"
            )
        return list(dict.fromkeys(problems))


def checked(text: str, inputs: Collection[str]) -> Query:
    """Read a view's query over inputs of these names, and refuse all that a view may not do."""
    try:
        statements = sqlglot.parse(text)
    except SqlglotError as error:
        at: dict[str, object] = next(iter(getattr(error, "errors", ())), {})
        place = f" (line {at['line']}, column {at['col']})" if at.get("line") else ""
        raise ValueError(f"the query cannot be read as SQL{place}") from error
    if len(statements) != 1 or not isinstance(statements[0], exp.Select):
        raise ValueError("a view is a single SELECT, without WITH, UNION or further statements")
    tree = statements[0]
    for node in tree.walk():
        _check_node(node)
    if any(distinct.args.get("on") for distinct in tree.find_all(exp.Distinct)):
        raise ValueError("a view has no DISTINCT ON: the order of lines would decide")
    _check_tables(tree, inputs)
    _check_columns(tree)
    return Query(tree.transform(_lenient))


def _tables(tree: exp.Select) -> list[exp.Table]:
    source = tree.args.get("from_")
    joins = tree.args.get("joins") or []
    return [clause.this for clause in (source, *joins) if clause is not None]


def _lenient(node: exp.Expression) -> exp.Expression:
    return exp.TryCast(**node.args) if type(node) is exp.Cast else node


def _check_node(node: exp.Expression) -> None:
    if isinstance(node, exp.DataType):
        if getattr(node.this, "value", None) not in _TYPES:
            names = ", ".join(_TYPES)
            raise ValueError(
                f"a view casts to {names}, not to {node.sql()}: sums must not depend on order"
            )
        return
    if type(node) in _ALLOWED:
        return
    if isinstance(node, exp.Window):
        _check_window(node)
        return
    if isinstance(node, exp.Func):
        name = node.name or node.key if isinstance(node, exp.Anonymous) else node.key
        msg = (
            f"a view has no function {name.lower()}: it must not read files, ask for the time or"
            f" draw at random; there are {', '.join(FUNCTIONS)}"
        )
    else:
        words = {exp.Subquery: "a query inside it", exp.With: "WITH", exp.Order: "ORDER BY"}
        what = words.get(type(node), node.key.upper())
        msg = f"a view is one flat SELECT … FROM … JOIN … WHERE … GROUP BY, without {what}"
        if isinstance(node, exp.Having):
            msg += ": select its rows with `only:`, where they are counted"
    raise ValueError(msg)


def _check_window(window: exp.Window) -> None:
    of_a_partition = isinstance(window.this, _OVER_A_PARTITION) and window.args.get("partition_by")
    if not of_a_partition or any(window.args.get(part) for part in ("order", "spec", "alias")):
        names = ", ".join(kind.__name__.lower() for kind in _OVER_A_PARTITION)
        raise ValueError(
            f"a view has {names} OVER (PARTITION BY …) and no other window: the order of lines"
            " would decide"
        )


def _check_tables(tree: exp.Select, inputs: Collection[str]) -> None:
    tables = _tables(tree)
    for table in tables:
        if not isinstance(table, exp.Table) or table.db or table.name.lower() not in inputs:
            alien = f"{table.name or table.sql()}, which is none of its inputs"
            raise ValueError(f"the query reads {alien}{nearest(table.name, inputs)}")
    used = Counter(table.name.lower() for table in tables)
    for name in inputs:
        if used[name] != 1:
            raise ValueError(f"the query reads input {name} {used[name]} times; each is read once")
    for join in tree.args.get("joins") or []:
        plain = (
            not join.method and join.side in {"", "LEFT"} and join.kind in {"", "INNER", "OUTER"}
        )
        if not plain or not (join.args.get("on") or join.args.get("using")):
            raise ValueError("inputs are joined by JOIN or LEFT JOIN, with ON or USING")


def _check_columns(tree: exp.Select) -> None:
    names = [output.alias_or_name for output in tree.expressions]
    for name, output in zip(names, tree.expressions, strict=True):
        if not name or name == "*" or isinstance(output, exp.Star):
            raise ValueError("each column of a view is named: `… AS name`, and no `*`")
        if [n.lower() for n in names].count(name.lower()) > 1:
            raise ValueError(f"a view has one column called {name}, not several")
    aliases = {table.alias_or_name.lower() for table in _tables(tree)}
    for column in tree.find_all(exp.Column):
        if column.table and column.table.lower() not in aliases:
            near = nearest(column.table, aliases)
            raise ValueError(f"{column.table} is no input of the query{near}")
        if column.name.lower() == LINE:
            raise ValueError(f"a view does not read {LINE}")
