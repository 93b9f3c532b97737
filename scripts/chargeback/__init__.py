"""The `chargeback` command: load logs, build the warehouse, check it, report on it."""

__version__ = "0.1.0"
