"""What `chargeback load` tells somebody who sees it for the first time."""

from __future__ import annotations

import gzip
import io
import json
import os
import random
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from rich.console import Console

from chargeback.errors import ChargebackError
from chargeback.load.command import load
from chargeback.load.discover import Discovery, SourceFile
from chargeback.load.run import LOADED, FileResult, LoadReport, Progress
from chargeback.load.summary import BarProgress, print_report
from chargeback.project import Project

NOISE = random.Random(3)


def printed(loads: Any, **options: Any) -> str:
    """What a load of the folder prints."""
    text = io.StringIO()
    print_report(loads.load(**options), Console(file=text, width=100))
    return text.getvalue()


def lines(*rows: dict[str, Any]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def cut_gzip(make: Callable[..., dict[str, Any]]) -> bytes:
    rows = [make(n, end_user=NOISE.randbytes(9).hex()) for n in range(900)]
    data = gzip.compress(lines(*rows).encode())
    return data[: len(data) // 2]


def half_parquet(make: Callable[..., dict[str, Any]]) -> bytes:
    buffer = io.BytesIO()
    row = {name: str(value) for name, value in make(1).items()}
    pq.write_table(pa.Table.from_pylist([row]), buffer)
    return buffer.getvalue()[: len(buffer.getvalue()) // 2]


OUTCOMES = "outcome_id,outcome_type,occurred_at,value\n1,ticket,2026-11-01,5\n"
ONE_COLUMN = "it has one unknown column (columns are separated by , ; | or tab)"
OBJECT_ONLY = "object 1 and 2 more: not a JSON object"
FILES: list[tuple[str, Any, str]] = [
    ("litellm/a.bin", NOISE.randbytes(50_000), "it is no JSON, JSON lines, CSV or Parquet"),
    ("litellm/a.jsonl", NOISE.randbytes(400_000), "it is no JSON, JSON lines, CSV or Parquet"),
    ("litellm/a.txt", "lorem ipsum\n" * 9, "it is no JSON, JSON lines, CSV or Parquet"),
    ("litellm/a.json", "<html>502 Bad Gateway</html>", "it is a web page or XML"),
    ("litellm/a.csv", b"PK\x03\x04" + NOISE.randbytes(99), "a ZIP archive or an Excel workbook"),
    ("litellm/a.db", b"SQLite format 3\0" + b"\0" * 99, "it is an SQLite database"),
    ("business/a.csv", OUTCOMES.encode("utf-16"), "it is UTF-16 text: save it as UTF-8"),
    ("litellm/a.jsonl.gz", cut_gzip, "the gzip stream ends too early; "),
    ("litellm/a.parquet", half_parquet, "the Parquet file is damaged, or was copied before"),
    ("business/a.csv", OUTCOMES.replace(",", ":"), ONE_COLUMN),
    ("business/a.csv", OUTCOMES[42:], "none of them known (is the header missing?)"),
    ("business/a.csv", "outcome_id,outcome_type\n1,ticket\n", "needs column occurred_at"),
    ("business/a.csv", OUTCOMES.replace(",5", ",1 e"), "row 2: value is no number (value = 1 x)"),
    ("business/a.json", "[1, 2, 3]", OBJECT_ONLY),
    ("business/a.csv", "", "skipped, the file is empty"),
    ("business/a.csv", OUTCOMES[:42], "it has no rows"),
    ("otel/a.jsonl", '{"resourceLogs":[]}', "the line has OTLP logs: only traces are loaded"),
    ("helicone/a.jsonl", "{}", "helicone/ was not read: it is no known source (sources are"),
    ("lite-llm/a.jsonl", "{}", "it is no known source (did you mean litellm/?)"),
    ("a.jsonl", "{}", "a.jsonl was not read: it is in no source's folder"),
]


@pytest.mark.parametrize(("name", "content", "message"), FILES)
def test_message(duckdb_loads: Any, spend_log: Any, name: str, content: Any, message: str) -> None:
    data = content(spend_log) if callable(content) else content
    path = duckdb_loads.raw / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    text = printed(duckdb_loads)
    assert message in text
    assert "Traceback" not in text and "Exception" not in text
    duckdb_loads.balance()


def test_names_of_columns_are_not_repeated(duckdb_loads: Any) -> None:
    """Without a header the first row of data stands in its place."""
    duckdb_loads.write("directory/keys.csv", "sk-secret,ann@example.com,search\n")
    text = printed(duckdb_loads)
    assert "sk-secret" not in text and "ann@" not in text
    assert "sk-secret" not in str(duckdb_loads.rows("rejects", "*", "1"))


def test_a_file_in_another_sources_folder(duckdb_loads: Any, spend_log: Any, otlp: Any) -> None:
    duckdb_loads.write("finance/a.jsonl", lines(spend_log(1)))
    duckdb_loads.write("litellm/b.jsonl", lines(otlp()))
    text = printed(duckdb_loads)
    assert "it looks like litellm_spend_logs: move it to the folder litellm/" in text
    assert "it looks like otel_spans: move it to the folder otel/" in text


def test_problems_are_grouped(duckdb_loads: Any, spend_log: Any) -> None:
    rows = [spend_log(n, prompt_tokens="x") for n in range(1500)]
    duckdb_loads.write("litellm/a.jsonl", lines(spend_log(1), *rows) + "{\n")
    text = printed(duckdb_loads)
    assert "litellm/a.jsonl: 1 loaded, 1,501 rejected" in text
    excerpt = "prompt_tokens is no whole number (prompt_tokens = x)"
    assert f"  line 2 and 1,499 more: {excerpt}" in text
    assert "  line 1,502: not valid JSON" in text
    assert "1,501 rejects are in the table raw.rejects" in text


def test_renamed_repeated_and_grown_files(duckdb_loads: Any, spend_log: Any) -> None:
    path = duckdb_loads.write("litellm/a.jsonl", lines(spend_log(1)))
    assert "loaded" not in printed(duckdb_loads).replace("Loaded", "").splitlines()[0]
    assert "nothing new" in printed(duckdb_loads)
    renamed = path.rename(path.with_name("b.jsonl"))
    assert "litellm/b.jsonl: skipped, same content as litellm/a.jsonl" in printed(duckdb_loads)
    renamed.rename(path)
    path.write_text(lines(spend_log(1), spend_log(2)))
    text = printed(duckdb_loads)
    assert "litellm/a.jsonl: changed since it was loaded before" in text and "count once" in text


def test_a_refused_file_is_remembered(duckdb_loads: Any) -> None:
    duckdb_loads.write("business/a.csv", "a,b\n1,2\n")
    assert "was not loaded" in printed(duckdb_loads)
    assert "nothing in it could be loaded the first time" in printed(duckdb_loads)


def test_what_cannot_be_opened(duckdb_loads: Any, spend_log: Any) -> None:
    duckdb_loads.write("litellm/a.jsonl", lines(spend_log(1)))
    (duckdb_loads.raw / "litellm" / "b.jsonl").symlink_to("/nowhere")
    os.mkfifo(duckdb_loads.raw / "litellm" / "c.jsonl")
    text = printed(duckdb_loads)
    assert "b.jsonl could not be read: it is a link to a file that is not there" in text
    assert "c.jsonl could not be read: it is no regular file" in text
    assert len(duckdb_loads.rows("litellm_spend_logs")) == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_no_permission(duckdb_loads: Any, spend_log: Any) -> None:
    duckdb_loads.write("litellm/a.jsonl", lines(spend_log(1))).chmod(0)
    closed = duckdb_loads.raw / "otel"
    closed.mkdir(mode=0)
    text = printed(duckdb_loads)
    assert "litellm/a.jsonl was not loaded: permission denied" in text
    assert "otel/ could not be read: permission denied" in text


def test_logs_beside_those_of_the_made_up_company(
    duckdb_loads: Any, spend_log: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    duckdb_loads.write_lines("litellm/made_up.jsonl", [spend_log(1)])
    duckdb_loads.write(".sample.json", json.dumps({"files": ["litellm/made_up.jsonl"]}))
    console = Console(width=200)
    print_report(duckdb_loads.load(), console)
    assert "made-up" not in capsys.readouterr().out
    duckdb_loads.write_lines("litellm/mine.jsonl", [spend_log(2)])
    print_report(duckdb_loads.load(), console)
    said = "warning: litellm/mine.jsonl lies beside the logs of the made-up company"
    assert said in capsys.readouterr().out


def test_links_to_folders_are_followed_once(duckdb_loads: Any, spend_log: Any) -> None:
    elsewhere = duckdb_loads.raw.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "a.jsonl").write_text(lines(spend_log(1)))
    (elsewhere / "round").symlink_to(elsewhere)
    (duckdb_loads.raw / "litellm").mkdir()
    (duckdb_loads.raw / "litellm" / "link").symlink_to(elsewhere)
    assert [file.name for file in duckdb_loads.load().discovery.files] == ["litellm/link/a.jsonl"]


def test_no_folder_and_nothing_in_it(duckdb_loads: Any) -> None:
    assert "there is nothing to load in" in printed(duckdb_loads)
    duckdb_loads.raw.rmdir()
    text = printed(duckdb_loads)
    assert "there is no folder" in text and "chargeback sample" in text
    duckdb_loads.raw.write_text("")
    with pytest.raises(ChargebackError, match="is a file"):
        duckdb_loads.load()


def command(raw: Path, **options: Any) -> None:
    settings = {"target": None, "profiles_dir": None, "keep_emails": False}
    settings |= {"keep_attribute": None, "max_line_mb": 16, "strict": False}
    load(raw_dir=raw, **(settings | options))


def test_the_command(small_project: Project, spend_log: Any, capsys: Any) -> None:
    folder = small_project.root / "logs" / "litellm"
    folder.mkdir(parents=True)
    (folder / "a.jsonl").write_text(lines(spend_log(1)))
    (folder / "b.jsonl").write_text("bad\n")
    command(folder.parent)
    text = capsys.readouterr().out
    assert "litellm/b.jsonl: 0 loaded, 1 rejected" in text
    assert "litellm_spend_logs" in text and not text.startswith("\n")
    (folder / "b.jsonl").write_text("worse\n")
    with pytest.raises(ChargebackError, match="--strict: there are rejects"):
        command(folder.parent, strict=True)
    (folder / "c.jsonl").symlink_to("/nowhere")
    with pytest.raises(ChargebackError, match="1 file could not be read"):
        command(folder.parent)
    with pytest.raises(ChargebackError, match="there is no folder"):
        command(folder / "none")


def test_the_table_of_a_large_load_fits_80_columns() -> None:
    counts = (999_999_999, 999_999_999, 99_999_999)
    report = LoadReport(Discovery(Path("raw")))
    for table in ("finance_invoice_lines", "litellm_spend_logs", None):
        source = table.partition("_")[0] if table else "retrieval"
        file = SourceFile(
            source, Path("raw") / source / "a.csv", f"{source}/a.csv", 1, datetime(2026, 1, 1)
        )
        report.results.append(FileResult(file, LOADED, table, *counts))
    text = io.StringIO()
    print_report(report, Console(file=text, width=80))
    [head] = [line for line in text.getvalue().splitlines() if "skipped" in line]
    assert head.split() == ["table", "files", "rows", "loaded", "rejected", "skipped"]
    assert max(map(len, text.getvalue().splitlines())) <= 80
    assert text.getvalue().count("999,999,999") == 6
    for name in ("finance_invoice_lines", "litellm_spend_logs", "retrieval, unknown"):
        assert f" {name} " in text.getvalue()
    assert "…" not in text.getvalue()


def test_the_bar_counts_bytes(duckdb_loads: Any, spend_log: Any) -> None:
    from chargeback.load.run import load_folder

    path = duckdb_loads.write("litellm/a.jsonl", lines(spend_log(1), spend_log(2)))
    terminal = Console(file=io.StringIO(), force_terminal=True, width=100)
    with BarProgress(terminal) as bar:
        load_folder(duckdb_loads.warehouse, duckdb_loads.raw, progress=bar)
        assert bar.done == bar.file_end == path.stat().st_size
    assert isinstance(bar, Progress)
