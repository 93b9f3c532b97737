from __future__ import annotations

import json
import re
from collections import Counter

import pyarrow.compute as pc
import pytest

LITELLM_COLUMNS = [
    "request_id", "call_type", "api_key", "spend", "total_tokens", "prompt_tokens",
    "completion_tokens", "startTime", "endTime", "completionStartTime", "model", "model_id",
    "model_group", "custom_llm_provider", "api_base", "user", "metadata", "cache_hit", "cache_key",
    "request_tags", "team_id", "end_user", "requester_ip_address", "messages", "response",
    "proxy_server_request", "session_id", "status", "mcp_namespaced_tool_name", "organization_id",
    "agent_id", "request_duration_ms", "created_at", "updated_at", "litellm_call_id",
    "billing_agent_id",
]  # fmt: skip


@pytest.fixture(scope="module")
def rows(written):
    result = written.spend_logs().to_pylist()
    for row in result:
        row["metadata"] = json.loads(row["metadata"])
        row["request_tags"] = json.loads(row["request_tags"])
        row["usage"] = row["metadata"]["usage_object"]
        row["costs"] = row["metadata"]["cost_breakdown"]
    return result


@pytest.fixture(scope="module")
def good(rows):
    return [row for row in rows if not row["request_id"].startswith("bad-")]


def test_columns_are_those_of_the_gateway(written):
    assert written.spend_logs().column_names == LITELLM_COLUMNS


def test_rows_are_counted(written, rows):
    assert len(rows) == written.counts.spend_logs
    assert len({row["request_id"] for row in rows}) == len(rows)


def test_missing_dimensions_are_empty_text(good):
    assert any(row["user"] == "" for row in good)
    assert any(row["team_id"] == "" for row in good)
    assert all(row["user"] is not None and row["team_id"] is not None for row in good)


def test_cache_hit_is_text_and_hits_are_free(good):
    assert {row["cache_hit"] for row in good} == {"True", "False", "None"}
    hits = [row for row in good if row["cache_hit"] == "True"]
    ids = {row["request_id"] for row in good}
    assert len(hits) > 50
    for row in hits:
        origin, found, epoch = row["request_id"].partition("_cache_hit")
        assert found and re.fullmatch(r"\d{10}\.\d{6}", epoch)
        assert origin in ids
        assert row["spend"] == 0
        assert row["total_tokens"] > 0 or row["call_type"] == "arerank"
    assert any(row["costs"]["total_cost"] > 0 for row in hits)


def test_prompt_tokens_include_what_was_cached(good):
    written, read = 0, 0
    for row in good:
        details = row["usage"].get("prompt_tokens_details") or {}
        split = (
            details.get("text_tokens", 0)
            + details.get("cached_tokens", 0)
            + details.get("cache_creation_tokens", 0)
        )
        if "text_tokens" in details:
            assert split == row["prompt_tokens"]
        read += details.get("cached_tokens", 0)
        parts = details.get("cache_creation_token_details")
        if parts:
            written += parts["ephemeral_1h_input_tokens"] > 0
            assert sum(parts.values()) == details["cache_creation_tokens"]
        assert details.get("cached_tokens", 0) <= row["prompt_tokens"]
        if row["usage"]:
            assert row["usage"]["total_tokens"] == row["total_tokens"]
    assert read > 0 and written > 0


def test_costs_add_up(good):
    for row in good:
        if row["costs"] and row["cache_hit"] != "True":
            total = row["costs"]["input_cost"] + row["costs"]["output_cost"]
            assert row["spend"] == pytest.approx(total, abs=1e-12)
            assert row["costs"]["total_cost"] == pytest.approx(total, abs=1e-12)


def test_user_agents_are_among_the_tags(good):
    for row in good:
        assert sum(tag.startswith("User-Agent: ") for tag in row["request_tags"]) == 2


def test_failures_may_cost_and_attempts_have_their_suffix(good):
    failures = [row for row in good if row["status"] == "failure"]
    assert any(row["spend"] > 0 for row in failures)
    assert all(row["metadata"]["status"] == "failure" for row in failures)
    assert all(row["metadata"]["error_information"]["error_code"] for row in failures)
    assert all(row["usage"] == {} and row["costs"] is None for row in failures)
    attempts = [row for row in failures if re.search(r"-attempt-\d$", row["request_id"])]
    assert attempts
    assert all(row["metadata"]["error_information"]["error_code"] == "408" for row in attempts)


