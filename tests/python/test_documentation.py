"""Every model, seed, source and column is described, and every described column is built."""

from __future__ import annotations

import re

import pytest

from chargeback.load.tables import LOADS, REJECTS, TABLES
from empty_build import ROOT, Built

# Views that keep the rows of what they read: grouping all events again at each step would find
# nothing that the tests of int_usage_events_recorded, fct_usage_events and fct_row_accounts don't.
TESTED_DOWNSTREAM = {
    "int_litellm_usage_shaped",
    "int_otel_usage_shaped",
    "int_langfuse_usage_shaped",
    "int_bedrock_usage_shaped",
    "int_openai_usage_shaped",
    "int_anthropic_usage_shaped",
    "int_retrieval_usage_shaped",
    "int_usage_events_unioned",
    "int_usage_events_metered",
    "int_usage_events_attributed",
    "int_usage_events_rated",
    "int_usage_events_resolved",
    "int_reported_costs_compared",
    "int_agent_run_nodes",
    "int_agent_run_events",
}
KEY_TESTS = {"unique", "unique_name", "unique_combination_of_columns"}
# Columns whose name ends so, and a word their description must have.
UNITS = {
    "_usd": "USD",
    "_tokens": "token",
    "_bytes": "bytes",
    "_characters": "characters",
    "_units": "units",
    "_ms": "milliseconds",
}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def built(empty_build: Built) -> Built:
    """The project built without a row."""
    return empty_build


def report(title: str, problems: list[str]) -> None:
    """Fail with one line a problem."""
    if problems:
        pytest.fail("\n".join([f"{title}:", *(f"  {line}" for line in problems)]), pytrace=False)


def test_everything_is_described(built: Built) -> None:
    problems = []
    for node in built.nodes("model", "seed", "source"):
        if not node["description"].strip():
            problems.append(node["name"])
        if node["resource_type"] == "source" and not node["source_description"].strip():
            problems.append(f"source {node['source_name']}")
        described = {
            name for name, column in node["columns"].items() if column["description"].strip()
        }
        columns = node["columns"] if node["resource_type"] == "source" else built.columns_of(node)
        problems += [f"{node['name']}.{name}" for name in columns if name not in described]
    report("no description", problems)


def test_what_is_described_is_there(built: Built) -> None:
    problems = [
        f"{node['name']}.{name}"
        for node in built.nodes("model", "seed")
        for name in node["columns"]
        if name not in built.columns_of(node)
    ]
    report("described, but no column of what is built", problems)


def test_descriptions_begin_with_the_grain(built: Built) -> None:
    problems = [
        f"{node['name']}: {node['description'][:60]}"
        for node in built.nodes("model", "seed", "source")
        if not node["description"].startswith(("One row per ", "One row in all"))
    ]
    report("does not say what one row is", problems)


def test_descriptions_name_the_unit(built: Built) -> None:
    problems = []
    for node in built.nodes("model", "seed", "source"):
        types = {} if node["resource_type"] == "source" else built.columns_of(node)
        for name, column in node["columns"].items():
            words = [word for end, word in UNITS.items() if name.endswith(end)]
            type_ = types.get(name, column["data_type"] or "").lower()
            if type_ in ("date", "timestamp"):
                words.append("UTC")
            problems += [
                f"{node['name']}.{name}: no '{word}' in: {column['description'].strip()}"
                for word in words
                if word.lower() not in column["description"].lower()
            ]
    report("no unit", problems)


def test_every_key_is_tested(built: Built) -> None:
    tested = {
        node["attached_node"]
        for node in built.nodes("test")
        if node.get("test_metadata", {}).get("name") in KEY_TESTS
    }
    problems = [
        node["name"]
        for node in built.nodes("model", "seed")
        if node["unique_id"] not in tested and node["name"] not in TESTED_DOWNSTREAM
    ]
    report("no test of the key", problems)


def test_untested_keys_say_where_they_are_tested(built: Built) -> None:
    names = {node["name"]: node["description"] for node in built.nodes("model")}
    assert names.keys() >= TESTED_DOWNSTREAM
    report(
        "does not say where its key is tested",
        [name for name in sorted(TESTED_DOWNSTREAM) if "tested" not in names[name]],
    )


def test_every_doc_block_is_used() -> None:
    models = ROOT / "models"
    texts = [path.read_text(encoding="utf-8") for path in models.rglob("*.yml")]
    used = set(re.findall(r"doc\('(\w+)'\)", "".join(texts)))
    blocks = {
        name: path.name
        for path in sorted(models.rglob("*.md"))
        for name in re.findall(r"{% docs (\w+) %}", path.read_text(encoding="utf-8"))
    }
    used.add("__overview__")  # dbt's own: the first page of the docs site
    report("doc block nobody uses", [f"{blocks[n]}: {n}" for n in blocks if n not in used])


def test_sources_are_what_the_loader_writes(built: Built) -> None:
    """The YAML of the sources is the contract for other loaders, and makes the empty tables."""
    load_columns = [("_load_id", "bigint"), ("_line_number", "bigint")]
    written = {
        table.name: [(column.name, column.type) for column in table.columns] + load_columns
        for table in TABLES
    }
    for name, columns in (("loads", LOADS), ("rejects", REJECTS)):
        written[name] = [(column, type_.removesuffix(" not null")) for column, type_ in columns]
    documented = {
        node["identifier"]: [
            (name, column["data_type"]) for name, column in node["columns"].items()
        ]
        for node in built.nodes("source")
    }
    assert documented == written
