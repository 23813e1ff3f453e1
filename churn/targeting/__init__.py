"""Deciding: what a subscriber is worth, which action pays, and whom to contact under budget."""

from __future__ import annotations

from churn.targeting.actions import CATALOGUE, Action
from churn.targeting.context import context, spent_in_month
from churn.targeting.facts import facts, used_columns
from churn.targeting.limits import used_before
from churn.targeting.plan import CONTROL_COLUMNS, TARGET_COLUMNS, TargetList, plan
from churn.targeting.removal import last_notices, near_but_off_the_books, with_contacts
from churn.targeting.settings import TargetingSettings
from churn.targeting.totals import NOT_SELECTED
