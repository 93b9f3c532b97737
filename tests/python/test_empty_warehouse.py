"""`dbt build` without raw tables: nothing was loaded yet, and that is no error."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import duckdb
import pytest

from chargeback.dbt import dbt_command
from chargeback.load.tables import create_statements

ROOT = Path(__file__).resolve().parents[2]
PROFILES = (ROOT / "profiles.example.yml").read_text(encoding="utf-8")
DATABASE = Path(re.search(r"'([^']+\.duckdb)'", PROFILES).group(1)).name
# Two calls, one of them written twice.
ROWS = """
    insert into raw.litellm_spend_logs
        (request_id, call_type, model, status, prompt_tokens, start_time, _load_id, _line_number)
    select
        request_id, 'acompletion', 'openai/gpt-4o', 'success', 10, timestamp '2026-03-01', 1, line
    from (values
        ('chatcmpl-0000000000000001', 1),
        ('chatcmpl-0000000000000001', 2),
        ('chatcmpl-0000000000000002', 3)
    ) as given (request_id, line)
"""

pytestmark = pytest.mark.slow


def dbt(work: Path, *arguments: str) -> str:
    """Run dbt on the warehouse of a folder; a failure fails the test with dbt's output."""
    done = subprocess.run(
        dbt_command([*arguments, "--project-dir", str(ROOT), "--target", "duckdb"]),
        cwd=work,
        env={
            **{name: value for name, value in os.environ.items() if name[:11] != "CHARGEBACK_"},
            "CHARGEBACK_DUCKDB_PATH": str(work / DATABASE),
            "DBT_PROFILES_DIR": str(work),
            "DBT_TARGET_PATH": str(work / "target"),
            "DBT_LOG_PATH": str(work / "logs"),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            "DBT_USE_COLORS": "false",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.fail(f"dbt {' '.join(arguments)}:\n{done.stdout}", pytrace=False)
    return done.stdout


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a warehouse that `dbt build` built from nothing."""
    folder = tmp_path_factory.mktemp("empty")
    (folder / "profiles.yml").write_text(PROFILES, encoding="utf-8")
    # Other unit tests read no raw table.
    dbt(folder, "build", "--exclude", "test_type:unit,intermediate", "test_type:unit,marts")
    return folder


def count(work: Path, relation: str) -> int:
    """Rows of a relation."""
    with duckdb.connect(str(work / DATABASE), read_only=True) as connection:
        return connection.execute(f"select count(*) from {relation}").fetchall()[0][0]


def test_builds_from_nothing(work: Path) -> None:
    assert count(work, "information_schema.tables where table_schema = 'raw'") == 0
    assert count(work, "chargeback.fct_usage_events") == 0
    assert count(work, "chargeback.fct_team_daily_costs") == 0
    assert count(work, "chargeback.fct_row_accounts where row_count = 0") == 7


def test_queries_of_the_readme_run(work: Path) -> None:
    """The shipped name of the file must not hide the schema of the same name."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    queries = re.findall(r"```sql\n(.+?)```", text, re.DOTALL)
    assert queries
    with duckdb.connect(str(work / DATABASE), read_only=True) as connection:
        for query in queries:
            connection.execute(query)


def test_without_a_table_of_loads_nothing_counts_twice(work: Path) -> None:
    """Rows that something else put into a raw table: nothing says which of them are new."""
    with duckdb.connect(str(work / DATABASE)) as connection:
        for statement in create_statements("raw", "duckdb"):
            connection.execute(statement)
        connection.execute("drop table raw.loads")
        connection.execute(ROWS)
    models = ("stg_litellm__spend_logs", "int_usage_events_recorded", "int_usage_events_merged")
    for _ in range(2):
        dbt(work, "run", "--select", *models, "fct_usage_events")
        assert count(work, "chargeback.fct_usage_events") == 2
        assert count(work, "chargeback_intermediate.int_usage_events_recorded") == 3
        # The call written twice, and that load 1 was examined.
        assert count(work, "chargeback_intermediate.int_usage_events_merged") == 2 + 1
