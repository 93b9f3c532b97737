"""Used models are deleted from the price book, everything is built again: the gate must fail."""

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
# Deleted together: reached by a dated name, a deployment, a trace, for one token, without tokens.
# What is logged -> its tokens, and their share of the 67,401 of all calls: 60 x 1,100 of gpt-4.1,
# and these 1,100 + 220 + 80 + 1 + 0.
ALL_DELETED = {
    ("azure", "gpt-4o"): ("1,100", "1.6 %"),
    DELETED: ("220", "0.3 %"),
    ("anthropic", "claude-haiku-4-5"): ("80", "0.1 %"),
    ("cohere", "command-r7b"): ("1", "<0.1 %"),
    ("pinecone", "serverless"): ("0", "0 %"),
}
TAGS = ("team:alpha", "feature:alpha-search")

pytestmark = pytest.mark.slow


def _logs() -> Logs:
    """65 calls, 5 of them of the models: too few for any other limit."""
    logs = Logs()
    for number in range(60):
        logs.call(f"chatcmpl-priced-{number}", tags=TAGS)
    logs.call("chatcmpl-deployment", model="azure/our-gpt4o", tags=TAGS)
    dated = "openai/gpt-4.1-nano-2025-04-14"
    logs.call("chatcmpl-dated-name", model=dated, prompt=200, completion=20, tags=TAGS)
    logs.call("chatcmpl-one-token", model="cohere/command-r7b", prompt=1, completion=0, tags=TAGS)
    logs.span(
        "haiku",
        provider="anthropic",
        model="claude-haiku-4-5",
        tokens=(70, 10),
        resource={"team": "alpha", "feature": "alpha-search"},
    )
    logs.query("query of a store", read_units="5", tags=list(TAGS))
    return logs


def _delete_prices(book: Path, *models: tuple[str, str]) -> int:
    with book.open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file))
    place = {name: header.index(name) for name in ("provider", "model")}
    kept = [row for row in rows if (row[place["provider"]], row[place["model"]]) not in models]
    with book.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *kept])
    return len(rows) - len(kept)


def test_models_deleted_from_the_price_book_fail_the_gate(tmp_path: Path) -> None:
    """However they were named, and with the tests of the data, which must not stop the report."""
    root = copy_project(tmp_path)
    shutil.copyfile(ROOT / "quality_gate.yml", root / "quality_gate.yml")
    shutil.copytree(ROOT / "tests" / "generic", root / "tests" / "generic")
    shutil.copytree(ROOT / "tests" / "singular", root / "tests" / "singular")
    # Without the type that is listed twice, which a test refuses.
    types = root / "seeds" / "company" / "outcome_types.csv"
    lines = types.read_text(encoding="utf-8").splitlines(keepends=True)
    types.write_text("".join(line for line in lines if line[:7] != "Ticket_"), encoding="utf-8")
    with environment_of(root) as environment:
        write([_logs()], FIRST, Project.find().raw_dir)
        run(environment, "load")
        run(environment, "build", DBT_EXCLUDE_RESOURCE_TYPES="test unit_test")
        code, output = run_command(environment, "gate")
        assert code == EXIT_PASSED, output

        assert _delete_prices(root / "seeds" / "reference" / "price_book.csv", *ALL_DELETED) > 0
        run(environment, "build", DBT_EXCLUDE_RESOURCE_TYPES="unit_test")
        code, output = run_command(environment, "gate", COLUMNS="200")
    assert code == EXIT_CRITICAL, output
    assert "Models that lost their price: 5, allowed 0" in output
    assert "Who: paula@acme.example" in output
    result = json.loads((root / "target" / "quality_gate" / "result.json").read_text())
    broken = [check for check in result["checks"] if check["status"] == "critical"]
    assert [check["check"] for check in broken] == ["unpriced_models"]
    told = {
        (offender["note"].split(",")[0], offender["label"]): offender["note"]
        for offender in broken[0]["offenders"]
    }
    assert told.keys() == ALL_DELETED.keys()
    for (provider, model), (tokens, share) in ALL_DELETED.items():
        note = told[provider, model]
        assert note.startswith(f"{provider}, {tokens} tokens ({share}), 1 events, "), note
        assert model in output
    nearest = told[DELETED].split(", priced and called alike: ")[1]
    assert "openai/gpt-4.1" in nearest.split(", ")
