"""Who is to be erased: every identifier by which files may name the person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq

from churn.errors import ExtractError
from churn.ingest import deliveries, hashed_id
from churn.ingest.erasure import Erased
from churn.report.handover import contact_id, dialled
from churn.store.erasing import Person
from pipelines.identities import ID_MAP
from pipelines.run import Run

REACHED = ("phone", "alternate_phone", "email")


@dataclass(frozen=True)
class Subject:
    """Whom an erasure is about.

    Attributes
    ----------
    lines, customers
        Hashed: the lines of the person, and the customers that hold no other line.
    person
        All names, those of contacts and phones among them.
    """

    lines: frozenset[str]
    customers: frozenset[str]
    person: Person

    @property
    def ids(self) -> frozenset[str]:
        """All that is hashed."""
        return self.lines | self.customers


def subject_of(run: Run, identifier: str) -> Subject:
    """Find the lines of a subscriber, or of a customer, by the operator's own id.

    Raises
    ------
    ExtractError
        If no delivery names it, or it was erased before.
    """
    wanted = hashed_id(run.settings.ingest.key(), identifier)
    named = _named(run)
    kinds = {kind for kind, hashed, _ in named if hashed == wanted}
    holders = list(_holders(run))
    if not kinds:
        erased = Erased.read(run.workspace.personal, run.settings.ingest.key())
        gone = wanted in erased.ids
        raise ExtractError(
            "this id was erased before, and nothing names it any more"
            if gone
            else "no delivery names this subscriber or customer",
            where="the id on the command line",
            do="nothing is left to do"
            if gone
            else "give the operator's own id, as it stands in the extracts",
        )
    lines = {line for line, customer in holders if customer == wanted}
    if "subscriber" in kinds:
        lines.add(wanted)
    lines |= {wanted} if "customer" in kinds and not lines else set()
    held: dict[str, set[str]] = {}
    for line, customer in holders:
        if customer is not None:
            held.setdefault(customer, set()).add(line)
    customers = {customer for customer, own in held.items() if own <= lines}
    if "customer" in kinds:
        customers.add(wanted)
    ids = lines | customers
    names = {own for _, hashed, own in named if hashed in ids}
    return Subject(
        frozenset(lines),
        frozenset(customers),
        Person(frozenset({*ids, *names, *_reached(run, lines), *_contacts(run, lines)})),
    )


def _named(run: Run) -> list[tuple[str, str, str]]:
    path = run.workspace.personal / ID_MAP
    if not path.exists():
        return []
    rows = pq.read_table(path).to_pydict()
    return list(zip(rows["kind"], rows["hash"], rows["id"], strict=True))


def _rows(run: Run, table: str, columns: list[str]) -> Iterator[pa.RecordBatch]:
    for delivery in deliveries(run.workspace):
        if delivery.table == table:
            for path in delivery.paths:
                yield from pq.ParquetFile(path).iter_batches(columns=columns)


def _holders(run: Run) -> Iterator[tuple[str, str | None]]:
    for batch in _rows(run, "subscribers", ["subscriber_id", "customer_id"]):
        columns = (batch[name].to_pylist() for name in ("subscriber_id", "customer_id"))
        yield from zip(*columns, strict=True)


def _reached(run: Run, lines: set[str]) -> set[str]:
    """Return phones and mail that reach nobody else, as delivered and as dialled."""
    own: set[str] = set()
    others: set[str] = set()
    for batch in _rows(run, "contact_details", ["subscriber_id", *REACHED]):
        mine = [line in lines for line in batch["subscriber_id"].to_pylist()]
        for name in REACHED:
            for is_mine, value in zip(mine, batch[name].to_pylist(), strict=True):
                if value:
                    (own if is_mine else others).update({value, dialled(value)} - {""})
    return own - others


def _contacts(run: Run, lines: set[str]) -> set[str]:
    """Return the ids of contacts with the person that were ever handed over."""
    found = set()
    for path in sorted(run.workspace.handed_over.glob("*/rev*.parquet")):
        night = date.fromisoformat(path.parent.name)
        rows = pq.read_table(path, columns=["subscriber_id"])["subscriber_id"].to_pylist()
        found |= {contact_id(night, line) for line in rows if line in lines}
    return found
