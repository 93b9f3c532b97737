from __future__ import annotations

import hashlib
import resource
import shutil
import time
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from chargeback.errors import ChargebackError
from chargeback.sample.generate import generate
from chargeback.sample.manifest import MANIFEST
from chargeback.sample.plan import make_plan

ROOT = Path(__file__).resolve().parents[3]


def _hashes(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_same_flags_write_the_same_bytes(tmp_path):
    plan = make_plan(16, 2_000)
    for name in ("first", "second"):
        generate(plan, ROOT, tmp_path / name)
    first = _hashes(tmp_path / "first")
    assert first == _hashes(tmp_path / "second")
    assert len(first) > 50


def test_the_number_of_processes_does_not_matter(tmp_path):
    plan = make_plan(3, 600)
    generate(plan, ROOT, tmp_path / "one", workers=1)
    generate(plan, ROOT, tmp_path / "two", workers=2)
    assert _hashes(tmp_path / "one") == _hashes(tmp_path / "two")


def test_another_seed_writes_other_logs(tmp_path):
    generate(make_plan(2, 300, seed=1), ROOT, tmp_path / "one")
    generate(make_plan(2, 300, seed=2), ROOT, tmp_path / "two")
    one, two = _hashes(tmp_path / "one"), _hashes(tmp_path / "two")
    name = "litellm/spend_logs/2026-10-31.parquet"
    assert one[name] != two[name]


def test_existing_files_are_kept_unless_forced(tmp_path):
    generate(make_plan(2, 300), ROOT, tmp_path)
    with pytest.raises(ChargebackError, match="--force"):
        generate(make_plan(2, 300), ROOT, tmp_path)
    own = tmp_path / "litellm" / "mine.jsonl"
    own.write_text("{}\n", encoding="utf-8")
    counts = generate(make_plan(1, 200), ROOT, tmp_path, force=True)
    assert own.exists()
    files = [name for name in _hashes(tmp_path) if name not in (MANIFEST, "litellm/mine.jsonl")]
    assert sorted(files) == sorted(counts.files)


def test_a_manifest_cannot_remove_files_elsewhere(tmp_path):
    folder, outside = tmp_path / "raw", tmp_path / "precious.txt"
    outside.write_text("x", encoding="utf-8")
    folder.mkdir()
    (folder / MANIFEST).write_text('{"files": ["../precious.txt", 3]}', encoding="utf-8")
    generate(make_plan(1, 200), ROOT, folder, force=True)
    assert outside.exists()


def test_a_day_can_be_added(tmp_path):
    generate(make_plan(30, 1_500, end=date(2026, 10, 30)), ROOT, tmp_path)
    before = _hashes(tmp_path)
    generate(make_plan(1, 400, start=date(2026, 10, 31)), ROOT, tmp_path)
    after = _hashes(tmp_path)
    assert {name: after[name] for name in before if name != MANIFEST} == {
        name: text for name, text in before.items() if name != MANIFEST
    }
    added = set(after) - set(before)
    assert added == {
        "litellm/spend_logs/2026-10-31.parquet", "otel/traces-2026-10-31.jsonl",
        "retrieval/queries-2026-10-31.parquet", "business/outcomes-2026-10-31.csv",
    }  # fmt: skip
    days = pq.read_table(tmp_path / "litellm/spend_logs/2026-10-31.parquet")["startTime"]
    assert {moment.date() for moment in days.to_pylist()} <= {date(2026, 10, 31)}
    generate(make_plan(30, 1_500, end=date(2026, 10, 30)), ROOT, tmp_path, force=True)
    assert _hashes(tmp_path).keys() == before.keys()


def test_the_seeds_must_be_the_samples(tmp_path):
    folder = tmp_path / "seeds" / "company"
    shutil.copytree(ROOT / "seeds" / "company", folder)
    path = folder / "features.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("cv-screening", "other"), "utf-8")
    with pytest.raises(ChargebackError, match="has no feature 'cv-screening'"):
        generate(make_plan(1, 100), tmp_path, tmp_path / "out")
    path.unlink()
    with pytest.raises(ChargebackError, match="cannot read"):
        generate(make_plan(1, 100), tmp_path, tmp_path / "out")


def test_a_folder_that_cannot_be_written(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    with pytest.raises(ChargebackError, match="cannot write"):
        generate(make_plan(1, 100), ROOT, blocked / "raw")


@pytest.mark.slow
def test_200_000_events_take_little_time_and_memory(tmp_path):
    started = time.process_time()
    counts = generate(make_plan(10, 200_000), ROOT, tmp_path, workers=1)
    assert counts.spend_logs > 150_000
    assert time.process_time() - started < 40
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 2_000_000


def test_the_command(tmp_path, monkeypatch):
    import typer

    from chargeback.sample.command import sample

    monkeypatch.setenv("CHARGEBACK_PROJECT_DIR", str(ROOT))
    app = typer.Typer()
    app.command()(sample)
    options = ["--days", "2", "--events", "300", "--out", str(tmp_path / "raw")]
    result = CliRunner().invoke(app, options)
    assert result.exit_code == 0, result.output
    assert "gateway rows" in " ".join(result.output.split())
    again = CliRunner().invoke(app, options)
    assert isinstance(again.exception, ChargebackError)
    wrong = CliRunner().invoke(app, ["--end-date", "yesterday"])
    assert "YYYY-MM-DD" in str(wrong.exception)
