"""The words of a verdict: the same in the terminal, in the Data Docs and in the JSON file."""

from __future__ import annotations

from decimal import Decimal

from chargeback.gate.checks import Check, Unit
from chargeback.gate.numbers import hours, money, percent, whole
from chargeback.gate.results import Limit, Measurement


def title(check: Check, subject: str) -> str:
    """Name of a check on one subject."""
    return check.title.format(subject=subject)


def value_text(check: Check, value: float | None) -> str:
    """A value in the unit of its check."""
    if value is None:
        return "-"
    if check.unit == Unit.SHARE:
        return percent(value)
    if check.unit == Unit.HOURS:
        return hours(max(value, 0.0))
    return whole(value)


def limit_text(check: Check, limit: Limit) -> str:
    """A limit with its sign: `>= 80 %`, `<= 2 days`, `0`."""
    text = value_text(check, limit.value)
    if not limit.value and not check.at_least:
        return text
    return f"{'>=' if check.at_least else '<='} {text}"


def sentence(check: Check, measurement: Measurement, limit: Limit) -> str:
    """What has to be true, with the limit in its unit."""
    if not limit.value and check.none_sentence:
        return check.none_sentence.format(subject=measurement.subject)
    text = value_text(check, limit.value)
    if check.counted:
        text = f"{text} {check.counted if limit.value != 1 else check.counted.removesuffix('s')}"
    return check.sentence.format(subject=measurement.subject, limit=text)


def headline(check: Check, measurement: Measurement, limit: Limit) -> str:
    """What is wrong, in one line: `Events tagged team: 45 %, wanted >= 75 %`."""
    return (
        f"{title(check, measurement.subject)}: {value_text(check, measurement.observed)}, "
        f"{'wanted' if check.at_least else 'allowed'} {limit_text(check, limit)}"
    )


def money_text(check: Check, measurement: Measurement) -> str:
    """The money at stake, and how it is estimated where it is not exact."""
    if measurement.money_usd is None:
        return "unknown"
    text = money(measurement.money_usd)
    return f"about {text} ({check.money_note})" if check.money_note else text


def short_money(check: Check, amount: Decimal | None) -> str:
    """Money in a column, with `~` where it is estimated; empty when it is not known.

    >>> from chargeback.gate.catalog import BY_KEY
    >>> short_money(BY_KEY["unpriced_events"], Decimal("11.016"))
    '~$11.02'
    """
    if amount is None:
        return ""
    return f"{'~' if check.money_note else ''}{money(amount)}"


def fixers(measurement: Measurement, platform_owner: str) -> list[str]:
    """Owners of what makes the number worse, worst first; else the platform team's owner."""
    owners = [offender.owner for offender in measurement.offenders if offender.owner]
    return list(dict.fromkeys(owners)) or [platform_owner]
