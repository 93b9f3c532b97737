from __future__ import annotations

import json
from collections import Counter, defaultdict
from itertools import groupby

import pytest

SDK = "com.anthropic.sdk.python"
USAGE = "gen_ai.usage.input_tokens"


@pytest.fixture(scope="module")
def spans(written):
    return list(written.spans())


@pytest.fixture(scope="module")
def traces(spans):
    result = defaultdict(list)
    for span in spans:
        result[span["traceId"]].append(span)
    return result


def _operation(span):
    return span["attributes"].get("gen_ai.operation.name")


def test_spans_are_counted_and_well_formed(written, spans):
    assert len(spans) == written.counts.spans
    for span in spans:
        assert len(span["traceId"]) == 32 and len(span["spanId"]) == 16
        assert isinstance(span["startTimeUnixNano"], str)
        assert int(span["startTimeUnixNano"]) <= int(span["endTimeUnixNano"])
    assert len({span["spanId"] for span in spans}) == len(spans)


def test_every_trace_has_one_root_and_no_orphans(traces):
    for spans in traces.values():
        ids = {span["spanId"] for span in spans}
        roots = [span for span in spans if "parentSpanId" not in span]
        assert len(roots) == 1
        assert roots[0]["name"].startswith("POST /v1/")
        assert all(span["parentSpanId"] in ids for span in spans if "parentSpanId" in span)


def test_team_is_on_the_resource_and_feature_on_the_root(spans, seeds):
    teams = {row["team_id"] for row in seeds["teams"]}
    teams |= {row["alias"] for row in seeds["team_aliases"]}
    features = {row["feature_id"] for row in seeds["features"]}
    named = [span["resource"]["team.name"] for span in spans if "team.name" in span["resource"]]
    assert set(named) <= teams and len(named) < len(spans)
    roots = [span for span in spans if "parentSpanId" not in span]
    tagged = [span for span in roots if "app.feature" in span["attributes"]]
    assert {span["attributes"]["app.feature"] for span in tagged} <= features
    assert len(tagged) < len(roots)
    assert any("enduser.id" in span["attributes"] for span in roots)


def test_agents_repeat_their_childrens_usage(spans, traces):
    agents = [span for span in spans if _operation(span) == "invoke_agent"]
    assert agents
    for agent in agents:
        children = [
            span
            for span in traces[agent["traceId"]]
            if span.get("parentSpanId") == agent["spanId"] and _operation(span) == "chat"
        ]
        total = sum(span["attributes"].get(USAGE, 0) for span in children)
        assert agent["attributes"].get("gen_ai.aggregated_usage.input_tokens", 0) == total


def test_some_agents_get_stuck(traces):
    """They call one tool again and again, and their prompts are nearly the same."""
    longest = 0
    for spans in traces.values():
        spans.sort(key=lambda span: int(span["startTimeUnixNano"]))
        tools = [span["name"] for span in spans if _operation(span) == "execute_tool"]
        longest = max([longest, *(len(list(same)) for _, same in groupby(tools))])
    assert longest > 5


def test_conversations_go_on_and_grow(spans):
    turns = defaultdict(list)
    for span in sorted(spans, key=lambda span: int(span["startTimeUnixNano"])):
        if _operation(span) == "chat" and USAGE in span["attributes"] and span["scope"] != SDK:
            name = span["attributes"].get("gen_ai.conversation.id")
            turns[name].append((span["traceId"], span["attributes"][USAGE]))
    del turns[None]
    several = [calls for calls in turns.values() if len({trace for trace, _ in calls}) > 1]
    assert len(several) > 10
    grown = [calls for calls in several if calls[-1][1] > calls[0][1]]
    assert len(grown) > 0.7 * len(several)


def test_sdk_spans_share_the_response_id(spans):
    scopes = defaultdict(set)
    for span in spans:
        name = span["attributes"].get("gen_ai.response.id")
        if name:
            scopes[name].add(span["scope"])
    doubled = [found for found in scopes.values() if SDK in found]
    assert doubled and all(len(found) == 2 for found in doubled)


def test_kinds_of_spans(spans):
    operations = {_operation(span) for span in spans}
    assert operations == {None, "chat", "embeddings", "execute_tool", "invoke_agent", "retrieval"}
    keys = {key for span in spans for key in span["attributes"]}
    assert {"gen_ai.system", "gen_ai.usage.prompt_tokens", "gen_ai.usage.reasoning.output_tokens",
            "gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_creation.input_tokens",
            "gen_ai.usage.cache_write.input_tokens", "error.type"} <= keys  # fmt: skip


def test_some_answers_have_bodies_but_no_usage(spans):
    bare = [
        span
        for span in spans
        if "gen_ai.response.id" in span["attributes"]
        and not any(key.startswith("gen_ai.usage.") for key in span["attributes"])
    ]
    with_bodies = [span for span in bare if "gen_ai.output.messages" in span["attributes"]]
    assert with_bodies
    for span in with_bodies:
        assert json.loads(span["attributes"]["gen_ai.input.messages"])[0]["parts"][0]["content"]


def test_some_streams_do_not_say_how_they_ended(spans):
    streams = [
        span
        for span in spans
        if span["attributes"].get("gen_ai.request.stream")
        or span["attributes"].get("gen_ai.is_streaming")
    ]
    answered = [span for span in streams if "gen_ai.response.id" in span["attributes"]]
    left = [span for span in answered if "gen_ai.response.finish_reasons" not in span["attributes"]]
    assert 0 < len(left) < len(answered) / 2
    assert all(USAGE not in span["attributes"] for span in left)


def test_errors_have_no_usage(spans):
    errors = [span for span in spans if span["status"].get("code") == 2]
    assert Counter(_operation(span) for span in errors)["chat"] > 5
    assert all(USAGE not in span["attributes"] for span in errors)


def test_some_calls_are_in_the_gateway_log_too(written, spans):
    traced = {
        span["attributes"]["gen_ai.response.id"]: span["attributes"]
        for span in spans
        if USAGE in span["attributes"] and "gen_ai.response.id" in span["attributes"]
    }
    shared = [row for row in written.spend_logs().to_pylist() if row["request_id"] in traced]
    assert 0.9 * written.counts.mirrored_calls < len(shared) <= written.counts.mirrored_calls
    for row in shared:
        assert row["prompt_tokens"] == traced[row["request_id"]][USAGE]
        assert row["status"] == "success"
