"""docs/reference/quality-gate.md says what quality_gate.yml and the seed say."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
import yaml

from chargeback.gate.catalog import BY_KEY
from chargeback.gate.checks import Unit
from chargeback.gate.words import value_text

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs/reference/quality-gate.md").read_text(encoding="utf-8")
CHECKS = yaml.safe_load((ROOT / "quality_gate.yml").read_text(encoding="utf-8"))["checks"]


def cells(key: str) -> list[str]:
    [line] = re.findall(rf"^\| `{key}` \|.*$", PAGE, re.MULTILINE)
    return [cell.strip() for cell in line.strip("|").split("|")]


@pytest.mark.parametrize("key", BY_KEY)
def test_the_limits_are_those_of_the_file(key):
    check = BY_KEY[key]
    for severity, shown in zip(("warning", "critical"), cells(key)[2:], strict=True):
        if check.has_targets:
            assert shown == "by tag"
            continue
        limit = CHECKS[key].get(severity)
        if limit is None:
            assert shown == ""
        elif check.unit == Unit.HOURS:
            assert shown == f"> {limit:.0f} h"
        else:
            assert shown == f"> {value_text(check, limit)}"


def test_the_tags_are_those_of_the_seed():
    with (ROOT / "seeds/company/tag_requirements.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            target = f"{float(row['coverage_target']):.0%}".replace("%", " %")
            assert cells(row["tag"])[1:] == [target, row["severity"]]
