"""The settings of a deployment: every package's own section, composed and read from one file."""

from __future__ import annotations

from pipelines.settings.model import Settings
from pipelines.settings.reading import load_settings
