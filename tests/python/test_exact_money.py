"""No float touches money, nor the quantities it is reckoned from.

A float anywhere on the way makes a sum depend on its order, so no model may make one, whatever the
column is called: that is simpler to check than which expressions end in money, and simpler to
keep. DuckDB's own parser reads what dbt compiled for it (`json_serialize_sql`), and its catalog
says which functions give a float; so `/`, which divides decimals as floats there, is found as well
as `avg`, `1e-3` and a cast. A parser of another project (sqlglot) would need rules for the types
of expressions that are not DuckDB's own. PostgreSQL makes no floats of decimals by itself, so
there the names of its types in models and macros are enough; `engines/test_no_floats.py` looks at
what was compiled and built for it.

What may be a float: shares, hours and limits of the gate, and its estimates of money at stake,
which are marked as such and never billed; costs in the made-up logs of `chargeback sample`, as
gateways reckon them.
"""

from __future__ import annotations

import ast
import re

import pytest

from chargeback.gate.catalog import CHECKS
from chargeback.load.tables import TABLES
from empty_build import ROOT, Built
from floats import FLOAT_TYPES, floats_of, named_floats

SCRIPTS = ROOT / "scripts" / "chargeback"
MONEY = ("_usd", "_cost", "price", "amount", "spend")
# Where Python makes a float, and of what. Logs that are made up and measurements are left out.
PYTHON_FLOATS = {
    "gate/measure.py": "what a check observes and its limit: shares, counts and hours",
    "report/machine.py": "shares of the report",
}
NOT_MONEY = ("sample", "bench")


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("cost_usd / tokens", "/ divides"),
        ("avg(cost_usd)", "avg gives"),
        ("avg(cost_usd) over (partition by team_id)", "avg gives"),
        ("sqrt(cost_usd)", "sqrt knows nothing but"),
        ("cost_usd * 1e-6", "the constant"),
        ("cast(cast(cost_usd as double) as decimal(9, 2))", "a cast"),
        ("cost_usd::float", "a cast"),
        ("try_cast(cost_text as double)", "a cast"),
        ('from_json(line, \'{"spend": "DOUBLE"}\').spend', "JSON"),
    ],
)
def test_a_float_is_found(expression: str, why: str) -> None:
    found = floats_of(f"with costs as (select {expression} as cost_usd from logs) from costs")
    assert len(found) >= 1
    assert found[0].startswith(why)


def test_exact_arithmetic_is_left_alone() -> None:
    sql = """
    select sum(cost_usd * 0.000001) // 3, round(cost_usd, 2), max(price), abs(price),
        cast('1.5' as decimal(9, 2)), sum(price) over (partition by model_id), 'a/b', -- a / b
        date_add(event_date, interval (1) month)
    from events
    """
    assert floats_of(sql) == []


@pytest.mark.slow
def test_no_model_makes_a_float(empty_build: Built) -> None:
    problems = {
        f"{name}: {why}"
        for name, queries in empty_build.sql.items()
        for sql in queries
        for why in floats_of(sql)
    }
    assert sorted(problems) == []


@pytest.mark.slow
def test_no_column_is_a_float(empty_build: Built) -> None:
    """Models and seeds, and values within lists and structs too."""
    problems = [
        f"{schema}.{table}.{name}: {type_}"
        for (schema, table), columns in empty_build.columns.items()
        for name, type_ in columns.items()
        if FLOAT_TYPES.search(type_)
    ]
    assert problems == []


@pytest.mark.slow
def test_money_and_prices_are_decimals(empty_build: Built) -> None:
    """What is called money is a number with decimals, and no whole number or text either."""
    problems = [
        f"{node['name']}.{name}: {type_}"
        for node in empty_build.nodes("model", "seed")
        for name, type_ in empty_build.columns_of(node).items()
        if name.endswith(MONEY)
        and not name.startswith(("has_", "is_"))
        and not type_.startswith("DECIMAL")
    ]
    assert problems == []


def test_no_raw_column_is_a_float() -> None:
    problems = [
        f"{table.name}.{column.name}: {column.type}"
        for table in TABLES
        for column in table.columns
        if FLOAT_TYPES.search(column.type)
        or (column.name.endswith(MONEY) and not column.type.startswith("numeric(38,"))
    ]
    assert problems == []


def test_no_model_or_macro_names_a_float() -> None:
    """On every engine: macros have SQL that only one of them runs."""
    problems = []
    for folder in ("models", "macros", "tests/singular", "tests/generic", "analyses"):
        for path in sorted((ROOT / folder).rglob("*.sql")):
            text = path.read_text(encoding="utf-8")
            problems += [f"{path.relative_to(ROOT)}: {name}" for name in named_floats(text)]
    assert problems == []


def test_python_makes_floats_of_no_money() -> None:
    """`float()` is called in a few files only, none of which bills."""
    found = set()
    for path in sorted(SCRIPTS.rglob("*.py")):
        name = path.relative_to(SCRIPTS).as_posix()
        if name.startswith(NOT_MONEY):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "float"
            ):
                found.add(name)
    assert found == set(PYTHON_FLOATS)


def test_floats_of_the_gate_are_shares_or_estimates() -> None:
    """Money that went through a float is said to be an estimate wherever it is shown."""
    # From a cast to the next name that a column is given.
    name = r"\bas (?!double|numeric)"
    through_floats = re.compile(
        rf"double precision\s*\)(?:(?!{name}\w).)*{name}\w+_usd\b", re.IGNORECASE | re.DOTALL
    )
    found = {
        check.key: check.money_note
        for check in CHECKS
        if through_floats.search(check.sql + check.offenders_sql)
    }
    assert all(found.values()), found
    assert "unpriced_events" in found


def test_sql_of_the_scripts_names_no_float_beside_money() -> None:
    """The loader asks whether a number is whole, or a time; the gate: see above."""
    allowed = {"load/shape.py", "gate/completeness.py", "gate/ownership.py", "gate/pricing.py"}
    words = re.compile(r"(?:as|::)\s*(?:double|float|real)\b", re.IGNORECASE)
    found = {
        path.relative_to(SCRIPTS).as_posix()
        for path in SCRIPTS.rglob("*.*")
        if path.suffix in (".py", ".sql") and words.search(path.read_text(encoding="utf-8"))
    }
    assert {name for name in found if not name.startswith(NOT_MONEY)} == allowed
