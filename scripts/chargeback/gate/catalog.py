"""All checks, in the order they are shown."""

from __future__ import annotations

from chargeback.gate import completeness, ownership, pricing
from chargeback.gate.checks import Check

CHECKS: tuple[Check, ...] = (*ownership.CHECKS, *completeness.CHECKS, *pricing.CHECKS)
BY_KEY: dict[str, Check] = {check.key: check for check in CHECKS}
