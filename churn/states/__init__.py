"""Status events to non-overlapping spans of service states."""

from __future__ import annotations

from churn.states.codes import require_known_codes, unknown_codes
from churn.states.departures import departures
from churn.states.lines import ends_of, lines, links
from churn.states.months import months_later
from churn.states.re_entries import NEW_DAYS, contacts_of, next_lines
from churn.states.repairs import repairs
from churn.states.settings import StateSettings
from churn.states.spans import first_of, in_service, last_seen, read_codes, spans, state_at
from churn.states.vocabulary import DEPARTED, STATES
