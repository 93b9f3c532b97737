from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from decimal import Decimal
from itertools import pairwise

import pytest

from chargeback.sample.retrieval import STORE_KEYS


def test_gateway_tables_agree_with_the_logs(written):
    teams = {row["team_id"]: row["team_alias"] for row in written.lines(
        "litellm/LiteLLM_TeamTable.jsonl")}  # fmt: skip
    keys = {row["token"]: row for row in written.lines("litellm/LiteLLM_VerificationToken.jsonl")}
    users = {row["user_id"] for row in written.lines("litellm/LiteLLM_UserTable.jsonl")}
    assert len(users) == 400
    unknown = 0
    for row in written.spend_logs().to_pylist():
        assert row["team_id"] in teams or row["team_id"] == ""
        assert row["user"] in users or row["user"] == ""
        unknown += row["api_key"] not in keys
        if row["api_key"] in keys:
            assert (keys[row["api_key"]]["team_id"] or "") == row["team_id"]
    assert 0 < unknown < 0.01 * written.counts.spend_logs


def test_gateway_teams_resolve_to_company_teams(written, seeds):
    names = {row["team_id"] for row in seeds["teams"]}
    names |= {row["team_name"].casefold() for row in seeds["teams"]}
    names |= {row["alias"].casefold() for row in seeds["team_aliases"]}
    aliases = [row["team_alias"].casefold() for row in written.lines(
        "litellm/LiteLLM_TeamTable.jsonl")]  # fmt: skip
    assert [alias for alias in aliases if alias not in names] == ["innovation-lab"]


def test_directory_refers_to_the_seeds(written, seeds):
    teams = {row["team_id"] for row in seeds["teams"]}
    users = written.rows("directory/users.csv")
    assert {row["team_id"] for row in users} == teams
    assert {row["team_id"] for row in written.rows("directory/seats.csv")} <= teams
    keys = written.rows("directory/api_keys.csv")
    assert {row["team_id"] for row in keys} <= teams | {""}
    assert len({row["user_id"] for row in users}) == 400


def _no_overlap(rows, name):
    ranges = defaultdict(list)
    for row in rows:
        ranges[row[name]].append((row["valid_from"], row["valid_to"] or "9999"))
    for spans in ranges.values():
        spans.sort()
        assert all(start < end for start, end in spans)
        assert all(first[1] <= second[0] for first, second in pairwise(spans))
    return ranges


def test_ranges_do_not_overlap_and_people_move(written):
    ranges = _no_overlap(written.rows("directory/users.csv"), "user_id")
    moved = [spans for spans in ranges.values() if len(spans) > 1]
    assert len(moved) >= 10
    assert all("2026-08-01" < spans[1][0] < "2026-11-01" for spans in moved)
    _no_overlap(written.rows("directory/api_keys.csv"), "api_key")
    _no_overlap(written.rows("directory/seats.csv"), "user_id")


def test_store_keys_are_in_clear_and_in_the_directory(written):
    keys = {row["api_key"] for row in written.rows("directory/api_keys.csv")}
    assert set(STORE_KEYS.values()) <= keys
    assert set(written.retrievals()["api_key"].to_pylist()) <= keys
    hashed = {key for key in keys if key not in STORE_KEYS.values()}
    assert all(len(key) == hashlib.sha256().digest_size * 2 for key in hashed)


def test_retrievals(written, seeds):
    table = written.retrievals()
    assert len(table) == written.counts.retrievals
    rows = table.to_pylist()
    traces = {span["traceId"] for span in written.spans()}
    linked = [row for row in rows if row["trace_id"]]
    assert linked and all(row["trace_id"] in traces for row in linked)
    features = {row["feature_id"]: row for row in seeds["features"]}
    for row in rows:
        if row["feature"]:
            assert features[row["feature"]]["team_id"] == row["team"]
            assert features[row["feature"]]["project"] == row["project"]
    assert {row["operation"] for row in rows} >= {"query", "upsert", "rerank", "embed"}
    assert any(row["read_units"] and row["read_units"] % 1 for row in rows)
    stored = [row for row in rows if row["operation"] == "storage"]
    assert len(stored) == 2 * 61
    october = [row["storage_gb_months"] for row in stored if row["queried_at"].month == 10]
    assert sum(october) == pytest.approx(7, abs=0.001)
    assert any(row["team"] is None for row in rows)
    assert all(row["read_units"] is None for row in rows if row["store"] == "pgvector")


def test_outcomes(written, seeds):
    rows = written.rows("business/*.csv")
    assert len(rows) == written.counts.outcomes
    types = Counter(row["outcome_type"] for row in rows)
    assert set(types) == {row["outcome_type"] for row in seeds["outcome_types"]}
    traces = {span["traceId"] for span in written.spans()}
    linked = [row for row in rows if row["trace_id"]]
    assert 0 < len(linked) < len(rows)
    assert all(row["trace_id"] in traces for row in linked)
    features = {row["feature_id"]: row["team_id"] for row in seeds["features"]}
    assert all(features[row["feature"]] == row["team"] for row in rows if row["feature"])
    assert all(Decimal(row["value"]) > 0 for row in rows if row["value"])


def test_invoices_nearly_match(written):
    rows = written.rows("finance/*.csv")
    assert {row["period"] for row in rows} == {"2026-09", "2026-10"}
    kinds = {row["line_kind"] for row in rows}
    assert kinds == {"usage", "commitment", "seat", "credit", "tax", "minimum"}
    billed: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in rows:
        if row["line_kind"] == "usage":
            billed[row["provider"], row["period"]] += Decimal(row["amount"])
    assert {provider for provider, _ in billed} >= {
        "openai", "anthropic", "google", "mistral", "deepseek", "x-ai", "cohere", "aws", "azure",
        "pinecone",
    }  # fmt: skip
    for (provider, month), amount in billed.items():
        used = written.counts.usd[provider, month]
        limit = 0.041 if provider == "google" else 0.005
        assert abs(float(amount) - used) <= limit * used + 0.00001, (provider, month)
        if provider == "google":
            assert float(amount) > 1.035 * used


def test_line_ids_are_unique(written):
    rows = written.rows("finance/*.csv")
    assert len({(row["invoice_id"], row["line_id"]) for row in rows}) == len(rows)
