"""The report of a night as one HTML page: parts in, bytes out."""

from __future__ import annotations

from churn.report.page.document import write_page
from churn.report.page.parts import Data, Models, TableState, Tonight

__all__ = ["Data", "Models", "TableState", "Tonight", "write_page"]
