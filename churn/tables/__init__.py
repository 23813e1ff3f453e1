"""The canonical tables and ``known_at(t)``, the only way to read them."""

from __future__ import annotations

from churn.tables.attributes import Attribute
from churn.tables.canonical import TABLES
from churn.tables.daily import DailySums
from churn.tables.deliveries import Delivery
from churn.tables.known import Known, Reader, Tables, holder
from churn.tables.schema import Column, Mode, Table
