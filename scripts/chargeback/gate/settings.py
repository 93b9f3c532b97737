"""Reads the limits of the checks from quality_gate.yml, and says what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from chargeback.errors import ChargebackError
from chargeback.gate.catalog import BY_KEY, CHECKS
from chargeback.gate.checks import Check, Unit
from chargeback.gate.results import Limit, Severity

FILE_NAME = "quality_gate.yml"


@dataclass(frozen=True)
class CheckSettings:
    """How one check is run: its limits and the numbers its SQL uses."""

    check: Check
    limits: tuple[Limit, ...]
    options: tuple[tuple[str, float], ...]


def read_settings(path: Path, critical: Sequence[str] = ()) -> list[CheckSettings]:
    """The enabled checks with their limits, in the order they are shown.

    `critical` names checks whose warning limit counts as critical for this run. Raises
    ChargebackError naming the file, the check and the key that is wrong.
    """
    for key in critical:
        if key not in BY_KEY:
            raise ChargebackError(f"no check is called {key!r}; there are: {', '.join(BY_KEY)}")
    chosen = _read(path)
    unknown = [str(key) for key in chosen if key not in BY_KEY]
    if unknown:
        raise ChargebackError(
            f"{path}: no check is called {unknown[0]!r}; there are: {', '.join(BY_KEY)}"
        )
    settings = []
    for check in CHECKS:
        if check.key not in chosen:
            raise ChargebackError(
                f"{path}: check {check.key!r} is missing; to turn it off say `enabled: false`"
            )
        one = _check_settings(path, check, chosen[check.key], check.key in critical)
        if one is not None:
            settings.append(one)
    if not settings:
        raise ChargebackError(f"{path}: every check is turned off")
    return settings


def _read(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ChargebackError(
            f"cannot read the limits of the quality gate in {path}: {error.strerror}"
        ) from error
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise ChargebackError(f"{path} is no valid YAML: {' '.join(str(error).split())}") from error
    if not isinstance(content, dict) or not isinstance(content.get("checks"), dict):
        raise ChargebackError(f"{path} needs a mapping named `checks`")
    return content["checks"]


def _check_settings(path: Path, check: Check, given: Any, promote: bool) -> CheckSettings | None:
    where = f"{path}: {check.key}"
    given = {} if given is None else given
    if not isinstance(given, Mapping):
        raise ChargebackError(f"{where} must be a mapping, such as `warning: 0.01`")
    severities = () if check.has_targets else tuple(str(severity) for severity in Severity)
    options = dict(check.options)
    known = ("enabled", *severities, *options)
    for key in given:
        if key not in known:
            raise ChargebackError(f"{where} has no {key!r}; it has: {', '.join(known)}")
    enabled = given.get("enabled", True)
    if not isinstance(enabled, bool):
        raise ChargebackError(f"{where}.enabled must be true or false, not {enabled!r}")
    limits = {
        Severity(name): _number(f"{where}.{name}", given[name], check.unit)
        for name in severities
        if given.get(name) is not None
    }
    for name, value in given.items():
        if name in options:
            options[name] = _number(f"{where}.{name}", value, Unit.COUNT)
    if not enabled:
        return None
    if not limits and not check.has_targets:
        raise ChargebackError(f"{where} needs `warning`, `critical` or both, or `enabled: false`")
    if promote and Severity.WARNING in limits:
        # The stricter of two limits is the warning's: it is what the caller wants to fail on.
        limits = {Severity.CRITICAL: limits[Severity.WARNING]}
    return CheckSettings(
        check,
        tuple(Limit(severity, value) for severity, value in limits.items()),
        tuple(options.items()),
    )


def _number(where: str, value: Any, unit: Unit) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ChargebackError(f"{where} must be a number, not {value!r}")
    if not Decimal(str(value)).is_finite() or value < 0:
        raise ChargebackError(f"{where} must be zero or more, not {value}")
    if unit == Unit.SHARE and value > 1:
        raise ChargebackError(f"{where} is a share between 0 and 1, not {value}")
    return value
