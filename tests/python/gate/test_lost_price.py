"""A used model is deleted from the price book, everything is built again: the gate must fail."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest

from chargeback.gate.summary import EXIT_CRITICAL, EXIT_PASSED
from chargeback.project import Project
from rules.logs import FIRST, Logs, write
from rules.project import ROOT, copy_project, environment_of, run, run_command

DELETED = ("openai", "gpt-4.1-nano")
TAGS = ("team:alpha", "feature:alpha-search")

pytestmark = pytest.mark.slow


def _logs() -> Logs:
    """30 calls, one of them of the model: 220 of 32,120 tokens, too few for any other limit."""
    logs = Logs()
    for number in range(29):
        logs.call(f"chatcmpl-many-{number}", tags=TAGS)
    logs.call(
        "chatcmpl-one",
        model="openai/gpt-4.1-nano",
        prompt=200,
        completion=20,
        tags=TAGS,
        spend=0.000028,
    )
    return logs


def _delete_prices(book: Path) -> int:
    with book.open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file))
    place = {name: header.index(name) for name in ("provider", "model")}
    kept = [row for row in rows if (row[place["provider"]], row[place["model"]]) != DELETED]
    with book.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *kept])
    return len(rows) - len(kept)


def test_a_model_deleted_from_the_price_book_fails_the_gate(tmp_path: Path) -> None:
    root = copy_project(tmp_path)
    shutil.copyfile(ROOT / "quality_gate.yml", root / "quality_gate.yml")
    with environment_of(root) as environment:
        write([_logs()], FIRST, Project.find().raw_dir)
        run(environment, "load")
        run(environment, "build", DBT_EXCLUDE_RESOURCE_TYPES="test unit_test")
        code, output = run_command(environment, "gate")
        assert code == EXIT_PASSED, output

        assert _delete_prices(root / "seeds" / "reference" / "price_book.csv") > 0
        run(environment, "build", DBT_EXCLUDE_RESOURCE_TYPES="test unit_test")
        code, output = run_command(environment, "gate", COLUMNS="200")
    assert code == EXIT_CRITICAL, output
    assert "Models that lost their price: 1, allowed 0" in output
    assert "Who: paula@acme.example" in output
    result = json.loads((root / "target" / "quality_gate" / "result.json").read_text())
    broken = [check for check in result["checks"] if check["status"] == "critical"]
    assert [check["check"] for check in broken] == ["unpriced_models"]
    [offender] = broken[0]["offenders"]
    assert offender["label"] == "gpt-4.1-nano"
    assert offender["money_usd"] == "0.000028"
    told, nearest = offender["note"].split(", priced and called alike: ")
    assert told == "openai, 220 tokens (0.7 %), 1 events"
    assert "openai/gpt-4.1" in nearest.split(", ")
    assert offender["note"] in output
