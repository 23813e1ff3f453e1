"""The synthetic operator: lives month by month and delivers what it knows, and the truth beside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pyarrow as pa

from churn.sample import (
    additions,
    behaviour,
    calls,
    campaigns,
    cases,
    departures,
    hazards,
    money,
    moves,
    population,
    register,
    returns,
    statuses,
    truth,
)
from churn.sample.clock import BURN_IN, Month, month
from churn.sample.truthfiles import TruthFiles
from churn.sample.writing import GB18030, Deliveries, amounts, dates

NEWCOMERS = 0.026  # of the base, a month
SERVICE = {
    "complaints": (cases.complaints, GB18030),
    "faults": (cases.faults, "utf-8"),
    "service_orders": (cases.orders, "utf-8"),
}
ARRIVALS = np.array([0.9, 1.0, 1.0, 1.0, 0.9, 1.0, 1.0, 1.1, 1.5, 1.0, 0.9, 0.9])  # by season


@dataclass
class Operator:
    """One world in the making: its lines and what is waiting to be delivered."""

    start: date
    seed: int
    size: int
    calls_per_month: float
    deliveries: Deliveries
    programme: campaigns.Programme = field(default_factory=campaigns.Programme)
    additions: bool = False
    downgrades: bool = False
    re_entries: float = 0.0
    bills: money.Bills | None = None
    late_calls: list[calls.Records] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Draw the base of the first day."""
        self.books = [cases.Book(seconds=kind != "service_orders") for kind in SERVICE]
        first = self.month(-BURN_IN)
        self.lines = population.lines(
            first.stream(0), self.size, before=None, day=first.start, until=first.end
        )
        self.moving = np.empty(0, dtype=np.int64)
        self.returns = returns.Returns(self.re_entries)
        self.statuses = statuses.Register(first.stream(18))
        statuses.arrivals(self.statuses, self.lines, 0)

    def month(self, index: int) -> Month:
        """Return a month of this world."""
        return month(self.start, index, self.seed)

    def run(self, months: int, truths: TruthFiles) -> None:
        """Live through the months before the first delivery, and then deliver ``months`` months.

        The last delivery is the day of the last snapshot of the truth.
        """
        for index in range(-BURN_IN, months + 1):
            now = self.month(index)
            self._decide(now, truths)
            if index < months:
                self._live(now, truths)

    def _decide(self, now: Month, truths: TruthFiles) -> None:
        """Settle who leaves in the days that this month's state governs."""
        lines = self.lines
        self.moved = moves.apply(lines, self.moving)
        hazard = hazards.daily(lines, now)
        rows, chances = truth.chances(lines, now, hazard)
        effects = campaigns.effects(lines, now, self.programme.effect)
        self.contacts, treated = campaigns.contact(lines, now, hazard, self.programme)
        moving = moves.chance(lines, now) if self.downgrades else np.zeros(len(lines))
        told = moves.truth(lines, now, hazard, moving)
        gone = departures.draw(lines, now, treated)
        statuses.departures(self.statuses, lines, now, gone)
        self.returns.draw(lines, now, gone)
        self.moving = moves.draw(lines, now, moving)
        if now.index > 0:
            truths.write(lines, now, rows, chances, effects)
            truths.write_downgrades(lines, now, rows, told, self.moving)

    def _live(self, now: Month, truths: TruthFiles) -> None:
        """Live through the month and deliver it on the first day after."""
        lines = self.lines
        count = len(lines)
        deliver = now.index >= 0
        newcomers = max(round(self.size * NEWCOMERS * ARRIVALS[now.calendar_month - 1]), 1)
        others = population.lines(
            now.stream(0), newcomers, before=lines, day=now.start, until=now.end
        )
        lines.append(others)
        begun = self.returns.begin(lines, now)
        statuses.arrivals(self.statuses, lines, count)
        statuses.hold(self.statuses, lines, now)
        owing = lines.unpaid > 0
        discount = lines.discount.copy()
        use = behaviour.live(lines, now)
        paid, settled = money.pay(lines, now, self.bills)
        statuses.released(self.statuses, lines, settled)
        statuses.softened(self.statuses, money.soften(lines, now))
        self.bills = money.bill(lines, now, use)
        service = (
            behaviour.complain(lines, now),
            behaviour.break_down(lines, now),
            behaviour.order(lines, now),
        )
        visits = register.visits(lines, now)
        surveys = register.surveys(lines, now)
        stopped, _ = money.suspended(lines, now)
        since = np.where(lines.out_from < now.end, lines.out_from, lines.earlier_from)
        lines.last_suspended = np.where(stopped, since, lines.last_suspended)
        lines.soft &= ~stopped
        if deliver:
            truths.write_re_entries(lines, begun)
            self._deliver_people(now, {"visits": visits, "surveys": surveys}, owing)
            self._deliver_money(now, paid)
            self._deliver_service(now, service)
            self._deliver_calls(now, use)
            if self.additions:
                self._deliver_additions(now, discount)

    def _deliver_people(
        self, now: Month, drawn: Mapping[str, register.Columns], owing: np.ndarray
    ) -> None:
        lines, write = self.lines, self.deliveries.write
        people = register.subscribers(lines, now)
        if self.additions:
            people |= additions.subscribers(lines, np.flatnonzero(lines.on_books(now.end)))
        write("subscribers", now, [people])
        details = register.contact_details(lines, now, first=now.index == 0)
        write("contact_details", now, [details])
        for table, columns in drawn.items():
            write(table, now, [columns])
        write("notices", now, [register.notices(lines, now, owing)])
        write("campaign_contacts", now, [campaigns.columns(lines, now, self.contacts)])
        events = self.statuses.deliver(now, lines)
        write("status_events", now, [events], encoding=GB18030)

    def _deliver_money(self, now: Month, paid: money.Bills | None) -> None:
        numbers = self.lines.numbers
        places = {"number": 2, "id": 0, "date": 8}
        if paid is not None and now.index > 0:
            before = self.month(now.index - 1)
            again = _bill_columns(paid, before, numbers)
            self.deliveries.write("bills", now, [again], period=before, spoil=places)
        if self.bills is not None:
            fresh = _bill_columns(self.bills, now, numbers)
            self.deliveries.write("bills", now, [fresh], spoil=places)
        owed = money.overdue(self.lines, now)
        self.deliveries.write("arrears", now, [owed], encoding=GB18030)

    def _deliver_service(self, now: Month, drawn: tuple[behaviour.Cases, ...]) -> None:
        service = zip(SERVICE.items(), self.books, drawn, strict=True)
        for (table, (columns, encoding)), book, fresh in service:
            cases_due, is_open = book.deliver(now, fresh)
            rows = columns(cases_due, is_open, self.lines.numbers)
            if self.additions and table == "complaints":
                rows |= additions.complaints(cases_due, is_open)
            self.deliveries.write(table, now, [rows], encoding=encoding)

    def _deliver_additions(self, now: Month, discount: np.ndarray) -> None:
        lines, write, moved = self.lines, self.deliveries.write, self.moved
        write("recharges", now, [additions.recharges(lines, now)])
        write("port_queries", now, [additions.port_queries(lines, now)])
        changes = [additions.plan_changes(lines, now, discount, moved.line)]
        if self.downgrades:
            changes.append(moves.columns(lines, now, moved))
        write("plan_changes", now, changes)

    def _deliver_calls(self, now: Month, use: np.ndarray) -> None:
        blocks = calls.draw(self.lines, now, use, self.calls_per_month)
        batches = calls.deliver(self.lines, now, blocks, self.late_calls)
        places = {"number": 3, "id": 0, "date": 2}
        self.deliveries.write("calls", now, batches, spoil=places)


def _bill_columns(bills: money.Bills, about: Month, numbers: np.ndarray) -> dict[str, pa.Array]:
    count = len(bills.line)
    unpaid = bills.amount_paid == 0
    return {
        "subscriber_id": pa.array(numbers[bills.line]),
        "bill_month": dates(np.full(count, about.start)),
        **{part: pa.array(amounts(getattr(bills, part))) for part in money.AMOUNTS},
        "due_on": dates(np.full(count, bills.due_on)),
        "paid_on": dates(bills.paid_on, null=unpaid),
        "amount_paid": pa.array(amounts(bills.amount_paid), mask=unpaid),
    }