def test_retries_and_fallbacks_are_told_in_the_metadata(good):
    assert any(
        row["status"] == "success" and row["metadata"]["attempted_retries"] for row in good
    )  # fmt: skip
    fallbacks = [row for row in good if row["metadata"]["attempted_fallbacks"]]
    assert fallbacks
    for row in fallbacks:
        assert row["metadata"]["original_model_group"] in ("gpt-4.1", "o3", "gpt-4o-azure")
        assert row["metadata"]["original_model_group"] not in row["model"]


def test_models_of_every_kind(good):
    models = Counter(row["model"] for row in good)
    for name in (
        "openai/gpt-4o", "anthropic/claude-sonnet-4-5-20250929", "gemini/gemini-2.5-pro",
        "mistral/mistral-large-latest", "deepseek/deepseek-v4-flash", "xai/grok-4.3",
        "azure/prod-gpt4o-eus2", "bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "openai/text-embedding-3-small", "cohere/rerank-v3.5", "openai/llama-3.3-70b-house",
        "openai/aurora-mini-preview", "unknown-model",
    ):  # fmt: skip
        assert models[name], name
    types = {row["call_type"] for row in good}
    assert types == {
        "acompletion", "aresponses", "anthropic_messages", "aembedding", "arerank",
    }  # fmt: skip
    azure = next(row for row in good if row["model"] == "azure/prod-gpt4o-eus2")
    key = azure["metadata"]["model_map_information"]["model_map_key"]
    assert key == "azure/gpt-4o-2024-08-06"


def test_rerank_costs_and_self_hosted_does_not(good):
    for row in good:
        if row["model"] == "cohere/rerank-v3.5" and row["status"] == "success":
            assert row["total_tokens"] == 0
            assert row["spend"] == (0 if row["cache_hit"] == "True" else 0.002)
        if row["model"] == "openai/llama-3.3-70b-house":
            assert row["spend"] == 0


def test_service_tiers(good):
    tiers = {row["costs"]["service_tier"] for row in good if row["costs"]}
    assert tiers == {None, "batch", "flex", "priority"}


def test_ids_have_the_providers_forms(good):
    forms = {
        "acompletion": r"chatcmpl-|[0-9a-f]{22}$|msg_01[0-9a-f]{22}$",
        "aresponses": r"resp_[0-9a-f]{48}",
        "anthropic_messages": r"msg_01[0-9a-f]{22}",
    }
    for row in good:
        if row["status"] == "success" and row["call_type"] in forms:
            request_id = row["request_id"].partition("_cache_hit")[0]
            assert re.match(forms[row["call_type"]], request_id), request_id
    embeddings = [row for row in good if row["call_type"] == "aembedding"]
    same = [row["request_id"] == row["litellm_call_id"] for row in embeddings]
    assert sum(same) > 0.8 * len(same)


def test_tagging_is_mostly_right(good):
    def has(row, name):
        tags = [tag.partition(":")[0].lower() for tag in row["request_tags"]]
        return name in tags or name in (row["metadata"]["spend_logs_metadata"] or {})

    untagged = sum(not has(row, "team") and not has(row, "feature") for row in good) / len(good)
    assert 0.06 < untagged < 0.11
    tags = Counter(tag for row in good for tag in row["request_tags"])
    assert tags["team:growth-hackers"] and tags["team:chatbot-squad"]
    assert any(tag.startswith("team:") and tag[5:].isupper() for tag in tags)
    assert any(tag.startswith("team: ") for tag in tags)
    assert tags["feature:tmp-experiment"] and tags["Env:Prod"]
    assert sum(bool(row["metadata"]["spend_logs_metadata"]) for row in good) > 0.2 * len(good)


def test_evals_carry_their_scope(good):
    scopes = Counter()
    for row in good:
        tags = row["request_tags"]
        if "purpose:eval" in tags:
            scopes[next((tag for tag in tags if tag.startswith("eval_scope:")), "")] += 1
    assert set(scopes) == {"eval_scope:baseline", "eval_scope:domain", "eval_scope:shared"}


