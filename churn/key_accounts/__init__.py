"""Key accounts: who they are, what happened to them since the last visit, who must be visited."""

from __future__ import annotations

from churn.key_accounts.lines import in_question, lines, lines_of_the_year
from churn.key_accounts.loss import Loss, loss
from churn.key_accounts.settings import KeyAccountSettings
from churn.key_accounts.signals import SIGNALS, events, monthly_sums
from churn.key_accounts.summary import VISITS, KeyAccounts, summarise
