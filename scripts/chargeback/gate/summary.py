"""The outcome of a run: its headline, its exit code and its JSON form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from chargeback.gate.catalog import BY_KEY
from chargeback.gate.results import Offender, Status, Verdict, count
from chargeback.gate.words import fixers, limit_text, sentence, title, value_text

EXIT_PASSED = 0
EXIT_CRITICAL = 3
"""Apart from 1 (could not run) and 2 (wrong options)."""


@dataclass(frozen=True)
class Summary:
    """All verdicts of a run. Times are UTC without a zone."""

    verdicts: Sequence[Verdict]
    platform_owner: str
    checked_at: datetime
    as_of: datetime

    @property
    def exit_code(self) -> int:
        """0 unless a critical limit is broken."""
        return EXIT_CRITICAL if count(self.verdicts, Status.CRITICAL) else EXIT_PASSED

    def headline(self) -> str:
        """One line: how many passed, warn, fail."""
        parts = [f"{count(self.verdicts, Status.PASSED)} passed"]
        parts += [
            _plural(number, one, many)
            for status, one, many in (
                (Status.WARNING, "warning", "warnings"),
                (Status.CRITICAL, "critical failure", "critical failures"),
                (Status.NO_DATA, "without data", "without data"),
            )
            if (number := count(self.verdicts, status))
        ]
        return f"{len(self.verdicts)} checks: {', '.join(parts)}"

    def as_json(self) -> dict[str, Any]:
        """What result.json holds. Money is text, so that no digit is lost."""
        return {
            "passed": self.exit_code == EXIT_PASSED,
            "checked_at": f"{self.checked_at:%Y-%m-%dT%H:%M:%SZ}",
            "as_of": f"{self.as_of:%Y-%m-%dT%H:%M:%SZ}",
            "counts": {str(status): count(self.verdicts, status) for status in Status},
            "checks": [self._verdict_json(verdict) for verdict in self.verdicts],
        }

    def _verdict_json(self, verdict: Verdict) -> dict[str, Any]:
        measurement = verdict.measurement
        check = BY_KEY[measurement.check]
        broken = verdict.broken
        return {
            "check": measurement.check,
            "subject": measurement.subject,
            "title": title(check, measurement.subject),
            "status": str(verdict.status),
            "unit": str(check.unit),
            "observed": measurement.observed,
            "observed_text": value_text(check, measurement.observed),
            "note": measurement.note,
            "limits": [
                {
                    "severity": str(limit.severity),
                    "value": limit.value,
                    "text": limit_text(check, limit),
                    "expectation": sentence(check, measurement, limit),
                }
                for limit in measurement.limits
            ],
            "broken": str(broken.severity) if broken else None,
            "money_usd": _money_json(measurement.money_usd),
            "money_is_estimate": bool(check.money_note),
            "who_can_fix": fixers(measurement, self.platform_owner),
            "how_to_fix": check.fix,
            "offenders": [_offender_json(offender) for offender in measurement.offenders],
            "page": verdict.page,
        }


def _offender_json(offender: Offender) -> dict[str, Any]:
    return {
        "label": offender.label,
        "note": offender.note,
        "money_usd": _money_json(offender.money_usd),
        "owner": offender.owner,
    }


def _money_json(amount: Decimal | None) -> str | None:
    """All digits, without zeros at the end: engines differ in how many they add."""
    if amount is None:
        return None
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _plural(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