def test_evals_name_their_suite_and_the_run_of_the_week(good):
    runs = set()
    for row in good:
        tags = dict(tag.split(":", 1) for tag in row["request_tags"] if tag.startswith("eval_"))
        if "eval_suite" in tags:
            assert tags["eval_suite"].endswith("-regression")
            # A late row was written in the week before.
            runs.add(tags["eval_run"])
    assert len(runs) > 5 and "2026-w40" in runs


def test_some_streams_are_left_by_their_client(good):
    left = [
        row
        for row in good
        if (row["metadata"]["error_information"] or {}).get("error_class") == "ClientDisconnected"
    ]
    assert len(left) > 20
    for row in left:
        assert row["status"] == "success" and row["usage"]["total_tokens"] == row["total_tokens"]
        assert row["call_type"] not in ("aembedding", "arerank")


def test_one_day_a_provider_fails(good):
    def failed(day):
        rows = [
            row
            for row in good
            if f"{row['startTime']:%Y-%m-%d}" == day
            and row["custom_llm_provider"] == "openai"
            and 9 <= row["startTime"].hour < 15
            and "house" not in row["model"]
        ]
        return sum(row["status"] == "failure" for row in rows) / len(rows)

    assert failed("2026-10-06") > 0.5
    assert failed("2026-10-07") < 0.2


def test_agent_runs_share_a_session(good):
    sessions = Counter(row["session_id"] for row in good)
    assert max(sessions.values()) > 5
    assert 0.5 < len(sessions) / len(good) < 1


def test_some_rows_arrive_late(written):
    table = written.spend_logs()
    started = pc.cast(table["startTime"], "date32")
    late = pc.sum(pc.less(started, pc.cast(table["created_at"], "date32"))).as_py()
    assert 0.002 * len(table) < late < 0.02 * len(table)


def test_bad_rows(rows):
    bad = Counter(
        row["request_id"].split("-")[1] for row in rows if row["request_id"][:4] == "bad-"
    )
    assert bad == {"negative": 4, "model": 4, "time": 4}
    assert sum(row["prompt_tokens"] < 0 for row in rows) == 4
    assert sum(row["model"] == "" for row in rows) == 4
    assert sum(row["startTime"] is None for row in rows) == 4


def test_the_second_export_repeats_rows(written, rows):
    (path,) = (written.folder / "litellm" / "spend_logs").glob("re-export-*.jsonl")
    lines = path.read_text(encoding="utf-8").splitlines()
    known = {row["request_id"]: row for row in rows}
    again = [json.loads(line) for line in lines[:-1]]
    assert len(again) == written.counts.reexported
    for row in again:
        first = known[row["request_id"]]
        assert row["spend"] == first["spend"]
        assert row["metadata"]["litellm_call_id"] == first["metadata"]["litellm_call_id"]
    with pytest.raises(ValueError, match=r"Unterminated|Expecting|delimiter"):
        json.loads(lines[-1])


def test_client_set_call_ids_repeat(rows):
    assert sum(row["litellm_call_id"] == "nightly-job-7" for row in rows) == 6


def test_no_message_bodies(rows):
    assert {row["messages"] for row in rows} == {"{}"}
    assert {row["response"] for row in rows} == {"{}"}


def test_one_team_bursts_for_a_week(good):
    days = Counter(
        row["startTime"].date()
        for row in good
        if row["startTime"] and row["metadata"]["user_api_key_team_alias"] == "Growth Marketing"
    )
    week = sum(count for day, count in days.items() if day.month == 9 and 14 <= day.day <= 18)
    after = sum(count for day, count in days.items() if day.month == 9 and 21 <= day.day <= 25)
    assert week > 2 * after


def test_teams_differ_by_two_orders(good):
    usd = Counter()
    for row in good:
        usd[row["metadata"]["user_api_key_team_alias"]] += row["spend"]
    amounts = [usd[name] for name in ("devex", "Revenue Operations")]
    assert amounts[0] > 100 * amounts[1]
