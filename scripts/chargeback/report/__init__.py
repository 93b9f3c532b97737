"""`chargeback report`: which team spent what, on which feature, and whether every row is there."""

from chargeback.report.command import report

__all__ = ["report"]
