"""The canonical tables (DESIGN's contract with every extract): one declaration each."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from churn.tables.canonical.columns import CHANNELS
from churn.tables.canonical.contacts import (
    CAMPAIGN_CONTACTS,
    NOTICES,
    PLAN_CHANGES,
    PORT_QUERIES,
    VISITS,
)
from churn.tables.canonical.customers import ATTRIBUTES, CONTACT_DETAILS, SUBSCRIBERS
from churn.tables.canonical.money import ARREARS, BILLS, RECHARGES
from churn.tables.canonical.service import (
    COMPLAINTS,
    FAULTS,
    SERVICE_ORDERS,
    STATUS_EVENTS,
    SURVEYS,
)
from churn.tables.canonical.use import CALLS, USAGE_MONTHLY
from churn.tables.schema import Table

TABLES: Mapping[str, Table] = MappingProxyType(
    {
        table.name: table
        for table in (
            SUBSCRIBERS,
            ATTRIBUTES,
            CONTACT_DETAILS,
            BILLS,
            CALLS,
            USAGE_MONTHLY,
            ARREARS,
            RECHARGES,
            STATUS_EVENTS,
            COMPLAINTS,
            FAULTS,
            SERVICE_ORDERS,
            SURVEYS,
            VISITS,
            NOTICES,
            PORT_QUERIES,
            PLAN_CHANGES,
            CAMPAIGN_CONTACTS,
        )
    }
)
