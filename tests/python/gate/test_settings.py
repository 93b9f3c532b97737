"""quality_gate.yml: the shipped file is valid, and mistakes are named."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from chargeback.errors import ChargebackError
from chargeback.gate.catalog import BY_KEY
from chargeback.gate.results import Limit, Severity
from chargeback.gate.settings import read_settings

SHIPPED = Path(__file__).resolve().parents[3] / "quality_gate.yml"


def written(tmp_path: Path, **changes: object) -> Path:
    checks = yaml.safe_load(SHIPPED.read_text())["checks"] | changes
    path = tmp_path / "gate.yml"
    path.write_text(yaml.safe_dump({"checks": checks}))
    return path


def test_the_shipped_file_has_every_check():
    assert [one.check.key for one in read_settings(SHIPPED)] == list(BY_KEY)


def test_a_check_can_be_turned_off(tmp_path):
    path = written(tmp_path, freshness={"enabled": False})
    assert "freshness" not in [one.check.key for one in read_settings(path)]


def test_a_warning_can_be_promoted():
    [one] = [one for one in read_settings(SHIPPED, ["freshness"]) if one.check.key == "freshness"]
    assert one.limits == (Limit(Severity.CRITICAL, 48),)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"freshnes": {}}, "no check is called 'freshnes'"),
        ({"freshness": {"warn": 1}}, "freshness has no 'warn'; it has: enabled, warning, critical"),
        ({"freshness": {"warning": "2 days"}}, "freshness.warning must be a number, not '2 days'"),
        ({"freshness": {"warning": -1}}, "freshness.warning must be zero or more"),
        ({"freshness": {"warning": float("nan")}}, "freshness.warning must be zero or more"),
        ({"freshness": {}}, "freshness needs `warning`, `critical` or both"),
        ({"freshness": 48}, "freshness must be a mapping"),
        ({"freshness": {"enabled": "no way"}}, "freshness.enabled must be true or false"),
        ({"unpriced_events": {"critical": 5}}, "unpriced_events.critical is a share between 0 and"),
        ({"required_tags_in_money": {"critical": 0.5}}, "required_tags_in_money has no 'critical'"),
    ],
)
def test_mistakes_are_named(tmp_path, changes, message):
    with pytest.raises(ChargebackError) as error:
        read_settings(written(tmp_path, **changes))
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("checks: [", "is no valid YAML"),
        ("", "needs a mapping named `checks`"),
        ("checks: []", "needs a mapping named `checks`"),
        ("checks: {freshness: {warning: 1}}", "is missing; to turn it off say `enabled: false`"),
    ],
)
def test_files_that_are_no_settings(tmp_path, text, message):
    path = tmp_path / "gate.yml"
    path.write_text(text)
    with pytest.raises(ChargebackError, match=message):
        read_settings(path)


def test_a_missing_file(tmp_path):
    with pytest.raises(ChargebackError, match="cannot read the limits"):
        read_settings(tmp_path / "none.yml")


def test_promoting_an_unknown_check():
    with pytest.raises(ChargebackError, match="no check is called 'fresh'"):
        read_settings(SHIPPED, ["fresh"])
