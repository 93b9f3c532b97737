"""Keeps Great Expectations quiet: no analytics, no network, no progress bars, no warnings."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

_LOGGERS = ("great_expectations", "sqlalchemy", "alembic", "posthog", "py.warnings")


@contextmanager
def quiet_great_expectations() -> Iterator[None]:
    """Everything imported and run inside stays silent; settings are put back afterwards."""
    # Read when Great Expectations is imported, so it has to be set first. It stays set.
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    levels = {name: logging.getLogger(name).level for name in _LOGGERS}
    for name in _LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
